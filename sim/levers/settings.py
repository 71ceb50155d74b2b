"""What a lever file holds."""

from __future__ import annotations

from pydantic import Field

from sim.chain.parts.triggers import TriggerSettings
from sim.core.settings import Settings, quantity


class MoveSettings(Settings):
    """What one unit of a lever does to one dial."""

    dial: str
    per_unit: float = quantity("dial/unit", "change of the dial for one unit of the lever")


class LeverSettings(Settings):
    """One initiative: its size is in natural units, zero means absent.

    ``start`` and ``end`` are dates (``YYYY-MM-DD``); without a start the lever begins with the window,
    unless a ``trigger`` starts and ends it. A ``time_limited`` lever, such as a surge, needs an end or a
    trigger. With ``rotation_days`` its moves take turns: every so many days one of them, drawn, carries
    the whole size. Adversaries know at once the truth about what an ``announced`` lever moves.
    """

    title: str
    strategy: str
    unit: str
    size: float
    max_size: float = quantity("unit", "largest size that makes sense", gt=0)
    start: str | None = None
    end: str | None = None
    trigger: TriggerSettings | None = None
    time_limited: bool = False
    rotation_days: int | None = Field(default=None, ge=1)
    announced: bool = False
    lead_time_days: float = quantity("d", "time from the decision until the first effect", ge=0)
    ramp_days: float = quantity("d", "time from the first to the full effect", ge=0)
    attrition_per_year: float = quantity(
        "1/year", "rate at which units on board leave without being replaced", ge=0, default=0.0
    )
    cost_usd_per_unit_year: float = quantity("USD2022/(unit year)", "running cost of one unit", ge=0)
    moves: dict[str, MoveSettings]
