"""Archived copies of CBP's border wait-time feed become lanes and delays by hour.

Layout of a copy, the same in JSON (a list of ports) and XML (``<border_wait_time>`` with ``<port>``
elements); a value is text, or in JSON a number::

    port_number "250401"   border "Mexican Border"   port_name, crossing_name, hours, date, port_status
    passenger_vehicle_lanes / commercial_vehicle_lanes / pedestrian_lanes
        maximum_lanes "34" or "N/A"
        standard_lanes / ready_lanes / NEXUS_SENTRI_lanes / FAST_lanes
            update_time "At 3:00 pm PDT", "At Noon PDT", "At Midnight PDT" or ""
            operational_status "no delay", "delay", "Lanes Closed", "Update Pending", "N/A"
            delay_minutes "45" or ""      lanes_open "6" or ""

The name of a copy carries its time in UTC, for instance ``bwt_20250327T150000Z.json`` (or
``20250327150000.xml``); ``.gz`` may follow. "Update Pending" is missing, never zero. An open lane is
counted in the local hour of its update time, a closed one in the local hour of the copy. The last
copy of a local hour counts. A status that is none of these (the page follows the language of a
browser) or a number out of bounds is left aside and counted; a copy that cannot be read is named and
left out.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
from numpy.typing import NDArray

from sim.border.crossing import MODES, Crossing
from sim.core.csv_table import number
from sim.core.errors import TableError, nearest
from sim.data.lanes import DELAY_MAX_MIN, LANES_MAX, SHAPE, GroupKey, LaneHours
from sim.report.numbers import counted

BORDER = "Mexican Border"
BLOCKS = {
    "passenger_vehicle_lanes": "passenger",
    "commercial_vehicle_lanes": "commercial",
    "pedestrian_lanes": "pedestrian",
}
LANES = {
    "standard_lanes": "standard",
    "ready_lanes": "ready",
    "NEXUS_SENTRI_lanes": "sentri",
    "FAST_lanes": "fast",
}
SUFFIXES = (".json", ".xml", ".json.gz", ".xml.gz")
CLOSED, OPEN = "lanes closed", ("no delay", "delay")
MISSING = ("update pending", "n/a", "")
SHOWN = 5
"""Copies left out, ports or reasons that are named; of the others there is a number."""
NOON = 12
SATURDAY = 5


@dataclass(frozen=True)
class LaneReport:
    """One lane class at one crossing in one copy; 0 lanes is closed, a delay of None is unknown."""

    crossing_id: str
    mode: str
    lane_class: str
    day: date
    hour: int
    lanes: int
    delay_min: float | None


@dataclass
class FeedHours:
    """All copies of a folder, averaged.

    Attributes
    ----------
    lanes : dict
        ``LaneHours`` by group.
    delays : dict
        Mean delay in minutes by group, NaN where none, float64[3, 24].
    booths : dict
        Largest number of booths reported or seen open by (crossing, mode).
    copies : int
        Copies read.
    left_out : list of str
        Copies that could not be read, one line each.
    elsewhere : Counter
        Reports of ports that the register does not list.
    aside : Counter
        Reports left aside, by reason.
    """

    lanes: dict[GroupKey, LaneHours] = field(default_factory=dict)
    delays: dict[GroupKey, NDArray[np.float64]] = field(default_factory=dict)
    booths: dict[tuple[str, str], int] = field(default_factory=dict)
    copies: int = 0
    left_out: list[str] = field(default_factory=list)
    elsewhere: Counter[str] = field(default_factory=Counter)
    aside: Counter[str] = field(default_factory=Counter)

    def notes(self) -> list[str]:
        """Return one line on everything that was not used."""
        lines = [f"left out: {line}" for line in self.left_out[:SHOWN]]
        if (more := len(self.left_out) - SHOWN) > 0:
            lines.append(f"left out: {more:,} more")
        shown = self.aside.most_common(SHOWN)
        lines += [f"left aside: {counted(count, 'report')}, {why}" for why, count in shown]
        if (rest := self.aside.total() - sum(count for _, count in shown)) > 0:
            lines.append(f"left aside: {counted(rest, 'report')} for other reasons")
        if self.elsewhere:
            ports = sorted(self.elsewhere)
            others = ", ..." if len(ports) > SHOWN else ""
            lines.append(f"not in crossings.csv, left aside: {', '.join(ports[:SHOWN])}{others}")
        return lines


def copy_time(path: Path) -> datetime:
    """Return the UTC time in the name of a copy."""
    match = re.search(r"(\d{8})[T_-]?(\d{6})", path.name)
    try:
        if match:
            return datetime.strptime(match[1] + match[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        pass
    raise TableError(f"{path}: the name must carry its UTC time, as in bwt_20250327T150000Z.json")


def parse_ports(text: str, where: str) -> list[dict[str, Any]]:
    """Return the ports of the US-Mexico border in one copy, JSON or XML.

    Raises
    ------
    TableError
        The text is neither, or has no such port.
    """
    try:
        if text.lstrip().startswith("<"):
            ports: object = [_as_dict(node) for node in ElementTree.fromstring(text).iter("port")]
        else:
            tree = json.loads(text)
            ports = tree.get("port") if isinstance(tree, dict) else tree
    except (ValueError, RecursionError, ElementTree.ParseError) as error:
        raise TableError(f"{where}: neither JSON nor XML of the wait-time feed ({error})") from None
    listed = ports if isinstance(ports, list) else []
    ours = [port for port in listed if _text(port, "border").lower() == BORDER.lower()]
    if not any(_text(port, "port_number") for port in ours):
        raise TableError(f"{where}: no port with border {BORDER!r} and a port_number")
    return ours


def _text(node: object, name: str) -> str:
    """Return a field of a copy as text, the only way to one: of a number, of nothing, of what is no node."""
    value = node.get(name) if isinstance(node, dict) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _node(node: object, name: str) -> object:
    return node.get(name) if isinstance(node, dict) else None


def _as_dict(node: ElementTree.Element) -> Any:
    if len(node):
        return {child.tag: _as_dict(child) for child in node}
    return (node.text or "").strip()


def reports_of(port: dict[str, Any], local: datetime, aside: Counter[str]) -> Iterator[LaneReport]:
    """Yield what one port says of its lanes.

    Parameters
    ----------
    port : dict
    local : datetime
        Local time of the copy.
    aside : Counter
        Gets what is left aside, by reason.
    """
    for block, mode in BLOCKS.items():
        for name, lane_class in LANES.items():
            lane = _node(_node(port, block), name)
            status = _text(lane, "operational_status")
            if (kind := status.lower()) in MISSING:
                continue
            if kind not in (CLOSED, *OPEN):
                near = nearest(kind, (CLOSED, *OPEN, *MISSING[:2]))
                aside[f"operational_status {status!r} is not known{near}"] += 1
                continue
            key = (_text(port, "port_number").lower(), mode, lane_class)
            lanes = 0 if kind == CLOSED else _count(lane, "lanes_open", LANES_MAX, aside)
            if lanes == 0:
                yield LaneReport(*key, local.date(), local.hour, 0, None)
            elif lanes is not None:
                delay = _count(lane, "delay_minutes", DELAY_MAX_MIN, aside)
                day, hour = _update_hour(_text(lane, "update_time"), local)
                yield LaneReport(*key, day, hour, lanes, delay)


def _count(node: object, name: str, high: int, aside: Counter[str]) -> int | None:
    """Return a whole number of a copy, or None: it says nothing, or nothing that can be."""
    text = _text(node, name)
    if text.lower() in MISSING:
        return None
    try:
        return int(number(text, name, whole=True, high=high))
    except TableError as error:
        aside[str(error)] += 1
        return None


def _update_hour(text: str, local: datetime) -> tuple[date, int]:
    """Return day and hour of an update time; an hour later than the copy is of the day before."""
    clock = re.search(r"(\d{1,2}):\d{2} ?(am|pm)", text.lower())
    if clock:
        hour = int(clock[1]) % NOON + (NOON if clock[2] == "pm" else 0)
    elif "noon" in text.lower():
        hour = NOON
    elif "midnight" in text.lower():
        hour = 0
    else:
        hour = local.hour
    return (local.date() if hour <= local.hour else local.date() - timedelta(days=1)), hour


def _copies(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise TableError(f"{folder}: no such folder of copies of the wait-time feed")
    found = sorted(folder.iterdir())
    found = [path for path in found if path.name.endswith(SUFFIXES) and not path.name.startswith(".")]
    if not found:
        raise TableError(f"{folder}: no copy of the wait-time feed ({', '.join(SUFFIXES)})")
    return found


def _content(path: Path) -> str:
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise TableError(f"{path}: cannot be read ({error})") from None


def _zone(crossing: Crossing) -> ZoneInfo:
    name = crossing.time_zone
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        zones = available_timezones()
        why = nearest(name, zones) if zones else "; this machine has no time zones: pip install tzdata"
        raise TableError(
            f"crossings.csv: time zone {name!r} of {crossing.crossing_id} is not known{why}"
        ) from None


def read_feed(folder: Path, crossings: Sequence[Crossing]) -> FeedHours:
    """Average all copies of a folder by group, day type and local hour.

    Parameters
    ----------
    folder : Path
        Copies of the feed, JSON or XML.
    crossings : sequence of Crossing
        The register; ports that it does not list are left out.

    Raises
    ------
    TableError
        There is no copy that can be read, or a crossing has no known time zone.
    """
    zones = {c.crossing_id: _zone(c) for c in crossings}
    result = FeedHours()
    latest: dict[tuple[GroupKey, date, int], tuple[datetime, LaneReport]] = {}
    for path in _copies(folder):
        try:
            when, ports = copy_time(path), parse_ports(_content(path), str(path))
        except TableError as error:
            result.left_out.append(str(error))
            continue
        result.copies += 1
        for port in ports:
            crossing_id = _text(port, "port_number").lower()
            if crossing_id not in zones:
                result.elsewhere[crossing_id or "a port without a number"] += 1
                continue
            seen = dict.fromkeys(MODES, 0)
            for report in reports_of(port, when.astimezone(zones[crossing_id]), result.aside):
                at = ((crossing_id, report.mode, report.lane_class), report.day, report.hour)
                if at not in latest or latest[at][0] <= when:
                    latest[at] = (when, report)
                seen[report.mode] += report.lanes
            _raise_booths(result, port, crossing_id, seen)
    if not result.copies:
        others = len(result.left_out) - 1
        raise TableError(result.left_out[0] + (f"; {others:,} more cannot be read" if others else ""))
    if not latest:
        raise TableError("; ".join([f"{folder}: no report of a lane can be used", *result.notes()[:SHOWN]]))
    _average(result, {at: report for at, (_, report) in latest.items()})
    return result


def _raise_booths(result: FeedHours, port: dict[str, Any], crossing_id: str, seen: dict[str, int]) -> None:
    for block, mode in BLOCKS.items():
        stated = _count(_node(port, block), "maximum_lanes", LANES_MAX, result.aside) or 0
        most = max(stated, seen[mode], result.booths.get((crossing_id, mode), 0))
        result.booths[crossing_id, mode] = most


def _average(result: FeedHours, latest: dict[tuple[GroupKey, date, int], LaneReport]) -> None:
    waits: dict[GroupKey, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
    for (key, day, hour), report in latest.items():
        at = (max(0, day.weekday() - SATURDAY + 1), hour)
        group = result.lanes.setdefault(key, LaneHours.empty())
        group.reports[at] += 1
        group.reports_open[at] += report.lanes > 0
        group.lanes[at] += report.lanes
        if report.delay_min is not None:
            total, count = waits.setdefault(key, (np.zeros(SHAPE), np.zeros(SHAPE)))
            total[at] += report.delay_min
            count[at] += 1
    for group in result.lanes.values():
        group.lanes /= np.maximum(group.reports, 1.0)
    for key, (total, count) in waits.items():
        result.delays[key] = np.divide(total, count, out=np.full(SHAPE, np.nan), where=count > 0)
