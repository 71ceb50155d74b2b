"""Added officers: from heads on board to lane-hours, examinations and outbound teams.

``settings`` says what one officer brings, ``policies`` in which order the hours are used, ``placement``
how far each use takes them, ``deployment`` puts all pools of officers in their places.
"""

from sim.border.officers.deployment import Deployment, deploy, planned_hours
from sim.border.officers.policies import POLICIES
from sim.border.officers.settings import OFFICERS_DIAL, OUTBOUND_DIAL, Added, OfficerSettings, added_at, dials
from sim.border.officers.workload import USES, Workload, workload_of

__all__ = [
    "OFFICERS_DIAL",
    "OUTBOUND_DIAL",
    "POLICIES",
    "USES",
    "Added",
    "Deployment",
    "OfficerSettings",
    "Workload",
    "added_at",
    "deploy",
    "dials",
    "planned_hours",
    "workload_of",
]
