"""Selection of the best: the promised probability, which procedures without the right variance miss."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.draws import Draws
from sim.stats import ranking
from sim.stats.ranking import kim_nelson, pair_variance

MARGIN, CONFIDENCE, FIRST = 1.0, 0.9, 10
WORLDS, LONG = 500, 400


def normals(world: int, shape: tuple[int, int]) -> np.ndarray:
    rows, columns = np.indices(shape)
    draws = Draws(5, world)
    u, v = (draws.uniforms(name, rows, columns) for name in ("radius", "angle"))
    return np.sqrt(-2.0 * np.log(u)) * np.cos(2.0 * math.pi * v)


def slippage(world: int, spread: float, common: float) -> np.ndarray:
    """Return systems of which the first is one margin better than all others: the hardest case.

    ``common`` is the correlation between systems, -1 for two systems that mirror each other.
    """
    if common < 0:
        one = spread * normals(world, (1, LONG))
        values = np.concatenate([one, -one]) + 0.3 * normals(world + WORLDS, (2, LONG))
    else:
        own = normals(world, (4, LONG))
        values = spread * (math.sqrt(1.0 - common) * own + math.sqrt(common) * own[-1:])[:3]
    values[0] += MARGIN
    return values


def share_right(spread: float, common: float) -> float:
    right = 0
    for world in range(WORLDS):
        found = kim_nelson(slippage(world, spread, common), MARGIN, CONFIDENCE, FIRST)
        # A procedure that was stopped is right when the best is still among the survivors.
        right += 0 in found.alive
    return right / WORLDS


ERROR = math.sqrt(CONFIDENCE * (1.0 - CONFIDENCE) / WORLDS)


@pytest.mark.parametrize(("spread", "common"), [(2.5, 0.0), (3.0, 0.5), (3.0, -1.0)])
def test_the_best_is_chosen_as_often_as_promised(spread, common):
    assert share_right(spread, common) >= CONFIDENCE - ERROR


def test_a_procedure_without_variance_is_refused(monkeypatch):
    monkeypatch.setattr(ranking, "pair_variance", lambda values: np.zeros((len(values),) * 2))
    assert share_right(2.5, 0.0) < CONFIDENCE - 4.0 * ERROR


def test_a_procedure_that_overlooks_correlation_is_refused(monkeypatch):
    def as_if_independent(values):
        own = values.var(axis=1, ddof=1)
        return own[:, None] + own[None, :]

    monkeypatch.setattr(ranking, "pair_variance", as_if_independent)
    assert share_right(3.0, -1.0) < CONFIDENCE - 4.0 * ERROR


def test_draws_in_common_save_replications():
    used = [
        np.mean([kim_nelson(slippage(w, 2.5, common), MARGIN, CONFIDENCE, FIRST).used for w in range(100)])
        for common in (0.0, 0.9)
    ]
    assert used[1] < used[0] / 3.0


def test_variance_of_differences_is_exact():
    values = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    assert pair_variance(values) == pytest.approx(
        np.array([[0.0, 0.0, 4.0], [0.0, 0.0, 4.0], [4.0, 4.0, 0.0]])
    )


def test_values_without_chance_are_ranked_by_the_first_stage():
    values = np.repeat([[1.0], [3.0], [2.0]], 30, axis=1)
    found = kim_nelson(values, MARGIN, CONFIDENCE, FIRST)
    assert (found.alive, found.used, found.decided) == ((1,), FIRST, True)
    assert found.dropped_after.tolist() == [FIRST, 0, FIRST]


def test_equal_systems_end_as_equals():
    values = np.repeat(normals(0, (1, 30)), 2, axis=0)
    found = kim_nelson(values, MARGIN, CONFIDENCE, FIRST)
    assert (found.alive, found.used, found.decided, found.ended) == ((0, 1), FIRST, False, True)


def test_a_budget_that_is_spent_leaves_the_question_open_and_says_how_long_it_may_take():
    values = slippage(3, 6.0, 0.0)
    found = kim_nelson(values[:, : FIRST + 1], MARGIN, CONFIDENCE, FIRST)
    assert not found.ended
    assert found.at_most > FIRST + 1
    longer = np.concatenate([values] * 10, axis=1)
    assert kim_nelson(longer, MARGIN, CONFIDENCE, FIRST).used <= found.at_most


def test_what_follows_a_drop_is_never_looked_at():
    values = slippage(1, 1.0, 0.0)
    whole = kim_nelson(values, MARGIN, CONFIDENCE, FIRST)
    for i, after in enumerate(whole.dropped_after):
        if after:
            values[i, after:] = math.nan
    again = kim_nelson(values, MARGIN, CONFIDENCE, FIRST)
    assert (again.alive, again.used) == (whole.alive, whole.used)


def test_an_incomplete_first_stage_is_refused():
    with pytest.raises(ValueError, match="first stage needs 10"):
        kim_nelson(np.zeros((2, 9)), MARGIN, CONFIDENCE, FIRST)
