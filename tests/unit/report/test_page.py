"""The page of a run: the same bytes every time, nothing from the network, and words beside every picture."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import plotly.graph_objects as go
import pytest

from sim.plots.monthly import monthly
from sim.plots.seizures_by_office import seizures_by_office
from sim.report.headline import HeadlineRow
from sim.report.page import SCRIPT, Page, bare, html, write_page
from tests.fixtures import synthetic_run
from tests.fixtures.synthetic_run import CAVEATS, FILES, HEADLINE, INFO


def figures() -> list[go.Figure]:
    measures = synthetic_run.measures(runs=3)
    return [monthly(measures, INFO), seizures_by_office(measures, INFO, synthetic_run.official())]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(INFO, HEADLINE, figures(), CAVEATS, FILES, "One year of the chain.")


class Reader(HTMLParser):
    """Elements with their attributes, and whether every opened one is closed in order."""

    EMPTY = frozenset({"meta", "br", "link", "img", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_the_same_run_gives_the_same_bytes(tmp_path: Path, page: Page) -> None:
    first = write_page(page, tmp_path / "a").read_bytes()
    again = replace(page, figures=figures())
    assert write_page(again, tmp_path / "b").read_bytes() == first
    write_page(page, tmp_path / "a")
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["index.html", SCRIPT]


def test_nothing_comes_from_the_network(page: Page) -> None:
    reader = read(html(page))
    sources = [a[k] for _, a in reader.found for k in ("src", "href") if a.get(k)]
    assert SCRIPT in sources
    assert not [s for s in sources if s and re.match(r"(\w+:)?//", s)]
    assert not re.findall(r"@import|url\(", html(page))


def test_no_button_sends_a_figure_away(page: Page) -> None:
    text = html(page)
    assert text.count('"showSendToCloud": false') == len(page.figures)
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {"http://www.w3.org/2000/svg"}


def test_identifiers_are_unique_and_fixed(page: Page) -> None:
    ids = [a["id"] for _, a in read(html(page)).found if "id" in a]
    assert len(ids) == len(set(ids))
    assert {"monthly", "plot-monthly", "seizures_by_office"} <= set(ids)


def test_every_figure_has_words(page: Page) -> None:
    text = html(page)
    reader = read(text)
    pictures = [a for a in reader.all("div") if a.get("role") == "img"]
    assert len(pictures) == len(page.figures) == text.count("<figcaption>") == len(reader.all("figure"))
    for attrs, figure in zip(pictures, page.figures, strict=True):
        assert attrs["aria-label"] == figure.layout.meta["alt"]
        assert len(str(attrs["aria-label"])) > 80
    scrollers = [a for a in reader.all("div") if a.get("class") == "scroll"]
    assert all(a["tabindex"] == "0" and a["aria-label"] for a in scrollers)


def test_the_table_states_each_row_with_heads_for_narrow_screens(page: Page) -> None:
    text = html(page)
    for row in HEADLINE:
        for cell in row.cells():
            assert f">{cell}<" in text
    heads = [a["data-head"] for a in read(text).all("td") if "data-head" in a]
    assert heads[:5] == ["Mean", "Monte Carlo 95 %", "Parameters 95 %", "Unit", "CBP, FY2022"]


def test_what_a_reader_must_know_is_there(page: Page) -> None:
    text = html(page)
    for needed in (*CAVEATS, "3fa94c17d20b", "logit", "Assumed values", *(path for path, _ in FILES)):
        assert needed in text
    assert "viewport" in text
    assert '<html lang="en">' in text


def test_names_are_escaped(page: Page) -> None:
    text = html(replace(page, info=replace(INFO, scenario="<b>&x"), caveats=["a < b"]))
    assert "&lt;b&gt;&amp;x" in text
    assert "a &lt; b" in text
    read(text)


def test_a_page_without_caveats_or_figures(page: Page) -> None:
    text = html(replace(page, caveats=(), figures=()))
    assert "Before you use" not in text
    read(text)


def test_the_page_sets_title_and_footer_itself_and_leaves_the_figure_alone() -> None:
    figure = figures()[0]
    before = figure.to_json()
    inner = bare(figure)
    assert inner.layout.title.text is None
    assert all(note.name != "footer" for note in inner.layout.annotations)
    plot = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    assert inner.layout.height - inner.layout.margin.t - inner.layout.margin.b == plot
    assert figure.to_json() == before


@pytest.mark.parametrize(
    ("mean", "low", "high", "official", "words"),
    [
        (12010.4, 10100.0, 13900.0, 11786.6, ("12,010", "10,100 to 13,900", "11,787")),
        (0.12, 0.11, 0.131, None, ("0.120", "0.110 to 0.131", "none published")),
        (37.42, float("nan"), float("nan"), None, ("37.4", "\N{EN DASH}", "none published")),
        (0.0, 0.0, 0.0, 0.0, ("0", "0 to 0", "0")),
        (float("nan"), 1.0, 2.0, None, ("\N{EN DASH}", "1 to 2", "none published")),
    ],
)
def test_numbers_of_a_row_share_their_decimals(
    mean: float, low: float, high: float, official: float | None, words: tuple[str, str, str]
) -> None:
    cells = HeadlineRow("x", "kg", mean, low, high, official=official).cells()
    assert (cells[1], cells[2], cells[5]) == words


def test_a_record_that_lacks_a_figure_is_not_one_that_nobody_publishes() -> None:
    row = HeadlineRow("Seizure events", "events", 880.0, 850.0, 910.0, published=True)
    assert row.cells()[5] == "not in the record"


def test_sets_that_differ_by_chance_alone_say_so() -> None:
    row = HeadlineRow("Events", "events", 900.0, 850.0, 950.0, parameter_low=888.0, parameter_high=888.0)
    assert row.cells()[3] == "within chance"
