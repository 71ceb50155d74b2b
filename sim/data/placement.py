"""Where every official count and lane goes: to a crossing, or to a rule that says why not.

``rules.csv`` treats what does not fit. A count without lanes, lanes without a count and a lane that
hardly ever opens are errors until a rule names them.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.border.crossing import MODES, Crossing
from sim.core.csv_table import number, one_of, read_table
from sim.core.errors import TableError, nearest
from sim.data.counts import Counts, PortCounts, interpolate, year_of
from sim.data.lanes import DAYS_OF_WEEK, LANES_MIN, GroupKey, LaneHours, clean, fold, merge
from sim.data.official import split_whole
from sim.measures.official import fiscal_months

RULES = {
    "merged": "lanes of a second number of the same place, added to the target crossing",
    "closed": "lanes seen open in the feed, closed in the fiscal year: left out",
    "folded": "a class that hardly ever opens: its lanes are added to the standard class",
    "on_demand": "a lane that is opened when someone comes: one lane in every hour it is ever seen open",
    "assumed_lanes": "entries without lanes in the feed: as many lanes as the target says, while cars enter",
    "outside": "entries at a place that is not one of the crossings: not simulated",
    "interpolated": "months that the file lacks: on the straight line between their reported neighbours",
}
RULE_COLUMNS = ("rule", "place", "mode", "lane_class", "target", "entries_fy2022", "reason")
STANDARD = "standard"

Lanes = dict[GroupKey, NDArray[np.float64]]
StationKey = tuple[str, str]
Rates = dict[tuple[str, str], float]


@dataclass(frozen=True)
class PlacementRule:
    """One row of ``rules.csv``; ``place`` is a crossing, a Texas bridge or a BTS port code."""

    rule: str
    place: str
    mode: str
    lane_class: str
    target: str
    entries: str
    reason: str


@dataclass(frozen=True)
class Volume:
    """Entries of one station over the fiscal year, months in order, and where they come from."""

    source: str
    entries: list[int]


def load_rules(path: Path) -> list[PlacementRule]:
    """Return the rules in file order, each checked against ``RULES``."""
    key_of = attrgetter("rule", "place", "mode", "lane_class")
    found: list[PlacementRule] = []
    for line, row in enumerate(read_table(path, RULE_COLUMNS), 2):
        where = f"{path}:{line}"
        one_of(row["rule"], tuple(RULES), where)
        if row["mode"]:
            one_of(row["mode"], MODES, where)
        if not row["reason"]:
            raise TableError(f"{where}: a rule needs a reason")
        rule = PlacementRule(*(row[name] for name in RULE_COLUMNS))
        if key_of(rule) in map(key_of, found):
            raise TableError(f"{where}: {' '.join(filter(None, key_of(rule)))} is listed twice")
        found.append(rule)
    return found


def apply_lane_rules(raw: dict[GroupKey, LaneHours], rules: list[PlacementRule], open_ids: set[str]) -> Lanes:
    """Return mean lanes of every group that stays, after the lane rules of ``rules.csv``."""
    groups = dict(raw)
    on_demand = {(rule.place, rule.mode) for rule in rules if rule.rule == "on_demand"}
    for rule in rules:
        if rule.rule == "merged":
            for key in [key for key in groups if key[0] == rule.place]:
                target = (rule.target, key[1], key[2])
                groups[target] = merge(groups.get(target, LaneHours.empty()), groups.pop(key))
        elif rule.rule == "closed":
            modes = (rule.mode,) if rule.mode else MODES
            groups = {
                key: value for key, value in groups.items() if key[0] != rule.place or key[1] not in modes
            }
        elif rule.rule == "folded":
            source, target = (rule.place, rule.mode, rule.lane_class), (rule.place, rule.mode, STANDARD)
            if source in groups:
                groups[target] = fold(groups.get(target, LaneHours.empty()), groups.pop(source))
    lanes: Lanes = {}
    for key, group in groups.items():
        if key[0] not in open_ids:
            continue
        lanes[key] = clean(group, on_demand=key[:2] in on_demand)
        if not lanes[key].any():
            raise TableError(
                f"lanes: {' '.join(key)} never reaches a mean of {LANES_MIN:g} open lanes in any hour; "
                "add a rule 'folded', 'on_demand' or 'closed' to rules.csv"
            )
    return _assume_lanes(lanes, rules)


def _assume_lanes(lanes: Lanes, rules: list[PlacementRule]) -> Lanes:
    for rule in rules:
        if rule.rule == "assumed_lanes":
            cars = [value for key, value in lanes.items() if key[:2] == (rule.place, MODES[0])]
            if not cars:
                raise TableError(
                    f"rules.csv: {rule.place} has no {MODES[0]} lanes that its lanes could follow"
                )
            count = number(rule.target, f"rules.csv, lanes of {rule.place}", whole=True, low=1)
            opened = np.sum(cars, axis=0) >= LANES_MIN
            lanes[rule.place, rule.mode, STANDARD] = np.where(opened, count, 0.0)
    return lanes


def weekly_work(lanes: Lanes, rates: Rates) -> dict[StationKey, float]:
    """Return lane-hours x class rate of a week by (crossing, mode): the weights of a split."""
    work: dict[StationKey, float] = {}
    for key, hours in lanes.items():
        amount = float((hours * DAYS_OF_WEEK).sum()) * rates[key[1], key[2]]
        work[key[:2]] = work.get(key[:2], 0.0) + amount
    return work


@dataclass
class Placement:
    """Where every official count went: to a station, or to a rule."""

    volumes: dict[StationKey, Volume]
    treated: dict[tuple[str, str, str], int]
    """Entries by (rule, place, mode)."""


def place_ports(
    bts: PortCounts, crossings: list[Crossing], work: dict[StationKey, float], rules: list[PlacementRule]
) -> Placement:
    """Give the entries of each BTS port to its crossings, by lane-hours x class rate."""
    placement = Placement({}, {})
    months = fiscal_months()
    ruled = {(rule.rule, rule.place, rule.mode) for rule in rules}
    for (code, mode), series in bts.counts.items():
        if not any(series.get(month) for month in months):
            continue
        if ("outside", code, mode) in ruled:
            placement.treated["outside", code, mode] = sum(series.get(month, 0) for month in months)
            continue
        if ("interpolated", code, mode) in ruled:
            series, filled = interpolate(series, months)
            placement.treated["interpolated", code, mode] = sum(series[month] for month in filled)
        own = [c.crossing_id for c in crossings if c.bts_port_code == code and (c.crossing_id, mode) in work]
        if not own:
            raise TableError(
                f"BTS port {code} ({bts.names[code]}) has {mode} entries but no open lanes; "
                "add a rule 'outside' or 'assumed_lanes' to rules.csv"
            )
        entries = year_of({(code, mode): series}, (code, mode), f"BTS port {bts.names[code]}")
        parts = [split_whole(total, [work[c, mode] for c in own]) for total in entries]
        source = "bts_port" if len(own) == 1 else "bts_split"
        for i, crossing_id in enumerate(own):
            placement.volumes[crossing_id, mode] = Volume(source, [part[i] for part in parts])
    return placement


def place_bridges(
    texas: Counts, crossings: list[Crossing], work: dict[StationKey, float], rules: list[PlacementRule]
) -> Placement:
    """Give the entries of each Texas bridge to the crossing that bears its name."""
    placement = Placement({}, {})
    months = fiscal_months()
    bridges = [c.texas_bridge for c in crossings if c.texas_bridge]
    if twice := sorted({name for name in bridges if bridges.count(name) > 1}):
        raise TableError(f"crossings.csv: bridge {twice[0]!r} is given to two crossings")
    of_bridge = {c.texas_bridge: c.crossing_id for c in crossings if c.texas_bridge}
    for name in of_bridge:
        one_of(name, sorted({bridge for bridge, _ in texas}), "crossings.csv, texas_bridge")
    ruled = {(rule.rule, rule.place, rule.mode) for rule in rules}
    # A misspelt bridge first: its months would be missed at the right one.
    for (bridge, mode), series in sorted(texas.items(), key=lambda item: item[0][0] in of_bridge):
        total = sum(series.get(month, 0) for month in months)
        if not total:
            continue
        if ("outside", bridge, mode) in ruled:
            placement.treated["outside", bridge, mode] = total
        elif (of_bridge.get(bridge, ""), mode) in work:
            entries = year_of(texas, (bridge, mode), "Texas bridges")
            placement.volumes[of_bridge[bridge], mode] = Volume("texas_bridge", entries)
        else:
            raise TableError(
                f"Texas bridge {bridge!r} has {mode} entries but no open lanes"
                f"{nearest(bridge, set(bridges) - {bridge})}; "
                "add a rule 'outside' or 'assumed_lanes' to rules.csv"
            )
    return placement


def place_all(
    bts: PortCounts,
    texas: Counts | None,
    crossings: list[Crossing],
    lanes: Lanes,
    rules: list[PlacementRule],
    rates: Rates,
) -> Placement:
    """Place all counts, Texas bridges by name if their file is given; refuse lanes without entries."""
    work = weekly_work(lanes, rates)
    if texas is None:
        placement = place_ports(bts, crossings, work, rules)
    else:
        texan = {c.bts_port_code for c in crossings if c.texas_bridge}
        rest = {key: series for key, series in bts.counts.items() if key[0] not in texan}
        placement = place_ports(PortCounts(rest, bts.names), crossings, work, rules)
        bridges = place_bridges(texas, crossings, work, rules)
        placement = Placement(placement.volumes | bridges.volumes, placement.treated | bridges.treated)
    for rule in rules:
        if rule.rule == "assumed_lanes" and (rule.place, rule.mode) in placement.volumes:
            entries = placement.volumes[rule.place, rule.mode].entries
            placement.treated["assumed_lanes", rule.place, rule.mode] = sum(entries)
    idle = sorted(set(work) - set(placement.volumes))
    if idle:
        raise TableError(
            f"{' '.join(idle[0])} opens lanes but has no entries in the fiscal year; "
            "add a rule 'closed' to rules.csv"
        )
    return placement
