"""The published targets through the interface of the user: ``single_crossing`` and ``simulate_border``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim.border.single.crossing import single_crossing
from sim.border.single.replications import replicate
from sim.border.single.summary import BorderResult, simulate_border
from sim.core import draws
from sim.core.draws import entity_id
from tests.fixtures.lone_station import empty_context
from tests.fixtures.replicated_queue import REFUSED
from tests.oracle.test_queue_leniency import DETECTION, TARGET, HeldLanes
from tests.oracle.test_queue_theory import PRIMARY, erlang_c
from tests.oracle.test_queue_time_varying import by_hour, feldman, forward, jennings

WEEK_H, DAY_H = 168, 24


def simulated(**keys: Any) -> BorderResult:
    return simulate_border(single_crossing(keys, **{"warmup_days": 2, "replications": 20} | keys))


def away(result: BorderResult, name: str, exact: float, tolerance: float) -> float:
    """Return how many standard errors an outcome lies from theory; they must resolve the tolerance."""
    value = result[name]
    error = (value.high - value.low) / 2 / stats.t.ppf(0.975, result.border.replications - 1)
    assert error <= tolerance * exact / 2, f"{name}: {error / exact:.2%} cannot resolve {tolerance:.0%}"
    return float(abs(value.mean - exact) / error)


def near(result: BorderResult, name: str, exact: float, tolerance: float) -> bool:
    """Return whether an outcome agrees with theory, within a relative tolerance that it can resolve."""
    close = abs(result[name].mean / exact - 1) < tolerance
    return away(result, name, exact, tolerance) < REFUSED and bool(close)


@pytest.mark.parametrize(("row", "days"), [(0, 200), (1, 30), (2, 60), (3, 30)])
def test_m_m_c(row: int, days: int) -> None:
    rate, lanes, _, _, tolerance, wait_s = PRIMARY[row]
    result = simulated(arrivals_per_h=rate, lanes=lanes, service_s=45, days=days)
    assert near(result, "wait_min", wait_s / 60, tolerance)
    assert near(result, "delayed_share", erlang_c(rate / 80, lanes), tolerance)
    assert near(result, "queue", rate * wait_s / 3600, 2 * tolerance)
    slow = simulated(arrivals_per_h=rate, lanes=lanes, service_s=45 * 1.02, days=days)
    assert away(slow, "wait_min", wait_s / 60, 1.0) > REFUSED


M_G_1 = {1.0: 5.25, 0.25: 3.28125, 4.0: 13.125}
"""Mean wait in minutes by squared coefficient of variation of the service."""


def one_lane(**keys: Any) -> BorderResult:
    return simulated(**{"arrivals_per_h": 70, "lanes": 1, "service_s": 45, "days": 200} | keys)


@pytest.mark.parametrize("scv", M_G_1)
def test_m_g_1(scv: float) -> None:
    rho, wait_min = 0.875, M_G_1[scv]
    # Pollaczek-Khinchine; who comes waits where the lane is busy, whatever the law of the service.
    assert wait_min == pytest.approx(rho * 0.75 * (1 + scv) / (2 * (1 - rho)))
    result = one_lane(service_scv=scv)
    assert near(result, "wait_min", wait_min, 0.03)
    assert near(result, "delayed_share", rho, 0.01)
    assert max(away(result, "wait_min", wait_min, 0.03), away(result, "delayed_share", rho, 0.01)) < 3
    for other in set(M_G_1) - {scv}:
        assert away(one_lane(service_scv=other, days=40), "wait_min", wait_min, 1.0) > REFUSED


def test_m_g_1_refuses_an_erlang_law_in_place_and_an_unbalanced_phase(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait_min = M_G_1[4.0]
    assert away(one_lane(service_shape=4), "wait_min", wait_min, 1.0) > REFUSED
    assert away(one_lane(service_scv=4.4), "wait_min", wait_min, 1.0) > REFUSED
    # A long phase that is 5 % longer: seen by the share that waits as well. Compiled code takes no patch.
    monkeypatch.setenv("CHOKEPOINT_COMPILE", "0")
    balanced = draws.phase_mean
    monkeypatch.setattr(draws, "phase_mean", lambda u, p: balanced(u, p) * np.where(u < p, 1.0, 1.05))
    unbalanced = one_lane(service_scv=4.0, days=30)
    assert away(unbalanced, "wait_min", wait_min, 1.0) > REFUSED
    assert away(unbalanced, "delayed_share", 0.875, 1.0) > REFUSED


def test_one_key_says_both_laws() -> None:
    """The squared coefficient 1/k is the Erlang law of shape k, bit for bit, in primary and in secondary."""
    keys = {"arrivals_per_h": 300, "lanes": 5, "service_s": 45, "days": 5}
    secondary = {"referral_prob": 0.1, "mean_min": 10, "bays": 8}
    one = simulated(**keys, service_shape=3, secondary={**secondary, "shape": 2})
    other = simulated(**keys, service_scv=0.333, secondary={**secondary, "scv": 0.5})
    # As text: nan differs from itself where data classes are compared field by field (Python 3.13).
    assert repr(one.outcomes) == repr(other.outcomes)
    wild = simulated(**keys, service_scv=3, secondary={**secondary, "scv": 5})
    assert wild["wait_min"].low > one["wait_min"].high
    assert wild["secondary_wait_min"].low > one["secondary_wait_min"].high


def test_tandem() -> None:
    def tandem(mean_min: float) -> BorderResult:
        secondary = {"referral_prob": 0.04, "mean_min": mean_min, "bays": 18}
        return simulated(arrivals_per_h=720, lanes=10, service_s=45, days=160, secondary=secondary)

    result = tandem(30)
    assert near(result, "secondary_wait_min", 2.325, 0.05)
    assert near(result, "secondary_delayed_share", 0.27896, 0.03)
    assert near(result, "bay_utilization", 0.8, 0.01)
    assert near(result, "lawful_referrals_per_day", 28.8 * DAY_H, 0.01)
    # Little: the line of secondary is who comes times how long they wait.
    line = result["lawful_referrals_per_day"].mean / DAY_H * result["secondary_wait_min"].mean / 60
    assert line == pytest.approx(1.11584, rel=0.05)
    slow = tandem(30.6)
    assert away(slow, "secondary_wait_min", 2.325, 0.1) > REFUSED
    assert away(slow, "secondary_delayed_share", 0.27896, 0.1) > REFUSED


@pytest.mark.parametrize("target", [0.10, 0.25])
def test_lanes_that_follow_the_arrivals(target: float) -> None:
    """The examples of Jennings et al. 1996 in a day of 24 h; servers finish their vehicle."""
    rates, servers, unit_h = jennings(DAY_H, target)
    delay, line = forward(False, DAY_H, target)

    def day(service_h: float) -> BorderResult:
        return simulated(
            arrivals_per_h=rates.tolist(), lanes=servers.tolist(), service_s=service_h * 3600,
            warmup_days=14, days=100, replications=1600,
        )  # fmt: skip

    result = day(unit_h)
    assert near(result, "delayed_share", delay, 0.03)
    assert near(result, "queue", line, 0.04)
    for name, exact in zip(("delayed_share", "queue"), by_hour(False, DAY_H, target), strict=True):
        found, low, high = (result.hours[f"{name}{end}"] for end in ("", "_low", "_high"))
        assert np.max(np.abs(found - exact) / (high - low)) < REFUSED / 4, "by hour; an interval is 4 errors"
    assert away(day(1.02 * unit_h), "delayed_share", delay, 0.1) > REFUSED


@pytest.mark.parametrize(
    ("beta", "tolerance", "of_reneged", "copies"),
    [(0.0, 0.02, 0.02, 600), (1.0, 0.02, 0.02, 2200), (2.0, 0.08, 0.09, 600)],
)
def test_drivers_who_turn_away(beta: float, tolerance: float, of_reneged: float, copies: int) -> None:
    """The example of Feldman et al. 2008 in a week; its shares are of arrivals, ours of trips."""
    station, delay, reneged = feldman(beta, cycles=1, cycle_h=WEEK_H)

    def week(patience: float) -> BorderResult:
        return simulated(
            arrivals_per_h=station.rate_per_h.tolist(), lanes=station.lanes.tolist(),
            service_s=station.service_h * 3600, patience_min=patience * station.patience_h * 60,
            warmup_days=14, days=70, replications=copies,
        )  # fmt: skip

    result, of_trips = week(1.0), (delay - reneged) / (1 - reneged)
    assert near(result, "delayed_share", of_trips, tolerance)
    assert near(result, "reneged_share", reneged, of_reneged)
    assert away(week(1.25), "reneged_share", reneged, 0.2) > REFUSED


def test_congestion_leniency() -> None:
    def congested(edge: float, lanes: int = 10) -> BorderResult:
        rule = {
            "waiting_per_lane": edge / lanes,
            "service_factor": 1 / TARGET.speed,
            "referral_factor": DETECTION["fast"] / DETECTION["slow"],
        }
        secondary = {"referral_prob": DETECTION["slow"], "mean_min": 6, "bays": 60}
        return simulated(
            arrivals_per_h=880, lanes=lanes, service_s=45, days=70, secondary=secondary,
            leniency={"kind": "threshold", "threshold": rule},
        )  # fmt: skip

    (line, fast), result = TARGET.solve(), congested(20)
    assert fast == pytest.approx(0.29557, abs=5e-5)
    assert near(result, "wait_min", line / 880 * 60, 0.02)
    assert near(result, "lawful_referrals_per_day", 880 * DAY_H * 0.041133, 0.01)
    assert away(congested(22), "wait_min", line / 880 * 60, 0.1) > REFUSED
    # Two booths more: a shorter line is inspected with more care. Where the rate may change within an
    # inspection 0.02885 are fast: slow lanes could serve all, so the load does not say how many.
    (line, fast), more = replace(TARGET, lanes=12).solve(), congested(20, lanes=12)
    assert fast == pytest.approx(0.028427, abs=5e-6)
    assert near(more, "wait_min", line / 880 * 60, 0.02)
    assert near(more, "lawful_referrals_per_day", 880 * DAY_H * 0.049134, 0.01)
    assert away(more, "lawful_referrals_per_day", 880 * DAY_H * 0.041133, 0.1) > REFUSED


def test_held_lanes() -> None:
    queue = HeldLanes(54.0, 1 / 30, 3, share=0.25, bays=2, room=1, secondary_h=0.1)
    line, held, _ = queue.solve()

    def blocked(room: int) -> BorderResult:
        secondary = {"referral_prob": 0.25, "mean_min": 6, "bays": 2, "waiting_room": room}
        return simulated(arrivals_per_h=54, lanes=3, service_s=120, days=250, secondary=secondary)

    result = blocked(1)
    assert near(result, "wait_min", line / 54 * 60, 0.04)
    assert near(result, "lane_blocked_share", held / 3, 0.04)
    assert away(blocked(0), "lane_blocked_share", held / 3, 0.2) > REFUSED


def test_thinned_loads() -> None:
    """0.8 loads a day for a year, 6 % detected: a Poisson number of 17.52 seizures."""

    def year(referred: float) -> BorderResult:
        return simulated(
            arrivals_per_h=1, lanes=1, service_s=45, days=365, replications=200,
            secondary={"referral_prob": 0.0, "mean_min": 6, "bays": 5},
            loads={"per_day": 0.8, "referral_prob": referred, "find_prob": 0.6},
        )  # fmt: skip

    result = year(0.1)
    assert near(result, "finds_per_day", 17.52 / 365, 0.04)
    assert near(result, "detection_share", 0.06, 0.04)
    # Poisson: the variance over years is the mean.
    value = result["finds_per_day"]
    error = (value.high - value.low) / 2 / stats.t.ppf(0.975, 199)
    assert error == pytest.approx(np.sqrt(17.52 / 200) / 365, rel=4 / np.sqrt(2 * 199))
    assert away(year(0.12), "finds_per_day", 17.52 / 365, 0.1) > REFUSED


@pytest.mark.slow
def test_weight_of_thinned_loads() -> None:
    """Weights LogN(2, 0.8) kg, on the same seizures: 178.28 kg a year, standard deviation 58.65."""
    mean_kg, cv = float(np.exp(2 + 0.8**2 / 2)), float(np.sqrt(np.expm1(0.8**2)))

    def kilograms(referred: float, own_cv: float) -> np.ndarray:
        border = single_crossing(
            {
                "arrivals_per_h": 1, "lanes": 1, "service_s": 45, "days": 365, "replications": 400,
                "secondary": {"referral_prob": 0.0, "mean_min": 6, "bays": 5},
                "loads": {"per_day": 0.8, "referral_prob": referred, "find_prob": 0.6},
            }
        )  # fmt: skip
        context = empty_context(1)
        found = replicate(border).found.sum(axis=1)

        def weigh(year: int, i: int) -> float:
            return context.lognormal("load.gross", entity_id(year, "load", i), mean_kg, own_cv)

        return np.array(
            [sum(weigh(year, i) for i in range(count)) for year, count in enumerate(found.tolist())]
        )

    def misfit(years_kg: np.ndarray) -> tuple[float, float]:
        """Return how many standard errors mean and standard deviation lie from the target."""
        off = stats.kurtosis(years_kg) + 2.0
        sd_error = 58.65 * np.sqrt(off / (4 * len(years_kg)))
        return (
            abs(years_kg.mean() - 178.28) / (58.65 / np.sqrt(len(years_kg))),
            abs(years_kg.std(ddof=1) - 58.65) / sd_error,
        )

    assert max(misfit(kilograms(0.1, cv))) < REFUSED
    assert misfit(kilograms(0.12, cv))[0] > REFUSED
    assert misfit(kilograms(0.1, 2.0 * cv))[1] > REFUSED
