"""The figures of a run by name, each drawn when it is asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import numpy as np

from sim.border.crossing import load_crossings
from sim.core.calendar import Calendar
from sim.core.shipped import conf_folder
from sim.core.tables import Table
from sim.disclosure import WITHHELD
from sim.measures.official import SOURCE, official_figures
from sim.report.provenance import RunInfo, provenance
from sim.report.result import Figure
from sim.run.folder import RunTables, config_text
from sim.run.headline import adversary_of, central
from sim.run.plan import Request


def figures_of(request: Request, tables: RunTables) -> dict[str, Callable[[], Figure]]:
    """Return the figures that a run supports, in the order of its page.

    An adversary whose choices are withheld has none; without queues there is no map and no hour.
    """
    from sim.plots.crossings_map import crossings_map
    from sim.plots.monthly import monthly
    from sim.plots.outline import read_outline
    from sim.plots.sankey import sankey
    from sim.plots.screening import screening_by_layer
    from sim.plots.seizures_by_office import seizures_by_office
    from sim.plots.wait_heatmap import waits_by_hour, waits_by_week

    info = info_of(request)
    if adversary_of(request) in WITHHELD:
        return {}
    measures = central(tables.measures)
    official = official_figures() if _whole_months(request) else None
    found: dict[str, Callable[[], Figure]] = {
        "mass_flow": partial(sankey, tables.postings, info),
        "monthly": partial(monthly, measures, info, official),
        "seizures_by_office": partial(seizures_by_office, measures, info, official),
        "screening": partial(screening_by_layer, measures, info),
    }
    if not len(tables.border_hours["wait_min"]):
        return found

    def draw_map() -> Figure:
        geography = (_geography(), read_outline(conf_folder() / "border_outline.csv"))
        return crossings_map(tables.border_months, geography, measures, info, official)

    return found | {
        "crossings_map": draw_map,
        "waits_by_hour": partial(waits_by_hour, tables.border_hours, info),
        "waits_by_week": partial(waits_by_week, tables.border_hours, info),
    }


def info_of(request: Request) -> RunInfo:
    """Return what identifies a run on its figures and its page."""
    settings = request.settings
    window = _window(request.scenario.calendar)
    source = replace(
        provenance("", [request.scenario], request.seed, window=window),
        configuration=hashlib.sha256(config_text(request).encode()).hexdigest(),
        official=SOURCE,
    )
    return RunInfo(request.scenario.name, settings.replications, settings.parameter_sets, source)


def _whole_months(request: Request) -> bool:
    """Tell whether the window holds no part of a month, beside which a month's figure would mislead."""
    start = request.scenario.calendar.start
    return start.day == (start + timedelta(days=request.scenario.calendar.days)).day == 1


def _geography() -> Table:
    crossings = load_crossings(conf_folder() / "border" / "crossings.csv")
    return {
        "crossing_id": np.array([c.crossing_id for c in crossings], dtype=object),
        "lon": np.array([c.lon_deg for c in crossings]),
        "lat": np.array([c.lat_deg for c in crossings]),
    }


def _window(calendar: Calendar) -> str:
    last = calendar.date_of(calendar.total_hours - 1.0)
    first, end = (f"{day:%B %Y}" for day in (calendar.start, last))
    return first if first == end else f"{first} to {end}"
