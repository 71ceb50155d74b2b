"""What one added officer brings, and the dials through which levers add officers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import field_validator, model_validator

from sim.border.crossing import OFFICES
from sim.border.officers.policies import POLICIES
from sim.core.calendar import HOURS_PER_DAY
from sim.core.dials import Dial, DialBoard
from sim.core.errors import unknown
from sim.core.settings import Settings, quantity

OFFICERS_DIAL = "border.officers.added"
OUTBOUND_DIAL = "border.outbound.officer_hours"


class OfficerSettings(Settings):
    """What one added officer brings, and how a policy uses the hours."""

    policy: str
    paid_h_per_year: float = quantity("h/year", "paid hours of one officer a year", gt=0)
    leave_h_per_year: float = quantity("h/year", "leave, holidays and sick days, of the paid hours", ge=0)
    training_h_per_year: float = quantity("h/year", "training, of the paid hours", ge=0)
    indoor_h_per_year: float = quantity("h/year", "musters, reports and court, of the paid hours", ge=0)
    shift_h: float = quantity(
        "h", "hours for which an officer who opens a lane stays at a crossing and mode", ge=1, le=24
    )
    cost_usd_per_year: float = quantity("USD2022/(officer year)", "what one officer costs a year", ge=0)
    primary_share: float = quantity(
        "1/1", "share of the hours for which a policy opens lanes; the rest examine", ge=0, le=1
    )
    officers_per_lane: float = quantity("officer/lane", "officers who keep one lane open", gt=0)
    officers_per_exam: float = quantity("officer/exam", "officers busy with one examination", gt=0)
    lane_reserve: float = quantity(
        "1/1", "lanes beyond the demand of an hour, in square roots of it, that are enough", ge=0
    )
    exam_share_first: float = quantity(
        "1/1", "added share of travellers whom `secondary_first` examines before it opens lanes", ge=0, le=1
    )
    bays_growth_max: float = quantity(
        "1/1", "most bays that a crossing can open, over those that the referrals of today need", ge=1
    )
    outbound_team: float = quantity("officer/team", "officers of one outbound team", gt=0)
    outbound_h_per_day: float = quantity(
        "h/day", "hours a day for which a crossing has work for an outbound team", ge=0, le=24
    )

    @field_validator("policy")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in POLICIES:
            raise ValueError(str(unknown("policy", name, "officers", POLICIES)).removeprefix("officers: "))
        return name

    @field_validator("shift_h")
    @classmethod
    def _divides_the_day(cls, hours: float) -> float:
        if HOURS_PER_DAY % hours:
            raise ValueError("a day must be a whole number of shifts: 1, 2, 3, 4, 6, 8, 12 or 24 hours")
        return hours

    @model_validator(mode="after")
    def _leaves_hours(self) -> Self:
        if self.duty_h_per_year <= 0:
            raise ValueError(
                f"leave, training and indoor duties leave {self.duty_h_per_year:g} of "
                f"{self.paid_h_per_year:g} paid hours; at least some must be left for a post"
            )
        return self

    @property
    def duty_h_per_year(self) -> float:
        """Hours at a post of one officer a year."""
        return (
            self.paid_h_per_year - self.leave_h_per_year - self.training_h_per_year - self.indoor_h_per_year
        )

    @property
    def cost_usd_per_duty_h(self) -> float:
        """Cost of an hour at a post, dollars of 2022: paid hours elsewhere are in it."""
        return self.cost_usd_per_year / self.duty_h_per_year


@dataclass(frozen=True)
class AddedOfficers:
    """What levers add at a time.

    Parameters
    ----------
    anywhere : float
        Officers who stand wherever the work is.
    by_office : tuple of float, one an office of ``OFFICES``
        Officers who stay in their office.
    outbound_h_per_day : float
        Officer-hours a day that levers ask for outbound teams.
    """

    anywhere: float = 0.0
    by_office: tuple[float, ...] = (0.0,) * len(OFFICES)
    outbound_h_per_day: float = 0.0


def office_dial(office: str) -> str:
    """Return the dial of the officers who are added in one office."""
    return f"{OFFICERS_DIAL}.{office}"


def dials(offices: Sequence[str] = OFFICES) -> list[Dial]:
    """Return the dials that officers read."""
    anywhere = Dial(OFFICERS_DIAL, "add", 0.0, 1e6, "officer", "officers added at Southwest ports of entry")
    local = [
        Dial(office_dial(office), "add", 0.0, 1e6, "officer", f"officers added in the office {office}")
        for office in offices
    ]
    outbound = Dial(
        OUTBOUND_DIAL, "add", 0.0, 1e6, "h/day", "hours of added officers asked for outbound teams"
    )
    return [anywhere, *local, outbound]


def added_at(board: DialBoard, time_h: float) -> AddedOfficers:
    """Return what levers add at a time (hours since the start of the run)."""
    return AddedOfficers(
        board.value(OFFICERS_DIAL, 0.0, time_h),
        tuple(board.value(office_dial(office), 0.0, time_h) for office in OFFICES),
        board.value(OUTBOUND_DIAL, 0.0, time_h),
    )
