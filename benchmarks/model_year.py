"""A model-year: the coupled world against the border alone, split by part, and what a process costs.

Ratios of one run on one machine; nothing here is a test.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from sim.core.shipped import compose_tree, conf_folder, read_yaml
from sim.ledger.accounts import BUYERS, PROCEEDS
from sim.ledger.postings import CASH, Ledger
from sim.scenario import Scenario, load_scenario
from sim.world import World

MB = 1024.0
POSTINGS = 300_000
HOURS = 31 * 24
CONGESTED = {"border.leniency.kind": "threshold", "border.screening.secondary_space": "limited"}
STRATEGY = {
    f"levers.{name}.size": float(lever["size"])
    for name, lever in read_yaml(conf_folder() / "scenario" / "hsi_strategy.yaml")["levers"].items()
}
EVERYTHING = {**CONGESTED, **STRATEGY, "adversary.kind": "logit"}


def timed(work: Callable[[], Any]) -> float:
    """Return the processor time of some work, s."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def world(**changes: Any) -> World:
    """Return a fresh world of the baseline with some keys changed."""
    return World(scenario(**changes), seed=1, replication=0)


def scenario(**changes: Any) -> Scenario:
    """Return the baseline with some keys changed."""
    return load_scenario(compose_tree(changes=changes))


def border_alone(**changes: Any) -> None:
    """Advance every queue of the year, with nobody tracked."""
    ports = world(**{"calendar.warmup_days": 0}, **changes).ports
    for hour in range(ports.calendar.total_hours):
        ports.advance(hour, [])


def posting_us() -> float:
    """Return the cost of one posting, microseconds, folding included."""
    ledger = Ledger(np.zeros(HOURS, dtype=np.int32))
    source, target = ledger.account(BUYERS), ledger.account(PROCEEDS, "one")

    def post() -> None:
        for i in range(POSTINGS):
            ledger.post(float(i % HOURS), source, target, CASH, 1)
        ledger.check()

    return timed(post) / POSTINGS * 1e6


def events_and_postings(**changes: Any) -> tuple[int, int, float]:
    """Return the events on the clock, the postings and the seconds of a world without queues."""
    one = world(**{"calendar.warmup_days": 0, "border.model": "instant"}, **changes)
    horizon, events = one.calendar.total_hours, 0

    def walk() -> None:
        nonlocal events
        while one.env.peek() < horizon:
            one.env.step()
            events += 1

    spent = timed(walk)
    return events, one.outcome().posted, spent


def growth() -> list[tuple[str, str]]:
    """Return rows that show how the chain grows with time and with the number of loads."""
    loads = scenario().settings.chain.route.loads_per_year
    cases = {
        "chain, 1 year": {},
        "chain, 2 years": {"calendar.days": 730},
        "chain, 4 years": {"calendar.days": 1460},
        "chain, twice the loads": {f"chain.route.loads_per_year.{k}": 2.0 * v for k, v in loads.items()},
        "chain, 4 times the loads": {f"chain.route.loads_per_year.{k}": 4.0 * v for k, v in loads.items()},
        "chain, whole strategy": EVERYTHING,
    }
    rows = []
    for name, changes in cases.items():
        events, postings, spent = events_and_postings(**changes)
        rows.append((name, f"{events:,} events, {postings:,} postings, {spent:.2f} s"))
    return rows


def start_s(*arguments: str) -> float:
    """Return the wall time of one command, s."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "sim", *arguments], check=True, capture_output=True)
    return time.perf_counter() - begin


def main() -> None:
    """Print the table."""
    world(**{"calendar.days": 1, "calendar.warmup_days": 0}).run()  # compile or load the kernel first
    begin_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB
    alone = timed(border_alone)
    congested = timed(lambda: border_alone(**CONGESTED))
    coupled = timed(lambda: world(**{"calendar.warmup_days": 0}).run())
    one_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB
    whole = timed(lambda: world(**{"calendar.warmup_days": 0}, **EVERYTHING).run())
    chain = timed(lambda: world(**{"calendar.warmup_days": 0, "border.model": "instant"}).run())
    timed(lambda: world(**{"calendar.warmup_days": 0, "calendar.days": 730}).run())
    two_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB
    rows = (
        ("border alone, one year", f"{alone:.2f} s"),
        ("the same with leniency and rooms", f"{congested:.2f} s"),
        ("leniency and rooms over plain", f"{congested / alone:.2f}"),
        ("coupled world, one year", f"{coupled:.2f} s"),
        ("coupled over border alone", f"{coupled / alone:.2f}"),
        ("ten levers, logit, leniency, rooms", f"{whole:.2f} s"),
        ("the same over border alone", f"{whole / alone:.2f}"),
        ("chain alone (instant border)", f"{chain:.2f} s"),
        ("one posting", f"{posting_us():.2f} us"),
        ("memory: start, 1 year, 2 years", f"{begin_mb:.0f}, {one_mb:.0f}, {two_mb:.0f} MB"),
        ("sim --help", f"{min(start_s('--help') for _ in range(3)):.2f} s"),
        *growth(),
    )
    for name, value in rows:
        print(f"{name:<36}{value:>50}")


if __name__ == "__main__":
    main()
