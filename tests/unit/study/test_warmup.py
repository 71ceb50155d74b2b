"""Where a start ends and how many runs a margin needs: exact cases, and rules that get them wrong."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.measures.replication import run_replication
from sim.plots.warmup import warmup as warmup_figure
from sim.report.tables import DataTable
from sim.report.verdicts import CANNOT_TELL
from sim.report.yearly import add_up
from sim.run.plan import Replications
from sim.scenario import load_scenario
from sim.stats.warmup import (
    ReplicationsNeeded,
    Truncation,
    deseasonalised,
    moving_average,
    mser,
    replications_needed,
)
from sim.study.warmup import (
    START_COLUMNS,
    Start,
    _averages,
    _filled,
    _start_cells,
    _start_row,
    _title,
    by_day,
    daily,
    from_the_start,
    starts,
    taken_out,
    warmup,
)
from tests.fixtures.composed import composed
from tests.fixtures.killing_jobs import KillingDailyScenario
from tests.fixtures.sensitivity import batch, four_days, scanning

OUTCOMES = ("delivered_pure_kg", "seizure_events", "price_index")


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def by_definition(series: np.ndarray, batch: int) -> int:
    """Return the cut from the formula as it is printed."""
    means = series[: len(series) // batch * batch].reshape(-1, batch).mean(axis=1)
    n = len(means)
    values = [((means[d:] - means[d:].mean()) ** 2).sum() / (n - d) ** 2 for d in range(n - 2)]
    return int(np.argmin(values)) * batch


def test_a_step_is_cut_where_it_ends() -> None:
    series = np.r_[np.full(20, 9.0), np.tile([0.0, 1.0], 40)]
    assert mser(series).observations == 20
    assert mser(series).determined
    assert mser(np.full(40, 3.0)).observations == 0


def test_the_cut_is_that_of_the_formula() -> None:
    for seed in range(20):
        series = rng(seed).standard_normal(83) + 5.0 * 0.8 ** np.arange(83)
        assert mser(series).observations == by_definition(series, 5)
        assert mser(series, 1).observations == by_definition(series, 1)


def test_a_series_that_never_settles_is_not_determined() -> None:
    assert not mser(np.arange(100.0)).determined
    with pytest.raises(ValueError, match="four batches"):
        mser(np.zeros(19))


def autoregressive(seed: int, start: float, size: int = 400, memory: float = 0.9) -> np.ndarray:
    """Return an AR(1) of mean 0 and variance 1 that starts away from its mean."""
    noise = rng(seed).standard_normal(size) * math.sqrt(1 - memory**2)
    series = np.empty(size)
    level = start
    for i in range(size):
        level = memory * level + noise[i]
        series[i] = level
    return series


def test_a_cut_removes_the_bias_of_a_start() -> None:
    """An AR(1) started at 20 has a mean of 20 * .9 (1 - .9^400) / .1 / 400 = .45; the cut takes it off.

    The mean of 60 series has a standard error of about .22 / sqrt(60) = .028.
    """
    whole, cut = [], []
    for seed in range(60):
        series = autoregressive(seed, start=20.0)
        whole.append(series.mean())
        found = mser(series)
        assert found.observations >= 10
        if found.determined:
            cut.append(series[found.observations :].mean())
    assert len(cut) >= 40
    assert np.mean(whole) == pytest.approx(0.45, abs=0.1)
    assert abs(np.mean(cut)) < 0.1


def test_a_season_is_taken_out_and_the_start_is_not() -> None:
    """Within a batch: months are known from one year only. With seasons in, the rule cuts at a wave."""
    day = np.arange(730)
    month, weekday = day // 30 % 12, day % 7
    season = 60.0 * np.sin(2 * np.pi * month / 12) + 30.0 * (weekday == 0)
    start = np.where(day < 40, 30.0, 100.0)
    series = season + start + rng(1).standard_normal(730)
    clean = deseasonalised(series, np.array([weekday, month]), day >= 365)
    assert mser(clean).observations in (40, 45)
    assert clean[365:].std() < 2.0
    assert clean[365:].mean() == pytest.approx(series[365:].mean())
    assert clean[365:].mean() - clean[:40].mean() == pytest.approx(70.0, abs=2.0)
    assert mser(series).observations > 45


def test_the_average_of_welch_is_centred_and_grows_at_the_start() -> None:
    series = np.array([0.0, 3.0, 6.0, 9.0, 30.0])
    assert moving_average(series, 1).tolist() == [0.0, 3.0, 6.0, 15.0]
    assert moving_average(series, 2).tolist() == [0.0, 3.0, 9.6]
    assert moving_average(series, 0).tolist() == series.tolist()


def test_the_count_is_the_smallest_whose_interval_is_within_the_margin() -> None:
    from scipy.stats import chi2, t

    values = np.tile([-1.0, 1.0], 6)
    spread = values.std(ddof=1)

    def half(n: int, s: float) -> float:
        return float(t.ppf(0.975, n - 1)) * s / math.sqrt(n)

    found = replications_needed(values, 0.5)
    assert half(found.count, spread) <= 0.5 < half(found.count - 1, spread)
    for count, tail in ((found.low, 0.975), (found.high, 0.025)):
        end = spread * math.sqrt(11 / chi2.ppf(tail, 11))
        assert half(count, end) <= 0.5 < half(count - 1, end)
    assert found.low < found.count < found.high
    assert replications_needed(np.ones(4), 1.0) == ReplicationsNeeded(2, 2, 2)
    for wrong in (np.ones(1), np.ones(0)):
        with pytest.raises(ValueError, match="at least 2"):
            replications_needed(wrong, 1.0)
    with pytest.raises(ValueError, match="margin is positive"):
        replications_needed(values, 0.0)


def blind(values: np.ndarray, margin: float) -> int:
    """Return the count of the broken twin, which takes the pilot's own interval for that of every count."""
    return math.ceil((1.96 * values.std() / margin) ** 2)


