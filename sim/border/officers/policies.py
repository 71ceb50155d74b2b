"""Policies: in which order the hours of added officers are used. One policy, one pure function.

A policy returns *steps*. Each step takes hours from the pool for one use until the step's hours or its
level is reached, or nothing is left to fill; what it leaves goes to the next step, and to nobody (idle) after
the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from math import inf
from types import MappingProxyType
from typing import Protocol


class OfficerTask(Enum):
    """What a step does with hours."""

    LANES_BY_WORK = "lanes in proportion to the work of a crossing and hour"
    LANES_BY_NEED = "lanes where the reserve over the demand of the hour is smallest"
    EXAMINE = "examine the same added share of everyone"
    OUTBOUND = "man outbound teams"


@dataclass(frozen=True)
class Step:
    """One use of hours.

    Parameters
    ----------
    task : OfficerTask
    hours : float
        Most officer-hours a day.
    upto : float
        Level at which the step stops: added share examined, or reserve of lanes.
    """

    task: OfficerTask
    hours: float = inf
    upto: float = inf


class PolicySettings(Protocol):
    """The settings that policies read."""

    @property
    def primary_share(self) -> float: ...  # noqa: D102
    @property
    def lane_reserve(self) -> float: ...  # noqa: D102
    @property
    def exam_share_first(self) -> float: ...  # noqa: D102


Policy = Callable[[float, float, PolicySettings], tuple[Step, ...]]
"""``(hours a day, hours a day that outbound teams can still take, settings) -> steps``."""


def proportional(hours: float, outbound_spare_h: float, settings: PolicySettings) -> tuple[Step, ...]:
    """Give a fixed share to lanes, in proportion to the work; the rest examines."""
    return Step(OfficerTask.LANES_BY_WORK, hours * settings.primary_share), Step(OfficerTask.EXAMINE)


def peak_wait(hours: float, outbound_spare_h: float, settings: PolicySettings) -> tuple[Step, ...]:
    """Open lanes at the hours that need them most until every hour has its reserve; the rest examines."""
    return Step(OfficerTask.LANES_BY_NEED, upto=settings.lane_reserve), Step(OfficerTask.EXAMINE)


def secondary_first(hours: float, outbound_spare_h: float, settings: PolicySettings) -> tuple[Step, ...]:
    """Examine an added share of everyone first; then open lanes in proportion to the work; then examine."""
    return (
        Step(OfficerTask.EXAMINE, upto=settings.exam_share_first),
        Step(OfficerTask.LANES_BY_WORK),
        Step(OfficerTask.EXAMINE),
    )


def outbound_first(hours: float, outbound_spare_h: float, settings: PolicySettings) -> tuple[Step, ...]:
    """Man outbound teams at every crossing first; the rest as in ``proportional``."""
    left = max(0.0, hours - outbound_spare_h)
    return Step(OfficerTask.OUTBOUND), *proportional(left, 0.0, settings)


POLICIES = MappingProxyType(
    {
        "proportional": proportional,
        "peak_wait": peak_wait,
        "secondary_first": secondary_first,
        "outbound_first": outbound_first,
    }
)
