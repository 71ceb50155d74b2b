"""Arrivals at a rate that levers may move: raids, takedowns, leads from outside, lots of firearms.

What comes without levers keeps its times whatever levers do: a lever that lowers the rate thins these
arrivals, one that raises it adds others, thinned from the most that levers could add.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

from sim.chain.parts.context import StationContext
from sim.core.calendar import HOURS_PER_YEAR
from sim.core.draws import siblings, word


@dataclass(frozen=True)
class Stream:
    """A Poisson stream.

    Parameters
    ----------
    kind : str
        What arrives.
    decision : str
        Owner of the draws of gaps and thinning.
    per_year : float
        Rate without levers, 1/year.
    dial : str
        Dial of the rate; empty when nothing moves it.
    parent : int
        Parent of the entities that arrive.
    share : float
        Share of the stream that arrives here.
    """

    kind: str
    decision: str
    per_year: float
    dial: str = ""
    parent: int = 0
    share: float = 1.0


def start_arrivals(context: StationContext, stream: Stream, arrive: Callable[[int], None]) -> None:
    """Call ``arrive(entity)`` at the times of a stream, from now on."""
    planned = stream.per_year

    def rate_now() -> float:
        return context.dials.value(stream.dial, planned, context.env.now)

    if not stream.dial:
        context.env.process(_arrive(context, stream, None, arrive))
        return
    context.env.process(_arrive(context, stream, lambda: rate_now() / planned, arrive))
    added = context.dials.most(stream.dial, planned) - planned
    more = replace(stream, kind=f"added {stream.kind}", per_year=added)
    context.env.process(_arrive(context, more, lambda: (rate_now() - planned) / added, arrive))


def _arrive(
    context: StationContext,
    stream: Stream,
    share_now: Callable[[], float] | None,
    arrive: Callable[[int], None],
) -> Generator[Any, Any, None]:
    """Arrive at the rate of a stream, thinned to the share of now."""
    per_h = stream.per_year * stream.share / HOURS_PER_YEAR
    family, ordinal = siblings(stream.parent, stream.kind), 0
    while per_h > 0.0:
        entity = word(family, ordinal)
        yield context.env.timeout(context.draws.exponential(stream.decision, entity) / per_h)
        if share_now is None or context.happens(f"{stream.decision}.stays", entity, share_now()):
            arrive(entity)
        ordinal += 1
