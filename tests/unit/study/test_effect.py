"""Effects of scenarios: made-up runs with known answers, and twins that each statistic must refuse."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.report.provenance import Provenance
from sim.report.result import Result
from sim.report.verdicts import direction
from sim.report.yearly import Runs
from sim.run.plan import Replications
from sim.scenario import load_scenario
from sim.stats.intervals import Interval
from sim.stats.ratio import ZERO, Estimate, half_life
from sim.study.effect import sentences
from sim.study.effect.outcomes import Effect, displacements, effect_of, effects, ratios, spread
from sim.study.effect.pairs import DELIVERED, PairedRuns, Pairing, run_pairs
from sim.study.effect.result import changes_of, effect, estimate_text, result_of
from tests.fixtures.composed import SHORT, composed

RUNS, MONTHS = 40, 36
COST = "programme_cost_usd"


def pair(
    change_kg: float, adversary: str = "none", moves: dict[str, float] | None = None, sets: int = 0,
    retained: np.ndarray | None = None, seizures: float = 50.0,
) -> PairedRuns:  # fmt: skip
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
    return PairedRuns(
        "made_up", adversary, Runs(number, values), Runs(number, after), (by_month, by_month + effect)
    )


@pytest.mark.parametrize(
    ("change_kg", "verdict"), [(-50.0, "less"), (50.0, "more"), (0.0, "cannot tell"), (1.0, "cannot tell")]
)
def test_a_verdict_has_three_words(change_kg: float, verdict: str) -> None:
    effect = effect_of(pair(change_kg), DELIVERED)
    assert effect.direction == verdict
    assert effect.monte_carlo.low < effect.change < effect.monte_carlo.high
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
    assert (effect.change, effect.monte_carlo.low, effect.monte_carlo.high) == (0.0, 0.0, 0.0)
    assert effect.direction == "no difference"


def test_a_pair_sees_what_two_years_apart_hide() -> None:
    """The baseline scatters ten times as much as the change: paired, the interval knows nothing of it."""
    one = pair(-50.0)
    width = effect_of(one, DELIVERED).monte_carlo
    assert width.high - width.low < 10
    assert one.before.central(DELIVERED, "all").std() > 50


def test_parameter_sets_on_both_sides_of_zero_withhold_a_verdict() -> None:
    known, open_ = Interval(-9.0, -1.0), Interval(-20.0, 3.0)
    assert Effect("a", "none", DELIVERED, "all", 1.0, -5.0, known, known).direction == "less"
    assert Effect("a", "none", DELIVERED, "all", 1.0, -5.0, known, open_).direction == "cannot tell"


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
    found = {row.place: row for row in displacements(adapted, frozen)}
    assert found["tucson"].direct_kg == pytest.approx(-100.0)
    assert found["tucson"].moved_kg == pytest.approx(-30.0)
    assert found["between_ports"].moved_kg == pytest.approx(90.0)
    whole = found["all"]
    assert (whole.direct_kg, whole.moved_kg) == (pytest.approx(-100.0), pytest.approx(60.0))
    assert whole.monte_carlo.known
    assert displacements(pair(-40.0, "worst_case"), frozen) == []


def test_the_range_over_a_panel_holds_every_adversary() -> None:
    found = [effect_of(pair(kg, name), DELIVERED) for kg, name in ((-80.0, "none"), (-20.0, "logit"))]
    assert spread(found) == (found[0].change, found[1].change)


def test_only_what_both_runs_report_is_compared() -> None:
    one = pair(-50.0)
    del one.after.values["seizure_events", "all"]
    assert {effect.measure for effect in effects(one)} == {DELIVERED, COST}


def made_up(seizures: float = 50.0, change_kg: float = -100.0, days: int = 365) -> Result:
    """Return the result of a scenario with frozen routes, and of one of which a quarter is left."""
    pairs = [pair(change_kg, seizures=seizures), pair(change_kg / 4, "logit", sets=5, seizures=seizures)]
    pairs = [replace(one, days=days) for one in pairs]
    plan = Replications(RUNS, 1, 5, workers=1, results=Path("nowhere"))
    return result_of(pairs, {"made_up": "baseline"}, plan, Provenance("40 pairs of runs each", 1))


def test_a_result_has_tables_verdicts_and_figures_on_demand() -> None:
    found = made_up()
    assert list(found.tables) == ["effects", "ratios", "places"]
    rows = found.table("effects")
    assert rows["change"].dtype == np.float64
    assert set(rows["verdict"]) == {"better", "less", "more", "no difference that matters"}
    assert found.table("places")["verdict"].tolist() == ["more", "more"]
    assert list(found.plot) == ["effect_by_adversary", "seized_against_delivered", "displacement_flow"]
    for figure, verdict in zip(found.plot.all(), found.verdicts, strict=True):
        assert f"{figure.layout.meta['title']}." == verdict
        assert "40 pairs of runs each" in figure.layout.meta["footer"]
    assert "Fentanyl delivered" in found._repr_html_()


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
def test_the_second_sentence_says_when_seizures_mislead(
    seizures: float, change_kg: float, words: str
) -> None:
    assert words in made_up(seizures, change_kg).verdicts[1]


def test_figures_and_table_name_the_window() -> None:
    found = made_up(days=30)
    drawn = [figure.to_json() for figure in found.plot.all()]
    assert ["in 30 days" in text for text in drawn] == [True, False, True]
    assert not any("a year" in text for text in drawn)
    table = found.table("effects").csv()
    assert "in 30 days" in table
    assert "a year" not in table


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        ((-19.0, 19.0), "no difference that matters"),
        ((1.0, 19.0), "no difference that matters"),
        ((1.0, 25.0), "more"),
        ((-25.0, -1.0), "less"),
        ((-25.0, 1.0), "cannot tell"),
        ((math.nan, math.nan), "cannot tell"),
    ],
)
def test_flow_moves_when_its_interval_leaves_out_zero_and_reaches_the_margin(
    ends: tuple[float, float], verdict: str
) -> None:
    assert direction([Interval(*ends)], 20.0) == verdict


def test_a_difference_below_the_margin_is_no_finding_in_the_figure_either() -> None:
    small, large = (effect_of(pair(change), DELIVERED) for change in (-8.0, -400.0))
    assert (small.direction, small.verdict) == ("less", "no difference that matters")
    assert changes_of([small, large])["verdict"].tolist() == ["no difference that matters", "less"]
    assert "no difference that matters" in sentences.delivered(changes_of([small]), "a year")


def test_a_lever_of_size_zero_changes_nothing_and_one_at_work_is_paired(tmp_path: Path) -> None:
    """The whole way on short runs: the same scenario on both sides differs by nothing at all."""
    same, more = (load_scenario(composed(**SHORT, **{"levers.scanning.size": size})) for size in (0.0, 150.0))
    asked = Replications(2, seed=3, parameter_sets=1, workers=1, results=tmp_path)
    pairings = [Pairing("same", "none", same, same), Pairing("more", "none", same, more)]
    nothing, something = run_pairs(pairings, asked)
    path = min(tmp_path.rglob("*.zip"))
    kept, bad = path.read_bytes(), bytearray(path.read_bytes())
    bad[len(bad) // 4] ^= 1
    path.write_bytes(bad)
    again, _ = run_pairs(pairings, asked)
    assert path.read_bytes() == kept, "what went bad in the store is simulated again"
    assert np.array_equal(again.before.central(DELIVERED, "all"), nothing.before.central(DELIVERED, "all"))
    assert not nothing.change(DELIVERED).any()
    assert not nothing.change_of_sets(DELIVERED).any()
    assert effect_of(nothing, DELIVERED).direction == "no difference"
    assert effect_of(nothing, DELIVERED).verdict == "no difference that matters"
    assert something.change("loads_seized").mean() > 0
    per_run = something.delivered[1].sum(axis=1) - something.delivered[0].sum(axis=1)
    assert per_run == pytest.approx(something.change(DELIVERED), abs=1e-6)


def test_a_study_from_python_holds_scenarios_against_their_baseline(tmp_path: Path) -> None:
    none, logit = ({"adversary.kind": kind} for kind in ("none", "logit"))
    pairings = [
        Pairing(
            "more",
            kind,
            *(
                load_scenario(composed(**SHORT, **who, **{"levers.scanning.size": size}))
                for size in (0.0, 150.0)
            ),
        )
        for kind, who in (("logit", logit), ("none", none))
    ]
    plan = Replications(2, 3, workers=1, results=tmp_path)
    found = effect(pairings, plan)
    rows = found.table("effects").rows()
    assert {row["adversary"] for row in rows} == {"none", "logit"}
    assert {row["verdict"] for row in rows if row["measure"] == COST} == {"worse"}
    assert "2 pairs of runs each, without queues, adversaries logit, none, against scenario" in repr(found)
    assert any(note.startswith("lever scanning: ") for note in found.notes)
    for wrong, expected in (
        ([], "name at least one scenario"),
        ([pairings[0], pairings[0]], "more against adversary logit is named twice"),
        (
            [Pairing("more", "none", pairings[0].before, pairings[1].after)],
            "its baseline .* has another adversary",
        ),
    ):
        with pytest.raises(ConfigError, match=f"study effect: .*{expected}"):
            effect(wrong, plan)
    with pytest.raises(ConfigError, match="1 replications, at least 2 are needed"):
        effect(pairings, replace(plan, count=1))


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (math.inf, 0.0257, math.inf, "not in the window, at least 0.0257"),
        (3.0, 0.5, math.inf, "3.00, at least 0.500"),
        (3.0, 0.5, 9.0, "3.00 [0.500, 9.00]"),
    ],
)
def test_a_half_life_beyond_the_window_has_a_lower_end_only(
    value: float, low: float, high: float, expected: str
) -> None:
    assert estimate_text(Estimate(value, Interval(low, high))) == expected
