"""The border queue: kernel, NumPy fallback and the process-per-vehicle twin, on the same work.

130 lane groups of 1 to 34 lanes, 5 to 1500 arrivals an hour at the peak and as many a day as the real
border, Erlang-4 inspections, patience, 4 % to secondary, sums by hour of arrival (the twin only keeps
a row a vehicle). Tools take turns, processor time, medians of rounds: read the ratios.
"Everything on" adds referral shares by layer, leniency of three levels and waiting rooms of two places.
Usage: python -m benchmarks.border
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sim.border.leniency.table import LeniencyTable
from sim.border.network import BorderQueue, HourInput, QueueSettings
from sim.border.twin import Twin
from sim.core.draws import Draws, compiled_available

GROUPS, STATIONS, DAY_H = 130, 45, 24
SERVICE_H, SECONDARY_H = 0.02, 0.5
ROUNDS = 5
ALL_ON = "everything on"
YEAR_ARRIVALS = 127.75e6
TARGET = 400
TARGET_ALL_ON, RATIO_ALL_ON = 350, 1.5


EVERYTHING = {
    "leniency": LeniencyTable(
        edges=np.array([1.0, 2.0, 4.0]),
        service_factor=np.array([1.0, 0.9, 0.8, 0.7]),
        referral_factor=np.array([1.0, 0.8, 0.6, 0.4]),
    ),
    "waiting_room": np.full(STATIONS, 2.0),
}


@dataclass
class Tool:
    """A simulator of the border and how many hours of it make one round."""

    name: str
    hours: int
    run: Callable[[int], int]


def border(hours: int, all_on: bool = False) -> tuple[QueueSettings, list[HourInput]]:
    """Return the settings and a day of inputs."""
    peak = 5.0 * 300.0 ** (np.linspace(0.0, 1.0, GROUPS) ** 1.7)
    station = np.arange(GROUPS) % STATIONS
    shape_of_day = 0.35 + 0.65 * np.sin(np.arange(DAY_H) * np.pi / DAY_H) ** 2
    day = []
    for share in shape_of_day:
        rate = np.maximum(peak * share, 5.0)
        sent = np.bincount(station, weights=0.04 * rate, minlength=STATIONS)
        day.append(
            HourInput(
                rate_per_h=rate,
                service_h=np.full(GROUPS, SERVICE_H),
                lanes=np.ceil(rate * SERVICE_H / 0.95).astype(int),
                referral_share=np.full(GROUPS, 0.04),
                secondary_h=np.full(STATIONS, SECONDARY_H),
                bays=np.ceil(sent * SECONDARY_H / 0.8).astype(int),
            )
        )
    settings = QueueSettings(
        secondary_of=station,
        lanes_max=np.max([now.lanes for now in day], axis=0),
        service_shape=np.full(GROUPS, 4),
        patience_h=np.full(GROUPS, 0.5),
        bays_max=np.max([now.bays for now in day], axis=0),
        secondary_shape=np.full(STATIONS, 2),
        hour_of_week=np.arange(hours) % 168,
        month_of_hour=np.zeros(hours, int),
        n_months=1,
    )
    return replace(settings, **EVERYTHING) if all_on else settings, day


def run_queue(compiled: bool, hours: int, all_on: bool = False) -> int:
    """Advance the queue; return how many vehicles had their turn."""
    settings, day = border(hours, all_on)
    queue = BorderQueue(settings, Draws(1, 0), compiled=compiled)
    for hour in range(hours):
        queue.advance(hour, day[(hour + 8) % DAY_H])
    sums = queue.totals().month
    return int(sums["trips"].sum() + sums["diverted"].sum())


def run_twin(hours: int, all_on: bool = False) -> int:
    """Run the twin; return how many vehicles had their turn."""
    settings, day = border(hours, all_on)
    return len(Twin(settings, Draws(1, 0)).run([day[(hour + 8) % DAY_H] for hour in range(hours)]))


def per_arrival_ns(tools: list[Tool]) -> dict[str, float]:
    """Return processor time an arrival, the median of rounds in which the tools take turns."""
    taken: dict[str, list[float]] = {tool.name: [] for tool in tools}
    for _ in range(ROUNDS):
        for tool in tools:
            begin = time.process_time()
            arrivals = tool.run(tool.hours)
            taken[tool.name].append((time.process_time() - begin) / arrivals * 1e9)
    return {name: statistics.median(values) for name, values in taken.items()}


def first_hour_s(folder: str) -> float:
    """Return the time from the start of a process to the end of its first hour, s."""
    program = "from benchmarks.border import run_queue; run_queue(True, 1)"
    begin = time.perf_counter()
    environment = os.environ | {"NUMBA_CACHE_DIR": folder, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    return time.perf_counter() - begin


def main() -> None:
    """Print the table."""
    if not compiled_available():
        sys.exit("benchmarks/border.py needs the compiler: unset CHOKEPOINT_COMPILE and install numba")
    run_queue(True, 1)
    tools = [
        Tool("SimPy twin, one process a vehicle", 2, run_twin),
        Tool("NumPy and heap fallback", 24, lambda hours: run_queue(False, hours)),
        Tool("compiled kernel", 24 * 7, lambda hours: run_queue(True, hours)),
        Tool(f"twin, {ALL_ON}", 2, lambda hours: run_twin(hours, True)),
        Tool(f"fallback, {ALL_ON}", 24, lambda hours: run_queue(False, hours, True)),
        Tool(f"kernel, {ALL_ON}", 24 * 7, lambda hours: run_queue(True, hours, True)),
    ]
    taken = per_arrival_ns(tools)
    slowest = taken[tools[0].name]
    print(f"{run_queue(True, 24):,} arrivals a day in {GROUPS} lane groups; medians of {ROUNDS} rounds\n")
    print(f"{'tool, same work':36}{'ns an arrival':>15}{'times the twin':>17}{'a border year':>16}")
    for name, ns in taken.items():
        print(f"{name:36}{ns:15,.1f}{slowest / ns:17,.1f}{ns * YEAR_ARRIVALS / 1e9:14,.1f} s")
    ratio = slowest / taken["compiled kernel"]
    print(f"\nkernel {ratio:,.0f} times the twin: {'meets' if ratio >= TARGET else 'MISSES'} {TARGET}")
    kernel, twin = taken[f"kernel, {ALL_ON}"], taken[f"twin, {ALL_ON}"]
    cost = kernel / taken["compiled kernel"]
    meets = cost <= RATIO_ALL_ON and twin / kernel >= TARGET_ALL_ON
    print(f"{ALL_ON}: {cost:.2f} times the plain kernel, {twin / kernel:,.0f} times its twin: ", end="")
    print(f"{'meets' if meets else 'MISSES'} {RATIO_ALL_ON} and {TARGET_ALL_ON}")
    with tempfile.TemporaryDirectory() as folder:
        print(f"process start to first hour: compiling {first_hour_s(folder):.1f} s, ", end="")
        print(f"from the cache {first_hour_s(folder):.1f} s")


if __name__ == "__main__":
    main()
