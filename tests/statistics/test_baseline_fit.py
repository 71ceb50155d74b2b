"""The baseline against CBP FY2022: events and weight at the ports, shares, prediction intervals."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from sim.run.plan import Replications
from sim.scenario import Scenario, load_scenario
from sim.study.calibration.record import PLACES, observed_year
from sim.study.calibration.sets import simulate_sets
from tests.fixtures.composed import composed

PORTS = slice(0, 4)
BETWEEN = PLACES.index("between_ports")
RECORD = observed_year(2022)
INSTANT = {"border.model": "instant"}


@dataclass(frozen=True)
class Years:
    """Simulated totals, float64 of shape (years, places)."""

    events: np.ndarray
    weight_lb: np.ndarray


def simulated(scenario: Scenario, years: int, results: Path) -> Years:
    events, weight = simulate_sets(scenario, [{}], Replications(years, seed=3, results=results))
    return Years(events[0].sum(axis=2), weight[0].sum(axis=2))


def misfit(years: Years) -> list[str]:
    """Return every line of the fit that does not hold, in words."""
    events, pounds = RECORD.events.sum(axis=1), RECORD.weight_lb.sum(axis=1)
    wrong = []
    for name, all_years, recorded in (("events", years.events, events), ("pounds", years.weight_lb, pounds)):
        ports, official = all_years[:, PORTS].sum(axis=1), recorded[PORTS].sum()
        if abs(ports.mean() / official - 1) > 0.10:
            wrong.append(f"{name} at ports: mean {ports.mean():.0f} against {official:.0f}")
        low, high = np.quantile(ports, [0.025, 0.975])
        if not low <= official <= high:
            wrong.append(f"{name} at ports: {official:.0f} outside {low:.0f} to {high:.0f}")
    mean = years.events[:, PORTS].mean(axis=0)
    off = np.abs(mean / mean.sum() - events[PORTS] / events[PORTS].sum())
    wrong += [f"share of events of {PLACES[i]}: off by {off[i]:.3f}" for i in np.flatnonzero(off > 0.05)]
    share = years.weight_lb[:, BETWEEN].mean() / years.weight_lb.mean(axis=0).sum()
    if abs(share - pounds[BETWEEN] / pounds.sum()) > 0.05:
        wrong.append(f"Border Patrol's share of weight {share:.3f}")
    return wrong


def test_expected_seizures_are_the_record() -> None:
    """Loads times detection, place by place, without any simulation: what calibration fixes exactly."""
    settings = load_scenario(composed(**INSTANT)).settings
    chain, screening = settings.chain, settings.border.screening
    ports = sum(share * screening.detection_prob(mode) for mode, share in chain.route.mode_share.items())
    for i, place in enumerate(PLACES):
        detection = chain.off_port[place].detection_prob if i == BETWEEN else ports
        events = chain.route.loads_per_year[place] * detection
        assert events == pytest.approx(RECORD.events[i].sum(), rel=0.005)
        pounds = events * chain.load.gross_kg[place] / 0.45359237
        assert pounds == pytest.approx(RECORD.weight_lb[i].sum(), rel=0.005)


def events_off(years: Years) -> float:
    """Return how many standard errors the mean events at the ports lie from the record."""
    ports = years.events[:, PORTS].sum(axis=1)
    error = ports.std(ddof=1) / np.sqrt(len(ports))
    return float((ports.mean() - RECORD.events[PORTS].sum()) / error)


def test_a_few_simulated_years_fit_and_a_wrong_baseline_does_not(tmp_path: Path) -> None:
    """The simulation itself, not its closed form. The mean lies 4 % high (docs/calibration.md): one error."""
    years = simulated(load_scenario(composed(**INSTANT)), 16, tmp_path)
    assert abs(events_off(years)) < 4.0
    assert abs(years.events[:, PORTS].sum(axis=1).mean() / RECORD.events[PORTS].sum() - 1.0) < 0.10
    caught = {"border.screening.modes.passenger.find_prob": 0.5}
    assert events_off(simulated(load_scenario(composed(**INSTANT, **caught)), 8, tmp_path)) < -4.0


@pytest.mark.slow
def test_a_hundred_simulated_years_fit(tmp_path: Path) -> None:
    assert not misfit(simulated(load_scenario(composed(**INSTANT)), 100, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize(
    "broken",
    [
        {"border.screening.modes.passenger.load_referral_prob": 0.2},
        {"chain.load.gross_kg.san_diego": 10.0},
        {"chain.off_port.between_ports.detection_prob": 0.3},
    ],
)
def test_a_wrong_baseline_is_refused(broken: dict[str, float], tmp_path: Path) -> None:
    assert misfit(simulated(load_scenario(composed(**INSTANT, **broken)), 60, tmp_path))