def half_width(values: np.ndarray) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(len(values) - 1, 0.975) * values.std(ddof=1) / math.sqrt(len(values)))


def test_the_count_keeps_its_word() -> None:
    """Runs as many as the upper end are precise enough in nearly all of 200 trials, of the twin in few."""
    kept, kept_blind = 0, 0
    for seed in range(200):
        pilot = rng(seed).standard_normal(5)
        later = rng(1000 + seed).standard_normal(2000)
        kept += half_width(later[: replications_needed(pilot, 1.0).high]) <= 1.0
        kept_blind += half_width(later[: max(2, blind(pilot, 1.0))]) <= 1.0
    assert kept > 190
    assert kept_blind < 100


@pytest.fixture(scope="module")
def scenario():
    changes = {"calendar.days": 31, "calendar.warmup_days": 0, "border.model": "instant"}
    return load_scenario(composed(**changes))


def test_days_add_up_to_the_month_of_the_same_run(scenario) -> None:
    from_start = from_the_start(scenario, 31)
    days = by_day(from_start, OUTCOMES, seed=4, replication=1)
    assert days.shape == (3, 31)
    month = add_up(run_replication(scenario, 4, 1)["measures"], 31)
    for k, outcome in enumerate(OUTCOMES[:2]):
        assert days[k].sum() == pytest.approx(month.central(outcome, "all")[0])
    found = starts(from_start, OUTCOMES, days[None])
    assert [one.outcome for one in found] == list(OUTCOMES)
    assert np.isfinite(found[2].mean).all()
    assert isinstance(found[0], Start)
    with pytest.raises(ConfigError, match="wait_min: this run does not report it"):
        daily(from_start, ["wait_min"], Replications(workers=1))


def test_a_worker_that_dies_costs_nothing(scenario, tmp_path) -> None:
    from_start = from_the_start(scenario, 31)
    deadly = KillingDailyScenario(from_start.settings, from_start.values, from_start.evidence, tmp_path)
    alone = daily(from_start, OUTCOMES, Replications(2, 4, workers=1))
    np.testing.assert_array_equal(daily(deadly, OUTCOMES, Replications(2, 4, workers=2)), alone)
    assert (tmp_path / "killed").exists()


