"""Elementary effects on functions whose effects are known, and the screen as a result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.plots.tornado import tornado
from sim.report.tables import DataTable, TextTable
from sim.report.verdicts import BELOW_MARGIN, CANNOT_TELL, CHANCE_UNKNOWN, MATTERS
from sim.study.screen import COLUMNS, ElementaryEffect, _rows, blocks, design, order_of, screen, screened
from tests.fixtures.sensitivity import COST, PURITY, batch, cube, four_days, scanning


def linear(points: np.ndarray, common: float = 0.0, own: float = 0.0) -> np.ndarray:
    """Return ``6 x0 - 3 x1 + 0 x2`` in 4 replications, with noise of a trajectory or of each point."""
    rng = np.random.default_rng(11)
    truth = 6.0 * points[:, 0] - 3.0 * points[:, 1]
    shared = np.repeat(rng.standard_normal((len(points) // 4, 4)), 4, axis=0)
    return truth[:, None] + common * shared + own * rng.standard_normal((len(points), 4))


def test_effects_of_a_linear_function_are_its_slopes_whatever_chance_they_share() -> None:
    space = cube(3)
    points = design(space, 8, seed=0)
    assert blocks(space, points).tolist() == [t for t in range(8) for _ in range(4)]
    found = {row.path[-2:]: row for row in screened(space, points, linear(points, common=50.0), 1.0)}
    for name, slope in (("x0", 6.0), ("x1", -3.0), ("x2", 0.0)):
        assert found[name].mu == pytest.approx(slope, abs=1e-9)
        assert found[name].mu_star == pytest.approx(abs(slope), abs=1e-9)
        assert found[name].sigma == pytest.approx(0.0, abs=1e-9)
    assert (found["x0"].verdict, found["x2"].verdict) == (MATTERS, BELOW_MARGIN)


def noise_blind(rows: list[ElementaryEffect], margin: float) -> dict[str, str]:
    """Return the verdicts of the broken twin, which takes the mean absolute effect at its word."""
    return {row.path: MATTERS if row.mu_star - row.half > margin else CANNOT_TELL for row in rows}


def test_chance_is_not_taken_for_an_effect() -> None:
    """The idle number scatters by 4 a point: its mean absolute effect is what chance alone would give."""
    space, margin = cube(3), 0.5
    points = design(space, 60, seed=2)
    rows = screened(space, points, linear(points, own=4.0), margin)
    found = {row.path: row for row in rows}
    idle = found["made.up.x2"]
    spread = 4.0 * np.sqrt(2.0 / 4.0) / (2.0 / 3.0) * np.sqrt(2.0 / np.pi)
    assert idle.noise == pytest.approx(spread, rel=0.15)
    assert idle.mu_star == pytest.approx(spread, rel=0.25)
    assert idle.verdict == CANNOT_TELL
    assert found["made.up.x0"].verdict == MATTERS
    assert noise_blind(rows, margin)["made.up.x2"] == MATTERS


def rows_of(found: list[ElementaryEffect]):
    return DataTable.of(COLUMNS, _rows("delivered_pure_kg", found)).data


def test_the_tornado_states_directions_and_what_chance_gives() -> None:
    space, answer = cube(3), ("Fentanyl delivered", "kg pure a year")
    points = design(space, 8, seed=0)
    rows = rows_of(screened(space, points, linear(points, own=0.1), 1.0))
    figure = tornado(rows, "Two matter", answer, 1.0, "Simulated: made up.")
    assert figure.layout.meta["title"] == "Two matter"
    for expected in ("kg pure a year", "95 %", "made up"):
        assert expected in figure.layout.meta["footer"]
    assert "raises it" in figure.layout.meta["alt"]
    assert figure.data[-1].name == "smallest difference that matters"  # in the legend, above the bars
    assert not any("smallest difference" in note.text for note in figure.layout.annotations)
    alone = rows_of(screened(space, points, linear(points)[:, :1], 1.0))
    assert CHANCE_UNKNOWN in tornado(alone, "None", ("F", "kg"), 1.0, "Simulated.").layout.meta["footer"]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("screen")
    return screen(
        scanning(), batch(folder, 2), ["delivered_pure_kg", "seized_pure_kg"], baseline=four_days(),
        over=[PURITY, COST], trajectories=2,
    )  # fmt: skip


def test_a_screen_is_a_result(result) -> None:
    table = result.table("screen")
    assert [(c.name, table[c.name].dtype == object) for c in COLUMNS] == [
        (c.name, c.dtype == "str") for c in COLUMNS
    ]
    assert len(table) == 4
    idle = [row for row in table if row["path"] == COST]
    assert {row["mu_star"] for row in idle} == {0.0}
    assert {row["verdict"] for row in idle} == {BELOW_MARGIN}
    told = sum(row["verdict"] == MATTERS for row in table if row["outcome"] == "delivered_pure_kg")
    assert result.verdict.startswith(f"Change in fentanyl delivered: {told} of 2 numbers matter, ")
    assert isinstance(result.text[0], TextTable)
    assert "6 points, 2 replications each, 2 numbers of scanning varied" in result.provenance.sentence
    assert "against baseline" in result.provenance.sentence
    assert PURITY in result._repr_html_()


def test_a_screen_draws_one_tornado_an_outcome(result) -> None:
    assert list(result.plot) == ["screen_delivered_pure_kg", "screen_seized_pure_kg"]
    figure = result.plot.screen_seized_pure_kg()
    assert f"{figure.layout.meta['title']}." == result.verdicts[1]
    assert figure.layout.meta["slug"] == "screen_seized_pure_kg"


def test_one_replication_is_told_before_the_numbers_are_used(tmp_path: Path) -> None:
    alone = screen(four_days(), batch(tmp_path, 1), "delivered_pure_kg", over=PURITY, trajectories=2)
    assert set(alone.table("screen")["verdict"]) == {CANNOT_TELL}
    assert alone.notes == (f"{CHANCE_UNKNOWN} Take 2 replications or more.",)


def test_a_walk_alone_is_refused(tmp_path: Path) -> None:
    for count in (1, float("nan")):
        with pytest.raises(ConfigError, match="study screen: trajectories must be at least 2"):
            screen(four_days(), batch(tmp_path, 1), trajectories=count)


def test_the_order_of_a_screen_comes_from_its_result_or_its_table(result, tmp_path: Path) -> None:
    path = tmp_path / "screen.csv"
    path.write_text(result.table("screen").csv(), encoding="utf-8")
    assert order_of(result, "seized_pure_kg") == order_of(str(path), "seized_pure_kg") == [PURITY, COST]
    with pytest.raises(ConfigError, match="unknown outcome 'price_index'"):
        order_of(path, "price_index")
    for text in ("", "a,b\n1,2\n", "outcome,path,mu_star\nseized_pure_kg,a,many\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match="not a table of sim study screen"):
            order_of(path, "seized_pure_kg")
    with pytest.raises(ConfigError, match=r"no_such\.csv: no such file"):
        order_of(tmp_path / "no_such.csv", "seized_pure_kg")
