"""What a run shows: the table with both intervals beside what CBP recorded, notes, figures and page."""

from __future__ import annotations

import csv
import hashlib
import math
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sim.border.crossing import load_crossings
from sim.core.calendar import Calendar
from sim.core.shipped import conf_folder
from sim.core.tables import Table
from sim.disclosure import WITHHELD
from sim.measures.registry import registry
from sim.plots.crossings_map import crossings_map
from sim.plots.monthly import monthly
from sim.plots.outline import read_outline
from sim.plots.sankey import sankey
from sim.plots.screening import screening_by_layer
from sim.plots.seizures_by_office import seizures_by_office
from sim.plots.wait_heatmap import waits_by_hour, waits_by_week
from sim.report.export import write_images
from sim.report.frame import RunInfo
from sim.report.headline import HeadlineRow
from sim.report.page import Page, write_page
from sim.report.provenance import lever_notes_of
from sim.report.theme import label
from sim.report.yearly import DAYS_A_YEAR, Outcome, Runs, add_up, outcome_of
from sim.run.folder import RunTables, config_text, count_status
from sim.run.plan import Request
from sim.stats.intervals import evidence_interval
from sim.store.failures import writing
from sim.store.version import release

_SHOWN = 4
_FILES = (
    ("manifest.json", "what would have to be the same to get the same bytes again"),
    ("config.yaml", "the composed configuration"),
    ("evidence.parquet", "every number with unit, range, source and status; overrides are marked"),
    ("measures.parquet", "replication x month x measure, latent and observed"),
    ("border_hours.parquet", "traffic by lane group and hour of the week, mean over replications"),
    ("border_months.parquet", "traffic and waits by lane group and month, mean over replications"),
    ("postings.parquet", "mass and money between accounts by month, replication 0"),
)
FISCAL_YEAR = 2022
# Numbers that the fit to FY2022 used: with another value of one of them the rest no longer fits.
_FITTED = ("border.screening.", "chain.load.", "chain.route.", "chain.unqueued.", "chain.market.demand_pure")
CAVEATS = (
    "The record fixes detection times loads, not each of them: half the detection and twice the loads leave "
    "the same seizures. The range over parameter sets shows what that leaves open.",
    "No source splits precursor by origin or by trade lane; these shares are assumptions.",
    "Half a year predicts the other half's events as well as its intervals promise, but not its pounds.",
    "Traffic is counted in FY2022; open lanes were recorded in 2025, and how drivers answer a wait is weakly "
    "identified.",
)
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
    calendar = request.scenario.calendar
    runs = add_up(tables.measures, calendar.days)
    first = date(FISCAL_YEAR - 1, 10, 1)
    # Lever scenarios repeat the year from its first day on: their mean year may stand beside it.
    comparable = calendar.start == first and calendar.days >= DAYS_A_YEAR
    return [_row(outcome, comparable) for outcome in _outcomes(runs)]


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


