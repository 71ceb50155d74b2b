"""Levers through the command: a lever is one file."""

from __future__ import annotations

import pytest

from sim.cli.main import main
from sim.store.parquet import read_table

PATROLS = """\
title: Patrols between the ports
strategy: a lever of my own
unit: team
size: 0
max_size: {value: 20, unit: unit, range: [5, 40], status: assumed, reason: a test}
lead_time_days: {value: 30, unit: d, range: [10, 90], status: assumed, reason: a test}
ramp_days: {value: 30, unit: d, range: [0, 90], status: assumed, reason: a test}
cost_usd_per_unit_year:
  {value: 1000000, unit: USD2022/(unit year), range: [500000, 2000000], status: assumed, reason: a test}
moves:
  teams:
    dial: between_ports.detection
    per_unit: {value: 0.05, unit: dial/unit, range: [0, 0.1], status: assumed, reason: a test}
"""


def _measured(folder, name, measure, places):
    rows = read_table("measures", list(folder.glob(f"{name}/*/measures.parquet")))
    chosen = zip(rows["measure"], rows["place"], rows["value"], strict=True)
    return sum(value for m, place, value in chosen if m == measure and place in places)


def test_an_eleventh_lever_is_one_file_and_its_dial_moves(tmp_path, capsys):
    """It is found, pulled and paid for, and finds more of the same loads."""
    (tmp_path / "lever").mkdir()
    (tmp_path / "lever" / "patrols.yaml").write_text(PATROLS)
    short = ["run=smoke", "border.model=instant", "calendar.days=61", f"run.results={tmp_path / 'out'}"]
    events, cost = {}, {}
    for size in (0, 10):
        words = [f"levers.patrols.size={size}", f"name=patrols_{size}"]
        assert main(["run", "--config-dir", str(tmp_path), *short, *words]) == 0
        assert ("lever patrols: 10 team, steady_state" in capsys.readouterr().out) == (size > 0)
        found = tmp_path / "out", f"patrols_{size}"
        events[size] = _measured(*found, "seizure_events", {"between_ports"})
        cost[size] = _measured(*found, "programme_cost_usd", {"patrols"})
    assert events[10] > events[0] > 0
    assert cost[0] == 0
    assert cost[10] == pytest.approx(10 * 1e6 * 61 / 365.25, rel=1e-6)
