"""The screen of assumptions: what moves, what does not, and pages that say so."""

from __future__ import annotations

import numpy as np
import pytest

from sim.run.plan import Replications
from sim.scenario import load_scenario
from sim.study.design.values import variant
from sim.study.influence import OUTCOMES, Influence, _half_width, active_and_off, assumptions, screen
from sim.study.parameters import influence_page, parameter_page
from tests.architecture import rules
from tests.fixtures.composed import SHORT, composed

PRICE = "chain.market.wholesale_usd_per_kg"
ELASTICITY = "chain.market.supply_elasticity"
PURITY = "chain.load.powder_purity"


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


def test_only_numbers_that_act_are_screened(scenario):
    paths = {row.path for row in assumptions(scenario)}
    assert ELASTICITY in paths
    assert not any(path.startswith("levers.") for path in paths)
    assert all(row.status == "assumed" for row in assumptions(scenario))


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
    mean, nothing = change.mean(axis=0), np.zeros(3)
    assert mean[0] > 2.0 * 0.01
    assert Influence(row, mean, nothing, half, nothing).swing == 0.0
    assert Influence(row, mean, nothing, half / 10.0, nothing).swing == pytest.approx(0.03)


def test_a_change_whose_interval_holds_zero_is_not_quoted(scenario):
    (row,) = (row for row in scenario.evidence if row.path == PURITY)
    one = Influence(
        row, np.array([-0.2, 4.46, 0.0]), np.array([0.1, 0.0, 0.01]),
        np.array([0.05, 9.0, 0.0]), np.array([0.3, 0.0, 0.001]),
    )  # fmt: skip
    page = influence_page([one], [], [1.0, 1.0, 1.0], "Made up.")
    assert "| -20.0 ± 5.0 / ? | ? / 0 | 0 / +1.0 ± 0.1 |" in page
    assert "446" not in page


def test_what_acts_moves_and_what_cannot_act_does_not(scenario, tmp_path):
    wanted = {"chain.load.powder_purity", "border.officers.primary_share"}
    rows = [row for row in scenario.evidence if row.path in wanted]
    found, central = screen(scenario, rows, Replications(3, 0, workers=1, results=tmp_path))
    by_path = {one.row.path: one for one in found}
    purity, idle = by_path[PURITY], by_path["border.officers.primary_share"]
    assert purity.at_low[0] < 0.0
    assert purity.swing > 0.1
    assert found[0] is purity
    assert idle.swing == 0.0
    assert np.array_equal(idle.at_low, np.zeros(len(OUTCOMES)))
    page = influence_page(found, [], list(central), "Made up.")
    assert f"| 1 | {PURITY} |" in page
    assert "* `border.officers.primary_share`" in page


def test_the_page_of_parameters_has_every_number(scenario):
    page = parameter_page(scenario.evidence)
    assert page.count("\n| ") >= len(scenario.evidence)
    for row in scenario.evidence:
        assert row.path.split(".")[-1] in page
    assert PRICE.rsplit(".", 1)[1] in page


def test_the_shipped_page_of_parameters_is_that_of_the_shipped_numbers():
    page = (rules.ROOT / "docs" / "parameters.md").read_text(encoding="utf-8")
    assert page == parameter_page(load_scenario(composed()).evidence), "run: sim study parameters"
