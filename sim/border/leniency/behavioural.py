"""Rule ``behavioural``: officers work faster the longer the line, without having decided to.

Source of the effect: KC & Terwiesch, "Impact of workload on service time and patient safety",
*Management Science* 55(9), 2009 (service speeds up with load, and quality suffers), and the review of
load effects by Delasay, Ingolfsson, Kolfal & Schultz, *European Journal of Operational Research*
279(3), 2019. The form is ours: constant elasticity, (1 + waiting per open lane) to a negative power.
KC & Terwiesch also find that long overload slows service down again; that is left out.
"""

from __future__ import annotations

import numpy as np

from sim.border.leniency.table import LeniencyTable
from sim.core.settings import Settings, quantity


class BehaviouralSettings(Settings):
    """How strongly the line acts."""

    service_elasticity: float = quantity("1/1", "fall of log service time with log (1 + waiting)", ge=0)
    referral_elasticity: float = quantity("1/1", "fall of log referral with log (1 + waiting)", ge=0)
    step_per_lane: float = quantity("vehicle/lane", "waiting per lane between two steps", gt=0)
    steps: float = quantity("1/1", "steps; the line acts no further beyond the last", ge=1)


def table(settings: BehaviouralSettings) -> LeniencyTable:
    """Return the table of steps; each step has the factor of its lower end."""
    edges = settings.step_per_lane * np.arange(1, int(settings.steps) + 1)
    workload = np.concatenate([[1.0], 1.0 + edges])
    return LeniencyTable(
        edges=edges,
        service_factor=workload**-settings.service_elasticity,
        referral_factor=workload**-settings.referral_elasticity,
    )
