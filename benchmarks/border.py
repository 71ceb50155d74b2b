"""The border queue: kernel, NumPy fallback, cimba and the process-per-vehicle twin, on the same work.

130 lane groups of 1 to 34 lanes, 5 to 1500 arrivals an hour at the peak and as many a day as the real
border, Erlang-4 inspections, patience, 4 % to secondary, sums by hour of arrival (the twin only keeps
a row a vehicle, cimba sums by group). Tools take turns, processor time, medians: read the ratios.
cimba runs its rounds in a process of its own. Where a tool would take more than seconds, nothing is shown.
"Everything on" adds leniency of three levels and waiting rooms of two places; layers of screening only
set the referral share of an hour, outside the queue.
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
from dataclasses import dataclass
from functools import partial

from benchmarks.border_work.cimba_peer import ABSENT, cimba_ns, find_cimba
from benchmarks.border_work.same_border import (
    DAY_H,
    GROUPS,
    Work,
    of_lanes,
    run_queue,
    run_twin,
    whole_border,
)
from sim.core.draws import compiled_available

ROUNDS, ROUNDS_OF_GROWTH = 5, 3
YEAR_ARRIVALS = 127.75e6
TARGET = 400
TARGET_ALL_ON, RATIO_ALL_ON = 350, 1.5
TWIN, FALLBACK, KERNEL, CIMBA = (
    "SimPy twin, one process a vehicle",
    "NumPy and heap fallback",
    "kernel",
    "cimba",
)
ON = ", everything on"
CIMBA_HOURS = 24
HOURS_OF_LANES = {TWIN: 1, FALLBACK: 6, KERNEL: 72, KERNEL + ON: 72, CIMBA: 24}
MEASURED = (TWIN, FALLBACK, CIMBA, KERNEL, KERNEL + ON)
LANES = (1, 2, 5, 10, 20, 40)
HOURS_OF_ARRIVALS = {1: MEASURED, 7: MEASURED, 65: MEASURED[1:], 648: MEASURED[2:], 6480: MEASURED[3:]}
"""Hours of the border that give 1e4, 1e5, ... 1e8 arrivals, and who finishes them in seconds."""


@dataclass(frozen=True)
class Tool:
    """A simulator of a border and how many hours of it make one round."""

    hours: int
    run: Callable[[int], int]


def tools(plain: Work, all_on: Work, hours: dict[str, int]) -> dict[str, Tool]:
    """Return the tools that are ours, as far as hours name them."""
    everybody = {
        TWIN: partial(run_twin, plain),
        FALLBACK: partial(run_queue, plain, compiled=False),
        KERNEL: partial(run_queue, plain),
        TWIN + ON: partial(run_twin, all_on),
        FALLBACK + ON: partial(run_queue, all_on, compiled=False),
        KERNEL + ON: partial(run_queue, all_on),
    }
    return {name: Tool(hours[name], run) for name, run in everybody.items() if name in hours}


def per_arrival_ns(taking_turns: dict[str, Tool], rounds: int) -> dict[str, tuple[int, float]]:
    """Return arrivals and processor time of one, ns: the median of rounds in which the tools take turns."""
    taken: dict[str, list[float]] = {name: [] for name in taking_turns}
    arrivals = {}
    for _ in range(rounds):
        for name, tool in taking_turns.items():
            begin = time.process_time()
            arrivals[name] = tool.run(tool.hours)
            taken[name].append((time.process_time() - begin) / arrivals[name] * 1e9)
    return {name: (arrivals[name], statistics.median(values)) for name, values in taken.items()}


def first_hour_s(folder: str) -> float:
    """Return the time from the start of a process to the end of its first hour, s."""
    program = "from benchmarks.border_work.same_border import *; run_queue(whole_border(), 1)"
    begin = time.perf_counter()
    environment = os.environ | {"NUMBA_CACHE_DIR": folder, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    return time.perf_counter() - begin


def print_year(python: str | None) -> None:
    """Print what an arrival and a border year cost each tool, and whether the bars are met."""
    hours = {TWIN: 2, FALLBACK: DAY_H, KERNEL: 7 * DAY_H}
    hours |= {name + ON: value for name, value in hours.items()}
    found = per_arrival_ns(tools(whole_border(), whole_border(True), hours), ROUNDS)
    taken = {name: ns for name, (_, ns) in found.items()}
    if python is not None:
        taken[CIMBA] = cimba_ns(python, whole_border(), [CIMBA_HOURS], ROUNDS)[0][1]
    a_day = run_queue(whole_border(), DAY_H)
    print(f"{a_day:,} arrivals a day in {GROUPS} lane groups; medians of {ROUNDS} rounds\n")
    print(
        "| tool, same work | ns an arrival | times the twin's speed | a border year |\n|---|---:|---:|---:|"
    )
    for name in (TWIN, FALLBACK, CIMBA, KERNEL, TWIN + ON, FALLBACK + ON, KERNEL + ON):
        if (ns := taken.get(name)) is None:
            print(f"| {name} | {ABSENT} | | |")
            continue
        twin = taken[TWIN + ON if name.endswith(ON) else TWIN]
        print(f"| {name} | {ns:,.1f} | {twin / ns:,.1f} | {ns * YEAR_ARRIVALS / 1e9:,.1f} s |")
    ratio, ratio_on = taken[TWIN] / taken[KERNEL], taken[TWIN + ON] / taken[KERNEL + ON]
    cost = taken[KERNEL + ON] / taken[KERNEL]
    print(f"\n{KERNEL} {ratio:,.0f} times its twin: {said(ratio >= TARGET)} {TARGET}")
    print(f"{KERNEL + ON}: {ratio_on:,.0f} times its twin: {said(ratio_on >= TARGET_ALL_ON)} {TARGET_ALL_ON}")
    print(f"{KERNEL + ON}: {cost:.2f} times the plain one: {said(cost <= RATIO_ALL_ON)} {RATIO_ALL_ON}\n")


def said(meets: bool) -> str:
    """Return the verdict on a bar."""
    return "meets" if meets else "MISSES"


def print_growth(rows: dict[str, dict[str, float]], what: str) -> None:
    """Print processor time an arrival, a line a size and a column a tool."""
    print(f"| {what} | " + " | ".join(MEASURED) + " |\n|---:|" + "---:|" * len(MEASURED))
    for size, taken in rows.items():
        cells = (f"{taken[name]:,.1f}" if name in taken else "" for name in MEASURED)
        print(f"| {size} | " + " | ".join(cells) + " |")
    print()


def grow_in_arrivals(python: str | None) -> dict[str, dict[str, float]]:
    """Return ns an arrival by number of arrivals and tool."""
    cimba_hours = [hours for hours, names in HOURS_OF_ARRIVALS.items() if CIMBA in names]
    peer = cimba_ns(python, whole_border(), cimba_hours, ROUNDS_OF_GROWTH) if python else []
    rows = {}
    for i, (hours, names) in enumerate(HOURS_OF_ARRIVALS.items()):
        mine = tools(whole_border(), whole_border(True), {name: hours for name in names if name != CIMBA})
        found = per_arrival_ns(mine, ROUNDS_OF_GROWTH)
        taken = {name: ns for name, (_, ns) in found.items()}
        if i < len(peer):
            taken[CIMBA] = peer[i][1]
        rows[f"{found[KERNEL][0]:,}"] = taken
    return rows


def grow_in_lanes(python: str | None) -> dict[str, dict[str, float]]:
    """Return ns an arrival by lanes of a group and tool."""
    rows = {}
    for lanes in LANES:
        found = per_arrival_ns(
            tools(of_lanes(lanes), of_lanes(lanes, True), HOURS_OF_LANES), ROUNDS_OF_GROWTH
        )
        rows[str(lanes)] = {name: ns for name, (_, ns) in found.items()}
        if python:
            peer = cimba_ns(python, of_lanes(lanes), [HOURS_OF_LANES[CIMBA]], ROUNDS_OF_GROWTH)
            rows[str(lanes)][CIMBA] = peer[0][1]
    return rows


def main() -> None:
    """Print the tables, in Markdown."""
    if not compiled_available():
        sys.exit("benchmarks/border.py needs the compiler: unset CHOKEPOINT_COMPILE and install numba")
    for work in (whole_border(), whole_border(True)):
        run_queue(work, 1)  # compile
    python = find_cimba()
    print_year(python)
    print(
        f"ns an arrival as arrivals grow; empty: would take more than seconds, or {CIMBA} is not installed\n"
    )
    print_growth(grow_in_arrivals(python), "arrivals")
    print("ns an arrival as the lanes of a group grow, 400 lanes in all\n")
    print_growth(grow_in_lanes(python), "lanes")
    with tempfile.TemporaryDirectory() as folder:
        print(f"process start to first hour: compiling {first_hour_s(folder):.1f} s, ", end="")
        print(f"from the cache {first_hour_s(folder):.1f} s")


if __name__ == "__main__":
    main()
