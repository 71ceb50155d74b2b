"""A tiny world in place of the model: tests of the engine and the command need its tables, not its truth.

``simulate`` obeys the scenario's ``trouble``: it can fail, kill its own process once or
always. What it yields depends on scenario, seed, replication and set alone.
"""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.core.calendar import Calendar
from sim.core.draws import Draws
from sim.core.errors import ConfigError, unknown
from sim.core.settings import EvidenceRow

MONTHS = ("2021-10", "2021-11")
ALLOWED = ("name", "seed", "size", "trouble", "run", "marks")
# Outside the configuration: a slow run and a quick one are the same run.
SLOW = "MADE_UP_SLOW_S"


THREE_DAYS = (
    "calendar.days=3",
    "calendar.warmup_days=1",
    "run=class",
    "run.replications=2",
    "run.images=false",
)
"""What makes a run of the model itself short enough to compare its bytes."""


@dataclass(frozen=True)
class MadeUpScenario:
    name: str = "made_up"
    size: float = 1.0
    trouble: str = ""
    marks: str = ""
    evidence: tuple[EvidenceRow, ...] = field(
        default=(
            EvidenceRow("size", 1.0, "kg", 0.5, 2.0, "", "assumed", "nobody knows"),
            EvidenceRow("other", 2.0, "h", float("nan"), float("nan"), "F-1", "override", "shipped value 3"),
        )
    )

    calendar: Calendar = field(default=Calendar(date(2021, 10, 1), 61))

    @property
    def settings(self) -> SimpleNamespace:
        officers = SimpleNamespace(duty_h_per_year=1500.0)
        return SimpleNamespace(
            adversary=SimpleNamespace(kind="none"),
            border=SimpleNamespace(officers=officers, model="instant"), levers={}, lever_mode="steady_state",
        )  # fmt: skip

    @property
    def values(self) -> dict[str, Any]:
        stations = {"source": "suppliers", "producer": "clusters", "money": "channels", "route": "mode_share"}
        chain: dict[str, Any] = {station: {group: {}} for station, group in stations.items()}
        return {"chain": {**chain, "transit": {"use_share": {}}, "investigation": {"kinds": {}}}}

    def at_parameter_set(self, number: int) -> MadeUpScenario:
        if number > 50:
            raise ConfigError(f"run.parameter_sets: set {number} does not exist")
        return self

    def canonical_json(self) -> str:
        return json.dumps({"name": self.name, "size": self.size}, sort_keys=True)


def load_scenario(tree: dict[str, Any]) -> MadeUpScenario:
    """Validate a composed configuration the way the model does: one line a mistake."""
    for key in tree:
        if key not in ALLOWED:
            raise unknown("key", key, "config", ALLOWED)
    if not isinstance(tree["size"], int | float):
        raise ConfigError(f"size: input should be a valid number (got {tree['size']!r})")
    if tree["size"] < 0:
        raise ConfigError(f"size: input should be at least 0 (got {tree['size']!r})")
    return MadeUpScenario(**{k: tree[k] for k in ("name", "size", "trouble", "marks") if k in tree})


def simulate(
    scenario: MadeUpScenario, seed: int, replication: int, parameter_set: int = 0
) -> dict[str, dict[str, np.ndarray]]:
    """Return made-up tables, after whatever trouble the scenario asks for."""
    mark = Path(scenario.marks) / f"started_{parameter_set}_{replication}" if scenario.marks else None
    again = mark is not None and mark.exists()
    if mark is not None:
        with mark.open("a") as log:
            log.write(f"{os.getpid()}\n")
    time.sleep(float(os.environ.get(SLOW, "0")))
    _trouble(scenario.trouble if scenario.trouble != "large_fails" else _size(scenario), replication, again)
    draws = Draws(seed, replication)
    value = [scenario.size * draws.exponential("made_up", parameter_set, month) for month in range(2)]
    return _tables(np.array(value), replication, parameter_set)


def _size(scenario: MadeUpScenario) -> str:
    return "mistake" if scenario.size >= 2 else ""


def _trouble(kind: str, replication: int, again: bool) -> None:
    if replication != 1:
        return
    if (kind == "dies_once" and not again) or kind == "dies_always":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "mistake":
        raise ConfigError("size: too large for this world")
    if kind == "defect":
        raise ZeroDivisionError("a defect")


def _tables(value: np.ndarray, replication: int, parameter_set: int) -> dict[str, dict[str, np.ndarray]]:
    def text(*items: str) -> np.ndarray:
        return np.array(items, dtype=object)

    group = {
        "crossing_id": text("1", "1"),
        "crossing": text("Here", "Here"),
        "office": text("laredo", "laredo"),
        "mode": text("passenger", "passenger"),
        "lane_class": text("standard", "ready"),
    }
    ones = np.ones(2)
    hours = dict.fromkeys(("lanes", "trips_per_h", "diverted_per_h", "queue"), ones)
    months = dict.fromkeys(("trips", "diverted", "wait_p50_min", "wait_p90_min", "share_over_60"), ones)
    number = np.full(2, replication, dtype=np.int32)
    return {
        "measures": {
            "replication": number,
            "parameter_set": np.full(2, parameter_set, dtype=np.int32),
            "month": text(*MONTHS),
            "measure": text("delivered_pure_kg", "delivered_pure_kg"),
            "place": text("all", "all"),
            "layer": text("latent", "latent"),
            "value": value,
        },
        "border_hours": {
            **group,
            **hours,
            "hour_of_week": np.array([0, 1], dtype=np.int32),
            "wait_min": np.array([value[0], np.nan]),
        },
        "border_months": {
            **group,
            **months,
            "month": text(*MONTHS),
            "wait_min": value,
            "lane_h": ones,
            "busy_h": ones,
        },
        "postings": {
            "replication": number,
            "month": text(*MONTHS),
            "from_account": text("origin.asia_china", "us.wholesale"),
            "to_account": text("transit.sea", "consumption"),
            "commodity": text("precursor_mg", "fentanyl_mg"),
            "amount": (value * 1e6).astype(np.int64),
            "count": np.array([1, 1], dtype=np.int64),
        },
    }


CONFIG = """
defaults:
  - _self_
  - scenario: null
name: made_up
seed: 1
size: 1.0
trouble: ""
marks: ""
run:
  {replications: 4, parameter_sets: 2, workers: 2, results: results, pages: 8, progress: true, images: false}
"""


def write_conf(folder: Path) -> list[str]:
    """Write a configuration of this world and return the flags that choose it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(CONFIG)
    return ["--config-path", str(folder)]
