"""A result as a value: nothing is drawn or written until it is asked for, and then what was asked for."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from sim.core.errors import StoreError
from sim.core.tables import Column
from sim.report.provenance import Provenance
from sim.report.result import Plots, Result
from sim.report.tables import DataTable, TextTable

COLUMNS = (Column("name", "str", "", "what"), Column("kg", "float64", "kg", "how much"))


class Drawings:
    """Figures that count how often they are drawn."""

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def of(self, slug: str) -> Any:
        def draw() -> go.Figure:
            self.drawn.append(slug)
            figure = go.Figure()
            figure.update_layout(meta={"slug": slug, "title": f"{slug} & more", "alt": f"{slug} in words"})
            return figure

        return draw


@pytest.fixture
def drawings() -> Drawings:
    return Drawings()


@pytest.fixture
def result(drawings: Drawings) -> Result:
    table = DataTable.of(COLUMNS, [{"name": "one", "kg": 1.5}])
    return Result(
        question="Is <one> more than none?",
        verdicts=("It is more.",),
        tables={"loads": table, "losses": DataTable.of(COLUMNS, [])},
        provenance=Provenance("2 runs", 7, ("none",), "30 days", 3, configurations={"ab": {"scenario": "x"}}),
        text=(
            TextTable(("name", "kg"), [["one", "1.50"]], title="Loads"),
            "Beside it nothing.",
            "It is more.",
        ),
        draws={name: drawings.of(name) for name in ("months", "places")},
        notes=("Chance alone.",),
    )


@pytest.fixture(autouse=True)
def no_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.report.folder.write_images", lambda figures, folder: "no images here")


def test_a_figure_is_drawn_when_it_is_asked_for_and_once(result: Result, drawings: Drawings) -> None:
    repr(result), result._repr_html_(), dir(result.plot), list(result.plot)
    assert drawings.drawn == []
    assert result.plot.months() is result.plot.months()
    assert drawings.drawn == ["months"]
    assert [figure.layout.meta["slug"] for figure in result.plot.all()] == ["months", "places"]
    assert drawings.drawn == ["months", "places"]


def test_figures_are_listed_by_name(result: Result) -> None:
    assert dir(result.plot) == list(result.plot) == ["months", "places"]
    assert len(result.plot) == 2
    assert repr(result.plot) == "Plots(months, places)"


def test_an_unknown_figure_gets_its_nearest_name(result: Result) -> None:
    with pytest.raises(
        AttributeError, match=r"no figure 'month' \(did you mean 'months'\?\); there are: months"
    ):
        result.plot.month()
    with pytest.raises(AttributeError, match="there are: none"):
        Plots({}).months()


def test_a_result_can_be_copied(result: Result) -> None:
    twin = copy.copy(result)
    assert twin.plot.months() is result.plot.months()
    assert list(copy.copy(result.plot)) == ["months", "places"]
    assert not hasattr(result.plot, "_ipython_display_")


def test_a_table_is_had_by_its_name(result: Result) -> None:
    assert result.table("loads")["kg"].tolist() == [1.5]
    with pytest.raises(
        KeyError, match=r"no table 'load' \(did you mean 'loads'\?\); there are: loads, losses"
    ):
        result.table("load")


def test_the_main_sentence_is_the_first_verdict(result: Result) -> None:
    assert result.verdict == "It is more."
    assert Result("Why?", (), {}, result.provenance).verdict == ""


def test_a_result_in_text_names_what_it_holds(result: Result) -> None:
    lines = repr(result).splitlines()
    assert lines[:2] == ["Is <one> more than none?", "  It is more."]
    assert lines[2] == "tables: loads (1 row), losses (0 rows); figures: months, places"
    assert lines[3] == result.provenance.sentence
    assert "tables: none; figures: none" in repr(Result("Why?", (), {}, result.provenance))


def test_a_notebook_shows_each_sentence_once_and_no_markup_of_the_data(result: Result) -> None:
    html = result._repr_html_()
    assert html.count("It is more.") == 1
    for expected in (
        "Is &lt;one&gt; more",
        "Beside it nothing.",
        "<caption>Loads</caption>",
        "Chance alone.",
    ):
        assert expected in html
    assert "<one>" not in html
    assert "<details>" not in Result("Why?", (), {}, result.provenance)._repr_html_()


def test_a_folder_holds_tables_pages_and_a_manifest(result: Result, tmp_path: Path) -> None:
    written = result.write(tmp_path / "new" / "out", {"command": "sim study x"})
    out = tmp_path / "new" / "out"
    assert [path.name for path in written.paths] == [
        "loads.csv",
        "months.html",
        "places.html",
        "manifest.json",
    ]
    assert written.missing == "no images here"
    assert (out / "loads.csv").read_text() == "name,kg\none,1.5\n"
    assert "months in words" in (out / "months.html").read_text()
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["question"] == result.question
    assert manifest["command"] == "sim study x"
    assert manifest["seed"] == 7
    assert manifest["configurations"] == {"ab": {"scenario": "x"}}
    hashed = {**manifest["files"], **manifest["drawn"]}
    assert sorted(hashed) == ["loads.csv", "months.html", "places.html"]
    for name, digest in hashed.items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest


def test_a_folder_without_figures_or_command(result: Result, tmp_path: Path) -> None:
    written = Result("Why?", (), result.tables, result.provenance).write(tmp_path)
    assert [path.name for path in written.paths] == ["loads.csv", "manifest.json"]
    assert written.missing == ""


def test_what_an_earlier_result_left_goes_unless_somebody_changed_it(result: Result, tmp_path: Path) -> None:
    result.write(tmp_path)
    (tmp_path / "places.html").write_text("mine")
    Result("Why?", (), {}, result.provenance).write(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert not left & {"loads.csv", "months.html"}
    assert (tmp_path / "places.html").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_one_line(result: Result, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match="cannot write here") as caught:
        result.write(tmp_path / "file" / "out")
    assert "\n" not in str(caught.value)