def _row(outcome: Outcome, comparable: bool) -> HeadlineRow:
    where = "" if outcome.place == "all" else f", {_lower(label(outcome.place))}"
    evidence = outcome.evidence
    official = official_year(outcome.measure, outcome.place)
    if official is not None and not comparable:
        official = math.nan  # a year's figure says nothing of two weeks, nor of another year
    return HeadlineRow(
        label=outcome.info.label + where,
        unit=outcome.info.unit,
        mean=outcome.mean,
        low=outcome.random.low,
        high=outcome.random.high,
        evidence_low=evidence.low if evidence.known else None,
        evidence_high=evidence.high if evidence.known else None,
        official=official,
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
    start = f"{request.scenario.name}: {length} from {calendar.start}"
    return f"{start}; {runs}, {sets}; seed {request.seed}"


def notes_of(request: Request, tables: RunTables) -> list[str]:
    """Return what the reader of the table must know: missing intervals, assumptions, overrides."""
    settings, notes = request.settings, []
    if settings.replications < 2:
        notes.append("one replication: no interval; run.replications=20 gives one")
    if settings.parameter_sets < 2:
        notes.append("no range over the evidence: run.parameter_sets=20 gives one")
    elif few := evidence_interval(np.arange(settings.parameter_sets), random_variance=0.0).reason:
        notes.append(f"evidence range: smallest to largest value, {few}")
    total = len(request.scenario.evidence)
    assumed = _count(count_status(request, "assumed"), "assumption")
    notes.append(f"rests on {assumed} among {total} numbers (evidence.parquet)")
    notes += [*lever_notes_of(request.scenario), *_unmet(request, tables)]
    if not len(tables.border_hours["wait_min"]):
        notes.append("no queues were simulated: no waits, and no map or hours of the border")
    if (kind := _adversary(request)) in WITHHELD:
        notes.append(
            f"adversary {kind}: what it delivers is reported, never where; see another adversary for waits"
        )
    changed = [row.path for row in request.scenario.evidence if row.status == "override"]
    if changed:
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        notes.append(f"{_count(len(changed), 'override')}: {', '.join(changed[:_SHOWN])}{more}")
    if fitted := [path for path in changed if path.startswith(_FITTED)]:
        notes.append(
            f"{fitted[0]}{' and others' * (len(fitted) > 1)}: baseline and parameter sets were fitted "
            "without this override and no longer fit FY2022"
        )
    return notes


def _unmet(request: Request, tables: RunTables) -> list[str]:
    """Say that outbound officer-hours were asked for in vain: no officers at that time, or no room."""
    central = _central(tables.measures)
    asked = central["measure"] == "outbound_hours_unmet"
    hours = float(np.sum(central["value"][asked])) / request.settings.replications
    if hours < 1.0:
        return []
    return [f"{hours:,.0f} outbound officer-hours found no officer or no room (outbound_hours_unmet)"]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def write_pictures(
    request: Request, tables: RunTables, rows: list[HeadlineRow], folder: Path
) -> tuple[Path, list[str]]:
    """Write the page, and PNG and SVG copies of its figures where they are wanted and a browser is found.

    Returns
    -------
    page : Path
        The page to open.
    notes : list of str
        At most one line: why there are no copies.
    """
    info = _info(request)
    figures = [] if info.adversary in WITHHELD else _figures(request, tables, info)
    page = Page(info, rows, figures, [*CAVEATS, *notes_of(request, tables)], _FILES, _lead(request))
    with writing(folder):
        path = write_page(page, folder)
        note = write_images(figures, folder / "figures") if request.settings.images else None
    return path, [note] if note else []


def _figures(request: Request, tables: RunTables, info: RunInfo) -> list[Any]:
    central = _central(tables.measures)
    official = official_figures() if _whole_months(request) else None
    figures = [
        sankey(tables.postings, info),
        monthly(central, info, official),
        seizures_by_office(central, info, official),
        screening_by_layer(central, info),
    ]
    if not len(tables.border_hours["wait_min"]):
        return figures
    geography = (_geography(), read_outline(conf_folder() / "border_outline.csv"))
    return [
        *figures,
        crossings_map(tables.border_months, geography, central, info, official),
        waits_by_hour(tables.border_hours, info),
        waits_by_week(tables.border_hours, info),
    ]


def _whole_months(request: Request) -> bool:
    """Tell whether the window holds no part of a month, beside which a month's figure would mislead."""
    start = request.scenario.calendar.start
    return start.day == (start + timedelta(days=request.scenario.calendar.days)).day == 1


def _central(measures: Table) -> Table:
    rows = measures["parameter_set"] == 0
    return {name: values[rows] for name, values in measures.items()}


def _geography() -> Table:
    crossings = load_crossings(conf_folder() / "border" / "crossings.csv")
    return {
        "crossing_id": np.array([c.crossing_id for c in crossings], dtype=object),
        "lon": np.array([c.lon_deg for c in crossings]),
        "lat": np.array([c.lat_deg for c in crossings]),
    }


def _info(request: Request) -> RunInfo:
    settings = request.settings
    return RunInfo(
        scenario=request.scenario.name,
        replications=settings.replications,
        parameter_sets=settings.parameter_sets,
        seed=request.seed,
        version=release(),
        config_hash=hashlib.sha256(config_text(request).encode()).hexdigest(),
        assumptions=count_status(request, "assumed"),
        adversary=_adversary(request),
        window=_window(request.scenario.calendar),
        source=SOURCE,
    )


def _adversary(request: Request) -> str:
    return str(request.tree.get("adversary", {}).get("kind", "none"))


def _lead(request: Request) -> str:
    """Return the sentence under the title of the page."""
    counts = title_of(request).partition(": ")[2]
    where = "Where precursor, loads, money and waiting time went, beside what CBP recorded."
    return f"{where} {counts[:1].upper()}{counts[1:]}."


def _window(calendar: Calendar) -> str:
    last = calendar.date_of(calendar.total_hours - 1.0)
    first, end = (f"{day:%B %Y}" for day in (calendar.start, last))
    return first if first == end else f"{first} to {end}"
