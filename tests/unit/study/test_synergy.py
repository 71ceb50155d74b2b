"""Synergy of levers: made-up outcomes whose overlap is known, and combinations of real scenarios."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.measures.replication import run_replication
from sim.plots.synergy import synergy_figure
from sim.scenario import load_scenario
from sim.stats.factorial import pair_sums
from sim.stats.intervals import Interval
from sim.study.sizes import cost_usd_a_year, pulled, with_sizes
from sim.study.synergy import Quantity, Synergy, combinations, verdict
from tests.fixtures.composed import SHORT, composed

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
    assert [pulled(cell) for cell in cells[:4]] == [
        {}, {"scanning": 50}, {"targeting": 40}, {"scanning": 50, "targeting": 40},
    ]  # fmt: skip
    assert len({cell.canonical_json() for cell in cells}) == 8
    assert all("southbound" not in pulled(cell) for cell in cells)


def test_levers_at_other_sizes_cost_what_their_units_cost(scenario):
    each = scenario.settings.levers["scanning"].cost_usd_per_unit_year
    assert cost_usd_a_year(scenario, {"scanning": 10.0}) == pytest.approx(10 * each)
    unchanged = with_sizes(scenario, pulled(scenario))
    assert unchanged.canonical_json() == scenario.canonical_json()


def test_the_cost_of_a_year_is_what_a_run_pays():
    days = 10
    short = load_scenario(
        composed(**{**SHORT, "calendar.days": days}, **{f"levers.{name}.size": 2 for name in LEVERS})
    )
    table = run_replication(short, 1, 0)["measures"]
    paid = table["value"][(table["measure"] == "programme_cost_usd") & (table["place"] == "all")].sum()
    assert paid * 365 / days == pytest.approx(cost_usd_a_year(short, pulled(short)), rel=2e-3)


@pytest.mark.parametrize(
    ("levers", "said"),
    [
        (("scanning",), "1 lever; give 2 to 5"),
        (("scanning", "scaning"), "unknown lever 'scaning' \\(did you mean 'scanning'\\?\\)"),
        (("scanning", "surge"), "does not pull surge; give levers.surge.size="),
    ],
)
def test_levers_that_make_no_factorial_are_refused(scenario, levers, said):
    with pytest.raises(ConfigError, match=said):
        combinations(scenario, levers)


def test_a_size_beyond_the_largest_is_refused(scenario):
    with pytest.raises(ConfigError, match=r"levers\.scanning\.size: 1e\+06 .* is outside 0 to"):
        with_sizes(scenario, {"scanning": 1e6})


def test_the_figure_tells_both_bars_of_every_lever():
    rows = {"name": np.array(["scanning", "all"])}
    for part, values in (("alone", [-30.0, -60.0]), ("share", [-26.0, -52.0])):
        rows |= {part + end: np.array(values) + shift for end, shift in (("", 0), ("_low", -2), ("_high", 2))}
    outcome = ("Fentanyl delivered", "kg pure a year")
    alt = synergy_figure(rows, "The levers overlap", outcome, "Made up.").layout.meta["alt"]
    assert "Scanning: alone -30 [-32 to -28], share -26 [-28 to -24]" in alt
    assert "All levers: alone -60 [-62 to -58], share -52 [-54 to -50]" in alt
