"""Wrong inputs of the border queue: one line that says what, where and what is allowed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.border.network import BorderQueue, HourInput, QueueSettings, Tracked
from sim.core.draws import Draws, compiled_available
from sim.core.errors import TableError

ENGINES = [False, *([True] if compiled_available() else [])]
SETTINGS: dict[str, Any] = {
    "secondary_of": [0, 0],
    "lanes_max": [3, 5],
    "service_shape": [1, 4],
    "patience_h": [0.5, np.inf],
    "bays_max": [2],
    "secondary_shape": [2],
    "hour_of_week": np.arange(48) % 168,
    "month_of_hour": np.zeros(48, dtype=int),
    "n_months": 1,
}
HOUR: dict[str, Any] = {
    "rate_per_h": [10.0, 20.0],
    "service_h": [0.1, 0.1],
    "lanes": [3, 5],
    "referral_prob": [0.1, 0.1],
    "secondary_h": [0.5],
    "bays": [2],
}
TRACKED: dict[str, Any] = {
    "group": [1, 0],
    "arrival_h": [0.5, 0.25],
    "key": [7, 8],
    "referral_prob": [0.0, 1.0],
    "token": [70, 80],
}


def arrays(values: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {k: v if np.isscalar(v) else np.asarray(v) for k, v in {**values, **change}.items()}


def border(compiled: bool | None = None) -> BorderQueue:
    return BorderQueue(QueueSettings(**arrays(SETTINGS)), Draws(1, 0), compiled=compiled)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lanes_max": [3, -1]}, "lanes_max[1]: must be a whole number >= 0, not -1"),
        ({"lanes_max": [3.0, 5.0]}, "lanes_max: each must be a whole number >= 0, not of type float64"),
        ({"service_shape": [1, 17]}, "service_shape[1]: must be a whole number from 1 to 16, not 17"),
        ({"service_shape": [1]}, "service_shape: must have shape (2,), not (1,)"),
        ({"service_scv": 0.5}, "service_scv[0]: must be a finite number from 1 to 100, not 0.5"),
        ({"service_scv": [1.0, 4.0]},
         "service_shape[1]: must be 1 where the squared coefficient of variation is above 1, not 4"),
        ({"secondary_scv": [2.0, 2.0]}, "secondary_scv: must have shape (1,), not (2,)"),
        ({"patience_h": [0.0, 1.0]}, "patience_h[0]: must be a number > 0, not 0.0"),
        ({"patience_h": [np.nan, 1.0]}, "patience_h[0]: must be a number > 0, not nan"),
        ({"secondary_of": [0, 1]}, "secondary_of[1]: must be a whole number from 0 to 0, not 1"),
        ({"bays_max": [-2]}, "bays_max[0]: must be a whole number >= 0, not -2"),
        ({"n_months": 0}, "month_of_hour[0]: must be a whole number from -1 to -1, not 0"),
        ({"hour_of_week": np.arange(48) + 168},
         "hour_of_week[0]: must be a whole number from 0 to 167, not 168"),
        ({"entity": np.array([1, 2, 3])}, "entity: must have shape (2,), not (3,)"),
    ],
)  # fmt: skip
def test_settings(change: dict[str, Any], message: str) -> None:
    with pytest.raises(TableError) as error:
        QueueSettings(**arrays(SETTINGS, **change))
    assert str(error.value) == f"border: {message}"


@pytest.mark.parametrize("compiled", ENGINES)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lanes": [-1, 5]}, "lanes[0]: must be a whole number >= 0, not -1"),
        ({"lanes": [3, 6]}, "lanes[1]: must be <= 5, not 6"),
        ({"lanes": [2.5, 5]}, "lanes: each must be a whole number >= 0, not of type float64"),
        ({"bays": [3]}, "bays[0]: must be <= 2, not 3"),
        ({"rate_per_h": [-1.0, 0.0]}, "rate_per_h[0]: must be a finite number >= 0, not -1.0"),
        ({"rate_per_h": [np.inf, 0.0]}, "rate_per_h[0]: must be a finite number >= 0, not inf"),
        ({"service_h": [0.1, np.nan]}, "service_h[1]: must be a finite number > 0, not nan"),
        ({"service_h": [0.0, 0.1]}, "service_h[0]: must be a finite number > 0, not 0.0"),
        ({"secondary_h": [0.0]}, "secondary_h[0]: must be a finite number > 0, not 0.0"),
        ({"referral_prob": [0.1, 1.1]},
         "referral_prob[1]: must be a finite number from 0 to 1, not 1.1"),
        ({"referral_prob": [np.nan, 0.1]},
         "referral_prob[0]: must be a finite number from 0 to 1, not nan"),
        ({"lanes": [3]}, "lanes: must have shape (2,), not (1,)"),
    ],
)  # fmt: skip
def test_hour(compiled: bool, change: dict[str, Any], message: str) -> None:
    queue = border(compiled)
    with pytest.raises(TableError) as error:
        queue.advance(0, HourInput(**arrays(HOUR, **change)), Tracked(**arrays(TRACKED)))
    assert str(error.value) == f"border hour 0: {message}"
    # The hour can be given again, as if nothing had happened.
    queue.advance(0, HourInput(**arrays(HOUR)), Tracked(**arrays(TRACKED)))
    other = border(compiled)
    other.advance(0, HourInput(**arrays(HOUR)), Tracked(**arrays(TRACKED)))
    assert queue.totals().month.tolist() == other.totals().month.tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"group": [2, 0]}, "group[0]: must be a whole number from 0 to 1, not 2"),
        ({"arrival_h": [0.5, 1.0]}, "arrival_h[1]: must be a finite number from 0 to 1, not 1.0"),
        ({"arrival_h": [-0.1, 0.5]}, "arrival_h[0]: must be a finite number from 0 to 1, not -0.1"),
        ({"referral_prob": [2.0, 0.0]},
         "referral_prob[0]: must be a finite number from 0 to 1, not 2.0"),
        ({"key": [7]}, "key: must have shape (2,), not (1,)"),
        ({"token": [0.5, 1.0]}, "token: each must be a whole number >= -inf, not of type float64"),
    ],
)  # fmt: skip
def test_tracked(change: dict[str, Any], message: str) -> None:
    with pytest.raises(TableError) as error:
        border().advance(0, HourInput(**arrays(HOUR)), Tracked(**arrays(TRACKED, **change)))
    assert str(error.value) == f"border hour 0: tracked {message}"


def test_hours_follow_each_other() -> None:
    queue = border()
    with pytest.raises(ValueError, match="hour 1: the next one is 0 of 48"):
        queue.advance(1, HourInput(**arrays(HOUR)))
    for hour in range(48):
        queue.advance(hour, HourInput(**arrays(HOUR)))
    with pytest.raises(ValueError, match="hour 48: the next one is 48 of 48"):
        queue.advance(48, HourInput(**arrays(HOUR)))
