"""Rule ``threshold``: two levels of service, and the quick one as long as the line is above a threshold.

Source of the structure: Chan, Yom-Tov & Escobar, "When to use speedup", *Operations Research* 62(2),
2014, where a service station speeds up above a threshold and pays later for what it skipped. Zhang,
Luh & Wang, "Modeling security-check queues", *Management Science* 57(11), 2011, is the same trade at a
border: less is found when the line is kept short.
"""

from __future__ import annotations

import numpy as np

from sim.border.leniency.table import LeniencyTable
from sim.core.settings import Settings, quantity


class ThresholdSettings(Settings):
    """When the quick service begins, and what it leaves out."""

    waiting_per_lane: float = quantity(
        "vehicle/lane", "waiting vehicles per open lane above which service is quick", ge=0
    )
    service_factor: float = quantity("1/1", "time of quick service over that of full service", gt=0)
    referral_factor: float = quantity("1/1", "share of referrals still made in quick service", ge=0, le=1)


def table(settings: ThresholdSettings) -> LeniencyTable:
    """Return the table of two levels."""
    return LeniencyTable(
        edges=np.array([settings.waiting_per_lane]),
        service_factor=np.array([1.0, settings.service_factor]),
        referral_factor=np.array([1.0, settings.referral_factor]),
    )
