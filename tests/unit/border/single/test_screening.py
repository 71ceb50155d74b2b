"""Layers of screening at an invented crossing: what they see, whom they send on, what they add up to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.border.layers import LAYERS, Screens
from sim.border.single.crossing import SingleCrossing, single_crossing
from sim.border.single.replications import owner, replicate
from sim.border.single.screening import HourlyScreening, screened
from sim.border.single.summary import BorderResult, simulate_border
from sim.core.draws import Draws
from sim.core.errors import ConfigError
from tests.unit.border.test_screening import mode

NUMBERS = {"targeting": (1, 0.1, 0.01), "scanner": (0.2, 0.9, 0.05), "canine": (0.5, 0.4, 0.02)}
NUMBERS["officer"] = (1, 0.2, 0.03)


def layer(coverage: float, sensitivity: float, false_alarm: float, seconds: float = 0) -> dict[str, float]:
    return {
        "coverage": coverage,
        "sensitivity": sensitivity,
        "false_alarm_prob": false_alarm,
        "seconds": seconds,
    }


ALL = {name: layer(*numbers) for name, numbers in NUMBERS.items()}


def crossing(screening: dict[str, Any] | None = None, **keys: Any) -> SingleCrossing:
    given: dict[str, Any] = {
        "arrivals_per_h": 60, "lanes": 3, "service_s": 60, "days": 6, "warmup_days": 1, "replications": 8,
        "secondary": {"mean_min": 5, "bays": 4}, "loads": {"per_day": 40, "find_prob": 0.75},
        "screening": ALL if screening is None else screening,
    }  # fmt: skip
    return single_crossing(given | keys)


def near(result: BorderResult, name: str, expected: float) -> bool:
    """Return whether theory lies within twice the 95 % interval."""
    value = result[name]
    return abs(value.mean - expected) <= value.high - value.low


def first(shares: list[float]) -> list[float]:
    """Return the chance that each layer is the first to alarm."""
    return [share * float(np.prod([1 - x for x in shares[:i]])) for i, share in enumerate(shares)]


def test_first_alarms_are_those_of_the_layers_in_order() -> None:
    result = simulate_border(crossing())
    loads = first([c * s for c, s, _ in NUMBERS.values()])
    others = first([c * f for c, _, f in NUMBERS.values()])
    for name, load, other in zip(NUMBERS, loads, others, strict=True):
        assert near(result, f"{name}.alarmed_share", load), name
        assert near(result, f"{name}.found_share", load * 0.75), name
        assert near(result, f"{name}.lawful_referrals_per_day", 1440 * other), name
        assert result[f"{name}.overlooked_share"].mean == 0.0
    assert near(result, "loads_without_alarm_share", 1 - sum(loads))
    # Broken twin: layers that do not wait for each other alarm more often.
    assert not near(result, "officer.lawful_referrals_per_day", 1440 * 0.03 * 1.2)


def test_layers_add_up_to_the_whole() -> None:
    result = simulate_border(crossing())
    for whole, part in (
        ("detection_share", "found_share"),
        ("lawful_referrals_per_day", "lawful_referrals_per_day"),
        ("finds_per_day", "finds_per_day"),
    ):
        assert sum(result[f"{name}.{part}"].mean for name in LAYERS) == pytest.approx(result[whole].mean)
    for name in LAYERS:
        parts = [result[f"{name}.{part}_share"].mean for part in ("found", "missed", "overlooked")]
        assert sum(parts) == pytest.approx(result[f"{name}.alarmed_share"].mean)


def test_shares_are_those_of_the_model_at_strength_one() -> None:
    sensitivity, false_alarm = ([numbers[i] for numbers in NUMBERS.values()] for i in (1, 2))
    model = Screens(mode(sensitivity, false_alarm), "mode")
    seen = [own.coverage for own in mode(sensitivity, false_alarm).layers.in_order()]
    same = {
        name: layer(share, s, f)
        for name, share, s, f in zip(LAYERS, seen, sensitivity, false_alarm, strict=True)
    }
    own = screened(crossing(same))
    assert own.load[:, 0] == pytest.approx(np.array(model.alarm_probs(model.scanned_then)))
    assert own.referral_prob[0] == pytest.approx(float(model.false_referral_prob(model.scanned_then)))


def test_one_share_stands_for_the_officer_alone() -> None:
    told = crossing({"officer": layer(1, 0.5, 0.1)})
    short = told.model_dump(exclude_none=True, exclude={"screening"})
    short["secondary"]["referral_prob"], short["loads"]["referral_prob"] = 0.1, 0.5
    one, other = simulate_border(single_crossing(short)), simulate_border(told)
    assert [row.name for row in one.outcomes] == [row.name for row in other.outcomes]
    assert [row.value.mean for row in one.outcomes] == [row.value.mean for row in other.outcomes]


def test_layers_take_time_of_those_whom_they_see_and_nobody_stopped_before() -> None:
    own = screened(crossing({"targeting": layer(1, 0, 0.5, 4), "scanner": layer(0.5, 0.9, 0.1, 40)}))
    assert own.service_h * 3600 == pytest.approx(np.full(24, 60 + 4 + 0.5 * 0.5 * 40))


def test_scanners_that_are_short_see_a_smaller_share_in_busy_hours() -> None:
    rates = [30.0] * 12 + [120.0] * 12
    screening = {"scanner": layer(0.5, 0.8, 0.1), "scans_per_h": 20}
    own = screened(crossing(screening, arrivals_per_h=rates))
    assert own.scanned[:12].tolist() == [0.5] * 12
    assert own.scanned[12:] == pytest.approx(np.full(12, 20 / 120))
    assert own.load[1, 12:] == pytest.approx(np.full(12, 20 / 120 * 0.8))
    # More come than three lanes can pass: the rest stands in line and is not scanned.
    full = screened(crossing(screening, arrivals_per_h=300, patience_min=20))
    assert full.scanned == pytest.approx(np.full(24, 20 / 180))


def test_leniency_lets_alarms_pass() -> None:
    rule = {"waiting_per_lane": 0, "service_factor": 1.0, "referral_factor": 0.25}
    lenient = crossing(lanes=2, arrivals_per_h=110, leniency={"kind": "threshold", "threshold": rule})
    result, strict = simulate_border(lenient), simulate_border(crossing(lanes=2, arrivals_per_h=110))
    assert result["officer.overlooked_share"].low > 0.0
    assert result["officer.alarmed_share"].mean == strict["officer.alarmed_share"].mean
    assert result["detection_share"].high < strict["detection_share"].low


@pytest.mark.parametrize("sensitivity", [0.0, 1.0])
def test_a_layer_that_alarms_on_none_or_all(sensitivity: float) -> None:
    result = simulate_border(crossing({"canine": layer(1, sensitivity, 0.0)}))
    assert result["canine.alarmed_share"].mean == sensitivity
    assert result["loads_without_alarm_share"].mean == 1 - sensitivity
    assert result["lawful_referrals_per_day"].mean == 0.0


def test_a_layer_that_alarms_on_everybody_leaves_nobody_to_the_next() -> None:
    result = simulate_border(
        crossing(
            {"scanner": layer(1, 1, 1), "officer": layer(1, 0.5, 0.5)},
            secondary={"mean_min": 1, "bays": 10}, days=2, replications=3,
        )
    )  # fmt: skip
    assert result["scanner.lawful_referrals_per_day"].mean == result["trips_per_day"].mean
    assert result["officer.lawful_referrals_per_day"].mean == 0.0


def test_splitting_keeps_every_referral_and_its_luck() -> None:
    own = screened(crossing())
    draws, owners = Draws(1, 0), np.array([owner(r) for r in range(3)], dtype=np.uint64)
    sent = np.random.default_rng(5).integers(0, 900, (3, 24))
    split = own.split(draws, owners, sent)
    assert split.sum(axis=1).tolist() == sent.sum(axis=1).tolist()
    assert (split[:1] == own.split(draws, owners[:1], sent[:1])).all()
    assert (split >= 0).all()


def test_nobody_is_sent_on_where_no_layer_exists() -> None:
    empty = screened(single_crossing(arrivals_per_h=10, lanes=1, service_s=60))
    assert isinstance(empty, HourlyScreening)
    assert empty.names == ()
    assert not empty.referral_prob.any()
    counts = replicate(single_crossing(arrivals_per_h=10, lanes=1, service_s=60, days=1, replications=2))
    assert counts.lawful.sum() == 0


def test_costs_are_hours_that_are_open_and_persons_who_wait() -> None:
    costs = {
        "persons_per_vehicle": 2, "officers_per_lane": 1.5, "officers_per_bay": 2, "usd_per_officer_h": 100,
    }  # fmt: skip
    result = simulate_border(crossing(costs=costs))
    assert result["officer_hours_per_day"].mean == 24 * (3 * 1.5 + 4 * 2)
    assert result["officer_cost_per_day"].mean == 100 * result["officer_hours_per_day"].mean
    waited_h = result["wait_min"].mean / 60 * result["trips_per_day"].mean
    assert result["person_hours_waited_per_day"].mean == pytest.approx(2 * waited_h)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"screening": ALL}, "border.screening: needs border.secondary"),
        (
            {"screening": ALL, "secondary": {"mean_min": 5, "bays": 4, "referral_prob": 0.1}},
            "border.secondary.referral_prob: the layers in border.screening refer; leave it out",
        ),
        ({"secondary": {"mean_min": 5, "bays": 4}}, "border.secondary.referral_prob: missing; give it, or"),
        (
            {
                "secondary": {"mean_min": 5, "bays": 4, "referral_prob": 0.1},
                "loads": {"per_day": 1, "find_prob": 1},
            },
            "border.loads.referral_prob: missing; give it, or",
        ),
        (
            {"screening": {"scanner": layer(1.2, 0.5, 0.1)}, "secondary": {"mean_min": 5, "bays": 4}},
            "border.screening.scanner.coverage: input should be less than or equal to 1 (got 1.2)",
        ),
        (
            {"screening": {"scaner": layer(1, 0.5, 0.1)}, "secondary": {"mean_min": 5, "bays": 4}},
            "unknown key 'scaner' (did you mean 'scanner'?)",
        ),
        (
            {"screening": {"canine": {"coverage": 1}}, "secondary": {"mean_min": 5, "bays": 4}},
            "border.screening.canine.sensitivity: field required",
        ),
        (
            {"screening": {"officer": layer(1, 0, 0, 120)}, "secondary": {"mean_min": 5, "bays": 4}},
            "border.lanes: 72 lane-hours are open a day and 72 are needed",
        ),
        ({"name": "San Ysidro", "loads": {"per_day": 0, "find_prob": 1}}, "a real crossing is never joined"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_one_line(keys: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigError) as error:
        single_crossing({"arrivals_per_h": 24, "lanes": 3, "service_s": 330}, **keys)
    assert expected in str(error.value)
    assert "\n" not in str(error.value)
