"""Portfolios: splits of a budget with known answers, a search with a known best, and no winner's curse."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest

from sim.cli.study_portfolio import Rule, standing
from sim.core.draws import Draws
from sim.core.errors import ConfigError
from sim.plots.portfolio import budget_frontier, budget_split
from sim.run.plan import Replications
from sim.scenario import load_scenario
from sim.study.portfolio import (
    Budget,
    Judged,
    Plan,
    level_of_gains,
    levers_for,
    portfolios,
    sizes_for,
)
from sim.study.search import UNSPENT, Effort, round_down, search, split_budget
from sim.study.sizes import cost_usd_a_year, pulled
from tests.fixtures.composed import SHORT, composed
from tests.fixtures.made_up_world import _tables

LEVERS = ("scanning", "investigators", "cyber")
GAINS = {"scanning": 12.0, "investigators": 5.0, "cyber": 2.0}
NOISE = 40.0


@pytest.mark.parametrize(
    ("weights", "budget", "caps", "spent"),
    [
        ({"a": 1.0, "b": 3.0}, 100.0, {}, {"a": 25.0, "b": 75.0}),
        ({"a": 1.0, "b": 3.0}, 100.0, {"b": 60.0}, {"a": 40.0, "b": 60.0}),
        ({"a": 1.0, "b": 1.0, "c": 2.0}, 100.0, {"c": 20.0, "a": 30.0}, {"a": 30.0, "b": 50.0, "c": 20.0}),
        ({"a": 1.0, "b": 3.0}, 100.0, {"a": 10.0, "b": 10.0}, {"a": 10.0, "b": 10.0}),
        ({"a": 1.0, UNSPENT: 3.0}, 100.0, {"a": 90.0}, {"a": 25.0}),
        ({"a": 1.0, "b": 0.0}, 100.0, {}, {"a": 100.0}),
        ({"a": 0.0}, 100.0, {}, {}),
    ],
)
def test_a_budget_is_split_by_weight_up_to_the_caps(weights, budget, caps, spent):
    assert split_budget(weights, budget, caps) == pytest.approx(spent)


@pytest.mark.parametrize(
    ("value", "size"), [(1234.5, 1230.0), (0.99999, 0.999), (12.0, 12.0), (0.3, 0.3), (0.0, 0.0)]
)
def test_sizes_are_rounded_down(value, size):
    assert round_down(value) == size


def test_the_search_comes_close_to_a_known_best_and_is_the_same_each_time():
    best = {"a": 0.6, "b": 0.3, "c": 0.1}

    def score(several):
        shares = [split_budget(weights, 1.0, {}) for weights in several]
        return np.array([sum((share.get(n, 0.0) - x) ** 2 for n, x in best.items()) for share in shares])

    effort = Effort(trials=60, at_a_time=4, seed=3)
    trials = search(score, [*best, UNSPENT], effort, [dict.fromkeys(best, 1.0)])
    assert len(trials) == 60
    values = [value for _, value in trials]
    assert values[0] == pytest.approx((0.6 - 1 / 3) ** 2 + (0.3 - 1 / 3) ** 2 + (0.1 - 1 / 3) ** 2)
    assert min(values) < 0.15 * min(values[:10])
    assert search(score, [*best, UNSPENT], effort, [dict.fromkeys(best, 1.0)]) == trials


def test_starts_keep_their_shares():
    seen = []

    def score(several):
        seen.extend(split_budget(weights, 1.0, {}) for weights in several)
        return np.zeros(len(several))

    search(score, ["a", "b", UNSPENT], Effort(3, 2, 0), [{"a": 5.0}, {"a": 1.0, "b": 4.0, UNSPENT: 5.0}])
    assert seen[0] == pytest.approx({"a": 1.0})
    assert seen[1] == pytest.approx({"a": 0.1, "b": 0.4})


def test_without_optuna_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ConfigError, match=r"Optuna is not installed; pip install 'chokepoint\[study\]'"):
        search(lambda several: np.zeros(len(several)), ["a", "b"], Effort(2, 1, 0))


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(composed(**SHORT))


def roots(scenario: Any, seed: int, replication: int, parameter_set: int = 0) -> dict[str, Any]:
    """Simulate levers with falling returns, so that the best split of a budget is known."""
    gain = sum(GAINS.get(name, 0.0) * math.sqrt(size) for name, size in pulled(scenario).items())
    value = 2000.0 + NOISE * Draws(seed, replication).normal("made_up", 0) - 0.5 * gain
    return _tables(np.array([value, value]), replication, parameter_set)


def idle(scenario: Any, seed: int, replication: int, parameter_set: int = 0) -> dict[str, Any]:
    """Simulate levers that do nothing, but shake the dice anew for every portfolio."""
    number = sum(int(1000 * size) * (i + 1) for i, size in enumerate(pulled(scenario).values()))
    luck = Draws(seed, replication).normal("made_up", number) if number else 0.0
    value = 2000.0 + NOISE * luck
    return _tables(np.array([value, value]), replication, parameter_set)


def plan(folder) -> Plan:
    return Plan("delivered_pure_kg", True, Effort(32, 4, 1), 5, 6, Replications(2, workers=1, results=folder))


def test_the_found_portfolio_comes_close_to_the_best_one_and_beats_the_simple_ones(scenario, tmp_path):
    budgets = [2e7, 1e8]
    found = portfolios(scenario, LEVERS, budgets, plan(tmp_path), simulate=roots)
    for one in found:
        levers = scenario.settings.levers
        # Cauchy-Schwarz: sum of g sqrt(spent / cost) is at most sqrt(budget * sum of g^2 / cost).
        strength = sum(GAINS[name] ** 2 / levers[name].cost_usd_per_unit_year for name in LEVERS)
        best = -math.sqrt(one.budget_usd * strength)
        assert best <= one.found.change < 0.97 * best
        assert one.found.cost_usd == pytest.approx(cost_usd_a_year(scenario, one.found.sizes))
        for judged in (one.found, one.equal, one.single):
            assert 0.97 * one.budget_usd < judged.cost_usd <= one.budget_usd
        for rival in (one.equal, one.single):
            assert one.gain(rival)[1].high < 0.0
        assert len(one.single.sizes) == 1
        # Draws in common: the noise of the world is gone from every difference.
        assert one.found.interval().high - one.found.interval().low < 1e-6 * abs(best)
    assert found[1].found.change < found[0].found.change
    again = portfolios(scenario, LEVERS, budgets, plan(tmp_path), simulate=roots)
    assert [one.found.sizes for one in again] == [one.found.sizes for one in found]


def winners(scenario, folder) -> float:
    """Return the mean change that found portfolios of idle levers are said to make, over three seeds."""
    found = []
    for seed in range(3):
        effort = Effort(12, 4, seed)
        asked = Plan(
            "delivered_pure_kg", True, effort, 5, 12, Replications(4, seed, workers=1, results=folder)
        )
        found.append(portfolios(scenario, LEVERS, [1e8], asked, simulate=idle)[0].found.change)
    return float(np.mean(found))


# A year is two months of the made-up world; twelve pairs a seed, three seeds.
ERROR = 2.0 * NOISE / math.sqrt(12 * 3)


def test_a_winner_by_luck_is_judged_without_its_luck(scenario, tmp_path):
    assert abs(winners(scenario, tmp_path)) < 3.0 * ERROR


def test_a_winner_judged_on_the_draws_that_chose_it_is_refused(scenario, tmp_path, monkeypatch):
    monkeypatch.setattr(Plan, "draws", property(lambda plan: (plan.replications,) * 3))
    assert winners(scenario, tmp_path) < -3.0 * ERROR


def test_no_replication_chooses_and_judges(tmp_path):
    seek, again, judge = plan(tmp_path).draws
    spans = [set(part.numbers) for part in (seek, again, judge)]
    assert [len(span) for span in spans] == [2, 2, 6]
    assert len(set.union(*spans)) == 10


def test_a_lever_takes_no_more_than_its_largest_size(scenario):
    sizes = sizes_for(scenario, {"scanning": 1.0}, 1e12)
    assert sizes == {"scanning": scenario.settings.levers["scanning"].max_size}


def test_all_levers_that_stay_are_chosen_from(scenario):
    levers = levers_for(scenario, [])
    assert "surge" not in levers
    assert set(levers) == set(scenario.settings.levers) - {"surge"}


@pytest.mark.parametrize(
    ("changes", "names", "said"),
    [
        ({}, ["scaning"], "--levers: unknown lever 'scaning' .did you mean 'scanning'"),
        ({}, ["surge", "cyber"], "surge is limited in time"),
        ({}, ["cyber"], "at least two levers"),
        ({"levers.cyber.size": 1}, [], "pulls cyber; take one without levers"),
        ({"levers.cyber.cost_usd_per_unit_year": 0}, ["cyber", "scanning"], "a lever without a cost"),
    ],
)
def test_levers_without_a_budget_are_refused(changes, names, said):
    with pytest.raises(ConfigError, match=said):
        levers_for(load_scenario(composed(**SHORT, **changes)), names)


def test_the_figures_tell_the_frontier_and_the_split():
    rows = {"budget_usd": np.array([5e7, 1e8])}
    for part, value in (("found", -80.0), ("equal", -40.0), ("single", -60.0)):
        rows |= {part + end: value + np.array([shift, shift - 10.0]) for end, shift in _ENDS.items()}
    figure = budget_frontier(
        rows, "Title", ("Fentanyl delivered", "kg pure a year"), "Heuristic.", "Made up."
    )
    alt = figure.layout.meta["alt"]
    assert "100 million USD: found -90 [-95 to -85], equal shares -50 [-55 to -45]" in alt
    assert "Heuristic." in figure.layout.meta["subtitle"]
    said = " ".join(str(note.text) for note in figure.layout.annotations).replace("<br>", " ")
    assert "hold at all 2 budgets at once with 95 % (Bonferroni), the other bars each alone" in said
    assert "between budgets nothing was simulated" in said
    spent = {"scanning": np.array([5e7, 4e7]), "cyber": np.array([0.0, 2e7]), "surge": np.zeros(2)}
    alt = budget_split([5e7, 1e8], spent, "Heuristic.", "Made up.").layout.meta["alt"]
    assert "50.0 million: Scanning 100%; 100 million: Scanning 40%, Cyber 20%" in alt


_ENDS = {"": 0.0, "_low": -5.0, "_high": 5.0}


def judged(kind: str, sizes: dict[str, float], changes: list[float]) -> Judged:
    return Judged(kind, sizes, 1e6, math.nan, np.array(changes))


def budget(equal: list[float]) -> Budget:
    found = judged("found", {"scanning": 3.0, "cyber": 1.0}, [-5.0, -5.1, -4.9])
    single = judged("one lever", {"cyber": 2.0}, [-1.0, -1.1, -1.0])
    return Budget(1e6, 4, found, judged("equal shares", {"scanning": 1.0, "cyber": 1.0}, equal), single)


@pytest.mark.parametrize(
    ("equal", "least", "margin", "said"),
    [
        ([-1.0, -1.2, -0.9], True, 0.5, "better than equal shares and cyber alone"),
        ([-1.0, -1.2, -0.9], False, 0.5, "worse than equal shares and cyber alone"),
        ([-4.0, -9.0, -1.0], True, 0.5, "not told apart from equal shares, better than cyber alone"),
        ([-4.2, -4.1, -4.2], True, 2.0, "by less than the margin apart from equal shares, better than cyber"),
    ],
)
def test_how_a_split_stands_to_the_simple_ones_is_said_in_words(
    equal: list[float], least: bool, margin: float, said: str
) -> None:
    rule, one = Rule("delivered_pure_kg", margin, least, level_of_gains(1)), budget(equal)
    assert standing(one, rule).startswith(said)
    same = Budget(1e6, 4, one.found, one.found, one.single)
    assert standing(same, rule).startswith("the same as equal shares")


def test_better_must_hold_for_all_comparisons_at_once() -> None:
    one = budget([-4.0, -4.3, -3.3])
    assert one.gain(one.equal)[1].high < 0.0
    rule = Rule("delivered_pure_kg", 0.01, True, level_of_gains(1))
    assert standing(one, rule).startswith("not told apart from equal shares")
    # One interval at 95 % is called better: the rule before, which misses one time in ten over two rivals.
    assert standing(one, Rule("delivered_pure_kg", 0.01, True, 0.95)).startswith("better than equal shares")


def test_false_calls_of_better_keep_to_five_in_a_hundred() -> None:
    def wrong(level: float, budgets: int = 3, studies: int = 400) -> float:
        called = 0
        for study in range(studies):
            draws = Draws(study, 0)
            z = [[draws.normal(f"part.{p}", r) for r in range(12)] for p in range(3 * budgets)]
            ones = [
                Budget(
                    1e6, 4, judged("found", {"cyber": 1.0, "scanning": 1.0}, z[3 * b]),
                    judged("equal shares", {"scanning": 1.0}, z[3 * b + 1]),
                    judged("one lever", {"cyber": 2.0}, z[3 * b + 2]),
                )
                for b in range(budgets)
            ]  # fmt: skip
            rule = Rule("delivered_pure_kg", 1e-6, True, level)
            called += any("better" in standing(one, rule) or "worse" in standing(one, rule) for one in ones)
        return called / studies

    error = math.sqrt(0.05 * 0.95 / 400)
    assert wrong(level_of_gains(3)) < 0.05 + 3.0 * error
    assert wrong(0.95) > 0.05 + 5.0 * error
