"""The space of ranges, and elementary effects on functions whose effects are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sim.core.errors import ConfigError, StoreError
from sim.core.settings import EvidenceRow
from sim.plots.tornado import tornado
from sim.report.verdicts import CANNOT_TELL
from sim.run.plan import Replications
from sim.scenario import load_scenario, share_groups
from sim.store.csv_tables import write_csvs
from sim.study.design.values import is_whole, variant, varied
from sim.study.influence import assumptions
from sim.study.library import library
from sim.study.responses import Asking, Question, answers
from sim.study.screen import MATTERS, SMALL, Screened, blocks, screened, trajectories
from sim.study.space import Space, chosen_rows, designed
from sim.study.tables import columns
from tests.fixtures.composed import SHORT, composed

CHINA = "chain.source.suppliers.asia_china.order_share"
INDIA = "chain.source.suppliers.asia_india.order_share"
SHIFT = "border.officers.shift_h"


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(composed(**SHORT))


def cube(axes: int) -> Space:
    """Return a space of made-up numbers between 0 and 1."""
    return Space(
        tuple(EvidenceRow(f"made.up.x{k}", 0.5, "1/1", 0.0, 1.0, "", "assumed", "") for k in range(axes))
    )


def test_one_share_moves_as_in_the_page_of_influence(scenario) -> None:
    alone = variant(scenario, CHINA, 0.6)
    assert alone is not None
    together = varied(scenario, {CHINA: 0.6})
    groups = (share_groups(scenario.values).values() for scenario in (alone, together))
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
    assert "shift" in out[SHIFT]


@pytest.mark.parametrize(
    ("over", "without", "said"),
    [
        ("chain.laod", "", "did you mean 'chain.load'"),
        ("", "chain.lod", "--without: no number with a range at 'chain.lod'"),
        ("chain.load", "chain", "no number with a range is left"),
        (",", "", "--over names nothing"),
        ("chain.load", " , ", "--without names nothing"),
    ],
)
def test_a_wrong_prefix_is_told(scenario, over: str, without: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        chosen_rows(scenario, over, without)
    assert said in str(error.value)


def test_prefixes_choose_numbers(scenario) -> None:
    load = chosen_rows(scenario, "chain.load,chain.market.demand_elasticity", "chain.load.gross_kg")
    paths = {row.path for row in load}
    assert "chain.market.demand_elasticity" in paths
    assert "chain.load.powder_purity" in paths
    assert not any(path.startswith("chain.load.gross_kg") for path in paths)
    assert {row.path for row in chosen_rows(scenario, "", "")} <= {r.path for r in assumptions(scenario)}


def linear(points: np.ndarray, common: float = 0.0, own: float = 0.0) -> np.ndarray:
    """Return ``6 x0 - 3 x1 + 0 x2`` in 4 replications, with noise of a trajectory or of each point."""
    rng = np.random.default_rng(11)
    truth = 6.0 * points[:, 0] - 3.0 * points[:, 1]
    shared = np.repeat(rng.standard_normal((len(points) // 4, 4)), 4, axis=0)
    return truth[:, None] + common * shared + own * rng.standard_normal((len(points), 4))


def test_effects_of_a_linear_function_are_its_slopes_whatever_chance_they_share() -> None:
    space = cube(3)
    points = trajectories(space, 8, seed=0)
    assert blocks(space, points).tolist() == [t for t in range(8) for _ in range(4)]
    found = {row.path[-2:]: row for row in screened(space, points, linear(points, common=50.0), 1.0)}
    for name, slope in (("x0", 6.0), ("x1", -3.0), ("x2", 0.0)):
        assert found[name].mu == pytest.approx(slope, abs=1e-9)
        assert found[name].mu_star == pytest.approx(abs(slope), abs=1e-9)
        assert found[name].sigma == pytest.approx(0.0, abs=1e-9)
    assert (found["x0"].verdict, found["x2"].verdict) == (MATTERS, SMALL)


def noise_blind(rows: list[Screened], margin: float) -> dict[str, str]:
    """Return the verdicts of the broken twin, which takes the mean absolute effect at its word."""
    return {row.path: MATTERS if row.mu_star - row.half > margin else CANNOT_TELL for row in rows}


def test_chance_is_not_taken_for_an_effect() -> None:
    """The idle number scatters by 4 a point: its mean absolute effect is what chance alone would give."""
    space, margin = cube(3), 0.5
    points = trajectories(space, 60, seed=2)
    rows = screened(space, points, linear(points, own=4.0), margin)
    found = {row.path: row for row in rows}
    idle = found["made.up.x2"]
    spread = 4.0 * np.sqrt(2.0 / 4.0) / (2.0 / 3.0) * np.sqrt(2.0 / np.pi)
    assert idle.noise == pytest.approx(spread, rel=0.15)
    assert idle.mu_star == pytest.approx(spread, rel=0.25)
    assert idle.verdict == CANNOT_TELL
    assert found["made.up.x0"].verdict == MATTERS
    assert noise_blind(rows, margin)["made.up.x2"] == MATTERS


def test_the_tornado_counts_and_states(tmp_path: Path) -> None:
    space = cube(3)
    points = trajectories(space, 8, seed=0)
    rows = screened(space, points, linear(points, own=0.1), 1.0)
    figure = tornado(columns(rows), "Fentanyl delivered, kg pure a year", 1.0, "Simulated: made up.")
    assert "2 of 3 numbers matter, 0 cannot be told" in figure.layout.meta["title"]
    for said in ("kg pure a year", "95 %", "made up"):
        assert said in figure.layout.meta["footer"]
    assert "raises it" in figure.layout.meta["alt"]
    assert figure.data[-1].name == "smallest difference that matters"  # in the legend, above the bars
    assert not any("smallest difference" in note.text for note in figure.layout.annotations)
    alone = tornado(columns(screened(space, points, linear(points)[:, :1], 1.0)), "F, kg", 1.0, "Simulated.")
    assert "what chance alone would give is not known" in alone.layout.meta["footer"]
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="--out"):
        write_csvs(tmp_path / "taken", {"screen": [{"a": 1}]})


def missing(name: str) -> Callable[[str], object]:
    raise ImportError(name)


def test_a_library_that_is_absent_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.study.library.importlib.import_module", missing)
    with pytest.raises(ConfigError, match=r"needs SALib: pip install 'chokepoint\[study\]'"):
        library("SALib.sample.morris")


def test_points_of_a_block_share_their_draws_and_an_undefined_outcome_is_told(
    scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def pretend(scenarios, replications, on_progress, simulate, firsts):
        seen.extend([scenarios, firsts])
        value = np.nan if broken else 1.0
        shape = (len(scenarios), replications.count)
        return SimpleNamespace(yearly=lambda outcomes: np.full((*shape, len(outcomes)), value))

    monkeypatch.setattr("sim.study.responses.ensemble", pretend)
    rows = chosen_rows(scenario, "chain.load.powder_purity,levers.scanning.cost_usd_per_unit_year", "")
    space, points = Space(rows), np.array([[0.1, 0.2], [0.3, 0.2], [0.3, 0.9]])
    question = Question(scenario, scenario, ("delivered_pure_kg",))
    asking = Asking(Replications(2, first=10, workers=1, results=tmp_path), np.array([0, 1, 1]))
    broken = False
    assert not answers(question, space, points, asking).any()
    made, firsts = seen
    assert firsts == [10, 12, 12, 10, 12, 12]
    assert made[4].canonical_json() == made[5].canonical_json() != made[2].canonical_json()
    broken = True
    with pytest.raises(ConfigError, match="undefined in some runs"):
        answers(question, space, points, asking)
