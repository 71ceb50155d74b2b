"""Chokepoint from Python: what comes back, and that a mistake is one line and leaves nothing behind."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chokepoint as ck
from sim.cli.study import _parser
from sim.core.shipped import compose_tree
from sim.measures.replication import run_replication
from sim.report.tables import DataTable
from sim.scenario import load_scenario

QUICK: dict[str, bool | int | float | str | None] = {
    "calendar.days": 20, "calendar.warmup_days": 7, "border.model": "instant",
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def base(results: Path) -> ck.RunResult:
    return ck.run(changes=QUICK, replications=3, workers=1, results=results, progress=False)


@pytest.fixture(scope="module")
def more(results: Path) -> ck.RunResult:
    levers = {"scanning": 153}
    return ck.run(levers=levers, changes=QUICK, replications=3, workers=1, results=results, progress=False)


def test_a_run_is_that_of_the_model(base: ck.RunResult) -> None:
    scenario = load_scenario(compose_tree(changes=QUICK))
    table = run_replication(scenario, seed=1, replication=2)["measures"]
    mine = base.measures["replication"] == 2
    assert np.array_equal(base.measures["value"][mine], table["value"], equal_nan=True)
    delivered = next(row for row in base.outcomes if row["measure"] == "delivered_pure_kg")
    assert float(delivered["low"]) < float(delivered["mean"]) < float(delivered["high"])


def test_a_run_stands_in_its_folder_and_in_the_list(base: ck.RunResult, results: Path) -> None:
    assert (base.folder / "measures.parquet").is_file()
    assert str(base.folder) in set(ck.runs(results)["folder"])
    assert "baseline" in base._repr_html_()
    assert "outcomes" in repr(base)


def test_no_year_of_cbp_stands_beside_twenty_days(base: ck.RunResult) -> None:
    assert np.isnan(base.outcomes["official"]).all()


def test_figures_are_drawn_once_and_listed(base: ck.RunResult) -> None:
    assert "mass_flow" in dir(base.plot)
    assert base.plot.mass_flow() is base.plot.mass_flow()
    with pytest.raises(AttributeError, match="did you mean 'mass_flow'"):
        base.plot.mass_flw()


def test_runs_are_compared_pair_by_pair(base: ck.RunResult, more: ck.RunResult) -> None:
    found = ck.compare(base, more, outcomes=["delivered_pure_kg"])
    (row,) = found.table("differences").rows()
    values = [
        run.measures["value"][
            (run.measures["measure"] == "delivered_pure_kg") & (run.measures["place"] == "all")
        ]
        for run in (base, more)
    ]
    assert row["difference"] == pytest.approx((values[1].sum() - values[0].sum()) / 3)
    assert found.verdict


def test_a_sweep_is_its_runs(base: ck.RunResult, results: Path) -> None:
    sizes = [0, 153]
    found = ck.sweep(
        "baseline", {"scanning": sizes}, changes=QUICK, replications=3, workers=1, results=results,
        progress=False,
    )  # fmt: skip
    assert found.table("points")["levers.scanning.size"].tolist() == sizes
    assert np.array_equal(found[0].measures["value"], base.measures["value"], equal_nan=True)
    assert len(ck.compare(found).table("differences")) > 0


def test_a_study_takes_names(results: Path) -> None:
    found = ck.rank(
        ["baseline", "scanning"], changes=QUICK, replications=4, first=3, workers=1, results=results,
        progress=False,
    )  # fmt: skip
    assert set(found.table("rank")["scenario"]) == {"baseline", "scanning"}


QUICK_STUDIES: dict[str, Callable[[dict[str, Any]], ck.Result]] = {
    "effect": lambda how: ck.effect("scanning", adversaries=["none"], replications=2, **how),
    "why": lambda how: ck.why("baseline", "scanning", replications=2, **how),
    "synergy": lambda how: ck.synergy(["scanning", "cyber"], replications=2, **how),
    "portfolio": lambda how: ck.portfolio(
        5e7, name="baseline", levers=["scanning", "cyber"], trials=8, leading=2, judged=4, replications=2,
        **how,
    ),
    "power": lambda how: ck.power("scanning", before=1, months=1, replications=4, **how),
    "screen": lambda how: ck.screen(over=["chain.market.price_response"], trajectories=2, **how),
    "sobol": lambda how: ck.sobol(over=["chain.market.price_response"], rows=16, replications=2, **how),
    "discover": lambda how: ck.discover("scanning", over=["chain.market.price_response"], draws=10, **how),
    "warmup": lambda how: ck.warmup(days=60, pilot=4, replications=2, **how),
    "calibrate": lambda how: ck.calibrate(candidates=2, keep=1, replications=2, **how),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("study", QUICK_STUDIES)
def test_every_study_runs_from_python(study: str, results: Path) -> None:
    changes = {"border.model": "instant"} if study in ("power", "calibrate") else QUICK
    found = QUICK_STUDIES[study]({"changes": changes, "workers": 1, "results": results, "progress": False})
    assert found.verdict
    assert found.tables
    assert found.provenance.sentence in found._repr_html_()


@pytest.mark.parametrize("table", [ck.levers, ck.scenarios, ck.adversaries, ck.outcomes])
def test_lists_are_typed_tables(table: Callable[[], DataTable]) -> None:
    found = table()
    assert len(found) >= 5
    assert found.df().shape == (len(found), len(found.columns))


def test_a_running_event_loop_is_no_obstacle(base: ck.RunResult, tmp_path: Path) -> None:
    async def write() -> None:
        base.write(tmp_path / "out")

    asyncio.run(write())
    assert (tmp_path / "out" / "outcomes.csv").is_file()


STUDIES = {
    "rank": ["baseline"], "synergy": ["scanning"], "portfolio": ["--budget", "1e8"], "power": ["scanning"],
    "screen": [], "sobol": [], "discover": [], "influence": [], "warmup": [], "calibrate": [],
    "why": ["baseline", "surge"], "effect": ["scanning"],
}  # fmt: skip
"""Studies, with the words that their commands cannot do without."""


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_takes_from_python_what_its_command_takes_by_default(study: str) -> None:
    given = vars(_parser().parse_args([study, *STUDIES[study]]))
    given["replications"] = given.get("budget") if study == "rank" else given["replications"]
    shared = {
        name: (one.default, given[name])
        for name, one in inspect.signature(getattr(ck, study)).parameters.items()
        if isinstance(one.default, int | float) and name in given
    }
    assert "replications" in shared
    assert {name: mine for name, (mine, _) in shared.items()} == {
        name: its for name, (_, its) in shared.items()
    }


MISTAKES: list[tuple[Callable[[Path], object], str]] = [
    (lambda to: ck.run("basline", results=to), "did you mean 'baseline'"),
    (lambda to: ck.run(levers={"port_stafing": 1}, results=to), "did you mean 'port_staffing'"),
    (
        lambda to: ck.run(levers={"port_staffing": float("nan")}, results=to),
        r"port_staffing\.size: must be a num",
    ),
    (lambda to: ck.run(levers={"port_staffing": 1e9}, results=to), "outside 0 to 6000"),
    (lambda to: ck.run(levers={"port_staffing": -1}, results=to), "outside 0 to 6000"),
    (lambda to: ck.run(adversary="logitt", results=to), "did you mean 'logit'"),
    (lambda to: ck.run(changes={"chain.market.cover_week": 3}, results=to), "did you mean 'cover_weeks'"),
    (lambda to: ck.run(replications=0, results=to), "replications: must be a whole number of at least 1"),
    (lambda to: ck.run(seed=-1, results=to), "seed: must be a whole number"),
    (lambda to: ck.run(parameter_sets=99, results=to), "parameter_sets"),
    (lambda to: ck.sweep(results=to), "name at least one lever or path"),
    (lambda to: ck.sweep(over={"scanning": []}, results=to), "needs a list of values"),
    (lambda to: ck.compare(), "at least one more run"),
    (lambda to: ck.rank(["baseline", "scaning"], results=to), "did you mean 'scanning'"),
    (
        lambda to: ck.rank(["baseline", "surge"], "delivered_kg", results=to),
        "did you mean 'delivered_pure_kg'",
    ),
    (lambda to: ck.effect("scanning", adversaries=["logti"], results=to), "did you mean 'logit'"),
    (
        lambda to: ck.rank(["baseline", "scanning"], replicatons=5, results=to),
        "unknown keyword 'replicatons'",
    ),
    (lambda to: ck.effect("scanning", sed=5, results=to), "did you mean 'seed'"),
    (lambda to: ck.rank(5, results=to), "give a list of names"),
    (lambda to: ck.rank(["baseline", "surge"], changes=[1], results=to), "changes: must be a dictionary"),
    (lambda to: ck.crossing(arivals_per_h=5), "arrivals_per_h"),
]


@pytest.mark.parametrize(("call", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_a_mistake_is_one_line_and_leaves_nothing(
    call: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    to = tmp_path / "results"
    with pytest.raises(ck.ConfigError, match=said) as caught:
        call(to)
    assert "\n" not in str(caught.value)
    assert not to.exists()


def test_a_folder_that_cannot_be_written_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ck.StoreError, match="cannot write here"):
        ck.run(changes=QUICK, replications=1, results=tmp_path / "file" / "below", progress=False)
