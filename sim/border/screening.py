"""Screening at a port of entry: layers at primary refer, secondary finds or does not.

The layers stand in ``layers``; here is what they add up to by mode, and the room that secondary has.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from sim.border.layers import Layers
from sim.core.settings import Settings, quantity


class ModeScreening(Settings):
    """Screening of one mode of travel; the two referral shares are those of all layers together."""

    innocent_referral_share: float = quantity(
        "1/1", "share of innocent travellers sent to secondary", ge=0, le=1
    )
    load_referral_share: float = quantity("1/1", "chance that a load is sent to secondary", ge=0, le=1)
    find_share: float = quantity("1/1", "chance that secondary finds a load", ge=0, le=1)
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
    secondary_load: float = quantity(
        "1/1", "share of bay time in use at the hour's expected referrals", gt=0, lt=1
    )
    secondary_space: Literal["unlimited", "limited"]

    def detection_share(self, mode: str) -> float:
        """Return the chance that a load of a mode is found without any lever."""
        screening = self.modes[mode]
        return screening.load_referral_share * screening.find_share


def either(share: float, extra: float) -> float:
    """Return the chance that at least one of two independent referrals happens."""
    return share if extra == 0.0 else 1.0 - (1.0 - share) * (1.0 - extra)
