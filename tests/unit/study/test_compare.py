"""Comparisons: sums of many runs against the way of one run, verdicts one by one, labels, orders, figures."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.cli.main import main
from sim.core.errors import ConfigError, StoreError
from sim.report import scenarios, theme
from sim.report.verdicts import SAME, judged
from sim.report.yearly import add_up
from sim.scenario import load_scenario
from sim.stats.intervals import Interval
from sim.stats.ratio import ratio_of_means, ratios_of_means
from sim.store.parquet import read_table, write_table
from sim.store.runs import read_run
from sim.store.sums import read_months, read_sums
from sim.study.compare.pairing import Panel, read_panel
from sim.study.compare.result import compare
from sim.study.compare.selection import ComparedRun, changes, choose, differing
from sim.study.compare.verdict import Comparison, deciding, differences_of
from tests.fixtures.composed import SHORT, composed
from tests.fixtures.written_runs import MONTHS, outcomes, write_run, write_three

NONE = Interval(math.nan, math.nan, "none")
INSIDE, ACROSS, BELOW, ABOVE, WIDE = (
    Interval(*ends) for ends in ((-20.0, 30.0), (-20.0, 90.0), (-90.0, -20.0), (20.0, 90.0), (-90.0, 90.0))
)


@pytest.mark.parametrize(
    ("monte_carlo", "parameter", "verdict"),
    [
        (INSIDE, NONE, "no difference that matters"),
        (INSIDE, INSIDE, "no difference that matters"),
        (BELOW, NONE, "better"),
        (BELOW, BELOW, "better"),
        (ABOVE, NONE, "worse"),
        (Interval(5.0, 30.0), NONE, "no difference that matters"),
        (ACROSS, NONE, "cannot tell yet"),
        (WIDE, BELOW, "cannot tell yet"),
        (BELOW, WIDE, "cannot tell"),
        (INSIDE, WIDE, "cannot tell"),
        (NONE, NONE, "undefined"),
        (Interval(0.0, 0.0), NONE, "no difference that matters"),
    ],
)
def test_a_verdict_needs_both_intervals_on_one_side(
    monte_carlo: Interval, parameter: Interval, verdict: str
) -> None:
    """Delivered kilograms: 50 matter, less is good."""
    assert judged("delivered_pure_kg", monte_carlo, parameter, 50.0) == verdict


def test_an_outcome_without_a_good_side_has_more_and_less() -> None:
    assert judged("seizure_events", Interval(21.0, 90.0), NONE, 20.0) == "more"
    assert judged("seizure_events", Interval(-90.0, -21.0), NONE, 20.0) == "less"


def test_the_half_width_that_decides_is_at_most_the_margin_and_at_least_half_of_it() -> None:
    found = deciding(np.array([0.0, 10.0, 25.0, 40.0, 80.0]), np.full(5, 50.0))
    assert found.tolist() == [50.0, 40.0, 25.0, 40.0, 50.0]


def test_one_query_adds_up_as_one_run_does(tmp_path: Path) -> None:
    """A real short run: every headline outcome that it reports, the ratio of sums among them."""
    from sim.measures.registry import registry
    from sim.measures.replication import run_replication

    scenario = load_scenario(composed(**SHORT))
    tables = [run_replication(scenario, seed=1, replication=r)["measures"] for r in range(2)]
    whole = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    root = tmp_path / "results"
    for name in ("a", "b"):
        folder = write_run(
            root / name / "2026-01-01_0", outcomes(), config={"calendar": dict(SHORT_CALENDAR)}
        )
        write_table(folder / "measures.parquet", "measures", whole)
    choice = choose_unchecked(root)
    headline = tuple(name for name, info in registry().items() if info.headline)
    panel = read_panel(choice, headline)
    runs = add_up(read_table("measures", [root / "a" / "2026-01-01_0" / "measures.parquet"]), 61)
    assert {"interdiction_share", "price_index", "delivered_pure_kg"} <= set(panel.outcomes)
    assert "wait_min" not in panel.outcomes
    for k, outcome in enumerate(panel.outcomes):
        assert panel.central[0, :, k] == pytest.approx(runs.central(outcome, "all"), rel=1e-12)


SHORT_CALENDAR = {"start": "2021-10-01", "days": 61, "warmup_days": 14}


def choose_unchecked(root: Path):  # type: ignore[no-untyped-def]
    """Return the choice of both runs whatever their manifests say of their measures."""
    from sim.study.compare.selection import ComparedRun, RunsToCompare

    first, second = (ComparedRun(name, read_run(root / name / "2026-01-01_0")) for name in ("a", "b"))
    return RunsToCompare(first, (second,), ())


def test_sums_know_who_lacks_a_replication_even_without_the_outcome(tmp_path: Path) -> None:
    paths = [
        write_run(tmp_path / name / "2026-01-01_0", outcomes(), numbers) / "measures.parquet"
        for name, numbers in (("a", (0, 1, 2)), ("b", (1, 2)))
    ]
    found = read_sums(paths, ["delivered_pure_kg", "wait_min"])
    assert found.units.tolist() == [[0, 0], [0, 1], [0, 2]]
    assert found.present.tolist() == [[True, True, True], [False, True, True]]
    assert found.count[:, :, 0].tolist() == [[12.0, 12.0, 12.0], [0.0, 12.0, 12.0]]
    assert not found.count[:, :, 1].any()
    assert read_sums(paths, ["wait_min"]).present.tolist() == found.present.tolist()


def test_months_come_back_in_order_by_replication(tmp_path: Path) -> None:
    path = write_run(tmp_path / "a" / "2026-01-01_0", outcomes(), (3, 5)) / "measures.parquet"
    months, values = read_months([path], "delivered_pure_kg")
    assert tuple(months) == MONTHS
    assert set(values[0]) == {3, 5}
    assert values[0][3].sum() == pytest.approx(outcomes()["delivered_pure_kg"](0, 3))


def test_a_file_that_is_no_table_of_measures_is_named(tmp_path: Path) -> None:
    path = tmp_path / "measures.parquet"
    path.write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(StoreError, match=r"measures\.parquet: not a readable table of measures"):
        read_sums([path], ["delivered_pure_kg"])


def test_a_block_of_the_configuration_is_what_the_whole_says(tmp_path: Path) -> None:
    config = {"name": "a", "calendar": {"start": "2021-10-01", "days": 365, "warmup_days": 1}, "calendars": 1}
    run = read_run(write_run(tmp_path / "a" / "2026-01-01_0", outcomes(), config=config))
    assert run.block("calendar") == run.tree()["calendar"]
    assert run.block("adversary") == {"kind": "logit"}
    assert run.block("calendars") == {}
    assert run.block("kind") == {}


def test_runs_of_one_scenario_are_told_apart_by_what_differs(tmp_path: Path) -> None:
    for i, size in enumerate((0.0, 60.0, 150.0)):
        config = {"levers": {"scanning": {"size": size}}, "name": "baseline"}
        write_run(tmp_path / "baseline" / f"2026-01-0{i + 1}_{i}", outcomes(), config=config)
    found = choose([str(path) for path in sorted((tmp_path / "baseline").iterdir())])
    assert [c.label for c in found.all] == ["baseline", "baseline (scanning=60)", "baseline (scanning=150)"]
    assert differing(found) == [
        "baseline (scanning=60) differs in levers.scanning.size 0 -> 60",
        "baseline (scanning=150) differs in levers.scanning.size 0 -> 150",
    ]
    alike = write_run(tmp_path / "baseline" / "2026-01-04_abcdefgh", outcomes(), config={"name": "baseline"})
    twins = choose([str(tmp_path / "baseline" / "2026-01-01_0"), str(alike)])
    assert len({c.label for c in twins.all}) == 2
    assert differing(twins)[0].endswith("differs in levers {'scanning': {'size': 0.0}} -> None")


def test_changes_look_inside_records_and_past_what_only_runs_need() -> None:
    before = {"seed": 1, "a": {"value": 1.0, "unit": "kg", "fact": "F-1"}, "b": {"c": 1}}
    after = {"seed": 2, "a": {"value": 2.0, "unit": "kg"}, "b": {"c": 1, "d": [1]}}
    assert changes(before, after) == [("a", 1.0, 2.0), ("b.d", None, [1])]


def test_many_ratios_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    above, below = rng.normal(5.0, 1.0, (9, 4)), rng.normal(3.0, 1.0, (9, 4))
    below[:, 1] -= 3.0
    above[2, 2] = math.nan
    for k, found in enumerate(ratios_of_means(above, below)):
        one = ratio_of_means(above[:, k], below[:, k])
        assert found.interval.reason == one.interval.reason
        assert found.value == pytest.approx(one.value, nan_ok=True)


def test_every_shipped_scenario_has_its_place_and_no_two_look_alike() -> None:
    from sim.core.shipped import conf_folder

    shipped = {path.stem for path in (conf_folder() / "scenario").glob("*.yaml")}
    assert shipped == set(scenarios.ORDER)
    looks = scenarios.looks(scenarios.ORDER)
    assert len(set(looks.values())) == len(scenarios.ORDER)
    assert looks["baseline"][0] == theme.SCENARIOS["baseline"]
    for name in scenarios.ORDER:
        assert scenarios.looks(["mine", name, "yours"])[name] == looks[name]


@pytest.mark.parametrize("count", [2, 5, 8, 29])
def test_points_of_a_sweep_have_colours_of_their_own(count: int) -> None:
    points = [f"levers.port_staffing.size={500 * i}" for i in range(count)]
    looks = scenarios.looks([*points, "scanning"])
    assert len(set(looks.values())) == count + 1
    hues = [looks[point][0] for point in points]
    assert len(set(hues)) == min(count, len(theme.SCENARIO_CYCLE))
    assert looks["scanning"][0] not in hues[: len(theme.SCENARIO_CYCLE) - 1]


def test_the_order_of_scenarios_is_the_same_whatever_comes_first() -> None:
    names = ["mine", "hsi_strategy", "scanning (size=60)", "scanning (size=9)", "baseline"]
    expected = ["baseline", "scanning (size=60)", "scanning (size=9)", "hsi_strategy", "mine"]
    assert scenarios.in_order(names) == expected
    assert scenarios.in_order([*names[1:], "mine"]) == expected


@pytest.mark.parametrize(
    ("days", "margin", "verdict"), [(30, 50.0 * 30 / 365, "better"), (365, 50.0, SAME), (1095, 50.0, SAME)]
)
def test_margins_of_sums_shrink_with_a_window_under_a_year(days: int, margin: float, verdict: str) -> None:
    """17 kg less in 30 days are 200 kg a year, four times what matters; 17 kg less in a year are nothing."""
    base = np.random.default_rng(4).normal(300.0, 40.0, 12)
    central = np.zeros((2, 12, 2))
    central[:, :, 0] = base, base - 16.7 + np.tile([-6.0, 6.0], 6)
    names = ("delivered_pure_kg", "price_index")
    panel = Panel(("baseline", "scanning"), names, np.arange(12), central, np.zeros((2, 0, 2)), (), days)
    less, price = differences_of(panel).differences
    assert less.margin == pytest.approx(margin)
    assert less.verdict == verdict
    assert price.margin == 0.02


def found() -> Comparison:
    """Return a comparison of two runs: one delivers 200 kg less for 3 million, one does nothing."""
    rng = np.random.default_rng(3)
    base = rng.normal(4000.0, 300.0, 12)
    central = np.zeros((3, 12, 2))
    central[:, :, 0] = base, base - 200.0 + rng.normal(0.0, 5.0, 12), base
    central[1, :, 1] = 3e6
    names = ("delivered_pure_kg", "programme_cost_usd")
    panel = Panel(("baseline", "scanning", "cyber"), names, np.arange(12), central, np.zeros((3, 0, 2)), ())
    return differences_of(panel)


def test_a_comparison_of_known_runs() -> None:
    rows = {(row.label, row.outcome): row for row in found().differences}
    less, paid = rows["scanning", "delivered_pure_kg"], rows["scanning", "programme_cost_usd"]
    assert (less.verdict, paid.verdict) == ("better", "worse")
    assert less.percent.interval.low < less.percent.value < less.percent.interval.high < 0.0
    assert less.saved > 1000.0
    assert (paid.change, paid.monte_carlo.low, paid.monte_carlo.high) == (3e6, 3e6, 3e6)
    assert not paid.percent.known
    assert rows["cyber", "delivered_pure_kg"].words == "no difference that matters"
    cost, nothing = found().costs
    assert cost.value == pytest.approx(15_000.0, rel=0.05)
    assert cost.interval.low < cost.value < cost.interval.high
    assert nothing.interval.reason == "no difference in programme cost"


def test_few_pairs_promise_more_replications_than_many() -> None:
    rows = [row for row in found().differences if row.outcome == "delivered_pure_kg"]
    assert not any(row.missing.known for row in rows)
    assert replace(rows[0], verdict="cannot tell yet", about=1234.0).words.endswith(
        "about 1,300 more replications"
    )
    many = replace(rows[0], verdict="cannot tell yet", about=1e6)
    assert many.words == "cannot tell yet: far more replications than is practical (over 10,000)"
    rough = replace(many, about=float("nan"), missing=Interval(1_100.0, 46_000.0))
    assert rough.words == "cannot tell yet: 1,100 more replications, or far more than is practical"


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (2, "cannot tell yet: 2 pairs are too few to say how many more"),
        (3, "cannot tell yet: 3 pairs are too few to say how many more"),
        (5, "cannot tell yet: 4 to 130 more replications"),
        (12, "cannot tell yet: about 7 more replications"),
    ],
)
def test_few_pairs_say_roughly_or_not_at_all_how_many_are_missing(pairs: int, expected: str) -> None:
    """A spread from three pairs may be off by a factor of six, so the number from it is noise.

    A deviation of 100 against 49: 19 pairs; of 60 and 287, the ends for 5 pairs: 9 and 135 pairs.
    """
    rng = np.random.default_rng(7)
    base = rng.normal(4000.0, 300.0, pairs)
    apart = rng.normal(0.0, 1.0, pairs)
    apart = 100.0 * (apart - apart.mean()) / apart.std(ddof=1)
    central = np.stack([base, base + 1.0 + apart])[:, :, None]
    names = ("delivered_pure_kg",)
    panel = Panel(("baseline", "scanning"), names, np.arange(pairs), central, np.zeros((2, 0, 1)), ())
    (row,) = differences_of(panel).differences
    assert row.words == expected
    assert math.isnan(row.saved) is (pairs < 8)
    assert row.missing.known is (pairs >= 4)


def test_from_python_run_folders_are_compared_in_memory(tmp_path: Path) -> None:
    root = write_three(tmp_path / "results")
    folders = {name: next((root / name).iterdir()) for name in ("baseline", "scanning", "cyber")}
    runs = [
        read_run(folders["baseline"]),
        ComparedRun("more scanners", read_run(folders["scanning"])),
        folders["cyber"],
    ]
    told = compare(runs, outcomes=["Fentanyl delivered", "programme_cost_usd"])
    rows = {(row["run"], row["outcome"]): row for row in told.table("differences")}
    assert rows["more scanners", "delivered_pure_kg"]["verdict"] == "better"
    assert told.table("differences")["missing_replications"].dtype == np.float64
    assert told.table("costs")["usd_per_pure_kg_less"][0] == pytest.approx(24_950.0, rel=0.01)
    assert told.verdict.startswith(
        "Fentanyl delivered, 2 runs against the reference: clearest is more scanners"
    )
    assert told.question == "What do 2 runs change against baseline?"
    assert list(told.plot) == ["differences", "difference_over_time", "scenario_ladder"]
    for verdict, figure in zip(told.verdicts, told.plot.all(), strict=True):
        assert f"{figure.layout.meta['title']}." == verdict
    assert "better" in told._repr_html_()
    assert not (root / "compare").exists(), "nothing is written until somebody asks"
    by_path = compare(folders["scanning"], against=str(folders["baseline"]), outcomes="delivered_pure_kg")
    assert len(by_path.table("differences")) == 1
    assert by_path.question == "What does scanning change against baseline?"


def test_what_python_cannot_read_is_a_note_and_a_wrong_argument_one_line(tmp_path: Path) -> None:
    root = write_three(tmp_path / "results")
    names = [root / name for name in ("baseline", "scanning", "cyber")]
    next((root / "cyber").iterdir()).joinpath("measures.parquet").unlink()
    told = compare(names)
    assert [note for note in told.notes if note.startswith("left out: ")]
    for options, expected in (
        ({"outcomes": ["delivered_pur_kg"]}, "outcomes: unknown outcome 'delivered_pur_kg' .did you mean"),
        ({"outcomes": []}, "outcomes names no outcome"),
        ({"precision": 0.0}, "precision must be above 0"),
        ({"precision": math.nan}, "precision must be above 0"),
        ({"budget": 9}, "budget belongs to precision"),
        ({"against": root / "*"}, "against must name one run"),
    ):
        with pytest.raises(ConfigError, match=f"compare: {expected}"):
            compare(names, **options)


def test_a_comparison_written_from_python_is_the_folder_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.report.comparison_page.write_images", lambda figures, folder: None)
    root = write_three(tmp_path / "results")
    told = compare([root / "baseline", root / "scanning"])
    written = told.write(tmp_path / "out")
    assert [path.name for path in written.paths] == ["differences.csv", "compare.json", "index.html"]
    assert main(["compare", str(root / "baseline"), str(root / "scanning")]) == 0
    for path in written.paths:
        assert path.read_bytes() == (told.folder / path.name).read_bytes()


def test_the_page_answers_first_and_has_its_caveats_last(tmp_path: Path) -> None:
    """Deliveries before cost, verdicts before caveats, and a link to each run that has a page."""
    root = write_three(tmp_path / "results")
    folders = [next((root / name).iterdir()) for name in ("baseline", "scanning", "cyber")]
    (folders[1] / "index.html").write_text("the run", encoding="utf-8")
    told = compare(folders, outcomes=["programme_cost_usd", "seized_pure_kg", "delivered_pure_kg"])
    written = told.write(tmp_path / "results" / "compare" / "one")
    page = written.paths[-1].read_text(encoding="utf-8")
    parts = [
        "The verdict", "Is less fentanyl delivered?", "scanning: better; -", "What does it cost?",
        "Pages of the runs", "<figure", "What differs", "Before you use these verdicts",
        "Where it comes from",
    ]  # fmt: skip
    at = [page.index(part) for part in parts]
    assert at == sorted(at)
    assert "Do people wait longer?" not in page
    (link,) = re.findall(r'<a href="([^"]*index\.html)">scanning</a>', page)
    assert (written.paths[-1].parent / link).read_text(encoding="utf-8") == "the run"
