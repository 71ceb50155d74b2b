"""What a run says in its table, and what its reader must know before the numbers are used."""

from __future__ import annotations

import math
from datetime import date

import numpy as np

from sim.core.tables import Table
from sim.disclosure import WITHHELD
from sim.measures.official import FISCAL_YEAR, official_places, official_year
from sim.measures.registry import registry
from sim.report.headline import HeadlineRow
from sim.report.numbers import counted, some_of
from sim.report.provenance import assumptions, lever_notes_of
from sim.report.theme import in_sentence, label
from sim.report.yearly import DAYS_A_YEAR, Runs, YearlyOutcome, add_up, outcome_of
from sim.run.folder import RunTables
from sim.run.plan import Request
from sim.stats.intervals import parameter_interval

_SHOWN = 4
# Numbers that the fit to FY2022 used: with another value of one of them the rest no longer fits.
_FITTED = ("border.screening.", "chain.load.", "chain.route.", "chain.off_port.", "chain.market.demand_pure")
CAVEATS = (
    "The record fixes detection times loads, not each of them: half the detection and twice the loads leave "
    "the same seizures. The range over parameter sets shows what that leaves open.",
    "No source splits precursor by origin or by trade lane; these shares are assumptions.",
    "Half a year predicts the other half's events as well as its intervals promise, but not its pounds.",
    "Traffic is counted in FY2022; open lanes were recorded in 2025, and how drivers answer a wait is weakly "
    "identified.",
)


def headline_rows(request: Request, tables: RunTables) -> list[HeadlineRow]:
    """Return the rows of the table: every headline outcome, and each place that CBP publishes."""
    calendar = request.scenario.calendar
    runs = add_up(tables.measures, calendar.days)
    first = date(FISCAL_YEAR - 1, 10, 1)
    # Lever scenarios repeat the year from its first day on: their mean year may stand beside it.
    comparable = calendar.start == first and calendar.days >= DAYS_A_YEAR
    return [_row(outcome, comparable) for outcome in headline_outcomes(runs)]


def headline_outcomes(runs: Runs) -> list[YearlyOutcome]:
    """Return every headline outcome, at the places that CBP publishes or as a whole."""
    found = []
    for measure, info in registry().items():
        if not info.headline:
            continue
        places = [place for place in official_places(measure) if (measure, place) in runs.values] or ["all"]
        found += [
            outcome_of(runs, measure, place, info) for place in places if (measure, place) in runs.values
        ]
    return found


def _row(outcome: YearlyOutcome, comparable: bool) -> HeadlineRow:
    where = "" if outcome.place == "all" else f", {in_sentence(label(outcome.place))}"
    parameter = outcome.parameter
    official = official_year(outcome.measure, outcome.place)
    if official is not None and not comparable:
        official = math.nan  # a year's figure says nothing of two weeks, nor of another year
    return HeadlineRow(
        label=outcome.info.label + where,
        unit=outcome.info.unit,
        mean=outcome.mean,
        low=outcome.monte_carlo.low,
        high=outcome.monte_carlo.high,
        parameter_low=parameter.low if parameter.known else None,
        parameter_high=parameter.high if parameter.known else None,
        official=official,
        published=outcome.place in official_places(outcome.measure),
    )


def title_of(request: Request) -> str:
    """Return the words above the table: scenario, window, seed, counts."""
    calendar, settings = request.scenario.calendar, request.settings
    length = f"{calendar.days} days"
    if calendar.days > DAYS_A_YEAR + 1:
        length += f", given as a year of {DAYS_A_YEAR}"
    runs = counted(settings.replications, "replication")
    sets = counted(settings.parameter_sets, "further parameter set")
    start = f"{request.scenario.name}: {length} from {calendar.start}"
    return f"{start}; {runs}, {sets}; seed {request.seed}"


def notes_of(request: Request, tables: RunTables) -> list[str]:
    """Return what the reader of the table must know: missing intervals, assumptions, overrides."""
    settings, notes = request.settings, []
    if settings.replications < 2:
        notes.append("one replication: no interval; run.replications=20 gives one")
    if settings.parameter_sets < 2:
        notes.append("no parameter-uncertainty interval: run.parameter_sets=20 gives one")
    elif few := parameter_interval(np.arange(settings.parameter_sets), monte_carlo_variance=0.0).reason:
        notes.append(f"parameter-uncertainty interval: smallest to largest value, {few}")
    total = len(request.scenario.evidence)
    assumed = counted(assumptions(request.scenario), "assumption")
    notes.append(f"rests on {assumed} among {total} numbers (evidence.parquet)")
    notes += [*lever_notes_of(request.scenario), *_unmet(request, tables)]
    if not len(tables.border_hours["wait_min"]):
        notes.append("no queues were simulated: no waits, and no map or hours of the border")
    if (kind := adversary_of(request)) in WITHHELD:
        notes.append(
            f"adversary {kind}: what it delivers is reported, never where; see another adversary for waits"
        )
    changed = [row.path for row in request.scenario.evidence if row.status == "override"]
    if changed:
        notes.append(f"{counted(len(changed), 'override')}: {some_of(changed, _SHOWN)}")
    if beyond := [
        f"{row.path} {row.value:g} (evidence {row.low:g} to {row.high:g})"
        for row in request.scenario.evidence
        if row.value < row.low or row.value > row.high
    ]:
        notes.append(f"outside the range of the evidence: {some_of(beyond, _SHOWN)}")
    if fitted := [path for path in changed if path.startswith(_FITTED)]:
        notes.append(
            f"{fitted[0]}{' and others' * (len(fitted) > 1)}: baseline and parameter sets were fitted "
            "without this override and no longer fit FY2022"
        )
    return notes


def _unmet(request: Request, tables: RunTables) -> list[str]:
    """Say that outbound officer-hours were asked for in vain: no officers at that time, or no room."""
    measures = central(tables.measures)
    asked = measures["measure"] == "outbound_hours_unmet"
    hours = float(np.sum(measures["value"][asked])) / request.settings.replications
    if hours < 1.0:
        return []
    return [f"{hours:,.0f} outbound officer-hours found no officer or no room (outbound_hours_unmet)"]


def central(measures: Table) -> Table:
    """Return the rows of the central parameter set."""
    rows = measures["parameter_set"] == 0
    return {name: values[rows] for name, values in measures.items()}


def adversary_of(request: Request) -> str:
    """Return the kind of the adversary."""
    return str(request.tree.get("adversary", {}).get("kind", "none"))
