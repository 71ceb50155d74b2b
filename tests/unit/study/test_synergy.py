"""Synergy of levers: made-up outcomes whose overlap is known, and combinations of real scenarios."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from sim.core.draws import Draws
from sim.core.errors import ConfigError
from sim.run.plan import Replications
from sim.scenario import load_scenario
from sim.stats.factorial import pair_sums
from sim.stats.intervals import Interval
from sim.study.synergy import Quantity, Synergy, combinations, factorial, result_of, synergy, verdict
from tests.fixtures.composed import SHORT, composed
from tests.fixtures.made_up_world import _tables
from tests.fixtures.whole_results import check_whole

LEVERS = ("scanning", "targeting", "cyber")
EFFECTS = np.array([-30.0, -20.0, -10.0])


def made_up(together: float, noise: float = 0.0) -> Synergy:
    """Return effects that add up, but for what scanning and targeting do ``together``."""
    replications = np.arange(6.0)
    wobble = noise * np.array([1.0, -1.0, 2.0, -2.0, 0.5, -0.5])
    values = np.empty((8, 6))
    for row in range(8):
        on = np.array([(row >> i) & 1 for i in range(3)])
        values[row] = 1000.0 + 3.0 * replications + on @ EFFECTS + on[0] * on[1] * (together + wobble)
    return Synergy(LEVERS, values)


def test_levers_that_add_up_share_the_whole_by_their_own_effects():
    found = made_up(0.0)
    for name, effect in zip(LEVERS, EFFECTS, strict=True):
        assert [quantity.value for quantity in found.of_levers()[name]] == pytest.approx([effect] * 4)
    assert found.overlap.value == pytest.approx(0.0)
    assert all(abs(quantity.value) < 1e-9 for quantity in found.pairs().values())
    assert found.verdict(1.0) == "add up"


def test_overlap_is_shared_by_the_two_that_overlap():
    found = made_up(8.0)
    shares = {name: quantities[3].value for name, quantities in found.of_levers().items()}
    assert shares == pytest.approx({"scanning": -26.0, "targeting": -16.0, "cyber": -10.0})
    assert sum(shares.values()) == pytest.approx(found.total.value)
    assert found.overlap.value == pytest.approx(8.0)
    assert found.pairs()["scanning", "targeting"].value == pytest.approx(8.0)
    assert found.verdict(1.0) == "overlap"
    assert made_up(-8.0).verdict(1.0) == "synergy"


def test_noise_that_hides_the_overlap_leaves_it_open():
    assert made_up(2.0, noise=5.0).verdict(1.0) == "cannot tell"
    assert made_up(2.0, noise=5.0).verdict(100.0) == "add up"


def test_intervals_of_pairs_hold_for_all_at_once():
    found = made_up(2.0, noise=5.0)
    pair, whole = found.pairs()["scanning", "targeting"].interval, found.overlap.interval
    assert pair.low < whole.low < whole.high < pair.high


def quantity(low: float, high: float) -> Quantity:
    return Quantity(0.5 * (low + high), Interval(low, high))


@pytest.mark.parametrize(
    ("low", "high", "apart", "word"),
    [
        (-0.5, 0.5, (-2.0, -1.0), "add up"), (2.0, 3.0, (-2.0, -1.0), "overlap"),
        (2.0, 3.0, (1.0, 2.0), "synergy"), (-3.0, -2.0, (-2.0, -1.0), "synergy"),
        (-3.0, 0.5, (-2.0, -1.0), "cannot tell"), (2.0, 3.0, (-1.0, 2.0), "interaction above zero"),
        (-3.0, -2.0, (-1.0, 2.0), "interaction below zero"),
        (2.0, 3.0, (np.nan, np.nan), "interaction above zero"),
    ],
)  # fmt: skip
def test_an_interaction_in_a_word(low, high, apart, word):
    assert verdict(quantity(low, high), quantity(*apart), 1.0) == word
    unknown = Quantity(0.0, Interval(np.nan, np.nan, "1 replication"))
    assert verdict(unknown, quantity(*apart), 1.0) == "cannot tell"


def test_a_pair_is_held_against_what_these_two_do_and_not_against_all_levers():
    noise = np.array([0.01, -0.01, 0.02, -0.02, 0.0, 0.0])
    rows = []
    for row in range(8):
        on = np.array([(row >> i) & 1 for i in range(3)])
        rows.append(on @ np.array([-50.0, 5.0, 4.0]) - 8.0 * on[1] * on[2] + noise * row)
    found = Synergy(LEVERS, np.array(rows))
    # Apart targeting and cyber do +9, together +1: less, although all levers together go down.
    assert found.pair_verdicts(2.0) == {
        ("scanning", "targeting"): "add up",
        ("scanning", "cyber"): "add up",
        ("targeting", "cyber"): "overlap",
    }
    assert verdict(found.pairs()["targeting", "cyber"], found.sum_alone, 2.0) == "synergy"
    assert pair_sums(found.values)[1, 2] == pytest.approx(9.0 + 3 * noise * 2, abs=0.2)


@pytest.fixture(scope="module")
def scenario():
    sizes = {f"levers.{name}.size": size for name, size in zip(LEVERS, (50, 40, 6), strict=True)}
    return load_scenario(composed(**SHORT, **sizes, **{"levers.southbound.size": 100}))


def test_every_combination_once_and_all_other_levers_absent(scenario):
    cells = combinations(scenario, LEVERS)
    assert [cell.pulled for cell in cells[:4]] == [
        {}, {"scanning": 50}, {"targeting": 40}, {"scanning": 50, "targeting": 40},
    ]  # fmt: skip
    assert len({cell.canonical_json() for cell in cells}) == 8
    assert all("southbound" not in cell.pulled for cell in cells)


@pytest.mark.parametrize(
    ("levers", "expected"),
    [
        (("scanning",), "1 lever; give 2 to 5"),
        (("scanning", "scaning"), "unknown lever 'scaning' \\(did you mean 'scanning'\\?\\)"),
        (("scanning", "surge"), "does not pull surge; give levers.surge.size="),
        (("scanning", "scanning"), "named twice in scanning, scanning"),
    ],
)
def test_levers_that_make_no_factorial_are_refused(scenario, levers, expected):
    with pytest.raises(ConfigError, match=expected):
        combinations(scenario, levers)


def batch(folder, replications=6) -> Replications:
    return Replications(replications, workers=1, results=folder)


def test_a_result_tells_what_the_factorial_says(scenario, tmp_path):
    result = result_of(made_up(8.0), scenario, "delivered_pure_kg", batch(tmp_path))
    check_whole(result)
    assert result.verdict == (
        "The levers add up: what they do together differs from the sum of each alone by less than the margin "
        "(+8.00 [+8.00, +8.00] kg pure in 61 days; margin 8.36)."
    )
    levers = result.table("levers").df().set_index(["lever", "quantity"])["value"]
    assert levers["scanning"].to_dict() == pytest.approx(
        {"alone": -30.0, "on average": -26.0, "on top of all others": -22.0, "share (Shapley)": -26.0}
    )
    assert levers["all"].to_dict() == pytest.approx(
        {"sum of each alone": -60.0, "together": -52.0, "together less the sum": 8.0}
    )
    assert result.table("pairs")["verdict"].tolist() == ["add up"] * 3
    alt = result.plot.synergy().layout.meta["alt"]
    assert alt.startswith("The levers add up: fentanyl delivered -52.0 together, -60.0 as a sum. ")
    assert "Scanning: alone -30 [-30 to -30], share -26 [-26 to -26]" in alt
    assert "All levers: alone -60 [-60 to -60], share -52 [-52 to -52]" in alt


def test_a_larger_overlap_is_called_one(scenario, tmp_path):
    result = result_of(made_up(20.0), scenario, "delivered_pure_kg", batch(tmp_path))
    assert result.verdict.startswith(
        "The levers overlap: together they do less than the sum of each alone (+20.0"
    )
    assert result.table("pairs")["verdict"].tolist() == ["overlap", "add up", "add up"]


def overlapping(scenario, seed, replication, parameter_set=0):
    """Simulate levers of which the second does half its work again that the first has done."""
    noise, on = Draws(seed, replication).normal("made_up", 0), scenario.pulled
    value = (
        500.0
        + noise
        - 20.0 * ("scanning" in on)
        - 10.0 * ("targeting" in on) * (1 - 0.5 * ("scanning" in on))
    )
    return _tables(np.array([value, value]), replication, parameter_set)


def test_the_study_simulates_every_combination_and_shares_the_whole(scenario, tmp_path, monkeypatch):
    monkeypatch.setattr("sim.study.synergy.factorial", partial(factorial, simulate=overlapping))
    result = synergy(scenario, LEVERS[:2], batch(tmp_path, 2))
    check_whole(result)
    assert len(list(tmp_path.rglob("*.zip"))) == 4 * 2
    found = result.table("levers").df().set_index(["lever", "quantity"])["value"]
    shares = [found[name, "share (Shapley)"] for name in LEVERS[:2]]
    assert shares == pytest.approx([-35.0, -15.0])
    assert sum(shares) == pytest.approx(found["all", "together"])
    assert result.table("pairs")["value"][0] == pytest.approx(found["all", "together less the sum"])
    assert result.verdict.startswith("The levers overlap")


@pytest.mark.parametrize(
    ("outcome", "replications", "expected"),
    [
        ("wait", 4, "study synergy: unknown outcome 'wait'"),
        ("wait_min", 4, "does not report wait_min"),
        ("delivered_pure_kg", 1, "study synergy: replications must be a whole number of at least 2 .got 1."),
    ],
)
def test_a_mistake_is_told_before_anything_is_simulated(scenario, tmp_path, outcome, replications, expected):
    with pytest.raises(ConfigError, match=expected):
        synergy(scenario, LEVERS, batch(tmp_path, replications), outcome)
    assert not list(tmp_path.rglob("*.zip"))
