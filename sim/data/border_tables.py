"""Rebuild ``conf/border``: official counts and lanes become the tables that the border reads.

Two tables are *registers*, kept by hand and only completed here: ``crossings.csv`` (which crossings
exist, where, how many booths) and ``rules.csv`` (every count or lane that does not fit, the rule that
treats it and why). Everything else is written anew.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sim.border import traffic
from sim.border.crossing import (
    CROSSING_COLUMNS,
    DEMAND_COLUMNS,
    LANE_COLUMNS,
    MODES,
    PROFILE_COLUMNS,
    VOLUME_COLUMNS,
    Crossing,
    load_border,
    load_crossings,
    load_lanes,
)
from sim.core.calendar import DAY_TYPES
from sim.core.csv_table import read_table
from sim.core.errors import TableError
from sim.core.shipped import conf_folder
from sim.data.counts import PortCounts, read_bts, read_texas
from sim.data.feed import read_feed
from sim.data.lanes import (
    delay_profile,
    known_delays,
    lane_rows,
    profile_rows,
    read_delays,
    read_lane_hours,
)
from sim.data.official import RebuildReport, drafting, write_table
from sim.data.placement import (
    RULE_COLUMNS,
    Placement,
    PlacementRule,
    Rates,
    StationKey,
    apply_lane_rules,
    load_rules,
    place_all,
)
from sim.measures.official import fiscal_months

BORDER_TABLES = (
    "crossings.csv", "rules.csv", "lanes.csv", "delay_profile.csv", "demand.csv", "traffic.yaml",
)  # fmt: skip
"""What the rebuilding of one table reads of the others."""
PLACES = 4
"""Decimals of latitude and longitude: ten metres."""


def shipped_tables() -> Path:
    """Return the folder of the border tables that came with Chokepoint."""
    return conf_folder() / "border"


def class_rates(folder: Path) -> Rates:
    """Return entries per open lane-hour by (mode, class): of the folder, or of the shipped tables."""
    path = folder / "traffic.yaml"
    return traffic.class_rates(path if path.is_file() else None)


def rebuild_border(
    bts: Path, texas: Path | None, lanes: Path | None, feed: Path | None, out: Path
) -> RebuildReport:
    """Write the tables of the border from official files.

    Parameters
    ----------
    bts : Path
        BTS Border Crossing Entry Data, CSV (``.gz`` allowed).
    texas : Path, optional
        Monthly northbound counts by Texas bridge; without it Texas ports are split like the others.
    lanes : Path, optional
        Aggregated lanes open by hour.
    feed : Path, optional
        Folder of copies of CBP's wait-time feed; wins over ``lanes`` and gives the delay profile too.
        Without either, the lanes that are already in ``out`` (or shipped) stay.
    out : Path
        Folder of the tables. Registers are read from it, or from the shipped tables if it has none.

    Raises
    ------
    TableError
        A file lacks columns, months or rows, or a count or lane has no rule; one line says which, and
        what of the feed was left aside, because that may be the cause.
    """
    aside: list[str] = []
    try:
        return _rebuild(bts, texas, lanes, feed, out, aside)
    except TableError as error:
        raise TableError("; ".join([str(error), *aside])) from None


def _rebuild(
    bts: Path, texas: Path | None, lanes: Path | None, feed: Path | None, out: Path, aside: list[str]
) -> RebuildReport:
    """Do the work of ``rebuild_border``; ``aside`` gets what of the feed is left aside."""
    folder = out if (out / "crossings.csv").is_file() else shipped_tables()
    crossings = list(load_crossings(folder / "crossings.csv"))
    rules = load_rules(folder / "rules.csv")
    report = RebuildReport()
    notes: list[str] = []
    counts = read_bts(bts, notes.append)
    bridges = None if texas is None else read_texas(texas, notes.append)
    open_ids = {c.crossing_id for c in crossings if c.status == "open"}
    profile: list[list[str]] | None = None
    if feed is not None:
        copies = read_feed(feed, crossings)
        aside += copies.notes()
        crossings = [_with_booths(c, copies.booths) for c in crossings]
        opened = apply_lane_rules(copies.lanes, rules, open_ids)
        profile = profile_rows(delay_profile(copies.delays, opened))
        report.lines.append(f"lanes and delays from {copies.copies} copies of the wait-time feed")
        report.lines += aside
        report.partly = bool(copies.left_out)
    elif lanes is not None:
        hours = read_lane_hours(lanes, notes.append)
        opened = apply_lane_rules(hours, rules, open_ids)
        if elsewhere := sorted({key[0] for key in hours} - {c.crossing_id for c in crossings}):
            notes.append(f"{lanes.name}: not in crossings.csv, left aside: {', '.join(elsewhere)}")
    else:
        opened = load_lanes(folder / "lanes.csv", crossings)
        report.lines.append("no lanes given: those of the existing tables stay")
    placement = place_all(counts, bridges, crossings, opened, rules, class_rates(folder))
    rows = lane_rows(opened, [c.crossing_id for c in crossings])
    with drafting(out, ["delay_profile.csv"]) as draft:
        _write(draft, crossings, rules, rows, placement, report)
        if profile is not None:
            report.files.append(write_table(draft / "delay_profile.csv", PROFILE_COLUMNS, profile))
        _complete(draft, folder, rows, report)
        load_border(draft)
    _totals(report, placement, counts)
    report.lines += notes
    return report.moved(draft, out)


def rebuild_profile(delays: Path, lanes: Path, out: Path) -> RebuildReport:
    """Write ``delay_profile.csv`` from aggregated delays and lanes by hour."""
    folder = out if (out / "crossings.csv").is_file() else shipped_tables()
    crossings = load_crossings(folder / "crossings.csv")
    open_ids = {c.crossing_id for c in crossings if c.status == "open"}
    opened = apply_lane_rules(read_lane_hours(lanes), load_rules(folder / "rules.csv"), open_ids)
    report = RebuildReport()
    known = known_delays(read_delays(delays, report.lines.append))
    with drafting(out) as draft:
        rows = profile_rows(delay_profile(known, opened))
        report.files.append(write_table(draft / "delay_profile.csv", PROFILE_COLUMNS, rows))
    return report.moved(draft, out)


def _with_booths(crossing: Crossing, booths: dict[StationKey, int]) -> Crossing:
    own = zip(MODES, crossing.lanes_max, strict=True)
    most = [max(lanes, booths.get((crossing.crossing_id, mode), 0)) for mode, lanes in own]
    return replace(crossing, lanes_max=(most[0], most[1], most[2]))


def _write(
    out: Path,
    crossings: list[Crossing],
    rules: list[PlacementRule],
    lanes: list[list[str]],
    placement: Placement,
    report: RebuildReport,
) -> None:
    register = [
        [
            c.crossing_id, c.name, c.bts_port_code, c.office, c.texas_bridge,
            f"{c.lat_deg:.{PLACES}f}", f"{c.lon_deg:.{PLACES}f}", c.time_zone,
            *c.lanes_max, c.status, c.merged_into,
        ]
        for c in crossings
    ]  # fmt: skip
    order = [c.crossing_id for c in crossings]
    keys = [(c, mode) for c in order for mode in MODES if (c, mode) in placement.volumes]
    volumes = [[*key, placement.volumes[key].source, *placement.volumes[key].entries] for key in keys]
    counted = [
        [
            r.rule,
            r.place,
            r.mode,
            r.lane_class,
            r.target,
            placement.treated.get((r.rule, r.place, r.mode), ""),
            r.reason,
        ]
        for r in rules
    ]
    report.files += [
        write_table(out / "crossings.csv", CROSSING_COLUMNS, register),
        write_table(out / "rules.csv", RULE_COLUMNS, counted),
        write_table(out / "lanes.csv", LANE_COLUMNS, lanes),
        write_table(out / "volumes.csv", (*VOLUME_COLUMNS, *fiscal_months()), volumes),
    ]


def _complete(draft: Path, folder: Path, lanes: list[list[str]], report: RebuildReport) -> None:
    """Copy what this rebuild does not make: the delay profile, and demand factors of known groups."""
    shipped = shipped_tables()
    if not (draft / "delay_profile.csv").is_file():
        rows = read_table(shipped / "delay_profile.csv", PROFILE_COLUMNS)
        table = [[row[name] for name in PROFILE_COLUMNS] for row in rows]
        report.files.append(write_table(draft / "delay_profile.csv", PROFILE_COLUMNS, table))
        report.lines.append("delay_profile.csv: copied from the shipped tables")
    source = folder if (folder / "demand.csv").is_file() else shipped
    names, factors = DEMAND_COLUMNS[:3], DEMAND_COLUMNS[3:]
    known = {
        tuple(r[name] for name in names): [r[name] for name in factors]
        for r in read_table(source / "demand.csv", DEMAND_COLUMNS)
    }
    keys = [tuple(row[: len(names)]) for row in lanes[:: len(DAY_TYPES)]]
    report.files.append(
        write_table(
            draft / "demand.csv", DEMAND_COLUMNS, [[*key, *known.get(key, ["1", "1"])] for key in keys]
        )
    )
    if unknown := [key for key in keys if key not in known]:
        report.lines.append(
            f"demand.csv: {len(unknown)} lane groups have factor 1 until the demand is calibrated again"
        )


def _totals(report: RebuildReport, placement: Placement, bts: PortCounts) -> None:
    months = fiscal_months()
    for mode in MODES:
        simulated = sum(sum(v.entries) for key, v in placement.volumes.items() if key[1] == mode)
        outside = sum(n for key, n in placement.treated.items() if key[0] == "outside" and key[2] == mode)
        official = sum(s.get(m, 0) for key, s in bts.counts.items() if key[1] == mode for m in months)
        report.totals |= {mode: simulated, f"{mode}.outside": outside, f"{mode}.official": official}
        report.lines.append(
            f"{mode}: {simulated:,} entries simulated, {outside:,} outside the crossings, "
            f"{official:,} in the BTS file"
        )
