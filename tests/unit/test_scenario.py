"""A scenario is checked as a whole, and a mistake gets one clear line."""

from __future__ import annotations

from typing import Any

import pytest

from sim.core.errors import ConfigError
from sim.scenario import Scenario, load_scenario
from tests.fixtures.composed import SHORT, composed


def test_the_shipped_configuration_is_valid() -> None:
    scenario = load_scenario(composed())
    assert scenario.name == "baseline"
    assert len(scenario.evidence) > 100
    assert not [row for row in scenario.evidence if row.status == "override"]


def test_an_override_is_marked_and_changes_the_identity() -> None:
    plain = load_scenario(composed())
    moved = load_scenario(composed(**{"chain.producer.precursor_kg_per_pure_kg": 1.2}))
    assert [row.path for row in moved.evidence if row.status == "override"] == [
        "chain.producer.precursor_kg_per_pure_kg"
    ]
    assert plain.canonical_json() != moved.canonical_json()


RATE = "border.traffic.modes.passenger.lanes.standard.rate_per_lane_h"
OFFICERS, LEVER = "border.officers", "levers.port_staffing"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("border.screening.modes.passenger.find_prob", 1.4, r"find_prob: .*less than or equal to 1"),
        (f"{OFFICERS}.paid_h_per_year", -3.0, r"border\.officers\.paid_h_per_year: .*greater than 0"),
        (
            f"{OFFICERS}.leave_h_per_year",
            1900.0,
            r"border\.officers: leave, training .* leave -100 of 2080 paid",
        ),
        (
            f"{OFFICERS}.policy",
            "peakwait",
            r"officers\.policy: unknown policy 'peakwait' \(did you mean 'peak_wait'",
        ),
        (f"{OFFICERS}.shift_h", 7.0, r"officers\.shift_h: a day must be a whole number of shifts"),
        ("border.trafic", 1, r"border: unknown key 'trafic' \(did you mean 'traffic'\?\)"),
        ("calendar.start", "2021-13-01", r"calendar\.start: not a date; write YYYY-MM-DD"),
        ("calendar.days", 0, r"calendar\.days: a run has 1 to 3660 days"),
        ("calendar.days", 10**9, r"calendar\.days: a run has 1 to 3660 days"),
        ("calendar.warmup_days", 10**7, r"calendar\.warmup_days: a warm-up has 0 to 3660 days"),
        ("calendar.start", "0001-01-01", r"calendar\.start: the year must lie in 1950 to 2150"),
        ("border.persons_per_trip", {"passenger": 2.0}, r"border: 'commercial' needs .*persons_per_trip"),
        ("chain.off_port", {}, r"chain\.off_port: no settings for 'between_ports'"),
        ("border.screening.secondary_shape", 2.5, r"secondary_shape: input should be a multiple of 1"),
        ("chain.load.gross_kg", {"san_diego": 1.0}, r"gross_kg: no weight for 'tucson'"),
        ("chain.producer.clusters.sinaloa.labs", 2.5, r"labs: input should be a multiple of 1"),
        (f"{LEVER}.moves.officers.dial", "border.oficers.added", r"unknown dial .*'border\.officers\.added'"),
        ("calendar.days", 1.5, r"calendar\.days: input should be a valid integer"),
        ("adversary.kind", "logti", r"adversary\.kind: unknown policy 'logti' \(did you mean 'logit'"),
        (f"{LEVER}.size", 9000.0, r"port_staffing\.size: 9000 officer is outside 0 to 6000"),
        (f"{LEVER}.size", -1.0, r"port_staffing\.size: -1 officer is outside"),
        (f"{LEVER}.end", "2021-01-01", r"port_staffing\.end: 2021-01-01 is not after the start 2023-01-01"),
        (f"{LEVER}.start", "soon", r"port_staffing\.start: 'soon' is not a date"),
        (f"{LEVER}.moves", {}, r"port_staffing\.moves: a lever must move at least one dial"),
        (RATE, 0.0, r"rate_per_lane_h: input should be greater than 0 \(got 0"),
        (RATE, float("nan"), r"rate_per_lane_h: input should be a finite number \(got nan"),
        ("chain.route.mode_share.passenger", 0.9, r"mode_share: shares add up to 1\.1, not to 1"),
        ("chain.transit.use_share.asia_china", {"see": 1.0}, r"asia_china: unknown lane 'see' .*'sea'"),
    ],
)
def test_mistakes(path: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_scenario(composed(**{f"{LEVER}.start": "2023-01-01", f"{LEVER}.end": "2024-01-01", path: value}))


def test_a_parameter_set_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"run\.parameter_sets: set 9999 does not exist"):
        load_scenario(composed()).at_parameter_set(9999)


def test_a_parameter_set_leaves_out_what_a_scenario_does_not_have() -> None:
    assert load_scenario(composed(levers={})).at_parameter_set(1).settings.levers == {}


LEVERS = ("scanning", "targeting", "cyber")


@pytest.fixture(scope="module")
def pulling() -> Scenario:
    return load_scenario(composed(**SHORT, **{f"levers.{name}.size": 6 for name in LEVERS}))


def test_levers_at_their_own_sizes_change_nothing(pulling: Scenario) -> None:
    assert pulling.pulled == dict.fromkeys(LEVERS, 6.0)
    assert pulling.with_sizes(pulling.pulled).canonical_json() == pulling.canonical_json()


def test_levers_without_a_size_are_absent(pulling: Scenario) -> None:
    assert pulling.with_sizes({"scanning": 10}).pulled == {"scanning": 10.0}
    assert pulling.with_sizes({}).settings == load_scenario(composed(**SHORT)).settings


def test_a_scenario_that_is_changed_is_the_one_that_is_composed_so(pulling: Scenario) -> None:
    later = {"calendar.days": 90, "levers.cyber.start": "2021-11-01"}
    sizes = {f"levers.{name}.size": 6 for name in LEVERS}
    composed_so = load_scenario(composed(**{**SHORT, **sizes, **later}))
    changed = pulling.changed(later)
    assert changed.canonical_json() == composed_so.canonical_json()
    assert repr(changed.evidence) == repr(composed_so.evidence)  # nan is not itself


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"levers.scanning.size": 1e6}, r"levers\.scanning\.size: 1e\+06 .* is outside 0 to"),
        ({"levers.scanning.size": float("nan")}, r"levers\.scanning\.size: nan .* is outside 0 to"),
        ({"levers.cyber.strt": "2021-11-01"}, r"levers\.cyber: unknown key 'strt' .did you mean 'start'"),
        ({"levers.cyber.start": "2021-11-01", "levers.cyber.end": "2021-11-01"}, "is not after the start"),
        ({"calendar.days": 0}, r"calendar\.days: a run has 1 to 3660 days"),
    ],
)
def test_a_change_that_makes_no_sense_is_one_line(
    pulling: Scenario, changes: dict[str, float | str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        pulling.changed(changes)
    assert "\n" not in str(caught.value)


def test_an_unknown_lever_gets_its_nearest_name(pulling: Scenario) -> None:
    with pytest.raises(ConfigError, match=r"unknown lever 'scaning' \(did you mean 'scanning'\?\)"):
        pulling.with_sizes({"scaning": 1})
