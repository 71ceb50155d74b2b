"""Limits of a border with layers, leniency, impatience and a full waiting room, by the user's interface.

The referral shares are those of four layers of screening, as the border of the simulation adds them up.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from sim.border.layers import Screens
from sim.border.single.crossing import single_crossing
from sim.border.single.summary import BorderResult, simulate_border
from tests.unit.border.test_screening import mode

FALSE_ALARM = [0.01, 0.02, 0.01, 0.02]
SENSITIVITY = (0.0, 0.1, 0.3, 0.6, 1.0)
FIND = 0.8
EVERYTHING: dict[str, Any] = {
    "arrivals_per_h": [60.0] * 12 + [150.0] * 12,
    "lanes": 3,
    "service_s": 80,
    "patience_min": 30,
}
LAWFUL = ("trips_per_h", "reneged_per_h", "wait_min", "delayed_share", "queue")
"""Columns that leave loads out. A lane is in use whoever is in it, so ``utilization`` has them."""


def crossing(
    sensitivity: float = 0.3, followed: float = 0.5, per_day: float = 30, **keys: Any
) -> BorderResult:
    """Return a crowded crossing whose layers have one sensitivity, and inspect ``followed`` when quick."""
    screens = Screens(mode([sensitivity] * 4, FALSE_ALARM), "mode")
    scanned = screens.scanned_then
    rule = {"waiting_per_lane": 2.0, "service_factor": 0.7, "referral_factor": followed}
    bays = keys.pop("bays", 2)
    given = EVERYTHING | {
        "days": 10, "warmup_days": 2, "replications": 10,
        "leniency": {"kind": "threshold", "threshold": rule},
        "secondary": {
            "referral_prob": float(screens.false_referral_prob(scanned)),
            "mean_min": 10, "bays": bays, "waiting_room": 1,
        },
        "loads": {
            "per_day": per_day, "find_prob": keys.pop("find_prob", FIND),
            "referral_prob": 1 - math.prod(1 - share for share in screens.alarm_probs(scanned)),
        },
    }  # fmt: skip
    return simulate_border(single_crossing(given | keys))


def same_lawful(one: BorderResult, other: BorderResult) -> bool:
    """Return whether the tables of lawful traffic agree to the last bit."""
    return all(np.array_equal(one.hours[name], other.hours[name], equal_nan=True) for name in LAWFUL)


def test_everything_is_on() -> None:
    """Lines, leniency, reneging and blocked lanes all take part; a limit of a quiet border shows nothing."""
    result, strict = crossing(), crossing(followed=1.0)
    assert result["delayed_share"].low > 0.3
    assert result["reneged_share"].low > 0.01
    assert result["lane_blocked_share"].low > 0.005
    assert result["loads_referred_share"].high < strict["loads_referred_share"].low


def test_detection_from_none_to_all() -> None:
    found = [
        crossing(sensitivity, followed=1.0, find_prob=1.0)["detection_share"] for sensitivity in SENSITIVITY
    ]
    assert found[0].mean == 0.0
    assert found[-1].mean == 1.0
    assert all(less.high < more.low for less, more in pairwise(found[1:-1]))
    # Quick inspection that skips half of the referrals cannot reach the limit, nor can half a search.
    assert crossing(1.0, followed=0.5, find_prob=1.0)["detection_share"].high < 1.0
    assert crossing(1.0, followed=1.0, find_prob=0.5)["detection_share"].high < 1.0


def test_lanes_without_end() -> None:
    waits = [crossing(lanes=lanes)["wait_min"] for lanes in (3, 4, 5, 7)]
    assert all(less.low > more.high for less, more in pairwise(waits))
    many = crossing(lanes=400)
    for name in ("wait_min", "delayed_share", "queue", "reneged_share", "share_over_60"):
        assert many[name].mean == 0.0, name
    # Leniency finds no line, so the layers alone decide.
    shares = Screens(mode([0.3] * 4, FALSE_ALARM), "mode").alarm_probs(0.2)
    alarm = 1 - math.prod(1 - share for share in shares)
    assert many["loads_referred_share"].low < alarm < many["loads_referred_share"].high
    assert crossing()["loads_referred_share"].high < alarm


def test_no_loads() -> None:
    none = crossing(per_day=0)
    assert none["finds_per_day"].mean == none["loads_per_day"].mean == 0.0
    assert math.isnan(none["detection_share"].mean)
    absent = simulate_border(single_crossing(none.border.model_dump(exclude={"loads"}, exclude_none=True)))
    assert same_lawful(none, absent)
    # Loads that need lanes and bays do change a crowded border: the comparison can tell.
    assert not same_lawful(none, crossing(per_day=30))


def test_loads_change_nothing_where_there_is_room_for_all() -> None:
    none, loads = (crossing(per_day=per_day, lanes=400, bays=400) for per_day in (0, 60))
    assert loads["detection_share"].mean > 0
    assert same_lawful(none, loads)
    assert none["lawful_referrals_per_day"] == loads["lawful_referrals_per_day"]


def test_a_secondary_with_room_for_all_holds_nobody() -> None:
    assert crossing(bays=400)["lane_blocked_share"].mean == 0.0
    assert crossing()["lane_blocked_share"].mean > 0.0
