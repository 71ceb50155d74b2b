"""No output joins a real crossing, lane or hour with a load, an alarm or a detection.

The rule is held three times: in the declared columns of every table, in what a table of another
schema meets on its way to the disk, and in the names that configuration may put into a row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import yaml

from sim.core.errors import StoreError
from sim.disclosure import WITHHELD
from sim.store.columns import COLUMNS, checked
from tests.architecture import rules

PLACE_IN_DETAIL = re.compile(r"crossing|lane|bridge|booth|hour|latitude|longitude|\bgroup\b")
SENSITIVE = re.compile(
    r"load|alarm|alert|detect|seiz|caught|hit|found|refer|scan|fentanyl|precursor|gross|purity|_mg\b|_kg\b|mass|drug"
)


def joins(columns: Iterable[str]) -> list[str]:
    """Return the offending columns of a table: those that are sensitive, if a place is named in detail."""
    names = list(columns)
    detailed = [name for name in names if PLACE_IN_DETAIL.search(name)]
    return [name for name in names if detailed and SENSITIVE.search(name)]


INVENTED = "single_crossing"
"""Tables of a crossing that a user invents: no real place is in them, and none can be asked for."""


def test_no_declared_table_joins_place_and_load() -> None:
    for table, columns in COLUMNS.items():
        if table.startswith(INVENTED):
            assert not any(re.search(r"crossing|office|latitude|longitude", c.name) for c in columns), table
            continue
        offending = joins(column.name for column in columns)
        assert not offending, rules.lesson(
            f"sim/store/columns.py: {table}",
            f"{offending} beside a crossing, lane or hour",
            "aggregate to field office, mode and month",
            "the model is defensive: its outputs must not tell anybody where or when a load gets through",
        )


@pytest.mark.parametrize(
    "columns",
    [
        ("crossing_id", "month", "seizures"),
        ("crossing", "hour_of_week", "alarms"),
        ("office", "mode", "hour", "load_kg"),
        ("lane_class", "detected_share"),
        ("crossing", "fentanyl_mg"),
    ],
)
def test_rule_bites(columns: tuple[str, ...]) -> None:
    assert joins(columns)


def test_rule_lets_lawful_traffic_and_aggregates_pass() -> None:
    assert joins(("crossing", "hour_of_week", "lanes", "trips_per_h", "wait_min")) == []
    assert joins(("office", "mode", "month", "seizures", "fentanyl_mg")) == []


@pytest.mark.parametrize("table", sorted(COLUMNS))
def test_undeclared_column_never_reaches_the_disk(table: str) -> None:
    rows = {column.name: np.array([]) for column in COLUMNS[table]}
    with pytest.raises(StoreError, match="seizures_at_crossing"):
        checked(table, {**rows, "seizures_at_crossing": np.array([])})


def crossing_names() -> set[str]:
    """Return every real crossing by its name, as a word of an account, and by its number."""
    with (rules.ROOT / "conf" / "border" / "crossings.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = {row["name"] for row in rows}
    words = {re.sub(r"\W+", "_", name).strip("_").lower() for name in names}
    return names | words | {row["crossing_id"] for row in rows}


def test_no_measure_is_declared_for_a_crossing() -> None:
    names = crossing_names()
    assert len(names) > 100
    for name, entry in yaml.safe_load((rules.ROOT / "conf" / "measures.yaml").read_text()).items():
        text = f"{name} {entry}"
        told = [crossing for crossing in names if re.search(rf"\b{re.escape(crossing)}\b", text)]
        assert not told, (
            f"conf/measures.yaml: {name} names {told}; a measure's place is an office or a route class"
        )


def told_together(texts: Iterable[str], crossings: Iterable[str]) -> list[str]:
    """Return the texts of a figure that name a crossing and a load, alarm or detection together."""
    names = [name for name in crossings if len(name) > 3]
    return [text for text in texts if SENSITIVE.search(text.lower()) and any(name in text for name in names)]


def _strings(node: object) -> Iterable[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for child in node.values():
            yield from _strings(child)
    elif isinstance(node, list | tuple | np.ndarray):
        for child in node:
            yield from _strings(child)


def _figures() -> dict[str, dict[str, object]]:
    from sim.plots.crossings_map import crossings_map
    from sim.plots.outline import read_outline
    from sim.plots.wait_heatmap import waits_by_hour, waits_by_week
    from tests.fixtures import synthetic_run as made_up

    outline = read_outline(rules.ROOT / "conf" / "border_outline.csv")
    hours, months = made_up.border_hours(), made_up.border_months()
    return {
        "crossings_map": crossings_map(
            months, (made_up.locations(), outline), made_up.measures(runs=3), made_up.INFO, made_up.official()
        ).to_plotly_json(),
        "waits_by_hour": waits_by_hour(hours, made_up.INFO).to_plotly_json(),
        "waits_by_week": waits_by_week(hours, made_up.INFO).to_plotly_json(),
    }


def test_no_figure_of_crossings_tells_of_loads() -> None:
    from tests.fixtures.synthetic_run import CROSSINGS

    names = [crossing[1] for crossing in CROSSINGS]
    for figure, content in _figures().items():
        texts = [sentence for text in _strings(content) for sentence in re.split(r"\.\s", text)]
        assert any(name in text for text in texts for name in names), (
            f"{figure} names no crossing: test is blind"
        )
        told = told_together(texts, names)
        assert not told, rules.lesson(
            f"sim/plots: {figure}", told[0], "the field office beside seizures, the crossing beside waits",
            "what a reader sees together, a reader joins",
        )  # fmt: skip


def test_figure_rule_bites() -> None:
    assert told_together(["San Ysidro: 12 seizures a month"], ["San Ysidro"])
    assert told_together(["San Ysidro: 1,200,000 trips", "San Diego: 12 seizures"], ["San Ysidro"]) == []


def test_no_row_of_a_real_run_names_a_crossing() -> None:
    from sim.measures.replication import run_replication
    from sim.scenario import load_scenario
    from tests.fixtures.composed import SHORT, composed

    names = crossing_names()
    tables = run_replication(load_scenario(composed(**SHORT)), seed=1, replication=0)
    expected = {text for table in ("measures", "postings") for text in _strings(tables[table])}
    assert {"all", "us.wholesale"} <= expected
    told = sorted(text for text in expected if text in names or names & set(re.split(r"[. ]", text)))
    assert not told, rules.lesson(
        "measures and postings", f"the names {told}", "an office, a mode, a route class, a cluster",
        "postings carry loads; a crossing in an account would join the two",
    )  # fmt: skip


@pytest.mark.parametrize("kind", sorted(WITHHELD))
def test_no_row_of_a_run_with_full_information_names_what_was_chosen(kind: str) -> None:
    """Neither measures nor postings tell a route, an office, a supplier or the number of loads."""
    from sim.chain.route import route_classes
    from sim.measures.replication import run_replication
    from sim.scenario import load_scenario
    from tests.fixtures.composed import SHORT, composed

    scenario = load_scenario(composed(**SHORT, **{"adversary.kind": kind}))
    chain = scenario.settings.chain
    chosen = {r.name for r in route_classes(chain.route)} | set(chain.source.suppliers)
    chosen |= {part for r in route_classes(chain.route) for part in (r.place, r.mode) if part}
    tables = run_replication(scenario, seed=1, replication=0)
    postings, measures = tables["postings"], tables["measures"]
    loads = postings["commodity"] != "officer_h"
    expected = {str(a) for side in ("from_account", "to_account") for a in postings[side][loads]}
    told = sorted(text for text in expected if chosen & set(re.split(r"[. ]", text)))
    assert {"load.any", "us.wholesale"} <= expected
    assert not told, rules.lesson(
        "postings", f"the names {told}", "the first word of the account",
        "a best response with full information is advice on where to go",
    )  # fmt: skip
    assert not {"gross_mg", "alarm", "lead"} & set(postings["commodity"])
    assert set(postings["count"][loads]) == {1}
    of_loads = re.compile(r"load|seiz|caught|ship|sent|handled|interdict|alarm|precursor|lead|gross|weight")
    assert "delivered_pure_kg" in set(measures["measure"])
    assert not [name for name in set(measures["measure"]) if of_loads.search(str(name))]
    assert set(measures["place"][measures["measure"] == "delivered_pure_kg"]) == {"all"}


@pytest.mark.parametrize("kind", sorted(WITHHELD))
def test_no_traffic_is_left_from_which_two_runs_could_tell_a_route(kind: str) -> None:
    """Loads count among the trips of their queue: the difference of two runs would name the crossing."""
    from sim.measures.replication import run_replication
    from sim.scenario import load_scenario
    from tests.fixtures.composed import composed

    days = {"calendar.days": 2, "calendar.warmup_days": 1, "adversary.kind": kind}
    tables = run_replication(load_scenario(composed(**days)), seed=1, replication=0)
    assert "trips" not in set(tables["measures"]["measure"])
    assert not len(tables["border_months"]["trips"])
    assert not len(tables["border_hours"]["queue"])


def test_a_run_that_reports_its_routes_would_be_refused() -> None:
    """The same check on an ordinary run finds routes: it is not blind."""
    from sim.scenario import load_scenario
    from sim.world import simulate
    from tests.fixtures.composed import SHORT, composed

    postings = simulate(load_scenario(composed(**SHORT)), 1, 0).postings
    assert any("san_diego.passenger" in str(name) for name in postings["to_account"])
    assert {"gross_mg", "alarm"} <= set(postings["commodity"])


STUDY = ("calendar.days=28", "calendar.warmup_days=7", "border.model=instant", "adversary=worst_case")


def study(name: str, folder: Path, *words: str) -> int:
    """Run a study with few and short runs; return its exit code."""
    from sim.cli.main import main

    where = ("--results", str(folder / "results")) if name != "why" else ()
    return main(["study", name, *words, "--workers", "1", "--out", str(folder / "out"), *where])


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("why", ("baseline", "scanning", *STUDY, "--replications", "1"), "sim study effect SCENARIO"),
        ("calibrate", (*STUDY, "--candidates", "2", "--replications", "2"), "take another adversary"),
        (
            "power",
            ("scanning", STUDY[-1], "--replications", "4", "--before", "3", "--months", "3"),
            "worst_case",
        ),
        ("warmup", (*STUDY, "--replications", "1", "--days", "28", "--pilot", "0"), "worst_case"),
        ("influence", (*STUDY, "--replications", "2"), "worst_case"),
        ("screen", (*STUDY, "--outcomes", "seized_pure_kg", "--over", "chain.market"), "worst_case"),
    ],
)
def test_no_study_tells_more_than_what_a_best_response_delivers(
    name: str, words: tuple[str, ...], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fates of loads, seizures and records by route are refused, in one line that says what may be asked."""
    assert study(name, tmp_path, *words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert expected in err
    assert not (tmp_path / "out").exists()


def test_an_effect_against_a_best_response_is_one_of_delivered_mass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.disclosure import EFFORT, TOTALS

    monkeypatch.setattr("sim.report.folder.write_images", lambda figures, folder: None)
    short = [word for word in STUDY if not word.startswith("adversary")]
    panel = ("--adversaries", "logit,worst_case", "--replications", "2")
    assert study("effect", tmp_path, "scanning", *short, *panel) == 0
    told: dict[str, set[tuple[str, str]]] = {"logit": set(), "worst_case": set()}
    for table in ("effects", "places"):
        with (tmp_path / "out" / f"{table}.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                if row["adversary"] in told and row.get("measure") not in EFFORT:
                    told[row["adversary"]].add((row.get("measure", "moved"), row["place"]))
    assert {measure for measure, _ in told["worst_case"]} <= TOTALS
    assert {place for _, place in told["worst_case"]} == {"all"}
    assert ("moved", "tucson") in told["logit"], "no place for anybody: the test is blind"
