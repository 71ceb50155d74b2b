"""Names that have changed: keys of the configuration, outcomes, columns and Python names, old to new.

A message about an unknown name looks here first (``sim.core.errors``), so that whoever uses a file or a
command of an earlier version reads what to write now.
"""

from __future__ import annotations

from collections.abc import Container
from itertools import product
from types import MappingProxyType

RENAMED = MappingProxyType(
    {
        # Groups and keys of the configuration, and of the file of a single crossing.
        "unqueued": "off_port",
        "detection_share": "detection_prob",
        "enrolled_refusal_share": "enrolled_refusal_prob",
        "false_alarm_share": "false_alarm_prob",
        "find_share": "find_prob",
        "flag_share": "flag_prob",
        "forfeit_share": "forfeit_prob",
        "freeze_share": "freeze_prob",
        "innocent_referral_share": "false_referral_prob",
        "lab_use_share": "lab_utilization",
        "load": "offered_load",
        "load_referral_share": "load_referral_prob",
        "look_share": "look_prob",
        "max_load": "max_utilization",
        "month_max_load": "month_max_utilization",
        "recorded_share": "recorded_prob",
        "referral_share": "referral_prob",
        "refusal_share": "refusal_prob",
        "secondary_load": "secondary_utilization",
        "seizure_share": "seizure_prob",
        "success_share": "success_prob",
        "tip_share": "tip_prob",
        "use_min": "min_utilization",
        # Outcomes.
        "diverted_trips": "reneged_trips",
        "held_lane_hours": "blocked_lane_hours",
        "innocent_referrals": "lawful_referrals",
        "utilisation": "utilization",
        # Outcomes of a single crossing.
        "bay_utilisation": "bay_utilization",
        "diverted_share": "reneged_share",
        "innocents_in_secondary_per_day": "lawful_referrals_per_day",
        "innocents_per_day": "lawful_referrals_per_day",
        "lane_held_share": "lane_blocked_share",
        # Columns of tables that `sim query` reads.
        "diverted": "reneged",
        "diverted_per_h": "reneged_per_h",
        # Names that Python imports.
        "own_border": "single_crossing",
    }
)


def now_called(name: str, allowed: Container[str]) -> str | None:
    """Return the allowed name that an old one has become, None for any other.

    Parameters
    ----------
    name : str
        A name, or a dotted path whose parts are looked up one by one.
    allowed : container of str
        A new name counts only here: ``load`` is still a word of other groups.
    """
    parts = name.split(".")
    for now in product(*([part, RENAMED[part]] if part in RENAMED else [part] for part in parts)):
        path = ".".join(now)
        if path != name and path in allowed:
            return path
    return None
