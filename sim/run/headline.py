"""The table at the end of a run: outcomes with both intervals, beside what CBP recorded."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np

from sim.core.shipped import conf_folder
from sim.measures.registry import registry
from sim.plots.headline import HeadlineRow
from sim.plots.theme import label
from sim.run.folder import RunTables, count_status
from sim.run.outcomes import DAYS_A_YEAR, Outcome, Runs, add_up, outcome_of
from sim.run.tasks import Request
from sim.store.columns import Table

_SHOWN = 4
FISCAL_YEAR = 2022
SOURCE = "CBP Drug Seizure Statistics; BTS Border Crossing Entry Data"
_COLUMN_OF = {"seizure_events": "events", "seized_gross_lb": "gross_lb"}


@cache
def official_figures() -> Table:
    """Return recorded seizures as columns ``measure``, ``place``, ``month`` and ``value``.

    Places are the field offices, ``ports`` (their sum) and ``between_ports`` (all sectors). An
    installation without the table has no rows.
    """
    path = conf_folder() / "official" / "cbp_fentanyl.csv"
    rows: dict[tuple[str, str, str], float] = {}
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                office = line["component"] == "field_office"
                for measure, column in _COLUMN_OF.items():
                    for place in (line["area"], "ports") if office else ("between_ports",):
                        key = (measure, place, line["month"])
                        rows[key] = rows.get(key, 0.0) + float(line[column])
    keys = sorted(rows)
    text = {
        name: np.array([key[i] for key in keys], dtype=object)
        for i, name in enumerate(("measure", "place", "month"))
    }
    return {**text, "value": np.array([rows[key] for key in keys], dtype=np.float64)}


def official_year(measure: str, place: str) -> float | None:
    """Return CBP's total of fiscal year 2022, or None where it publishes none."""
    table = official_figures()
    months = (table["month"] >= f"{FISCAL_YEAR - 1}-10") & (table["month"] <= f"{FISCAL_YEAR}-09")
    rows = (table["measure"] == measure) & (table["place"] == place) & months
    return float(table["value"][rows].sum()) if rows.any() else None


def official_places(measure: str) -> list[str]:
    """Return the sums over offices or sectors that CBP's figures give for a measure."""
    return [place for place in ("ports", "between_ports") if official_year(measure, place) is not None]


def headline_rows(request: Request, tables: RunTables) -> list[HeadlineRow]:
    """Return the rows of the table: every headline outcome, and each place that CBP publishes."""
    days = request.scenario.calendar.days
    runs = add_up(tables.measures, days)
    return [_row(outcome, days) for outcome in _outcomes(runs)]


def _outcomes(runs: Runs) -> list[Outcome]:
    found = []
    for measure, info in registry().items():
        if not info.headline:
            continue
        places = [place for place in official_places(measure) if (measure, place) in runs.values] or ["all"]
        found += [
            outcome_of(runs, measure, place, info) for place in places if (measure, place) in runs.values
        ]
    return found


def _row(outcome: Outcome, days: int) -> HeadlineRow:
    where = "" if outcome.place == "all" else f", {_lower(label(outcome.place))}"
    evidence = outcome.evidence
    return HeadlineRow(
        label=outcome.info.label + where,
        unit=outcome.info.unit,
        mean=outcome.mean,
        low=outcome.random.low,
        high=outcome.random.high,
        evidence_low=evidence.low if evidence.known else None,
        evidence_high=evidence.high if evidence.known else None,
        official=official_year(outcome.measure, outcome.place) if days >= DAYS_A_YEAR else None,
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def title_of(request: Request) -> str:
    """Return the words above the table: scenario, window, seed, counts."""
    calendar, settings = request.scenario.calendar, request.settings
    length = f"{calendar.days} days"
    if calendar.days > DAYS_A_YEAR + 1:
        length += f", given as a year of {DAYS_A_YEAR}"
    runs = _count(settings.replications, "replication")
    sets = _count(settings.parameter_sets, "further parameter set")
    name = f"{request.scenario.name} [{request.label}]" if request.label else request.scenario.name
    return f"{name}: {length} from {calendar.start}; {runs}, {sets}; seed {request.seed}"


def notes_of(request: Request) -> list[str]:
    """Return what the reader of the table must know: missing intervals, assumptions, overrides."""
    settings, notes = request.settings, []
    if settings.replications < 2:
        notes.append("one replication: no interval; run.replications=20 gives one")
    if settings.parameter_sets < 2:
        notes.append("no range over the evidence: run.parameter_sets=20 gives one")
    total = len(request.scenario.evidence)
    assumed = _count(count_status(request, "assumed"), "assumption")
    notes.append(f"rests on {assumed} among {total} numbers (evidence.parquet)")
    changed = [row.path for row in request.scenario.evidence if row.status == "override"]
    if changed:
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        notes.append(f"{_count(len(changed), 'override')}: {', '.join(changed[:_SHOWN])}{more}")
    return notes


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
