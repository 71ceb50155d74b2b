"""Waits that the fit to reported delays gives for another year: what the pace of a lane group is set to.

The fit is hybrid: where a delay is reported, the level is that of the report, and the fitted structure
carries it to another use of the lanes. In that structure a wait is ``theta`` times the log of demand
over capacity, which grows with use to the power ``1 - spread``; so a group whose lanes are used ``r`` times
as much waits ``theta (1 - spread) ln r`` longer. Groups without a report keep the pooled structure.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.border.crossing import BorderTables
from sim.border.traffic import TrafficSettings, class_rates
from sim.study.border_fit.fiscal_waits import fiscal_problem
from sim.study.border_fit.reports import TICKETED, load_problems


def target_waits(tables: BorderTables, settings: TrafficSettings, reports: Path) -> NDArray[np.float64]:
    """Return the mean wait of every lane group in the year of the tables, float64[group], min.

    Parameters
    ----------
    tables : BorderTables
        With entries and lanes of the year.
    settings : TrafficSettings
    reports : Path
        Folder of the tables of the fit (``conf/border/fit``).

    Returns
    -------
    ndarray
        NaN where no delay is reported, and at the ticketed bridge, whose lanes answer to no queue.
    """
    rates = class_rates()
    keys = [(g.crossing.crossing_id, g.mode, g.lane_class) for g in tables.groups]
    target = np.full(len(keys), np.nan)
    for problem in load_problems(reports, rates):
        year = fiscal_problem(problem, tables, rates)
        use = dict(
            zip(zip(year.crossing.tolist(), year.lane_class.tolist(), strict=True), year.use, strict=True)
        )
        mode = settings.modes[problem.mode]
        per_log = mode.patience_min * (1.0 - mode.spread)
        rows = zip(
            problem.crossing.tolist(), problem.lane_class.tolist(), problem.mean_min, problem.use, strict=True
        )
        for crossing, lane_class, reported, then in rows:
            key = (crossing, problem.mode, lane_class)
            if key in keys and crossing not in TICKETED and np.isfinite(reported):
                moved = reported + per_log * np.log(use[crossing, lane_class] / then)
                target[keys.index(key)] = max(0.0, moved)
    return target
