"""The space of ranges: which numbers are in it, shares that add up, values that the settings accept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.core.settings import EvidenceRow
from sim.scenario import load_scenario
from sim.study.design.values import is_whole, share_groups, variant, varied
from sim.study.extras import library
from sim.study.space import Space, assumptions, chosen_rows, designed, left_out_notes, listed
from tests.fixtures.composed import SHORT, composed

CHINA = "chain.source.suppliers.asia_china.order_share"
INDIA = "chain.source.suppliers.asia_india.order_share"
SHIFT = "border.officers.shift_h"


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(composed(**SHORT))


def test_one_share_moves_as_in_the_page_of_influence(scenario) -> None:
    alone = variant(scenario, CHINA, 0.6)
    assert alone is not None
    together = varied(scenario, {CHINA: 0.6})
    groups = (share_groups(one.values).values() for one in (alone, together))
    for before, after in zip(*groups, strict=True):
        assert after == pytest.approx(before)


def test_shares_changed_together_keep_their_values_or_are_scaled_to_one(scenario) -> None:
    fits = varied(scenario, {CHINA: 0.5, INDIA: 0.3}).settings.chain.source.suppliers
    assert (fits["asia_china"].order_share, fits["asia_india"].order_share) == (0.5, 0.3)
    over = varied(scenario, {CHINA: 0.9, INDIA: 0.3}).settings.chain.source.suppliers
    assert over["asia_china"].order_share == pytest.approx(0.75)
    assert over["us_domestic"].order_share == 0.0
    for suppliers in (fits, over):
        assert sum(s.order_share for s in suppliers.values()) == pytest.approx(1.0)


def test_every_group_still_adds_up_at_a_random_point(scenario) -> None:
    rows = [row for row in assumptions(scenario) if "share" in row.path]
    values = Space(tuple(rows)).values(np.random.default_rng(3).random((1, len(rows))))[0]
    made = varied(scenario, dict(zip((row.path for row in rows), map(float, values), strict=True)))
    for group in share_groups(made.values).values():
        assert sum(group.values()) == pytest.approx(1.0)


def test_counts_stay_whole_and_wide_ranges_are_crossed_on_a_log_scale() -> None:
    assert is_whole("chain.source.tries")
    assert is_whole("chain.producer.clusters.independents.labs")
    assert is_whole("border.traffic.modes.passenger.service_shape")
    assert not is_whole("chain.load.powder_purity")
    assert not is_whole("chain.no.such")
    row = EvidenceRow("chain.source.tries", 3.0, "1/1", 1.0, 16.0, "", "assumed", "")
    assert Space((row,)).values(np.array([[0.0], [0.5], [0.6], [1.0]]))[:, 0].tolist() == [1, 4, 5, 16]


def test_a_number_whose_values_are_refused_is_left_out_and_told(scenario) -> None:
    rows = tuple(row for row in scenario.evidence if row.path in (SHIFT, "chain.load.powder_purity"))
    middle = lambda space: np.full((1, len(space.rows)), 0.77)  # noqa: E731
    space, points, out = designed(scenario, Space(rows), middle)
    assert space.paths == ["chain.load.powder_purity"]
    assert points.shape == (1, 1)
    (note,) = left_out_notes(out)
    assert note.startswith(f"Left out: {SHIFT}: a day must be a whole number of shifts")


@pytest.mark.parametrize(
    ("over", "without", "expected"),
    [
        ("chain.laod", "", "did you mean 'chain.load'"),
        ("", "chain.lod", "without: no number with a range at 'chain.lod'"),
        ("chain.load", "chain", "no number with a range is left"),
        (",", "", "over names nothing"),
        ("chain.load", " , ", "without names nothing"),
    ],
)
def test_a_wrong_prefix_is_told(scenario, over: str, without: str, expected: str) -> None:
    with pytest.raises(ConfigError) as error:
        chosen_rows(scenario, over, without)
    assert expected in str(error.value)


def test_names_come_as_a_list_or_with_commas() -> None:
    assert listed(" a, b,a,") == listed(["a", "b "]) == ("a", "b")


def test_only_numbers_that_act_are_in_it(scenario) -> None:
    paths = {row.path for row in assumptions(scenario)}
    assert "chain.market.supply_elasticity" in paths
    assert not any(path.startswith("levers.") for path in paths)
    assert all(row.status == "assumed" for row in assumptions(scenario))


def test_prefixes_choose_numbers(scenario) -> None:
    load = chosen_rows(scenario, ["chain.load", "chain.market.demand_elasticity"], "chain.load.gross_kg")
    paths = {row.path for row in load}
    assert "chain.market.demand_elasticity" in paths
    assert "chain.load.powder_purity" in paths
    assert not any(path.startswith("chain.load.gross_kg") for path in paths)
    assert {row.path for row in chosen_rows(scenario, "", "")} <= {r.path for r in assumptions(scenario)}


def missing(name: str) -> Callable[[str], object]:
    raise ImportError(name)


def test_a_library_that_is_absent_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.study.extras.importlib.import_module", missing)
    with pytest.raises(ConfigError, match=r"needs SALib: pip install 'chokepoint-sim\[study\]'"):
        library("SALib.sample.morris")
