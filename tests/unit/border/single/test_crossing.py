"""A single crossing: what it refuses, what it spreads, and what it counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.border.single.crossing import changed, read_single_crossing, single_crossing
from sim.border.single.replications import check_growth
from sim.border.single.summary import ratio, simulate_border
from sim.core.errors import ConfigError

QUIET: dict[str, Any] = {"arrivals_per_h": 60, "lanes": 2, "service_s": 60}
SHORT: dict[str, Any] = {**QUIET, "days": 3, "warmup_days": 1, "replications": 4}
SECONDARY = {"referral_prob": 0.1, "mean_min": 5, "bays": 2}
LOADS = {"per_day": 20, "referral_prob": 0.5, "find_prob": 0.8}
SMUGGLED = {**SHORT, "secondary": SECONDARY, "loads": LOADS}
STRONG = {"waiting_per_lane": 0, "service_factor": 0.5, "referral_factor": 0.0}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"lanes": 0}, "border.lanes: no lane is open all day, but 1440 vehicles come"),
        ({"lanes": [2] * 144 + [0] * 24}, "border.lanes: no lane is open on Sunday, but 1440 vehicles come"),
        ({"lanes_max": 1}, "border.lanes: 2 lanes at 00:00, but lanes_max is 1"),
        ({"service_s": 0}, "border.service_s: input should be greater than 0 (got 0)"),
        ({"service_s": float("nan")}, "border.service_s: input should be a finite number (got nan)"),
        (
            {"service_scv": 0.3},
            "border.service_scv: must be 1/k of a whole k from 1 to 16 (Erlang) or above 1 "
            "(hyperexponential), not 0.3; nearest: 0.333 or 0.25",
        ),
        ({"service_scv": 0.05}, "not 0.05; nearest: 0.0625"),
        ({"service_scv": 0}, "border.service_scv: input should be greater than 0 (got 0)"),
        ({"service_scv": 101}, "border.service_scv: input should be less than or equal to 100 (got 101)"),
        ({"service_scv": 4, "service_shape": 4}, "border.service_shape: border.service_scv says already"),
        ({"secondary": {**SECONDARY, "scv": 0.7}}, "border.secondary.scv: must be 1/k of a whole k"),
        ({"arrivals_per_h": float("nan")}, "border.arrivals_per_h: must be a number of at least 0 (got nan)"),
        ({"arrivals_per_h": -1}, "border.arrivals_per_h: must be a number of at least 0 (got -1)"),
        ({"arrivals_per_h": [1] * 25}, "border.arrivals_per_h: 25 values; give one number, 24 by hour"),
        ({"lanes": [1] * 23}, "border.lanes: 23 values; give one number, 24 by hour"),
        ({"lanes": 1.5}, "border.lanes: must be a whole number of at least 0 (got 1.5)"),
        ({"lanes": [2] * 23 + [-1]}, "border.lanes.23: input should be greater than or equal to 0 (got -1)"),
        (
            {"secondary": {**SECONDARY, "bays": -1}},
            "border.secondary.bays: must be a whole number of at least 0 (got -1)",
        ),
        ({"servise_s": 3}, "border: unknown key 'servise_s' (did you mean 'service_s'?)"),
        ({"secondary": {**SECONDARY, "bay": 1}}, "unknown key 'bay' (did you mean 'bays'?)"),
        ({"secondary": {**SECONDARY, "bays": [1] * 5}}, "border.secondary.bays: 5 values"),
        (
            {"secondary": {**SECONDARY, "referral_prob": 1.1}},
            "border.secondary.referral_prob: input should be less than or equal to 1 (got 1.1)",
        ),
        ({"loads": {**LOADS, "find_prob": 2}}, "border.loads.find_prob: input should be less than"),
        ({"loads": LOADS}, "border.loads.referral_prob: needs border.secondary"),
        ({"leniency": {"kind": "treshold"}}, "unknown rule 'treshold' (did you mean 'threshold'?)"),
        ({"leniency": {"kind": "optimal"}}, "border.leniency.optimal: missing"),
        ({"lanes": 1}, "border.lanes: 24 lane-hours are open a day and 24 are needed"),
        (
            {"secondary": {**SECONDARY, "bays": 0}},
            "border.secondary.bays: no bay is open all day, but 144 vehicles are sent there",
        ),
        (
            {"secondary": {**SECONDARY, "bays": 0, "waiting_room": 4}, "patience_min": 30},
            "border.secondary.bays: no bay is open all day, but 144 vehicles are sent there",
        ),
        (
            {"secondary": {**SECONDARY, "bays": [1] * 24 + [0] * 24 + [1] * 120}, "patience_min": 30},
            "border.secondary.bays: no bay is open on Tuesday, but 144 vehicles are sent there",
        ),
        (
            {"secondary": {**SECONDARY, "referral_prob": 0, "bays": 0}, "patience_min": 30, "loads": LOADS},
            "border.secondary.bays: no bay is open all day, but loads are sent there",
        ),
        (
            {"secondary": {**SECONDARY, "mean_min": 60}},
            "border.secondary.bays: 48 bay-hours are open a day and 144 are needed",
        ),
        ({"replications": 1}, "border.replications: input should be greater than or equal to 2"),
    ],
)
def test_a_mistake_is_told_in_one_line(keys: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigError) as error:
        single_crossing(QUIET, **keys)
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_a_line_may_be_long_where_drivers_turn_away() -> None:
    assert single_crossing(QUIET, lanes=1, patience_min=10.0).period == 24


def test_bays_may_be_closed_where_nobody_is_sent() -> None:
    nobody = {**SECONDARY, "referral_prob": 0, "bays": 0}
    assert single_crossing(QUIET, secondary=nobody, patience_min=30).by_hour("bays").sum() == 0


def test_secondary_that_never_keeps_up_is_refused_after_the_fact() -> None:
    stuck = single_crossing(
        SHORT, patience_min=30, secondary={"referral_prob": 0.5, "mean_min": 60, "bays": 1}
    )
    with pytest.raises(ConfigError, match="still wait, so their waits are not known"):
        simulate_border(stuck)


BLOCKED: dict[str, Any] = {
    "arrivals_per_h": 113,
    "lanes": 3,
    "service_s": 60,
    "secondary": {"referral_prob": 0.1, "mean_min": 30, "bays": 6, "waiting_room": 0},
}


@pytest.mark.parametrize("days", [28, 100])
def test_a_line_that_grows_because_secondary_holds_the_lanes_is_refused(days: int) -> None:
    with pytest.raises(ConfigError, match=r"border: the line still grows, from .* open more lanes or bays"):
        simulate_border(single_crossing(BLOCKED, days=days))


@pytest.mark.parametrize("keys", [{**BLOCKED, "arrivals_per_h": 95}, {**QUIET, "arrivals_per_h": 114}])
def test_a_long_line_that_has_settled_is_judged(keys: dict[str, Any]) -> None:
    assert simulate_border(single_crossing(keys))["queue"].mean > 5.0


def test_growth_is_told_from_chance_and_from_the_hours_of_the_day() -> None:
    chance = np.random.default_rng(4)
    level = chance.poisson(40, (24 * 9, 20))
    wave = 30 * (np.arange(24 * 9) % 24)[:, None]
    border = single_crossing(QUIET)
    check_growth(border, level + wave)
    check_growth(border, (level + wave)[:24])
    with pytest.raises(ConfigError, match="the line still grows"):
        check_growth(border, level + np.arange(24 * 9)[:, None] // 4)


def test_one_number_is_every_hour_and_a_week_is_a_week() -> None:
    day = single_crossing(QUIET)
    assert day.period == 24
    assert day.by_hour("lanes").tolist() == [2] * 24
    week = single_crossing(QUIET, lanes=[2] * 144 + [3] * 24)
    assert week.period == 168
    assert week.hour_name(167) == "Sunday 23:00"
    assert week.by_hour("arrivals_per_h").shape == (168,)
    assert single_crossing(QUIET, lanes=np.full(24, 2)).by_hour("lanes").tolist() == [2] * 24


def test_changes_lead_into_groups() -> None:
    tree = changed({"lanes": 2}, ["lanes=3", "secondary.bays=4", "loads.per_day=0.5"])
    assert tree == {"lanes": 3, "secondary": {"bays": 4}, "loads": {"per_day": 0.5}}
    with pytest.raises(ConfigError, match=r"lanes\.x: lanes is a number and has no keys"):
        changed({"lanes": 2}, ["lanes.x=1"])
    with pytest.raises(ConfigError, match="lanes: not an override"):
        changed({}, ["lanes"])


def test_a_file_that_is_no_mapping_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        read_single_crossing(tmp_path / "absent.yaml")
    path = tmp_path / "list.yaml"
    path.write_text("- 1\n")
    with pytest.raises(ConfigError, match="a list or a single value in place of key: value"):
        read_single_crossing(path)


def test_hours_add_up_to_the_outcomes() -> None:
    result = simulate_border(single_crossing(SMUGGLED))
    hours = result.hours
    assert hours["trips_per_h"].sum() == pytest.approx(result["trips_per_day"].mean)
    weight = hours["trips_per_h"] / hours["trips_per_h"].sum()
    for name in ("wait_min", "delayed_share"):
        assert (hours[name] * weight).sum() == pytest.approx(result[name].mean)
        assert (hours[f"{name}_low"] <= hours[name]).all()
        assert (hours[name] <= hours[f"{name}_high"]).all()
    assert hours["lanes"].tolist() == [2.0] * 24


def test_detection_has_its_limits() -> None:
    def found(**changes: Any) -> float:
        border = single_crossing(SHORT, secondary=SECONDARY, loads={**LOADS, **changes})
        return simulate_border(border)["detection_share"].mean

    assert found(referral_prob=1.0, find_prob=1.0) == 1.0
    assert found(referral_prob=0.0) == 0.0
    assert found(find_prob=0.0) == 0.0
    none = simulate_border(single_crossing(SHORT, secondary=SECONDARY, loads={**LOADS, "per_day": 0}))
    assert np.isnan(none["detection_share"].mean)
    assert none["finds_per_day"].mean == 0.0


def test_leniency_lets_loads_pass_and_shortens_the_line() -> None:
    busy = {**SMUGGLED, "arrivals_per_h": 105, "days": 6}
    before = simulate_border(single_crossing(busy))
    after = simulate_border(single_crossing(busy, leniency={"kind": "threshold", "threshold": STRONG}))
    assert after["wait_min"].mean < before["wait_min"].low
    assert after["detection_share"].mean < before["detection_share"].low


def test_more_replications_leave_the_first_ones_alone() -> None:
    from sim.border.single.replications import replicate

    few = replicate(single_crossing(SMUGGLED, replications=2))
    many = replicate(single_crossing(SMUGGLED, replications=4))
    assert (few.hours == many.hours[:2]).all()
    assert (few.found == many.found[:2]).all()


def test_ratio_covers_what_it_should() -> None:
    whole = np.array([100.0, 120.0, 80.0, 100.0])
    assert np.isnan(ratio(whole * 0, whole).low), "nothing seen: chance may still reach somewhere"
    assert np.isnan(ratio(whole * 0, whole * 0).mean)
    one = ratio(np.array([50.0, 55.0, 45.0, 52.0]), whole)
    assert one.low < one.mean < one.high
    assert one.mean == pytest.approx(202 / 400)


def test_public_names() -> None:
    assert sim.single_crossing is single_crossing
    assert sim.simulate_border is simulate_border


def test_nobody_waits_in_the_median_where_most_are_served_at_once() -> None:
    result = simulate_border(single_crossing(SHORT, lanes=4))
    assert result["delayed_share"].mean < 0.1
    assert result["wait_p50_min"].mean == 0.0
    assert result["wait_p90_min"].mean == 0.0
    assert result["wait_min"].mean > 0.0
