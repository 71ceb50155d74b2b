"""Scenarios times replications: what is refused at once, what is reused, what is repaired."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.core.tables import Table
from sim.disclosure import EFFORT, TOTALS
from sim.measures.registry import registry
from sim.measures.replication import run_replication
from sim.run.ensemble import QUEUED, UnfinishedError, ensemble
from sim.run.plan import Replications
from sim.run.pool import Progress
from sim.scenario import Scenario, load_scenario
from tests.fixtures import made_up_world
from tests.fixtures.composed import composed
from tests.fixtures.made_up_world import MadeUpScenario

WEEK = {"calendar.days": 7, "calendar.warmup_days": 1, "border.model": "instant"}


def world(**changes: object) -> Scenario:
    return load_scenario(composed(**{**WEEK, **changes}))


def never(scenario: Scenario, seed: int, replication: int, parameter_set: int = 0) -> dict[str, Table]:
    raise AssertionError("simulated before it was refused")


@pytest.mark.parametrize(
    ("changes", "missing"),
    [({}, QUEUED), ({"adversary.kind": "worst_case"}, frozenset(registry()) - TOTALS - EFFORT)],
)
def test_what_is_refused_at_once_is_what_no_run_reports(changes: dict, missing: frozenset[str]) -> None:
    measures = run_replication(world(**changes), 1, 0)["measures"]
    reported = set(measures["measure"][measures["place"] == "all"])
    assert set(registry()) - reported == missing


@pytest.mark.parametrize("read", ["yearly", "monthly"])
@pytest.mark.parametrize(
    ("changes", "outcome", "expected"),
    [
        ({}, "wait_min", "border.model=instant has no queues; take border.model=queue"),
        ({"adversary.kind": "worst_case"}, "loads_sent", "against worst_case only delivered kg"),
        ({"adversary.kind": "worst_case", "border.model": "queue"}, "wait_min", "against worst_case only"),
    ],
)
def test_a_missing_outcome_is_refused_with_its_cause_before_a_run(
    read: str, changes: dict, outcome: str, expected: str, tmp_path: Path
) -> None:
    runs = ensemble([world(**changes)], Replications(workers=1, results=tmp_path), simulate=never)
    with pytest.raises(ConfigError, match=expected) as error:
        getattr(runs, read)(["delivered_pure_kg", outcome])
    assert str(error.value).startswith("scenario ")
    assert not any(tmp_path.iterdir())


DELIVERED = ["delivered_pure_kg"]


def made_up(folder: Path, sizes: tuple[float, ...] = (1.0, 2.0), trouble: str = "", **how: int):
    """Return an ensemble of the made-up world, and a list of the progress that it reports."""
    scenarios = [MadeUpScenario(f"size_{size:g}", size, trouble) for size in sizes]
    seen: list[Progress] = []
    replications = Replications(**{"count": 3, "workers": 1, **how}, results=folder)
    runs = ensemble(scenarios, replications, seen.append, made_up_world.simulate)  # type: ignore[arg-type]
    return runs, seen


@pytest.mark.parametrize("read", ["yearly", "monthly"])
def test_an_outcome_that_a_window_does_not_have_is_one_line(read: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="scenario size_1 does not report cases_opened in this window"):
        getattr(made_up(tmp_path)[0], read)(["cases_opened"])


def test_months_add_up_to_the_year_and_scenarios_share_their_draws(tmp_path: Path) -> None:
    runs, _ = made_up(tmp_path)
    months, years = runs.monthly(DELIVERED), runs.yearly(DELIVERED)
    assert months.shape == (2, 3, 1, 2)
    assert months.sum(axis=3) == pytest.approx(years)
    assert years[1] == pytest.approx(2.0 * years[0])
    assert len(np.unique(years[0])) == 3


def test_nothing_runs_before_it_is_read_and_nothing_runs_twice(tmp_path: Path) -> None:
    runs, seen = made_up(tmp_path, sizes=(1.0, 1.0))
    assert seen == []
    runs.yearly(DELIVERED)
    assert seen[-1] == Progress(finished=3, reused=0, failed=0, total=3), "equal scenarios are one"
    count = len(seen)
    runs.monthly(DELIVERED)
    assert len(seen) == count
    more, seen = made_up(tmp_path, sizes=(1.0, 1.0), count=5)
    more.yearly(DELIVERED)
    assert seen[-1] == Progress(finished=2, reused=3, failed=0, total=5)


def test_later_replications_are_those_of_a_longer_run(tmp_path: Path) -> None:
    whole = made_up(tmp_path / "a", count=5)[0].yearly(DELIVERED)
    assert made_up(tmp_path / "b", first=2)[0].yearly(DELIVERED) == pytest.approx(whole[:, 2:])


def test_blocks_have_draws_of_their_own(tmp_path: Path) -> None:
    scenario = MadeUpScenario()
    replications = Replications(2, workers=1, results=tmp_path)
    runs = ensemble([scenario, scenario], replications, simulate=made_up_world.simulate, firsts=[0, 2])  # type: ignore[list-item]
    assert len(np.unique(runs.yearly(DELIVERED))) == 4


def test_parameter_sets_share_their_draws_with_a_central_replication_and_stay_out_of_the_year(
    tmp_path: Path,
) -> None:
    runs, _ = made_up(tmp_path, parameter_sets=2)
    keys = runs.plans[0].keys
    assert [(key.parameter_set, key.replication) for key in keys] == [(0, 0), (0, 1), (0, 2), (1, 0), (2, 1)]
    assert runs.yearly(DELIVERED).shape == (2, 3, 1)
    table = runs.tables(1)
    assert table["parameter_set"].tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("damage", ["flipped", "gone"])
def test_what_went_bad_in_the_store_is_simulated_again(damage: str, tmp_path: Path) -> None:
    runs, seen = made_up(tmp_path)
    before, path = runs.yearly(DELIVERED), min(tmp_path.rglob("*.zip"))
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content.replace(b"PK", b"KP", 1))
    count = len(seen)
    np.testing.assert_array_equal(runs.yearly(DELIVERED), before)
    assert [now.finished for now in seen[count:]] == [0, 1]
    assert path.read_bytes() == content


def test_a_failed_replication_is_one_line_and_the_others_are_kept(tmp_path: Path) -> None:
    runs, _ = made_up(tmp_path, sizes=(1.0,), trouble="mistake")
    with pytest.raises(UnfinishedError, match="size_1, replication 1: size: too large for this world"):
        runs.yearly(DELIVERED)
    assert len(list(tmp_path.rglob("*.zip"))) == 2
