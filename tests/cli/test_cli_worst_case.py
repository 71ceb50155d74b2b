"""Runs against ``worst_case``: comparison and query tell the whole border, never where."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sim.border.crossing import OFFICES
from sim.cli.main import main

SHORT = ("run=smoke", "run.replications=2", "adversary=worst_case", "border.model=instant")


def test_neither_comparison_nor_query_tells_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "250")
    for scanners in (0, 153):
        assert main(["run", *SHORT, f"name=with_{scanners}", f"levers.scanning.size={scanners}"]) == 0
    capsys.readouterr()
    assert main(["compare", "results/with_0", "results/with_153", "--out", "compared"]) == 0
    expected = capsys.readouterr().out
    assert "Fentanyl delivered" in expected
    assert "2 replications with common random numbers" in expected
    with Path("compared/differences.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["outcome"] for row in rows} == {
        "delivered_pure_kg",
        "price_index",
        "adversary_profit_usd",
        "programme_cost_usd",
    }
    accounts = "select from_account from postings union select to_account from postings"
    places = "select place from measures where measure = 'delivered_pure_kg'"
    assert main(["query", f"{accounts} union {places}", "--csv"]) == 0
    found = capsys.readouterr().out.splitlines()[1:]
    assert "all" in found
    assert "load.any" in found
    held = [name for name in found if any(office in name for office in OFFICES)]
    assert {name.split(".")[0] for name in held} <= {"duty", "use"}, "officers have places, loads have none"
