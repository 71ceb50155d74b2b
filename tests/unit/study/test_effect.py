"""Effects of scenarios: made-up runs with known answers, and twins that each statistic must refuse."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.plots.displacement import displacement_flow
from sim.plots.effects import delivered_by_adversary, seized_against_delivered
from sim.report.scenarios import looks
from sim.report.yearly import Runs
from sim.run.plan import Replications
from sim.scenario import load_scenario
from sim.stats.intervals import Interval, mean_interval
from sim.stats.ratio import ZERO, Estimate, half_life, ratio_of_means
from sim.study.effect.folder import Findings, changes_of, write_figures, write_tables
from sim.study.effect.outcomes import Effect, effect_of, effects, moved, ratios, spread
from sim.study.effect.pairs import DELIVERED, Duel, Paired, run_pairs
from tests.fixtures.composed import SHORT, composed

RUNS, MONTHS = 40, 36
COST = "programme_cost_usd"


def pair(
    change_kg: float, adversary: str = "none", moves: dict[str, float] | None = None, sets: int = 0,
    retained: np.ndarray | None = None, seizures: float = 50.0,
) -> Paired:  # fmt: skip
    """Return pairs whose year delivers ``change_kg`` more, give or take 10 kg, for 1,000 dollars."""
    rng = np.random.default_rng(7)
    size = RUNS + sets
    before = 4000 + 100 * rng.standard_normal(size)
    change = change_kg + 10 * rng.standard_normal(size)
    places = moves or {"tucson.passenger": change_kg}
    number = np.r_[np.zeros(RUNS, dtype=np.int32), 1 + np.arange(sets, dtype=np.int32)]
    values = {(DELIVERED, "all"): before, ("seizure_events", "all"): np.full(size, 900.0)}
    values |= {(DELIVERED, place): before / len(places) for place in places} | {(COST, "all"): np.zeros(size)}
    after = {(DELIVERED, "all"): before + change, ("seizure_events", "all"): np.full(size, 900.0 + seizures)}
    after |= {(DELIVERED, place): before / len(places) + kg for place, kg in places.items()}
    after[COST, "all"] = np.full(size, 1000.0)
    by_month = before[:RUNS, None] / 12 * np.ones(MONTHS)
    shape = np.ones(MONTHS) if retained is None else retained
    effect = change[:RUNS, None] / 12 * shape
    return Paired(
        "made_up", adversary, Runs(number, values), Runs(number, after), (by_month, by_month + effect)
    )


@pytest.mark.parametrize(
    ("change_kg", "verdict"), [(-50.0, "less"), (50.0, "more"), (0.0, "cannot tell"), (1.0, "cannot tell")]
)
def test_a_verdict_has_three_words(change_kg: float, verdict: str) -> None:
    effect = effect_of(pair(change_kg), DELIVERED)
    assert effect.direction == verdict
    assert effect.random.low < effect.change < effect.random.high
    assert effect.change == pytest.approx(change_kg, abs=4 * 10 / math.sqrt(RUNS))


@pytest.mark.parametrize(
    ("measure", "ends", "verdict"),
    [
        (DELIVERED, (0.0, 0.0), "no difference that matters"),
        (DELIVERED, (-900.0, -800.0), "better"),
        (COST, (9e8, 9e8), "worse"),
        (DELIVERED, (-900.0, 800.0), "cannot tell"),
    ],
)
def test_verdicts_are_those_of_compare(measure: str, ends: tuple[float, float], verdict: str) -> None:
    span, nothing = Interval(*ends), Interval(math.nan, math.nan, "")
    assert Effect("a", "none", measure, "all", 4000.0, ends[0], span, nothing).verdict == verdict


def test_the_margin_is_that_of_the_window() -> None:
    span, nothing = Interval(-20.0, -10.0), Interval(math.nan, math.nan, "")
    year, month = (
        Effect("a", "none", DELIVERED, "all", 4000.0, -15.0, span, nothing, days) for days in (365, 30)
    )
    assert (year.verdict, month.verdict) == ("no difference that matters", "better")


def test_the_last_digit_of_a_sum_is_no_effect() -> None:
    one = pair(-50.0)
    one.before.values["price_index", "all"] = np.full(RUNS, 0.1 + 0.2)
    one.after.values["price_index", "all"] = np.full(RUNS, 0.3)
    effect = effect_of(one, "price_index")
    assert (effect.change, effect.random.low, effect.random.high) == (0.0, 0.0, 0.0)
    assert effect.direction == "no difference"


def test_a_pair_sees_what_two_years_apart_hide() -> None:
    """The baseline scatters ten times as much as the change: paired, the interval knows nothing of it."""
    one = pair(-50.0)
    width = effect_of(one, DELIVERED).random
    assert width.high - width.low < 10
    assert one.before.central(DELIVERED, "all").std() > 50


def test_parameter_sets_on_both_sides_of_zero_withhold_a_verdict() -> None:
    known, open_ = Interval(-9.0, -1.0), Interval(-20.0, 3.0)
    assert Effect("a", "none", DELIVERED, "all", 1.0, -5.0, known, known).direction == "less"
    assert Effect("a", "none", DELIVERED, "all", 1.0, -5.0, known, open_).direction == "cannot tell"


def mean_of_ratios(above: np.ndarray, below: np.ndarray) -> Estimate:
    """Return the broken twin: the mean of the ratios of single runs, which is no ratio of means."""
    ratio = above / below
    return Estimate(float(ratio.mean()), mean_interval(ratio))


@pytest.mark.parametrize(("statistic", "covers"), [(ratio_of_means, True), (mean_of_ratios, False)])
def test_fieller_covers_the_true_ratio(
    statistic: Callable[[np.ndarray, np.ndarray], Estimate], covers: bool
) -> None:
    """Coverage of 95 % over 600 samples, within four standard errors."""
    rng, hits, trials = np.random.default_rng(1), 0, 600
    for _ in range(trials):
        noise = rng.standard_normal((2, 40))
        above, below = 12.0 + noise[0], 4.0 + 0.5 * noise[0] + noise[1]
        estimate = statistic(above, below)
        hits += int(estimate.interval.low <= 3.0 <= estimate.interval.high)
    assert (abs(hits / trials - 0.95) < 4 * math.sqrt(0.95 * 0.05 / trials)) is covers


@pytest.mark.parametrize(
    ("above", "below", "reason"),
    [
        ([1.0], [1.0], "1 replication"),
        ([1.0, 2.0, 1.5], [-1.0, 1.0, 0.1], ZERO),
        ([1.0, math.nan], [1.0, 1.1], "undefined in at least one replication"),
    ],
)
def test_a_ratio_that_cannot_be_told_says_why(above: list[float], below: list[float], reason: str) -> None:
    estimate = ratio_of_means(np.array(above), np.array(below))
    assert not estimate.known
    assert reason in estimate.interval.reason


def test_a_ratio_of_exact_numbers_is_exact() -> None:
    estimate = ratio_of_means(np.full(5, 6.0), np.full(5, 2.0))
    assert (estimate.value, estimate.interval.low, estimate.interval.high) == (3.0, 3.0, 3.0)


def test_cost_displacement_and_half_life_of_a_known_case() -> None:
    """Of 100 kg denied adaptation takes back 80 % with a time constant of 3 months."""
    t = np.arange(MONTHS) + 0.5
    retained = 1.0 - 0.8 * (1.0 - 2.0 ** (-t / 3.0))
    frozen, adapted = pair(-100.0), pair(-25.0, "logit", retained=4 * retained)
    found = ratios(adapted, frozen)
    assert found.cost.value == pytest.approx(40.0, rel=0.2)
    assert found.cost.interval.low < 40.0 < found.cost.interval.high
    assert found.displacement.interval.low < 0.75 < found.displacement.interval.high
    assert half_life(*(a.delivered[0] - a.delivered[1] for a in (frozen, frozen))).value == math.inf
    direct = np.full((RUNS, MONTHS), 8.0) + 0.5 * np.random.default_rng(2).standard_normal((RUNS, MONTHS))
    estimate = half_life(direct, direct * retained)
    assert estimate.value == pytest.approx(3.0 * math.log2(0.8 / 0.3), rel=0.1)
    assert estimate.interval.low <= estimate.value <= estimate.interval.high


def test_a_loss_that_levels_off_below_a_half_has_no_half_life() -> None:
    t = np.arange(MONTHS) + 0.5
    direct = np.full((RUNS, MONTHS), 8.0) + 0.5 * np.random.default_rng(2).standard_normal((RUNS, MONTHS))
    assert half_life(direct, direct * (1.0 - 0.3 * (1.0 - 2.0 ** (-t / 3.0)))).value == math.inf
    assert not half_life(np.zeros((RUNS, MONTHS)), np.zeros((RUNS, MONTHS))).known


def test_what_has_no_denominator_is_undefined() -> None:
    assert ratios(pair(0.0), None).cost.interval.reason == ZERO
    assert "more is delivered" in ratios(pair(50.0), None).cost.interval.reason
    assert ratios(pair(-50.0, "logit"), pair(0.0)).displacement.interval.reason == ZERO
    assert "frozen" in ratios(pair(-50.0, "logit"), None).displacement.interval.reason
    assert not ratios(pair(-50.0), pair(-50.0)).displacement.known


def test_the_flow_that_moved_is_told_by_place_and_never_for_full_information() -> None:
    frozen = pair(-100.0, moves={"tucson.passenger": -60.0, "tucson.commercial": -40.0, "between_ports": 0.0})
    adapted = pair(
        -40.0, "logit", {"tucson.passenger": -90.0, "tucson.commercial": -40.0, "between_ports": 90.0}
    )
    found = {row.place: row for row in moved(adapted, frozen)}
    assert found["tucson"].direct_kg == pytest.approx(-100.0)
    assert found["tucson"].moved_kg == pytest.approx(-30.0)
    assert found["between_ports"].moved_kg == pytest.approx(90.0)
    whole = found["all"]
    assert (whole.direct_kg, whole.moved_kg) == (pytest.approx(-100.0), pytest.approx(60.0))
    assert whole.random.known
    assert moved(pair(-40.0, "worst_case"), frozen) == []


def test_the_range_over_a_panel_holds_every_adversary() -> None:
    found = [effect_of(pair(kg, name), DELIVERED) for kg, name in ((-80.0, "none"), (-20.0, "logit"))]
    assert spread(found) == (found[0].change, found[1].change)


def test_only_what_both_runs_report_is_compared() -> None:
    one = pair(-50.0)
    del one.after.values["seizure_events", "all"]
    assert {effect.measure for effect in effects(one)} == {DELIVERED, COST}


def findings(seizures: float = 50.0, change_kg: float = -100.0) -> Findings:
    pairs = [pair(change_kg, seizures=seizures), pair(change_kg / 4, "logit", sets=5, seizures=seizures)]
    return Findings(
        [effect for one in pairs for effect in effects(one)],
        [ratios(one, pairs[0]) for one in pairs],
        [row for one in pairs for row in moved(one, pairs[0])],
    )


def test_a_folder_holds_tables_and_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.report.standalone_page.write_images", lambda figures, folder: None)
    assert [path.name for path in write_tables(tmp_path, findings())] == [
        "effects.csv", "ratios.csv", "places.csv"
    ]  # fmt: skip
    paths, missing = write_figures(tmp_path, findings(), "Simulated.")
    assert missing is None
    names = ["effect_by_adversary.html", "seized_against_delivered.html", "displacement_flow.html"]
    assert [path.name for path in paths] == names
    head = (tmp_path / "effects.csv").read_text(encoding="utf-8").splitlines()[0]
    assert {"layer", "unit", "low", "high", "verdict"} <= set(head.split(","))


@pytest.mark.parametrize(
    ("seizures", "change_kg", "words"),
    [
        (200.0, 300.0, "wrong way in 2 of the 2 cases"),
        (200.0, -300.0, "right way in 2 of the 2 cases"),
        (200.0, -100.0, "right way in the case in which"),
        (200.0, -20.0, "nothing to point at"),
        (0.0, -300.0, "Cannot tell"),
    ],
)
def test_the_second_figure_says_when_seizures_mislead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seizures: float, change_kg: float, words: str
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(
        "sim.study.effect.folder.write_alone",
        lambda figures, folder: drawn.extend(figure.layout.meta["title"] for figure in figures),
    )
    write_figures(tmp_path, findings(seizures, change_kg), "Simulated.")
    assert words in drawn[1]


def test_figures_state_unit_interval_and_source() -> None:
    rows = {
        "scenario": np.array(["scanning", "scanning"]), "adversary": np.array(["none", "worst_case"]),
        "change": np.array([-10.0, 5.0]), "low": np.array([-12.0, -1.0]), "high": np.array([-8.0, 11.0]),
        "evidence_low": np.array([np.nan, -3.0]), "evidence_high": np.array([np.nan, 9.0]),
        "percent": np.array([-1.0, 0.5]), "verdict": np.array(["less", "cannot tell"]),
    }  # fmt: skip
    figure = delivered_by_adversary(rows, "Simulated: 12 pairs.")
    assert "depends on how traffickers adapt" in figure.layout.meta["title"]
    for said in ("kilograms pure", "95 %", "parameter sets", "12 pairs"):
        assert said in figure.layout.meta["footer"]
    both = {name: rows[name] for name in ("scenario", "adversary", "verdict")}
    for name in ("delivered", "seized"):
        both |= {name: rows["change"], f"{name}_low": rows["low"], f"{name}_high": rows["high"]}
    title = seized_against_delivered(both, "Simulated.").layout.meta["title"]
    assert title.startswith("Seizures point the wrong way in the case in which the fentanyl")


def test_scenarios_look_the_same_here_and_in_a_comparison() -> None:
    names = ["scanning", "targeting", "port_staffing", "cyber", "southbound", "investigators", "hsi_strategy"]
    rows = {
        "scenario": np.array(names),
        "adversary": np.array(["none"] * 7),
        "verdict": np.array(["less"] * 7),
    }
    for name in ("delivered", "seized"):
        rows |= {f"{name}{end}": np.arange(7.0) for end in ("", "_low", "_high")}
    drawn = seized_against_delivered(rows, "Simulated.").data
    rows |= {n: np.arange(-70.0, 0.0, 10.0) for n in ("change", "low", "high", "percent")}
    rows |= {n: np.full(7, np.nan) for n in ("evidence_low", "evidence_high")}
    title = delivered_by_adversary(rows, "Simulated.").layout.meta["title"]
    assert title == "7 of 7 scenarios clearly change the fentanyl delivered, Scanning most: -70 kg a year"
    rows["verdict"] = np.array(["no difference that matters"] * 5 + ["cannot tell", "less"])
    title = delivered_by_adversary(rows, "Simulated.").layout.meta["title"]
    assert (
        title == "1 of 7 scenarios clearly changes the fentanyl delivered, HSI strategy most: -10 kg a year"
    )
    rows["verdict"][6] = "cannot tell"
    title = delivered_by_adversary(rows, "Simulated.").layout.meta["title"]
    assert title == "7 scenarios: none clearly changes the fentanyl delivered"
    worn = looks(names)
    assert [(dot.marker.color, dot.marker.symbol) for dot in drawn] == [worn[name] for name in names]
    assert len({(dot.marker.color, dot.marker.symbol) for dot in drawn}) == 7
    assert drawn[0].name == "Scanning", "with one adversary the scenario alone tells them apart"


def test_a_title_over_ways_of_adapting_counts_scenarios_that_hold_in_all_of_them() -> None:
    names, changes = ("scanning", "cyber", "surge"), (-90.0, -70.0, -200.0, -5.0, -40.0, -44.0)
    rows = {
        "scenario": np.repeat(names, 2), "adversary": np.array(["none", "logit"] * 3),
        "change": np.array(changes), "low": np.array(changes) - 9, "high": np.array(changes) + 9,
        "percent": np.zeros(6), "evidence_low": np.full(6, np.nan), "evidence_high": np.full(6, np.nan),
        "verdict": np.array(["less", "less", "less", "cannot tell", "less", "less"]),
    }  # fmt: skip

    def title(verdicts: list[str]) -> str:
        return str(delivered_by_adversary({**rows, "verdict": np.array(verdicts)}, "").layout.meta["title"])

    clear = "clearly {} the fentanyl delivered however traffickers adapt, "
    both = title(["less", "less", "less", "cannot tell", "less", "less"])
    assert both == "2 of 3 scenarios " + clear.format("change") + "most Scanning -90 to -70 kg a year"
    one = title(["less", "more", "less", "cannot tell", "less", "less"])
    assert one == "1 of 3 scenarios " + clear.format("changes") + "Surge -44 to -40 kg a year"
    none = title(["less", "more", "less", "cannot tell", "more", "less"])
    assert none == "3 scenarios: none clearly changes the fentanyl delivered however traffickers adapt"


def test_figures_and_table_name_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(
        "sim.study.effect.folder.write_alone",
        lambda figures, folder: drawn.extend(figure.to_json() for figure in figures),
    )
    found = replace(findings(), window="in 30 days")
    write_figures(tmp_path, found, "Simulated.")
    assert ["in 30 days" in text for text in drawn] == [True, False, True]
    assert not any("a year" in text for text in drawn)
    table = write_tables(tmp_path, found)[0].read_text(encoding="utf-8")
    assert "in 30 days" in table
    assert "a year" not in table


def test_the_figure_of_displacement_names_only_what_is_clear() -> None:
    rows = {
        "scenario": np.array(["scanning"] * 4), "adversary": np.array(["logit"] * 4),
        "place": np.array(["mail", "tucson", "between_ports", "all"]),
        "direct_kg": np.array([0.0, -80.0, 0.0, -80.0]), "moved_kg": np.array([90.0, -20.0, 40.0, 110.0]),
        "low": np.array([-5.0, -30.0, 30.0, 20.0]), "high": np.array([185.0, -10.0, 50.0, 200.0]),
    }  # fmt: skip
    figure = displacement_flow(rows, "Simulated: 12 pairs.", 20.0)
    title = figure.layout.meta["title"]
    assert title == "Scanning: adaptation moves the flow most away from Tucson and towards between ports"
    assert list(figure.layout.yaxis.ticktext) == ["Tucson", "Between ports", "Mail", "<b>All places</b>"]
    assert figure.data[-3].x == (30.0,), "the last circle is the sum of all places"
    assert figure.data[-3].error_x.array == (90.0,), "with an interval of its own"
    assert "Between ports: +0 kg frozen, +40 kg adapting" in figure.layout.meta["alt"]
    vague = {**rows, "low": np.array([-1e3] * 3 + [20.0]), "high": np.full(4, 1e3)}
    assert "cannot tell" in displacement_flow(vague, "", 20.0).layout.meta["title"]
    for clear, start in (
        (rows, "In 2 of 2 cases adaptation brings flow to between ports most of all"),
        (vague, "2 cases: cannot tell"),
    ):
        two = {name: np.concatenate([column, column]) for name, column in clear.items()}
        two["adversary"] = np.array(["logit"] * 4 + ["bandit"] * 4)
        assert displacement_flow(two, "", 20.0).layout.meta["title"].startswith(start)


def test_the_words_beside_a_row_have_room() -> None:
    rows = {
        "scenario": np.array(["scanning"]), "adversary": np.array(["none"]), "change": np.array([-1040.0]),
        "low": np.array([-2730.0]), "high": np.array([2250.0]), "evidence_low": np.array([np.nan]),
        "evidence_high": np.array([np.nan]), "percent": np.array([-12.4]),
        "verdict": np.array(["cannot tell"]),
    }  # fmt: skip
    figure = delivered_by_adversary(rows, "Simulated.")
    seen = figure.layout.annotations[0].text.replace("<b>", "").replace("</b>", "")
    assert figure.layout.margin.r > 6.2 * len(seen), "a sign of 12 px is up to 6 px wide"


def test_a_difference_below_the_margin_is_no_finding_in_the_figure_either() -> None:
    small, large = (effect_of(pair(change), DELIVERED) for change in (-8.0, -400.0))
    assert (small.direction, small.verdict) == ("less", "no difference that matters")
    assert changes_of([small, large])["verdict"].tolist() == ["no difference that matters", "less"]
    title = delivered_by_adversary(changes_of([small]), "Simulated.", "a year").layout.meta["title"]
    assert "no difference that matters" in title


def test_a_lever_of_size_zero_changes_nothing_and_one_at_work_is_paired(tmp_path: Path) -> None:
    """The whole way on short runs: the same scenario on both sides differs by nothing at all."""
    same, more = (load_scenario(composed(**SHORT, **{"levers.scanning.size": size})) for size in (0.0, 150.0))
    asked = Replications(2, seed=3, parameter_sets=1, workers=1, results=tmp_path)
    duels = [Duel("same", "none", same, same), Duel("more", "none", same, more)]
    nothing, something = run_pairs(duels, asked)
    path = min(tmp_path.rglob("*.zip"))
    kept, bad = path.read_bytes(), bytearray(path.read_bytes())
    bad[len(bad) // 4] ^= 1
    path.write_bytes(bad)
    again, _ = run_pairs(duels, asked)
    assert path.read_bytes() == kept, "what went bad in the store is simulated again"
    assert np.array_equal(again.before.central(DELIVERED, "all"), nothing.before.central(DELIVERED, "all"))
    assert not nothing.change(DELIVERED).any()
    assert not nothing.change_of_sets(DELIVERED).any()
    assert effect_of(nothing, DELIVERED).direction == "no difference"
    assert effect_of(nothing, DELIVERED).verdict == "no difference that matters"
    assert something.change("loads_seized").mean() > 0
    per_run = something.delivered[1].sum(axis=1) - something.delivered[0].sum(axis=1)
    assert per_run == pytest.approx(something.change(DELIVERED), abs=1e-6)
