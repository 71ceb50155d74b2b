"""The inspection game by fictitious play: the best response of ``worst_case`` against one of its kind.

A smuggler gains b unseen and loses c when found; an inspector pays e an inspection, finds with chance
beta and spares a damage f. In the mixed equilibrium the share inspected is ``b / ((b + c) beta)`` and the
share that smuggles ``e / (beta f)`` (Avenhaus, von Stengel and Zamir 2002, Handbook of Game Theory 3,
chapter 51). Time averages of fictitious play converge to it in every 2 x 2 game (Miyasawa 1961).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from sim.adversary.worst_case import best_response

ROUNDS = 100_000
TOLERANCE = 0.01
Answer = Callable[[Sequence[float]], float]
GAMES = [((1.0, 9.0, 0.02, 1.0, 0.8), 0.125, 0.025), ((1.0, 4.0, 0.1, 2.0, 0.9), 0.2222, 0.0556)]


def first_share(payoffs: Sequence[float]) -> float:
    return best_response(payoffs, [0.5, 0.5], ceiling=2.0)[0]


def fictitious_play(game: tuple[float, ...], answer: Answer = first_share) -> tuple[float, float]:
    """Return the mean shares inspected and smuggled; each side answers the other's past."""
    b, c, e, f, beta = game
    inspected = smuggled = 0.5
    for n in range(1, ROUNDS + 1):
        smuggles = answer([b - (b + c) * beta * inspected, 0.0])
        inspects = first_share([beta * f * smuggled - e, 0.0])
        smuggled += (smuggles - smuggled) / (n + 1)
        inspected += (inspects - inspected) / (n + 1)
    return inspected, smuggled


@pytest.mark.parametrize(("game", "inspected", "smuggled"), GAMES)
def test_time_averages_converge(game: tuple[float, ...], inspected: float, smuggled: float) -> None:
    b, c, e, f, beta = game
    assert b / ((b + c) * beta) == pytest.approx(inspected, abs=5e-5)
    assert e / (beta * f) == pytest.approx(smuggled, abs=5e-5)
    assert fictitious_play(game) == (
        pytest.approx(inspected, abs=TOLERANCE), pytest.approx(smuggled, abs=TOLERANCE),
    )  # fmt: skip


def test_a_smuggler_who_answers_the_wrong_way_never_gets_there() -> None:
    game, inspected, smuggled = GAMES[0]
    wrong = fictitious_play(game, lambda payoffs: first_share(payoffs[::-1]))
    assert abs(wrong[0] - inspected) > TOLERANCE or abs(wrong[1] - smuggled) > TOLERANCE
