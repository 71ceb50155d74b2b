"""Numbers from outside have one spelling: equal configurations are one run, whoever wrote them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chokepoint as ck
from sim.core.errors import ConfigError
from sim.core.settings import EvidenceRow
from sim.core.tree import plain
from sim.measures.replication import run_replication

WEEKS = "chain.market.cover_weeks"
KINDS: list[Callable[[Any], Any]] = [float, np.float64, np.float32, np.int64, np.int8, np.uint16]


def row_of(scenario: ck.Scenario) -> EvidenceRow:
    return next(row for row in scenario.evidence if row.path == WEEKS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_of_any_kind_is_the_same_scenario_and_stands_in_the_evidence(
    kind: Callable[[Any], Any],
) -> None:
    own, other = ck.scenario(changes={WEEKS: 8}), ck.scenario(changes={WEEKS: kind(8)})
    assert other.canonical_json() == own.canonical_json()
    assert other.name == own.name
    assert len(other.evidence) == len(ck.scenario().evidence)
    assert (row_of(other).status, row_of(other).value) == ("override", 8.0)


@pytest.mark.parametrize("kind", KINDS)
def test_sizes_of_levers_may_be_of_any_kind(kind: Callable[[Any], Any]) -> None:
    own = ck.scenario(levers={"scanning": 50})
    assert ck.scenario(levers={"scanning": kind(50)}).canonical_json() == own.canonical_json()
    assert ck.scenario("baseline+scanning50").canonical_json() == own.canonical_json()


@pytest.mark.parametrize("value", [True, np.bool_(True), np.nan, np.float64("inf"), np.array([1.0, 2.0])])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match=WEEKS.replace(".", r"\.")):
        ck.scenario(changes={WEEKS: value})


@given(st.floats(allow_nan=False) | st.integers() | st.booleans() | st.text() | st.none())
def test_plain_keeps_the_value(value: Any) -> None:
    assert plain(value) == value
    assert isinstance(plain(value), bool) == isinstance(value, bool)
    assert plain({"a": [value, (value,)]}) == {"a": [value, [value]]}


def test_a_world_without_loads_runs(tmp_path: Any) -> None:
    places = ck.scenario().settings.chain.route.loads_per_year
    none = {f"chain.route.loads_per_year.{place}": 0 for place in places}
    quick = {"border.model": "instant", "calendar.days": 31, "calendar.warmup_days": 7}
    table = run_replication(ck.scenario(changes={**none, **quick}), seed=1, replication=0)["measures"]
    for name in ("loads_sent", "delivered_pure_kg", "seized_pure_kg", "seizure_events"):
        values = table["value"][(table["measure"] == name) & (table["layer"] != "")]
        assert np.nansum(values) == 0.0, name
    result = ck.run(changes={**none, **quick}, replications=2, workers=1, results=tmp_path, progress=False)
    assert result.verdict
    for name in result.plot:
        assert getattr(result.plot, name)().data is not None
