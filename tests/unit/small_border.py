"""A border of five crossings in official clothes: every rule of ``rules.csv`` is needed once."""

from __future__ import annotations

import json
from pathlib import Path

from sim.border.crossing import CROSSING_COLUMNS, HOUR_COLUMNS
from sim.rebuild.counts import BTS_COLUMNS, TEXAS_COLUMNS
from sim.rebuild.lanes import LANE_FILE_COLUMNS
from sim.rebuild.official import fiscal_months
from sim.rebuild.placement import RULE_COLUMNS

MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CROSSINGS = (
    "100101,East,2604,tucson,,31.3330,-110.9430,America/Phoenix,3,0,1,open,",
    "100102,West,2604,tucson,,31.3340,-110.9500,America/Phoenix,2,0,0,open,",
    "100201,Bridge,2304,laredo,Old Bridge,27.5000,-99.5000,America/Chicago,4,2,0,open,",
    "100202,Bridge cargo,2304,laredo,,27.5000,-99.5000,America/Chicago,0,2,0,merged,100201",
    "100301,Shut,2504,san_diego,,32.5000,-117.0000,America/Los_Angeles,0,0,2,closed,",
)
RULES = (
    "merged,100202,,,100201,,second number of the same lanes",
    "closed,100301,,,,,shut in the fiscal year",
    "folded,100201,passenger,ready,,,hardly ever open",
    "on_demand,100201,commercial,,,,opened when a truck comes",
    "assumed_lanes,100101,pedestrian,,1,,counted but not in the feed",
    "outside,Ferry,passenger,,,,not one of the crossings",
    "interpolated,2604,passenger,,,,one month is missing",
)
PASSENGER = 9_000
"""Monthly cars at the two Arizona crossings."""
MISSING = "2021-12"


def _csv(columns: tuple[str, ...], rows: list[str] | tuple[str, ...]) -> str:
    return "\n".join([",".join(columns), *rows, ""])


def write_registers(folder: Path, rules: tuple[str, ...] = RULES) -> Path:
    """Write the two registers, a flat delay profile and settings of the shipped kind."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "crossings.csv").write_text(_csv(CROSSING_COLUMNS, CROSSINGS))
    (folder / "rules.csv").write_text(_csv(RULE_COLUMNS, rules))
    flat = ",".join("1" for _ in HOUR_COLUMNS)
    kinds = (
        "passenger,standard",
        "passenger,ready",
        "passenger,sentri",
        "commercial,standard",
        "commercial,fast",
    )
    kinds += ("pedestrian,standard", "pedestrian,ready")
    rows = [f"{kind},{day},{flat}" for kind in kinds for day in ("weekday", "saturday", "sunday")]
    (folder / "delay_profile.csv").write_text(_csv(("mode", "lane_class", "day_type", *HOUR_COLUMNS), rows))
    (folder / "demand.csv").write_text(
        "crossing_id,mode,lane_class,demand_factor,pace\n100101,passenger,standard,1.25,1\n"
    )
    return folder


def _bts_row(code: str, state: str, month: str, measure: str, value: int) -> str:
    name = f"{MONTH_NAMES[int(month[5:]) - 1]} {month[:4]}"
    return f"Port {code},{state},{code},US-Mexico Border,{name},{measure},{value}"


def write_bts(path: Path) -> Path:
    """Write BTS rows: Arizona cars (one month missing) and pedestrians, a Texas port, another border."""
    rows = ["Elsewhere,Maine,0115,US-Canada Border,Oct 2021,Trucks,7"]
    for i, month in enumerate(fiscal_months()):
        if month != MISSING:
            rows.append(_bts_row("2604", "Arizona", month, "Personal Vehicles", PASSENGER + 100 * i))
        rows.append(_bts_row("2604", "Arizona", month, "Pedestrians", 3_000))
        rows.append(_bts_row("2304", "Texas", month, "Personal Vehicles", 20_500))
        rows.append(_bts_row("2304", "Texas", month, "Trucks", 2_000))
        rows.append(_bts_row("2604", "Arizona", month, "Buses", 11))
    path.write_text(_csv(BTS_COLUMNS, rows))
    return path


def write_texas(path: Path) -> Path:
    """Write counts of the bridge and of a ferry that is not one of the crossings."""
    rows = []
    for month in fiscal_months():
        when = f"{month[:4]},{int(month[5:])}"
        rows += [
            f"{when},Old Bridge,Passenger Vehicles,20000",
            f"{when},Old Bridge,Commercial Trucks,2000",
            f"{when},Old Bridge,Buses,5",
            f"{when},Ferry,Passenger Vehicles,500",
        ]
    path.write_text(_csv(TEXAS_COLUMNS, rows))
    return path


def write_lanes(path: Path) -> Path:
    """Write lanes by hour: East has twice the lanes of West; the bridge needs four rules."""
    rows: list[str] = []

    def group(crossing: str, mode: str, lane_class: str, lanes: float, share: float, hours: range) -> None:
        for day, total in (("weekday", 100), ("saturday", 20), ("sunday", 20)):
            for hour in range(24):
                opened = round(total * share) if hour in hours else 0
                mean = lanes if hour in hours else 0.0
                rows.append(f"{crossing},{mode},{lane_class},{day},{hour},{opened},{total},{mean:g}")

    group("100101", "passenger", "standard", 2.0, 1.0, range(6, 22))
    group("100102", "passenger", "standard", 1.0, 1.0, range(6, 22))
    group("100201", "passenger", "standard", 1.5, 0.9, range(24))
    group("100201", "passenger", "ready", 0.2, 0.2, range(8, 18))
    group("100201", "passenger", "sentri", 1.0, 1.0, range(6, 22))
    group("100201", "commercial", "standard", 0.25, 0.25, range(8, 18))
    group("100202", "commercial", "standard", 0.1, 0.1, range(8, 18))
    group("100301", "pedestrian", "standard", 2.0, 1.0, range(24))
    path.write_text(_csv(LANE_FILE_COLUMNS, rows))
    return path


def feed_port(
    number: str, hour_text: str, lanes: dict[str, dict[str, tuple[str, str, str]]]
) -> dict[str, object]:
    """Return one port of the feed; lanes are (status, lanes open, delay) by block and lane."""
    port: dict[str, object] = {"port_number": number, "border": "Mexican Border", "port_status": "Open"}
    for block, classes in lanes.items():
        port[block] = {"maximum_lanes": "4"} | {
            name: {
                "update_time": hour_text if status != "Lanes Closed" else "",
                "operational_status": status,
                "lanes_open": count,
                "delay_minutes": delay,
            }
            for name, (status, count, delay) in classes.items()
        }
    return port


def as_xml(ports: list[dict[str, object]]) -> str:
    """Return ports as the XML of the feed."""

    def node(tag: str, value: object) -> str:
        inner = "".join(node(k, v) for k, v in value.items()) if isinstance(value, dict) else str(value)
        return f"<{tag}>{inner}</{tag}>"

    return (
        f"<?xml version='1.0'?><border_wait_time>{''.join(node('port', p) for p in ports)}</border_wait_time>"
    )


def as_json(ports: list[dict[str, object]]) -> str:
    """Return ports as the JSON of the feed."""
    return json.dumps(ports)
