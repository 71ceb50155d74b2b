"""The day and the frontier of an invented crossing: the numbers behind them, and that they stay offline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.border.single.crossing import single_crossing
from sim.border.single.frontier import border_frontier, scanned, staffed
from sim.border.single.screening import screened
from sim.core.errors import ConfigError
from sim.plots.day import BLOCKED, DOTS_A_LANE, day
from sim.plots.frontier import frontier
from sim.report.folder import write_figure
from sim.study.single_crossing_day import day_of

BUSY: dict[str, Any] = {
    "arrivals_per_h": [0] * 6 + [150] * 12 + [20] * 6,
    "lanes": [0] * 5 + [3] * 13 + [1] * 6,
    "service_s": 60,
    "secondary": {"mean_min": 10, "bays": 5, "waiting_room": 3},
    "screening": {
        "scanner": {"coverage": 0, "sensitivity": 0.8, "false_alarm_prob": 0.02, "seconds": 10},
        "officer": {"coverage": 1, "sensitivity": 0.1, "false_alarm_prob": 0.1, "seconds": 0},
    },
    "loads": {"per_day": 30, "find_prob": 0.8},
    "days": 3,
    "warmup_days": 1,
    "replications": 4,
}
SOURCE = "Simulated: an invented crossing."


def test_day_counts_vehicles() -> None:
    steps = day_of(single_crossing(BUSY))
    assert len(steps["minute"]) == 144
    assert steps["queue"].max() > 0
    for name in ("queue", "busy", "blocked", "secondary", "referred"):
        assert (steps[name] >= 0).all()
    taken = steps["busy"] + steps["blocked"]
    assert (taken <= 3).all()
    waited = steps["queue"] > 0
    assert (taken[waited] >= steps["lanes"][waited]).all(), "nobody waits before idle lanes"
    assert (steps["secondary"] <= 5 + 3).all(), "bays and waiting room hold no more"
    assert steps["lanes"][:30].max() == 0


def test_lanes_that_a_full_secondary_blocks_wear_their_own_colour() -> None:
    crowded = single_crossing(BUSY, secondary={"mean_min": 12, "bays": 4, "waiting_room": 0})
    steps = day_of(crowded)
    full = steps["blocked"] > 0
    assert full.any()
    assert (steps["secondary"][full] == 4).all(), "a lane is blocked only where no place is left"
    figure = day(steps, "Ten Mile", SOURCE)
    for frame, blocked in zip(figure.frames, steps["blocked"], strict=True):
        assert list(frame.data[1].marker.color).count(BLOCKED) == blocked
        assert (f", {blocked} blocked" in frame.data[3].text[1]) == (blocked > 0)
    assert "yellow is blocked because secondary is full" in figure.layout.meta["subtitle"]
    roomy = day_of(single_crossing(BUSY, secondary={"mean_min": 10, "bays": 5}))
    assert roomy["blocked"].max() == 0
    assert "yellow" not in day(roomy, "Ten Mile", SOURCE).layout.meta["subtitle"]


def test_day_is_the_same_when_seen_again() -> None:
    first, again = (day_of(single_crossing(BUSY), day=1, replication=2) for _ in range(2))
    assert all((first[name] == again[name]).all() for name in first)
    assert (day_of(single_crossing(BUSY), day=1)["queue"] != first["queue"]).any()


def test_day_draws_every_vehicle_that_waits() -> None:
    steps = day_of(single_crossing(BUSY))
    figure = day(steps, "Ten Mile", SOURCE)
    assert len(figure.frames) == 144
    for frame, queue, inside in zip(figure.frames, steps["queue"], steps["secondary"], strict=True):
        assert len(frame.data[0].x) == queue
        assert len(frame.data[2].x) == inside
        assert len(frame.data) == len(frame.traces)
    worst = int(np.argmax(steps["queue"]))
    assert f"{steps['queue'][worst]} vehicles wait" in figure.layout.meta["title"]
    assert figure.layout.sliders[0].active == worst


def test_a_long_line_is_drawn_in_parts() -> None:
    steps = day_of(single_crossing(BUSY))
    long = {**steps, "queue": steps["queue"] * 50}
    figure = day(long, "Ten Mile", SOURCE)
    assert max(len(frame.data[0].x) for frame in figure.frames) <= DOTS_A_LANE * 3
    assert "up to" in figure.layout.meta["subtitle"]


def test_pages_need_no_network(tmp_path: Path) -> None:
    path = write_figure(day(day_of(single_crossing(BUSY)), "Ten <Mile>", SOURCE), tmp_path)
    text = path.read_text()
    assert path.name == "day.html"
    assert 'src="plotly.min.js"' in text
    assert "http" not in text.replace("http://www.w3.org", "")
    assert "Ten &lt;Mile&gt;" in text
    assert (tmp_path / "plotly.min.js").stat().st_size > 1_000_000


def test_frontier_moves_as_it_must() -> None:
    points = border_frontier(single_crossing(BUSY), [0.0, 0.5], [0, 1])
    assert points["scanned_share"].tolist() == [0.0, 0.0, 0.5, 0.5]
    wait, found = points["wait_min"], points["detection_share"]
    assert wait[0] > wait[1]
    assert wait[2] > wait[0]
    assert found[2] > points["detection_share_high"][0]
    assert found[0] == found[1], "the same draws: lanes alone find nothing"
    figure = frontier(points, "Scanning finds", SOURCE)
    assert [trace.name for trace in figure.data] == ["lanes as given", "1 lane more"]
    assert figure.layout.meta["title"] == "Scanning finds"
    assert (points["reached_share"] == points["scanned_share"]).all()
    assert points["lawful_referrals_per_day"][2] > points["lawful_referrals_per_day"][0]


def test_levels_have_defaults_one_by_one() -> None:
    lanes, shares = (
        single_crossing(BUSY, frontier=given).frontier
        for given in ({"lanes_added": [-1, 0]}, {"scanned": [1]})
    )
    assert lanes is not None
    assert lanes.scanned == [0.0, 0.1, 0.25, 0.5]
    assert shares is not None
    assert shares.lanes_added == [0, 1, 2]


def test_scanners_that_are_short_are_shown_at_what_they_can_do() -> None:
    screening = {**BUSY["screening"], "scans_per_h": 15}
    points = border_frontier(single_crossing(BUSY, screening=screening), [0.0, 1.0], [0])
    assert 0.1 <= points["reached_share"][1] < 0.3
    assert "100%" not in str(frontier(points, "Scanning finds", SOURCE).to_plotly_json())


def test_scanning_adds_time_and_alarms() -> None:
    border = scanned(single_crossing(BUSY), 0.5)
    now = screened(border)
    assert now.service_h * 3600 == pytest.approx(np.full(24, 65.0))
    assert now.referral_prob == pytest.approx(np.full(24, 1 - 0.9 * 0.99))
    assert now.load[[1, 3], 0].tolist() == [0.4, 0.1]
    fewer = single_crossing({**BUSY, "patience_min": 30, "lanes": [0] * 5 + [3] * 19})
    assert staffed(fewer, -2).lanes == [0] * 5 + [1] * 19
    assert staffed(border, 2).lanes[:6] == [0, 0, 0, 0, 0, 5]


def test_an_impossible_point_is_named() -> None:
    with pytest.raises(
        ConfigError, match=r"frontier at 0% scanned, -1 lanes: border\.lanes: .* without bound"
    ):
        border_frontier(single_crossing({**BUSY, "arrivals_per_h": 60, "lanes": 2}), [0.0], [-1])
    with pytest.raises(ConfigError, match=r"border\.frontier\.scanned: must be from 0 to 1"):
        scanned(single_crossing(BUSY), 1.5)
    with pytest.raises(ConfigError, match=r"a frontier needs border\.screening\.scanner and border\.loads"):
        scanned(single_crossing(arrivals_per_h=1, lanes=1, service_s=60), 0.5)
    for added in (-10, -20):
        with pytest.raises(ConfigError, match=rf"lanes_added: {added} leaves no lane at 05:00, where 3 are"):
            border_frontier(single_crossing({**BUSY, "patience_min": 30}), [0.0], [added])
    with pytest.raises(ConfigError, match=r"-1 leaves no lane at 18:00, where 1 are open"):
        staffed(single_crossing({**BUSY, "patience_min": 30}), -1)
    with pytest.raises(ConfigError, match=r"border\.frontier: name at least one level"):
        border_frontier(single_crossing(BUSY), [], [0])
