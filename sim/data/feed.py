"""Archived copies of CBP's border wait-time feed become lanes and delays by hour.

Layout of a copy, the same in JSON (a list of ports) and XML (``<border_wait_time>`` with ``<port>``
elements); every value is text::

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
copy of a local hour counts.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from sim.border.crossing import MODES, Crossing
from sim.core.errors import TableError
from sim.data.lanes import SHAPE, GroupKey, LaneHours

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
    """

    lanes: dict[GroupKey, LaneHours] = field(default_factory=dict)
    delays: dict[GroupKey, NDArray[np.float64]] = field(default_factory=dict)
    booths: dict[tuple[str, str], int] = field(default_factory=dict)
    copies: int = 0


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
            ports = [_as_dict(node) for node in ElementTree.fromstring(text).iter("port")]
        else:
            tree = json.loads(text)
            ports = tree.get("port", []) if isinstance(tree, dict) else tree
    except (ValueError, ElementTree.ParseError) as error:
        raise TableError(f"{where}: neither JSON nor XML of the wait-time feed ({error})") from None
    ours = [port for port in ports if isinstance(port, dict) and port.get("border") == BORDER]
    if not ours or "port_number" not in ours[0]:
        raise TableError(f"{where}: no port with border {BORDER!r} and a port_number")
    return ours


def _as_dict(node: ElementTree.Element) -> Any:
    if len(node):
        return {child.tag: _as_dict(child) for child in node}
    return (node.text or "").strip()


def reports_of(port: dict[str, Any], local: datetime) -> Iterator[LaneReport]:
    """Yield what one port says of its lanes; ``local`` is the local time of the copy."""
    for block, mode in BLOCKS.items():
        for name, lane_class in LANES.items():
            lane = (port.get(block) or {}).get(name)
            if not isinstance(lane, dict):
                continue
            status = str(lane.get("operational_status", "")).strip().lower()
            count = str(lane.get("lanes_open", "")).strip()
            key = (port["port_number"].lower(), mode, lane_class)
            if status == CLOSED or (status in OPEN and count == "0"):
                yield LaneReport(*key, local.date(), local.hour, 0, None)
            elif status in OPEN and count.isdigit():
                delay = str(lane.get("delay_minutes", "")).strip()
                day, hour = _update_hour(str(lane.get("update_time", "")), local)
                yield LaneReport(*key, day, hour, int(count), float(delay) if delay.isdigit() else None)


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
    found = [
        path for path in folder.iterdir() if path.name.endswith(SUFFIXES) and not path.name.startswith(".")
    ]
    if not found:
        raise TableError(f"{folder}: no copy of the wait-time feed ({', '.join(SUFFIXES)})")
    return sorted(found, key=lambda path: (copy_time(path), path.name))


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise TableError(f"{path}: cannot be read ({error})") from None


def read_feed(folder: Path, crossings: Sequence[Crossing]) -> FeedHours:
    """Average all copies of a folder by group, day type and local hour.

    Parameters
    ----------
    folder : Path
        Copies of the feed, JSON or XML.
    crossings : sequence of Crossing
        The register; ports that it does not list are left out.
    """
    zones = {c.crossing_id: ZoneInfo(c.time_zone) for c in crossings}
    result = FeedHours()
    latest: dict[tuple[GroupKey, date, int], LaneReport] = {}
    for path in _copies(folder):
        result.copies += 1
        when = copy_time(path)
        for port in parse_ports(_text(path), str(path)):
            crossing_id = str(port["port_number"]).lower()
            if crossing_id not in zones:
                continue
            seen = dict.fromkeys(MODES, 0)
            for report in reports_of(port, when.astimezone(zones[crossing_id])):
                group = (crossing_id, report.mode, report.lane_class)
                latest[group, report.day, report.hour] = report
                seen[report.mode] += report.lanes
            _raise_booths(result.booths, port, crossing_id, seen)
    _average(result, latest)
    return result


def _raise_booths(
    booths: dict[tuple[str, str], int], port: dict[str, Any], crossing_id: str, seen: dict[str, int]
) -> None:
    for block, mode in BLOCKS.items():
        stated = str((port.get(block) or {}).get("maximum_lanes", "")).strip()
        most = max(int(stated) if stated.isdigit() else 0, seen[mode])
        booths[crossing_id, mode] = max(booths.get((crossing_id, mode), 0), most)


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