def test_a_gap_holds_the_last_value() -> None:
    series = np.array([math.nan, 2.0, math.nan, math.nan, 5.0])
    assert _filled(series).tolist() == [2.0, 2.0, 2.0, 2.0, 5.0]
    assert _filled(np.full(3, math.nan)).tolist() == [0.0, 0.0, 0.0]


def picture(*starts: Start, days: int = 730):
    rows = DataTable.of(START_COLUMNS, [_start_row(one, 56) for one in starts])
    averages = _averages(starts)
    expected = (6, taken_out(days))
    return warmup_figure(rows.data, averages.data, _title(starts, 56), 56, expected, "Simulated: made up.")


def test_the_picture_says_what_settles() -> None:
    settled = Start("delivered_pure_kg", np.ones(200), Truncation(35, True))
    at_once = Start("price_index", np.ones(200), Truncation(0, True))
    figure = picture(settled, at_once)
    assert figure.layout.meta["title"] == "The start is over after 35 days at the latest; 56 are left out"
    assert "Fentanyl delivered start over after 35 days" in figure.layout.meta["alt"]
    never = replace(settled, cut=Truncation(150, False))
    figure = picture(never, at_once)
    assert "1 of 2 cannot be told" in figure.layout.meta["title"]
    assert "Fentanyl delivered cannot be told" in figure.layout.meta["alt"]
    rows = DataTable.of(START_COLUMNS, [_start_row(never, 56)])
    assert _start_cells(rows, 200, 56).rows == [["Fentanyl delivered", CANNOT_TELL, "1.000"]]


def test_the_picture_shows_all_of_its_lines_and_says_what_was_taken_out() -> None:
    weekly = np.ones(200)
    weekly[8:15] = 3.0
    layout = picture(Start("delivered_pure_kg", weekly, Truncation(35, True))).layout
    assert layout.yaxis.range[1] > 3.0
    assert "weekdays (not seasons) taken out" in layout.meta["subtitle"].replace("<br>", " ")
    assert taken_out(1459) == "weekdays and seasons"


def test_the_start_and_its_pilot_are_a_result(tmp_path: Path) -> None:
    found = warmup(four_days(), batch(tmp_path, 1), "delivered_pure_kg,seized_pure_kg", days=28, pilot=2)
    assert list(found.table("warmup")["outcome"]) == ["delivered_pure_kg", "seized_pure_kg"]
    assert (found.table("replications")["needed"] >= 2).all()
    averages = found.table("averages")
    assert set(averages["window_days"]) == {7}
    assert len(averages) == 2 * (28 - 3)
    assert "needs the most replications" in found.verdicts[1]
    assert "1 run of baseline over 28 days from the first hour, a pilot of 2" in found.provenance.sentence
    assert f"{found.plot.warmup().layout.meta['title']}." == found.verdict
    assert found.verdict in found._repr_html_()


def test_a_pilot_of_an_effect_knows_what_it_is_held_against(tmp_path: Path) -> None:
    options = {"baseline": four_days(), "days": 28}
    found = warmup(scanning(), batch(tmp_path, 1), "delivered_pure_kg", pilot=2, **options)
    assert "against baseline" in found.provenance.sentence
    assert found.verdicts[1].startswith("Change in fentanyl delivered needs")
    none = warmup(scanning(), batch(tmp_path, 1), "delivered_pure_kg", pilot=0, **options)
    assert "replications" not in none.tables
    assert len(none.verdicts) == 1


def test_what_cannot_be_asked_is_refused(tmp_path: Path) -> None:
    for options, expected in (
        ({"pilot": 1}, "study warmup: pilot must be 0 or at least 2"),
        ({"days": 7}, "study warmup: days must be at least 28"),
    ):
        with pytest.raises(ConfigError, match=expected):
            warmup(four_days(), batch(tmp_path, 1), **options)
    with pytest.raises(ConfigError, match="outcome price_index: undefined in some runs of the pilot"):
        warmup(four_days(), batch(tmp_path, 1), "price_index", days=28, pilot=2)
