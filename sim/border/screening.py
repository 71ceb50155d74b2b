"""Screening at a port of entry: layers at primary refer, secondary finds or does not.

The layers stand in ``layers``; here is what they add up to by mode, the room that secondary has, and
what levers do to scanning and targeting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import model_validator

from sim.border.crossing import MODES
from sim.border.layers import Layers
from sim.core.dials import Dial, DialBoard
from sim.core.settings import Settings, quantity

SHARE_DIAL, SCANS_DIAL = "border.scanning.share", "border.scanning.scans"
TARGETING_DIAL, CANINE_DIAL = "border.targeting.sensitivity", "border.canine.coverage"


class ModeScreening(Settings):
    """Screening of one mode of travel; the two chances of referral are those of all layers together."""

    false_referral_prob: float = quantity(
        "1/1", "chance that a lawful traveller is sent to secondary", ge=0, le=1
    )
    load_referral_prob: float = quantity("1/1", "chance that a load is sent to secondary", ge=0, le=1)
    find_prob: float = quantity("1/1", "chance that secondary finds a load", ge=0, le=1)
    secondary_min: float = quantity("min", "mean time in secondary", gt=0)
    waiting_places: float = quantity(
        "vehicle", "room before the bays of a crossing, where space is limited", ge=0
    )
    layers: Layers
    scan_target_share: float = quantity("1/1", "share of traffic that is to be scanned now", ge=0, le=1)
    scans_per_lane_h: float = quantity(
        "scan/(lane h)", "scans that the scanners of a crossing can do in an hour, per physical lane", ge=0
    )

    @model_validator(mode="after")
    def _scanners_exist(self) -> ModeScreening:
        if self.scan_target_share > 0.0 and self.scans_per_lane_h == 0.0:
            raise ValueError("scan_target_share above 0 needs scans_per_lane_h above 0")
        return self


class ScreeningSettings(Settings):
    """Screening by mode, and how secondary is manned."""

    modes: dict[str, ModeScreening]
    secondary_shape: float = quantity("1/1", "Erlang shape of the time in secondary", ge=1, multiple_of=1)
    secondary_utilization: float = quantity(
        "1/1", "share of bay time in use at the hour's expected referrals", gt=0, lt=1
    )
    secondary_space: Literal["unlimited", "limited"]

    def detection_prob(self, mode: str) -> float:
        """Return the chance that a load of a mode is found without any lever."""
        screening = self.modes[mode]
        return screening.load_referral_prob * screening.find_prob


def either(share: float, extra: float) -> float:
    """Return the chance that at least one of two independent referrals happens."""
    return share if extra == 0.0 else 1.0 - (1.0 - share) * (1.0 - extra)


@dataclass(frozen=True)
class ScreeningEffort:
    """What levers do to screening at a time, against settings without levers.

    Parameters
    ----------
    share : tuple of float, one a mode of ``MODES``
        Factor of the share to be scanned.
    scans : float
        Factor of the scans that scanners can do.
    targeting : float
        Factor of the sensitivity of targeting alerts.
    canine : float
        Factor of the share of traffic that canine teams see.
    """

    share: tuple[float, ...] = (1.0,) * len(MODES)
    scans: float = 1.0
    targeting: float = 1.0
    canine: float = 1.0


def screening_dials() -> list[Dial]:
    """Return the dials that screening reads: factors, 1 without levers."""
    by_mode = [
        Dial(f"{SHARE_DIAL}.{mode}", "multiply", 0.0, 1e6, "1/1", f"share to be scanned, mode {mode}")
        for mode in MODES
    ]
    return [
        Dial(SHARE_DIAL, "multiply", 0.0, 1e6, "1/1", "share to be scanned, every mode"),
        *by_mode,
        Dial(SCANS_DIAL, "multiply", 0.0, 1e6, "1/1", "scans that the scanners of a crossing can do"),
        Dial(TARGETING_DIAL, "multiply", 0.0, 1e6, "1/1", "sensitivity of targeting alerts"),
        Dial(CANINE_DIAL, "multiply", 0.0, 1e6, "1/1", "share of traffic that canine teams see"),
    ]


def effort_at(board: DialBoard, time_h: float) -> ScreeningEffort:
    """Return what levers do to screening at a time (hours since the start of the run)."""
    every = board.value(SHARE_DIAL, 1.0, time_h)
    return ScreeningEffort(
        tuple(every * board.value(f"{SHARE_DIAL}.{mode}", 1.0, time_h) for mode in MODES),
        board.value(SCANS_DIAL, 1.0, time_h),
        board.value(TARGETING_DIAL, 1.0, time_h),
        board.value(CANINE_DIAL, 1.0, time_h),
    )
