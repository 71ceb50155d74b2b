"""Rule ``optimal``: how deep to look is decided anew for each vehicle, against the cost of those who wait.

Source of the structure: Alizamir, de Vericourt & Sun, "Diagnostic accuracy under congestion",
*Management Science* 59(1), 2013: a server that may run one more test on each customer should run
fewer the longer the line. Here a service consists of a base time and up to ``tests`` looks; each finds
what the ones before have missed with the same chance. Exponential services, Poisson arrivals to one
lane, long-run average of value found less waiting cost. The semi-Markov decision process is solved by
policy iteration (Puterman 1994, section 11.4), so the depth is optimal for this lane, not a guess.
Crossings pool their lanes: for them it is a rule of thumb, exact for one lane only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.border.leniency.table import LeniencyTable
from sim.core.settings import Settings, quantity

Floats = NDArray[np.float64]
MARGIN = 4
"""Lines are followed to so many times the length that is asked for."""


class OptimalSettings(Settings):
    """What an officer weighs; times are in full services."""

    tests: float = quantity("1/1", "looks of a full service", ge=1)
    base_share: float = quantity("1/1", "share of a full service that no rule can skip", gt=0, lt=1)
    look_prob: float = quantity(
        "1/1", "chance that one look finds what the ones before have missed", gt=0, lt=1
    )
    offered_load: float = quantity("1/1", "arrivals in the time of a full service, per lane", gt=0)
    waiting_cost: float = quantity(
        "1/1",
        "cost of one vehicle that waits for the time of a full service, over the worth of a full look",
        ge=0,
    )
    longest_per_lane: float = quantity("vehicle/lane", "waiting per lane beyond which depth stays", ge=1)


def menu(settings: OptimalSettings) -> tuple[Floats, Floats]:
    """Return the time and the share found of 0, 1, ... looks, both over those of a full service."""
    looks = np.arange(int(settings.tests) + 1)
    time = settings.base_share + (1.0 - settings.base_share) * looks / looks[-1]
    found = 1.0 - (1.0 - settings.look_prob) ** looks
    return time, found / found[-1]


def depths(settings: OptimalSettings) -> NDArray[np.int64]:
    """Return the best number of looks for 0, 1, ... waiting.

    Returns
    -------
    ndarray of int64, shape (longest_per_lane + 1,)
    """
    time, found = menu(settings)
    wanted = int(settings.longest_per_lane) + 1
    # Lines are cut at some length, which bends the choices near it: solve further than needed.
    waiting = np.arange(MARGIN * wanted)
    states = len(waiting)
    # Worth of one service: what is found, less the cost of those who wait and of those who join them.
    # An exponential service of mean t is joined by load x t, who wait t on average: load x t squared.
    gain = found - settings.waiting_cost * (waiting[:, None] * time + settings.offered_load * time**2)
    moves = np.stack([_moves(settings.offered_load, t, states) for t in time])
    # After a service that leaves nobody the lane is idle until the next arrival.
    empty_prob = 1.0 / (1.0 + settings.offered_load * time)
    spell = np.broadcast_to(time, gain.shape).copy()
    spell[0] += empty_prob / settings.offered_load
    depth = np.full(states, len(time) - 1)
    while True:
        here = np.arange(states)
        # Relative worth h and average rate a: h = gain - a spell + moves h, with h of nobody waiting 0.
        system = np.eye(states) - moves[depth, here]
        system[:, 0] = spell[here, depth]
        solved = np.linalg.solve(system, gain[here, depth])
        rate, worth = solved[0], np.concatenate([[0.0], solved[1:]])
        value = gain - rate * spell + (moves @ worth).T
        # A choice changes only for a real gain: rounding must not make the search go round.
        better = value.max(axis=1) > value[here, depth] + np.sqrt(np.finfo(float).eps)
        if not better.any():
            return depth[:wanted]
        depth = np.where(better, value.argmax(axis=1), depth)


def _moves(offered_load: float, time: float, states: int) -> Floats:
    """Return the chances of how many wait when the next service starts, by how many wait now."""
    joins = offered_load * time / (1.0 + offered_load * time)  # one more arrival before the service ends
    number = np.arange(states + 1)
    chance = (1.0 - joins) * joins**number
    out = np.zeros((states, states))
    for waiting in range(states):
        # The first of the line starts. With nobody left, the next arrival starts and leaves nobody.
        after = np.minimum(np.maximum(waiting + number - 1, 0), states - 1)
        np.add.at(out[waiting], after, chance)
        out[waiting, -1] += 1.0 - chance.sum()
    return out


def table(settings: OptimalSettings) -> LeniencyTable:
    """Return the levels of depth, each from the first line at which it is best."""
    time, found = menu(settings)
    depth = np.minimum.accumulate(depths(settings))
    first = np.flatnonzero(np.diff(depth)) + 1
    chosen = depth[np.concatenate([[0], first])]
    return LeniencyTable(
        # More waiting than one vehicle less than the first line at which it is best.
        edges=first - 1.0,
        service_factor=time[chosen],
        referral_factor=found[chosen],
    )
