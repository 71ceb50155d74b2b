"""Screening at a port of entry, in its simplest honest form: one referral decision, one find decision.

All layers (targeting, scanner, canine, officer) act together as one chance of referral at primary.
"""

from __future__ import annotations

from sim.core.settings import Settings, quantity


class ModeScreening(Settings):
    """Screening of one mode of travel."""

    innocent_referral_share: float = quantity(
        "1/1", "share of innocent travellers sent to secondary", ge=0, le=1
    )
    load_referral_share: float = quantity("1/1", "chance that a load is sent to secondary", ge=0, le=1)
    find_share: float = quantity("1/1", "chance that secondary finds a load", ge=0, le=1)
    secondary_min: float = quantity("min", "mean time in secondary", gt=0)


class ScreeningSettings(Settings):
    """Screening by mode, and how secondary is manned."""

    modes: dict[str, ModeScreening]
    secondary_shape: float = quantity("1/1", "Erlang shape of the time in secondary", ge=1)
    secondary_load: float = quantity(
        "1/1", "share of bay time in use at the hour's expected referrals", gt=0, lt=1
    )

    def detection_share(self, mode: str) -> float:
        """Return the chance that a load of a mode is found without any lever."""
        screening = self.modes[mode]
        return screening.load_referral_share * screening.find_share


def either(share: float, extra: float) -> float:
    """Return the chance that at least one of two independent referrals happens."""
    return share if extra == 0.0 else 1.0 - (1.0 - share) * (1.0 - extra)
