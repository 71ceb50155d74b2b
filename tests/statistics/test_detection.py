"""Detection in one world: the level holds, the power is the one that theory gives, twins are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.draws import Draws
from sim.stats.detection import change, detected, lasting, power_ends, wilson, without_spread

BEFORE, AFTER = 12, 36


def normals(name: str, *shape: int) -> np.ndarray:
    entity = np.arange(math.prod(shape))
    u, v = (Draws(3, 0).uniforms(f"{name}.{part}", entity) for part in ("radius", "angle"))
    return (np.sqrt(-2.0 * np.log(u)) * np.cos(2.0 * math.pi * v)).reshape(shape)


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [(0, 10, 0.0, 0.27753), (10, 10, 0.72247, 1.0), (5, 10, 0.23659, 0.76341), (81, 263, 0.25529, 0.36620)],
)
def test_wilson_against_published_values(hits, tries, low, high):
    # Newcombe 1998, Stat. Med. 17, 857-872, table I, for 81 of 263; the others from Wilson's formula.
    found = wilson(hits, tries)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


def test_nothing_tried_is_no_interval():
    assert not wilson(0, 0).known


def test_change_is_a_running_mean_less_the_mean_before():
    months = np.array([[1.0, 3.0, 6.0, 8.0, 1.0]])
    assert change(months, 2) == pytest.approx(np.array([[4.0, 5.0, 3.0]]))


def test_leaving_one_out_is_what_it_says():
    worlds, unchanged = normals("worlds", 6, 2), normals("unchanged", 6, 2)
    for level in (0.05, 0.3):
        found = detected(worlds, unchanged, level)
        for r in range(6):
            others = np.delete(unchanged, r, axis=0)
            t = {0.05: 2.7764451052, 0.3: 1.1895669}[level]  # Student, 4 degrees of freedom
            reach = t * others.std(axis=0, ddof=1) * math.sqrt(1.0 + 1.0 / 5.0)
            assert np.array_equal(found[r], np.abs(worlds[r] - others.mean(axis=0)) > reach)


def false_alarms(test, replications: int, studies: int = 3000) -> float:
    values = normals("null", replications, studies)
    return float(test(values, values).mean())


@pytest.mark.parametrize("replications", [4, 20])
def test_the_level_holds_however_few_the_replications(replications):
    studies = 3000
    error = math.sqrt(0.05 * 0.95 / studies)
    assert false_alarms(detected, replications, studies) == pytest.approx(0.05, abs=3.0 * error)


def test_a_test_that_takes_the_spread_for_known_is_refused():
    def naive(worlds, unchanged):
        return np.abs(worlds - unchanged.mean(axis=0)) > 1.96 * unchanged.std(axis=0)

    def others_but_no_student(worlds, unchanged):
        others = (unchanged.sum(axis=0) - unchanged) / (len(unchanged) - 1)
        return np.abs(worlds - others) > 1.96 * unchanged.std(axis=0)

    error = math.sqrt(0.05 * 0.95 / 3000)
    for broken in (naive, others_but_no_student):
        assert abs(false_alarms(broken, 4) - 0.05) > 5.0 * error


def test_the_power_is_the_one_of_theory():
    # Independent months of unit spread: the change of T months has spread sqrt(1/T + 1/12).
    replications, shift = 1500, 1.1
    without = normals("series", replications, BEFORE + AFTER)
    with_ = normals("other", replications, BEFORE + AFTER)
    with_[:, BEFORE:] += shift
    found = detected(change(with_, BEFORE), change(without, BEFORE)).mean(axis=0)
    for months in (1, 3, 6, 12, 36):
        z = shift / math.sqrt(1.0 / months + 1.0 / BEFORE)
        theory = _normal(z - 1.96) + _normal(-z - 1.96)
        error = math.sqrt(theory * (1.0 - theory) / replications) + 0.01
        assert found[months - 1] == pytest.approx(theory, abs=3.0 * error)


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def coverage(ends, replications: int, shift: float, paired: bool) -> float:
    """Return how often the interval of the share of worlds that stand out holds the true share."""
    from scipy.stats import nct

    studies = 600
    unchanged = normals("unchanged", replications, studies)
    worlds = (unchanged if paired else normals("changed", replications, studies)) + shift
    # The own pair is left out, so a world is independent of those that it is held against.
    others = replications - 1
    z, reach = shift / math.sqrt(1.0 + 1.0 / others), -float(nct.ppf(0.025, others - 1, 0.0))
    true = nct.sf(reach, others - 1, z) + nct.cdf(-reach, others - 1, z)
    low, high = ends(worlds, unchanged)
    return float(((low <= true) & (true <= high)).mean())


def wilson_ends(worlds, unchanged):
    """Take the worlds for independent, though all are held against the same ones."""
    found = [wilson(int(hits), len(worlds)) for hits in detected(worlds, unchanged).sum(axis=0)]
    return np.array([one.low for one in found]), np.array([one.high for one in found])


@pytest.mark.parametrize(
    ("replications", "least", "most_of_wilson"), [(10, 0.86, 0.80), (40, 0.91, 0.82), (100, 0.91, 0.86)]
)
def test_intervals_of_the_power_cover_and_those_of_wilson_alone_are_refused(
    replications, least, most_of_wilson
):
    # 600 studies: a coverage of 91 % is known to 1.2 points.
    for shift in (2.0, 2.5):
        assert coverage(power_ends, replications, shift, paired=False) >= least
        assert coverage(wilson_ends, replications, shift, paired=False) <= most_of_wilson


@pytest.mark.parametrize(("shift", "paired", "least"), [(2.5, True, 0.91), (4.0, False, 0.95)])
def test_intervals_of_the_power_cover_where_worlds_are_paired_or_the_power_is_near_one(shift, paired, least):
    assert coverage(power_ends, 40, shift, paired) >= least


def test_intervals_of_the_power_have_a_width_where_all_or_none_are_seen():
    unchanged = normals("unchanged", 10, 1)
    for shift, low, high in ((1000.0, 0.722, 1.0), (0.0, 0.0, 0.278)):
        ends = power_ends(shift + 0.1 * unchanged, unchanged)
        assert [float(end[0]) for end in ends] == pytest.approx([low, high], abs=1e-3)


def test_a_record_of_which_all_others_are_equal_is_told():
    without = np.zeros((5, 3))
    without[2, 1] = 1.0
    without[2:4, 2] = 1.0
    assert without_spread(without).tolist() == [True, True, False]
    assert not without_spread(normals("unchanged", 5, 2)).any()


def test_what_never_varies_is_seen_when_it_changes_and_only_then():
    without = np.full((5, 1), 7.1)
    assert not detected(without, without).any()
    assert detected(without + 0.1, without).all()


def test_two_replications_are_refused():
    with pytest.raises(ValueError, match="at least 3 are needed"):
        detected(np.zeros((2, 1)), np.zeros((2, 1)))


@pytest.mark.parametrize(
    ("share", "first"),
    [([0.1, 0.9, 0.9], 1), ([0.9, 0.1, 0.9], 2), ([0.9, 0.9], 0), ([0.9, 0.1], 2), ([math.nan, 0.9], 1)],
)
def test_a_power_that_is_lost_again_does_not_last(share, first):
    assert lasting(np.array(share), 0.8) == first
