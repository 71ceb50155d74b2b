"""Parameter sets that all fit the recorded seizures.

What the record fixes: by place, detection times loads (events) and the mean weight of a load. What
it cannot fix: detection and loads apart, purity, the split over modes. The unidentified ones are
spread over their evidence ranges by a Latin hypercube; the identified ones follow from each draw and
from the record. A set is kept when simulated years surround the record.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.core.units import KG_PER_LB
from sim.run.ensemble import ensemble
from sim.run.plan import Replications
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.study.calibration.record import FISCAL_MONTHS, PLACES, ObservedYear
from sim.study.design.values import between, without_queues

DETECTION = "border.screening.modes.{mode}.load_referral_prob"
BETWEEN = "chain.off_port.between_ports.detection_prob"
DEMAND = "chain.market.demand_pure_kg_per_year"
# What the record of seizures says nothing about, but waits and the effect of levers rest on.
NUISANCE = (
    "border.traffic.modes.passenger.patience_min",
    "border.traffic.modes.commercial.patience_min",
    "border.traffic.modes.pedestrian.patience_min",
    "border.officers.primary_share",
    "border.officers.officers_per_lane",
    "border.officers.officers_per_exam",
    "chain.source.suppliers.us_domestic.enrolled_refusal_prob",
    "chain.source.suppliers.us_domestic.tip_prob",
    "levers.port_staffing.cost_usd_per_unit_year",
    "levers.chemical_outreach.cost_usd_per_unit_year",
)
FREE = (
    BETWEEN,
    "chain.load.powder_share",
    "chain.load.powder_purity",
    "chain.load.pill_purity",
    "chain.producer.precursor_kg_per_pure_kg",
    "chain.market.demand_elasticity",
    "chain.market.supply_elasticity",
    "chain.route.drift_sd",
    "chain.load.weight_drift_sd",
    "chain.load.gross_cv",
    *NUISANCE,
)
MODES = ("passenger", "commercial", "pedestrian")


def draw_sets(
    scenario: Scenario, record: ObservedYear, months: slice, candidates: int, seed: int
) -> list[dict[str, float]]:
    """Return candidate parameter sets, each consistent with the record of some months.

    Loads by place are ``Gamma(events + 1/2) / detection`` (Jeffreys posterior of a Poisson rate), and
    mean weights are drawn from the sampling error of their estimate.
    """
    from scipy.stats import gamma, norm, qmc

    rows = {row.path: row for row in scenario.evidence}
    names = [*FREE, "detection", *(f"events.{p}" for p in PLACES), *(f"weight.{p}" for p in PLACES)]
    cube = qmc.LatinHypercube(len(names), seed=seed).random(candidates)
    share = record.events[:, months].shape[1] / FISCAL_MONTHS
    events = record.events[:, months].sum(axis=1)
    mean_kg = record.weight_lb[:, months].sum(axis=1) * KG_PER_LB / events
    sets = []
    for point in cube:
        u = dict(zip(names, point, strict=True))
        chosen = {path: between(rows[path], u[path]) for path in FREE}
        for mode in MODES:
            chosen[DETECTION.format(mode=mode)] = between(rows[DETECTION.format(mode=mode)], u["detection"])
        detection = _detection(scenario, chosen)
        for i, place in enumerate(PLACES):
            yearly = float(gamma.ppf(u[f"events.{place}"], events[i] + 0.5)) / share
            chosen[f"chain.route.loads_per_year.{place}"] = yearly / detection[place]
            error = chosen["chain.load.gross_cv"] / np.sqrt(events[i])
            log_sd = np.sqrt(np.log1p(error**2))
            chosen[f"chain.load.gross_kg.{place}"] = float(
                mean_kg[i] * np.exp(log_sd * norm.ppf(u[f"weight.{place}"]) - 0.5 * log_sd**2)
            )
        chosen[DEMAND] = _delivered_kg(scenario, chosen, detection)
        sets.append(chosen)
    return sets


def _detection(scenario: Scenario, chosen: dict[str, float]) -> dict[str, float]:
    """Return the chance of interception by place under a set."""
    settings = scenario.settings
    ports = sum(
        share * chosen[DETECTION.format(mode=mode)] * settings.border.screening.modes[mode].find_prob
        for mode, share in settings.chain.route.mode_share.items()
    )
    return {place: chosen[BETWEEN] if place == "between_ports" else ports for place in PLACES}


def _delivered_kg(scenario: Scenario, chosen: dict[str, float], detection: dict[str, float]) -> float:
    """Return pure kilograms that reach the market a year: the demand at price index 1."""
    powder = chosen["chain.load.powder_share"]
    purity = powder * chosen["chain.load.powder_purity"] + (1 - powder) * chosen["chain.load.pill_purity"]
    gross = sum(
        chosen[f"chain.route.loads_per_year.{p}"] * chosen[f"chain.load.gross_kg.{p}"] * (1 - detection[p])
        for p in PLACES
    )
    route, load, mail = scenario.settings.chain.route, scenario.settings.chain.load, "mail"
    missed = 1 - scenario.settings.chain.off_port[mail].detection_prob
    return purity * (gross + route.loads_per_year[mail] * load.gross_kg[mail] * missed)


def simulate_sets(
    scenario: Scenario,
    sets: Sequence[dict[str, float]],
    replications: Replications,
    on_progress: OnProgress = silent,
) -> tuple[np.ndarray, np.ndarray]:
    """Return simulated events and pounds of every set, float64 of shape (sets, replications, places, 12)."""
    variants = [without_queues(scenario, chosen) for chosen in sets]
    # Years of their own for every set: shared drift would pass for a property of all sets.
    firsts = [replications.first + i * replications.count for i in range(len(sets))]
    runs = ensemble(variants, replications, on_progress, firsts=firsts)
    shape = (len(sets), replications.count, len(PLACES), FISCAL_MONTHS)
    events, weight = np.zeros(shape), np.zeros(shape)
    for i in range(len(sets)):
        table = runs.tables(i)
        for array, measure in ((events, "seizure_events"), (weight, "seized_gross_lb")):
            for p, place in enumerate(PLACES):
                rows = (table["measure"] == measure) & (table["place"] == place)
                array[i, :, p] = table["value"][rows].reshape(replications.count, FISCAL_MONTHS)
    return events, weight


def fit(
    scenario: Scenario,
    record: ObservedYear,
    candidates: int,
    replications: Replications,
    on_progress: OnProgress = silent,
) -> list[dict[str, float]]:
    """Return the parameter sets that the record of a whole fiscal year does not contradict.

    ``candidates`` sets are drawn with the seed of ``replications``, which also says how many years of each
    are simulated. A set is kept when the recorded yearly total of every place, events and pounds, lies inside
    its 99 % simulated range (normal on the log scale), and its market consumes 1 to 9 t (F-3.01).
    """
    sets = draw_sets(scenario, record, slice(0, FISCAL_MONTHS), candidates, replications.seed)
    events, weight = simulate_sets(scenario, sets, replications, on_progress)
    demand = np.array([chosen[DEMAND] for chosen in sets])
    row = next(row for row in scenario.evidence if row.path == DEMAND)
    kept = _surrounds(events, record.events) & _surrounds(weight, record.weight_lb)
    kept &= (demand >= row.low) & (demand <= row.high)
    return [chosen for chosen, keep in zip(sets, kept, strict=True) if keep]


def _surrounds(simulated: np.ndarray, recorded: np.ndarray) -> np.ndarray:
    """Return which sets have every place's recorded total inside their simulated range, bool (sets,)."""
    from scipy.stats import norm

    logs = np.log1p(simulated.sum(axis=3))
    centre, spread = logs.mean(axis=1), logs.std(axis=1, ddof=1)
    off = np.abs(np.log1p(recorded.sum(axis=1)) - centre)
    # Years that all agree have no range, and surround nothing.
    return np.asarray((off < norm.ppf(0.995) * spread).all(axis=1))
