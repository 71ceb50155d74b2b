"""The screen of assumptions one at a time: what moves, what does not, and a page that says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.report.tables import DataTable
from sim.report.verdicts import CANNOT_TELL, LESS, NOTHING
from sim.scenario import load_scenario
from sim.study.design.values import variant
from sim.study.influence import (
    COLUMNS,
    OUTCOMES,
    Influence,
    _half_width,
    _rows,
    active_and_off,
    influence,
    influence_page,
)
from tests.fixtures.composed import SHORT, composed
from tests.fixtures.sensitivity import PURITY, batch

IDLE, CEILING = "border.officers.primary_share", "adversary.ceiling"


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(composed(**SHORT))


def test_a_share_takes_from_its_group(scenario):
    made = variant(scenario, "chain.source.suppliers.asia_china.order_share", 0.6)
    assert made is not None
    shares = {name: s.order_share for name, s in made.settings.chain.source.suppliers.items()}
    before = {name: s.order_share for name, s in scenario.settings.chain.source.suppliers.items()}
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares["asia_china"] == 0.6
    assert shares["asia_india"] / shares["us_domestic"] == pytest.approx(
        before["asia_india"] / before["us_domestic"]
    )


def test_what_a_lead_is_worked_for_takes_from_its_group(scenario):
    made = variant(scenario, "chain.investigation.kinds.random.target_share.lab", 0.2)
    assert made is not None
    shares = made.settings.chain.investigation.kinds["random"].target_share
    assert shares["lab"] == 0.2
    assert sum(shares.values()) == pytest.approx(1.0)


def test_numbers_of_parts_that_are_switched_off_stand_apart(scenario):
    def off(**changes):
        return {row.path for row in active_and_off(load_scenario(composed(**SHORT, **changes)))[1]}

    frozen = off()
    assert {
        "adversary.habit_share",
        "adversary.ceiling",
        "border.leniency.threshold.service_factor",
    } <= frozen
    assert not frozen & {row.path for row in active_and_off(scenario)[0]}
    quick = off(**{"adversary.kind": "logit", "border.leniency.kind": "threshold"})
    assert "adversary.habit_share" not in quick
    assert "border.leniency.threshold.service_factor" not in quick
    assert {"adversary.ceiling", "border.leniency.optimal.tests"} <= quick
    assert "border.screening.modes.passenger.waiting_places" in quick
    assert "border.screening.modes.passenger.waiting_places" not in off(
        **{"border.screening.secondary_space": "limited"}
    )


def test_two_replications_need_a_change_of_many_standard_errors(scenario):
    """Student with one degree of freedom: 12.7 standard errors, not 2."""
    (row,) = (row for row in scenario.evidence if row.path == PURITY)
    change = np.array([[0.02, 0.0, 0.0], [0.04, 0.0, 0.0]])
    half = _half_width(change)
    assert half[0] == pytest.approx(12.706 * 0.01, rel=1e-3)
    means = np.array([change.mean(axis=0), np.zeros(3)])
    assert means[0, 0] > 2.0 * 0.01
    halves = np.array([half, np.zeros(3)])
    assert Influence(row, means, halves).swing == 0.0
    assert Influence(row, means, halves / 10.0).swing == pytest.approx(0.03)


@pytest.fixture(scope="module")
def result(scenario, tmp_path_factory: pytest.TempPathFactory):
    """Purity acts, the share of officers cannot without queues, and nothing else is assumed."""
    few = [replace(row, status="assumed") for row in scenario.evidence if row.path in (PURITY, IDLE, CEILING)]
    made = type(scenario)(scenario.settings, scenario.values, tuple(few))
    return influence(made, batch(tmp_path_factory.mktemp("influence"), 3))


def test_what_acts_moves_and_what_cannot_act_does_not(result):
    rows = {(row["path"], row["end"], row["outcome"]): row for row in result.table("influence")}
    assert len(rows) == 2 * 2 * len(OUTCOMES)
    low = rows[PURITY, "low", "delivered_pure_kg"]
    assert (low["place"], low["verdict"]) == (1, LESS)
    assert low["change"] < -0.1
    idle = [row for row in rows.values() if row["path"] == IDLE]
    assert {(row["place"], row["change"], row["verdict"]) for row in idle} == {(0, 0.0, NOTHING)}
    assert list(result.table("switched_off")["path"]) == [CEILING]
    assert list(result.table("baseline")["outcome"]) == list(OUTCOMES)
    assert result.verdict == "1 of 2 assumptions move what is delivered beyond their 95 % intervals."


def test_the_page_is_a_view_of_the_result(result):
    page = influence_page(result)
    assert f"| 1 | {PURITY} |" in page
    assert f"(1)\n\n* `{IDLE}`\n" in page
    assert f"switched off (1)\n\n* `{CEILING}`\n" in page
    assert "3 assumptions of baseline, 1 of them in parts that are switched off, 3 replications" in page
    assert PURITY in result._repr_html_()


def test_a_change_whose_interval_holds_zero_is_not_quoted(scenario, result):
    (row,) = (row for row in scenario.evidence if row.path == PURITY)
    one = Influence(
        row,
        np.array([[-0.2, 4.46, 0.0], [0.1, 0.0, 0.01]]),
        np.array([[0.05, 9.0, 0.0], [0.3, 0.0, 0.001]]),
    )
    rows = _rows(one, 1)
    assert [row["verdict"] for row in rows[:3]] == [LESS, CANNOT_TELL, NOTHING]
    page = influence_page(replace(result, tables={**result.tables, "influence": DataTable.of(COLUMNS, rows)}))
    assert "| -20.0 ± 5.0 / ? | ? / 0 | 0 / +1.0 ± 0.1 |" in page
    assert "446" not in page


def test_one_replication_is_refused(scenario, tmp_path: Path):
    with pytest.raises(ConfigError, match="study influence: replications must be at least 2"):
        influence(scenario, batch(tmp_path, 1))
