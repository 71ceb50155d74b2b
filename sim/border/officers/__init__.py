"""Added officers: from heads on board to lane-hours, examinations and outbound teams.

``settings`` says what one officer brings, ``workload`` what the posts have without added officers,
``policies`` in which order hours are used, ``deployment`` how an officer becomes a lane.
"""

from sim.border.officers.deployment import Deployment, deploy, planned_hours
from sim.border.officers.policies import POLICIES
from sim.border.officers.settings import (
    OFFICERS_DIAL,
    OUTBOUND_DIAL,
    AddedOfficers,
    OfficerSettings,
    added_at,
    dials,
)
from sim.border.officers.workload import USES, Workload, workload_of

__all__ = [
    "OFFICERS_DIAL",
    "OUTBOUND_DIAL",
    "POLICIES",
    "USES",
    "AddedOfficers",
    "Deployment",
    "OfficerSettings",
    "Workload",
    "added_at",
    "deploy",
    "dials",
    "planned_hours",
    "workload_of",
]
