"""Sensors in series by the interface of the user (target T8).

What a sensor alarms on is all that the next one sees. A crossing sends its alarms to secondary, so three
crossings in a row are the series. Within one crossing the layers are a series as well: a later layer is not
asked after an alarm. There the traffic that goes on is what no layer alarms on, so the same sensors are
layers with the complements of both chances.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import hypot, prod

import pytest
from scipy import stats

from sim.border.single.crossing import single_crossing
from sim.border.single.summary import BorderResult, simulate_border
from tests.fixtures.replicated_queue import REFUSED

SENSORS = ((0.95, 0.10), (0.90, 0.05), (0.98, 0.01))
"""Chance of an alarm on what is sought and on the rest."""
LAYERS = ("targeting", "scanner", "officer")
PREVALENCE = 1e-4
STAGES, DETECTED, FALSE_ALARM, PPV = (1.0, 0.100085, 0.005085), 0.8379, 5e-5, 0.6263
RATE_PER_H, LOADS_PER_DAY, DAYS, REPLICATIONS = 700.0, 50.0, 60, 20
ACCEPTED = 3.0
Sensors = Sequence[tuple[float, float]]
Estimated = tuple[float, float]
"""A value and its relative standard error."""
Series = Callable[[Sensors], tuple[list[Estimated], list[Estimated]]]
"""Shares of loads and of others that pass every sensor up to each one."""


def crossing(
    rate_per_h: float, loads_per_day: float, sensors: dict[str, tuple[float, float]], seed: int = 1
) -> BorderResult:
    """Return a crossing with room for all, whose layers see everybody."""
    layers = {
        name: {"coverage": 1, "sensitivity": hit, "false_alarm_prob": false, "seconds": 0}
        for name, (hit, false) in sensors.items()
    }
    return simulate_border(
        single_crossing(
            arrivals_per_h=rate_per_h, lanes=10 + int(rate_per_h / 30), service_s=60, screening=layers,
            secondary={"mean_min": 1, "bays": 10 + int(rate_per_h / 30)},
            loads={"per_day": loads_per_day, "find_prob": 1.0},
            days=DAYS, warmup_days=1, replications=REPLICATIONS, seed=seed,
        )
    )  # fmt: skip


def estimated(result: BorderResult, name: str) -> Estimated:
    """Return an outcome and its relative standard error."""
    value = result[name]
    return value.mean, (value.high - value.low) / 2 / stats.t.ppf(0.975, REPLICATIONS - 1) / value.mean


def cumulated(shares: list[Estimated]) -> list[Estimated]:
    """Return the share that passes every sensor up to each one."""
    firsts = [shares[: i + 1] for i in range(len(shares))]
    return [(prod(mean for mean, _ in some), hypot(*(error for _, error in some))) for some in firsts]


def crossings_in_a_row(sensors: Sensors) -> tuple[list[Estimated], list[Estimated]]:
    """Return the shares of loads and of others that pass every crossing up to each one."""
    rate, per_day, hits, false = RATE_PER_H, LOADS_PER_DAY, [], []
    for seed, sensor in enumerate(sensors):
        result = crossing(rate, per_day, {"officer": sensor}, seed)
        came = estimated(result, "trips_per_day")
        sent = estimated(result, "lawful_referrals_per_day")
        hits.append(estimated(result, "loads_referred_share"))
        false.append((sent[0] / came[0], sent[1]))
        rate, per_day = sent[0] / 24, result["loads_per_day"].mean * hits[-1][0]
    return cumulated(hits), cumulated(false)


def layers_of_a_crossing(
    sensors: Sensors, names: Sequence[str] = LAYERS
) -> tuple[list[Estimated], list[Estimated]]:
    """Return the shares of loads and of others that no layer up to each one has alarmed on."""
    passing = {name: (1 - hit, 1 - false) for name, (hit, false) in zip(names, sensors, strict=True)}
    result = crossing(RATE_PER_H, LOADS_PER_DAY, passing)
    trips, loads = (result[name].mean for name in ("trips_per_day", "loads_per_day"))
    alarmed = accumulate(result[f"{name}.alarmed_share"].mean * loads for name in LAYERS)
    lawful = accumulate(result[f"{name}.lawful_referrals_per_day"].mean for name in LAYERS)
    size = DAYS * REPLICATIONS
    return (
        [(1 - x / loads, (max(x / loads, 1e-9) / (loads - x) / size) ** 0.5) for x in alarmed],
        [(1 - x / trips, (x / trips / (trips - x) / size) ** 0.5) for x in lawful],
    )


def away(found: Estimated, exact: float, tolerance: float) -> float:
    """Return how many standard errors a share lies from theory; they must resolve the tolerance."""
    assert found[1] <= tolerance / 2
    return abs(found[0] / exact - 1) / found[1]


def load_of_stage(hit: float, false: float) -> float:
    """Return the share of all traffic that comes where so much of either kind arrives."""
    return PREVALENCE * hit + (1 - PREVALENCE) * false


def misfit(hits: list[Estimated], false: list[Estimated]) -> float:
    """Return the largest distance from the target in standard errors: load of each stage, and the end."""
    found = [away(hits[-1], DETECTED, 0.01), away(false[-1], FALSE_ALARM, 0.08)]
    for stage, load, rest in zip(STAGES[1:], hits, false, strict=False):
        # The rest is a thousand times as many: its error is that of the load.
        found.append(away((load_of_stage(load[0], rest[0]), rest[1]), stage, 0.02))
    sought = PREVALENCE * hits[-1][0]
    ppv = sought / load_of_stage(hits[-1][0], false[-1][0])
    found.append(away((ppv, (1 - PPV) * hypot(hits[-1][1], false[-1][1])), PPV, 0.03))
    return max(found)


@pytest.mark.parametrize("series", [crossings_in_a_row, layers_of_a_crossing])
def test_series(series: Series) -> None:
    assert misfit(*series(SENSORS)) < ACCEPTED


@pytest.mark.parametrize(
    ("series", "wrong"), [(crossings_in_a_row, (0.93, 0.05)), (layers_of_a_crossing, (0.90, 0.06))]
)
def test_another_sensor_is_refused(series: Series, wrong: tuple[float, float]) -> None:
    assert misfit(*series((SENSORS[0], wrong, SENSORS[2]))) > REFUSED


def test_another_order_is_refused() -> None:
    """The end is the same, but not what the later sensors have to look at."""
    hits, false = layers_of_a_crossing(SENSORS, LAYERS[::-1])
    assert away(hits[-1], DETECTED, 0.01) < ACCEPTED
    assert misfit(hits, false) > REFUSED
