"""Comparisons: sums of many runs against the way of one run, verdicts one by one, labels, orders, figures."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.core.errors import StoreError
from sim.plots.difference_months import cumulated, first_month_apart, spread
from sim.plots.forest import forest, scaled
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
from sim.study.compare.selection import changes, choose, differing
from sim.study.compare.verdict import Comparison, compare, deciding
from tests.fixtures.composed import SHORT, composed
from tests.fixtures.written_runs import MONTHS, outcomes, write_run

NONE = Interval(math.nan, math.nan, "none")
INSIDE, ACROSS, BELOW, ABOVE, WIDE = (
    Interval(*ends) for ends in ((-20.0, 30.0), (-20.0, 90.0), (-90.0, -20.0), (20.0, 90.0), (-90.0, 90.0))
)


@pytest.mark.parametrize(
    ("random", "evidence", "verdict"),
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
    random: Interval, evidence: Interval, verdict: str
) -> None:
    """Delivered kilograms: 50 matter, less is good."""
    assert judged("delivered_pure_kg", random, evidence, 50.0) == verdict


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
    from sim.study.compare.selection import Choice, Chosen

    first, second = (Chosen(name, read_run(root / name / "2026-01-01_0")) for name in ("a", "b"))
    return Choice(first, (second,), ())


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
    less, price = compare(panel).differences
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
    return compare(panel)


def test_a_comparison_of_known_runs() -> None:
    rows = {(row.label, row.outcome): row for row in found().differences}
    less, paid = rows["scanning", "delivered_pure_kg"], rows["scanning", "programme_cost_usd"]
    assert (less.verdict, paid.verdict) == ("better", "worse")
    assert less.percent.interval.low < less.percent.value < less.percent.interval.high < 0.0
    assert less.saved > 1000.0
    assert (paid.change, paid.random.low, paid.random.high) == (3e6, 3e6, 3e6)
    assert not paid.percent.known
    assert rows["cyber", "delivered_pure_kg"].words == "no difference that matters"
    cost, nothing = found().costs
    assert cost.value == pytest.approx(15_000.0, rel=0.05)
    assert cost.interval.low < cost.value < cost.interval.high
    assert nothing.interval.reason == "no difference in programme cost"


def test_few_pairs_promise_more_replications_than_many() -> None:
    rows = [row for row in found().differences if row.outcome == "delivered_pure_kg"]
    assert not any(row.further.known for row in rows)
    assert replace(rows[0], verdict="cannot tell yet", about=1234.0).words.endswith(
        "about 1,300 more replications"
    )


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (2, "cannot tell yet: 2 pairs are too few to say how many more"),
        (3, "cannot tell yet: 3 pairs are too few to say how many more"),
        (5, "cannot tell yet: 4 to 130 more replications"),
        (12, "cannot tell yet: about 7 more replications"),
    ],
)
def test_few_pairs_say_roughly_or_not_at_all_how_many_are_missing_and_saved(pairs: int, said: str) -> None:
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
    (row,) = compare(panel).differences
    assert row.words == said
    assert math.isnan(row.saved) is (pairs < 8)
    assert row.further.known is (pairs >= 4)


MARGINS = {
    "outcome": np.array(["Delivered", "Delivered", "Seized", "Seized"]),
    "run": np.array(["cyber", "baseline", "cyber", "baseline"]),
    "change": np.array([-4.0, 0.2, 300.0, 0.0]),
    "low": np.array([-6.0, -0.5, 200.0, -2.0]),
    "high": np.array([-2.0, 0.9, 400.0, 2.0]),
    "evidence_low": np.array([-7.0, np.nan, np.nan, np.nan]),
    "evidence_high": np.array([-1.0, np.nan, np.nan, np.nan]),
    "said": np.array(["-200 kg", "+10 kg", "+6,000 events", "0 events"]),
    "verdict": np.array(["better", "no difference that matters", "more", "cannot tell yet"]),
}


def test_the_forest_tells_every_row_and_what_a_margin_is() -> None:
    figure = forest(MARGINS, "Simulated: 12 replications.", left_out=3)
    meta = figure.layout.meta
    assert meta["title"] == (
        "2 runs against the reference: clearest is Seized, cyber, +6,000 events; of 4 differences 2 have a "
        "clear sign, 1 does not matter, 1 is open"
    )
    for said in ("margins", "12 replications", "95 %", "3 more rows"):
        assert said in meta["footer"]
    for said in MARGINS["said"]:
        assert str(said) in meta["alt"]
    assert float(scaled(1.0)) == 1.0
    assert float(scaled(-1000.0)) == pytest.approx(-float(scaled(1000.0)))
    names = [trace.name for trace in figure.data if trace.name]
    assert names == ["baseline", "cyber"]


@pytest.mark.parametrize(
    ("at", "title"),
    [
        (
            [0, 1],
            "Delivered, 2 runs against the reference: clearest is cyber, -200 kg; of 2 differences 1 has",
        ),
        ([3], "Seized, baseline against the reference: cannot tell yet, 0 events"),
        ([0, 2], "cyber against the reference: clearest is Seized, +6,000 events; of 2 differences 2 have"),
        (
            [1, 3],
            "baseline against the reference: of 2 differences 0 have a clear sign, 1 does not matter, 1 is",
        ),
    ],
)
def test_the_title_of_a_forest_names_its_one_outcome_and_its_clearest_finding(
    at: list[int], title: str
) -> None:
    rows = {name: column[at] for name, column in MARGINS.items()}
    assert forest(rows, "Simulated.").layout.meta["title"].startswith(title)


def test_what_a_programme_costs_is_no_finding() -> None:
    meta = forest({**MARGINS, "input": np.array([False, False, True, True])}, "Simulated.").layout.meta
    assert meta["title"].startswith(
        "Delivered, 2 runs against the reference: clearest is cyber, -200 kg; of 2 "
    )
    assert "is not counted above" in meta["footer"]
    alone = {name: column[2:] for name, column in MARGINS.items()}
    meta = forest({**alone, "input": np.array([True, True])}, "Simulated.").layout.meta
    assert "of 2 differences 1 has a clear sign" in meta["title"]


@pytest.mark.parametrize("count", [2, 5, 6])
def test_the_forest_has_room_for_its_legend_and_for_what_stands_beside(count: int) -> None:
    runs = [f"port_staffing={500 * i} chemical_outreach=0.5 cyber=1" for i in range(count)]
    rows = {
        "outcome": np.repeat(["Fentanyl delivered", "Programme cost"], count),
        "run": np.array(runs * 2),
        "said": np.array(["-408,000 USD 2022"] * 2 * count),
        "verdict": np.array(["no difference that matters"] * 2 * count),
        **{name: np.zeros(2 * count) for name in ("change", "low", "high", "evidence_low", "evidence_high")},
    }
    layout = forest(rows, "Simulated.").layout
    # 12 px of the fallback font: 7 px a character, 8 px a bold one; 20 px a line of the legend.
    assert layout.margin.r >= 8 * len("no difference that matters") + 7 * len("-408,000 USD 2022")
    assert layout.margin.t - layout.meta["head_px"] >= 20 * count
    assert layout.legend.entrywidth >= 7 * len(runs[-1])


def test_labels_at_the_ends_of_lines_stand_apart_and_on_the_figure() -> None:
    ends = [0.0, -99.0, -100.0, -99.5, -100.0]
    places = spread(ends, (-106.0, 6.0))
    assert places[0] == 0.0
    ordered = sorted(places, reverse=True)
    assert min(-np.diff(ordered)) >= 112.0 * 15 / 420
    assert min(places) >= -106.0


def test_the_difference_over_time_says_from_when_on_it_is_clear() -> None:
    low, high = np.array([-1.0, -5.0, -9.0, -9.0]), np.array([1.0, -1.0, 1.0, -1.0])
    assert first_month_apart(low, high) == 3
    assert first_month_apart(low[:3], high[:3]) is None
    assert first_month_apart(low[3:], high[3:]) == 0
    line = {"month": np.array(MONTHS[:4]), "mean": (low + high) / 2, "low": low, "high": high}
    one = cumulated([("cyber", line)], {"cyber": "better"}, "Simulated: 12 replications.").layout.meta
    assert "clear from 2022-01 on" in one["title"]
    assert "pointwise" in one["footer"]


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        (("better", "cannot tell yet"), "1 better, 1 cannot tell"),
        (("no difference that matters", "cannot tell"), "1 cannot tell, 1 no difference that matters"),
        (("cannot tell", "cannot tell yet"), "2 cannot tell"),
    ],
)
def test_the_difference_over_time_gives_the_verdicts_of_the_table(
    verdicts: tuple[str, str], told: str
) -> None:
    """Its bands know neither evidence nor margin: they may leave out zero where the table cannot tell."""
    ends = {"mean": np.array([-1.0, -4.0]), "low": np.array([-2.0, -5.0]), "high": np.array([1.0, -3.0])}
    line = {"month": np.array(MONTHS[:2]), **ends}
    by_run = dict(zip(("cyber", "surge"), verdicts, strict=True))
    meta = cumulated([("cyber", line), ("surge", line)], by_run, "Simulated.").layout.meta
    assert meta["title"].endswith(f"against the reference: {told}")
    only = cumulated([("surge", line)], by_run, "Simulated.").layout.meta["title"]
    assert "clear from" not in only
