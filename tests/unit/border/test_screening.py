"""Layers of screening: what they add up to, what scanners can do, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.border.layers import CANINE, LAYERS, SCANNER, Layer, Layers, Scanning, Screens
from sim.border.ports import LoadFate, TrackedLoad
from sim.border.screening import ModeScreening
from sim.core.errors import ConfigError
from sim.scenario import load_scenario
from sim.world import World
from tests.fixtures.composed import SHORT, composed

SHIPPED = load_scenario(composed()).settings.border.screening.modes


def mode(
    sensitivity: list[float], false_alarm: list[float], scanned: float = 0.2, dogs: float = 1.0
) -> ModeScreening:
    """Return a mode whose referral shares are those of its layers."""
    coverage = [1.0, scanned, dogs, 1.0]
    layers = [
        Layer(coverage=c, sensitivity=s, false_alarm_prob=f, seconds=own)
        for c, s, f, own in zip(coverage, sensitivity, false_alarm, [0.0, 60.0, 30.0, 0.0], strict=True)
    ]
    loads, false_alarm = (
        1.0 - math.prod(1.0 - c * x for c, x in zip(coverage, column, strict=True))
        for column in (sensitivity, false_alarm)
    )
    return ModeScreening(
        false_referral_prob=false_alarm, load_referral_prob=loads, find_prob=0.9, secondary_min=20.0,
        waiting_places=5.0, layers=Layers(**dict(zip(LAYERS, layers, strict=True))),
        scan_target_share=scanned, scans_per_lane_h=1.0,
    )  # fmt: skip


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_layers_add_up_to_the_calibrated_shares(name: str) -> None:
    own = SHIPPED[name]
    screens = Screens(own, name)
    assert screens.load_strength == pytest.approx(1.0, abs=0.005)
    assert screens.false_alarm_strength == pytest.approx(1.0, abs=0.005)
    passed = math.prod(1.0 - share for share in screens.alarm_probs(screens.scanned_then))
    assert 1.0 - passed == pytest.approx(own.load_referral_prob, rel=1e-12)
    assert screens.false_referral_prob(screens.scanned_then) == own.false_referral_prob
    assert screens.added_h(screens.scanned_then) == 0.0
    assert own.scan_target_share == screens.scanned_then


@pytest.mark.parametrize("total", [0.04, 0.5, 0.95])
def test_a_calibrated_total_moves_all_layers_together(total: float) -> None:
    own = SHIPPED["commercial"].model_copy(update={"load_referral_prob": total})
    shares = Screens(own, "commercial").alarm_probs(own.layers.scanner.coverage)
    assert 1.0 - math.prod(1.0 - share for share in shares) == pytest.approx(total)
    before = Screens(SHIPPED["commercial"], "commercial").alarm_probs(own.layers.scanner.coverage)
    assert np.all((np.array(shares) > before) == (total > SHIPPED["commercial"].load_referral_prob))


def test_more_scans_find_more_and_cost_time() -> None:
    screens = Screens(mode([0.1, 0.8, 0.1, 0.1], [0.01, 0.1, 0.01, 0.01]), "mode")
    none, then, all_of_it = (np.array(screens.alarm_probs(x)) for x in (0.0, 0.2, 1.0))
    assert none[SCANNER] == 0.0
    assert then[SCANNER] == pytest.approx(0.16)
    assert all_of_it[SCANNER] == pytest.approx(0.8)
    others = np.arange(len(LAYERS)) != SCANNER
    assert none[others].tolist() == then[others].tolist() == all_of_it[others].tolist()
    false_alarm = screens.false_referral_prob(np.array([0.0, 0.2, 1.0]))
    assert false_alarm == pytest.approx([1 - 0.99**3, 1 - 0.99**3 * 0.98, 1 - 0.99**3 * 0.9])
    assert screens.added_h(np.array([0.0, 0.2, 1.0])) * 60 == pytest.approx([-0.2, 0.0, 0.8])


def test_more_canine_checks_find_more_and_cost_time() -> None:
    screens = Screens(mode([0.1, 0.8, 0.5, 0.1], [0.01, 0.1, 0.02, 0.01], dogs=0.2), "mode")
    none, then, twice, most = (np.array(screens.alarm_probs(0.2, canine=x)) for x in (0.0, 1.0, 2.0, 99.0))
    assert [shares[CANINE] for shares in (none, then, twice, most)] == pytest.approx([0.0, 0.1, 0.2, 0.5])
    others = np.arange(len(LAYERS)) != CANINE
    assert none[others].tolist() == then[others].tolist() == most[others].tolist()
    assert screens.false_referral_prob(0.2, 1.0) == screens.false_referral_prob(0.2)
    assert screens.false_referral_prob(0.2, 2.0) == pytest.approx(1 - 0.99**2 * 0.98 * (1 - 0.4 * 0.02))
    assert screens.false_referral_prob(0.4, 0.0) == pytest.approx(1 - 0.99**2 * 0.96)
    assert screens.added_h(0.2, 2.0) * 3600 == pytest.approx(0.2 * 30)
    assert screens.added_h(0.4, 0.0) * 3600 == pytest.approx(0.2 * 60 - 0.2 * 30)


def test_the_time_of_lanes_is_not_counted_twice() -> None:
    with pytest.raises(ValueError, match="seconds of targeting and officer are part of the service time"):
        Layers(
            **{
                name: Layer(coverage=1.0, sensitivity=0.1, false_alarm_prob=0.0, seconds=5.0)
                for name in LAYERS
            }
        )


def test_limits_of_detection() -> None:
    blind = Screens(mode([0.0] * 4, [0.0] * 4), "mode")
    assert set(blind.alarm_probs(1.0)) == {0.0}
    sure = Screens(mode([1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]), "mode")
    assert sure.alarm_probs(0.0)[0] == 1.0
    assert sure.false_referral_prob(0.5) == 1.0


def test_layers_that_cannot_reach_the_total_are_refused() -> None:
    blind = mode([0.0] * 4, [0.0] * 4).model_copy(update={"load_referral_prob": 0.15})
    with pytest.raises(
        ConfigError, match=r"^m\.load_referral_prob: the layers alarm with chance 0, which no"
    ):
        Screens(blind, "m")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("scan_target_share", 1.2, r"scan_target_share: .*less than or equal to 1"),
        ("layers.scanner.coverage", 1.2, r"scanner\.coverage: .*less than or equal to 1"),
        ("layers.canine.sensitivity", -0.1, r"canine\.sensitivity: .*greater than or equal to 0"),
        ("secondary_min", 0.0, r"secondary_min: input should be greater than 0 \(got 0"),
        ("scans_per_lane_h", 0.0, r"scan_target_share above 0 needs scans_per_lane_h above 0"),
    ],
)
def test_mistakes(path: str, value: float, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_scenario(composed(**{f"border.screening.modes.commercial.{path}": value}))


def test_an_unknown_rule_of_leniency_is_refused_before_the_run() -> None:
    with pytest.raises(ConfigError, match=r"border\.leniency\.kind: unknown rule 'optimum'.*'optimal'"):
        load_scenario(composed(**{"border.leniency.kind": "optimum"}))


def test_scanners_do_so_many_an_hour() -> None:
    scanning = Scanning(
        station_of=np.array([0, 0, 1]),
        target=np.array([0.5, 0.0]),
        then=np.array([0.2, 0.0]),
        scans_per_h=np.array([30.0, 0.0]),
        entries_per_h=np.array([50.0, 10.0]),
    )
    assert scanning.in_a_mean_hour.tolist() == [0.5, 0.5, 0.0]
    open_wide, second = np.full(3, 100), np.full(3, 1 / 60)
    for rates, lanes, shares in (
        ([100.0, 20.0, 5.0], open_wide, [0.25, 0.25, 0.0]),
        ([0.0, 0.0, 0.0], open_wide, [0.5, 0.5, 0.0]),
        # Two lanes pass one a minute each: the rest of the 9000 waits.
        ([9000.0, 0.0, 0.0], np.array([2, 0, 0]), [0.25, 0.25, 0.0]),
    ):
        assert scanning.share_of_groups(np.array(rates), lanes, second) == pytest.approx(shares)


def test_scanners_keep_up_with_the_traffic_of_the_baseline() -> None:
    """The shares of the baseline year are realised shares: a capacity that binds would count twice."""
    world = World(load_scenario(composed()), 1, 0)
    traffic, scanning = world.ports.traffic, world.ports.manning(0).scanning
    then = scanning.then[world.ports.tables.secondary_of]
    for hour in range(0, world.calendar.total_hours, 7):
        now = traffic.rate_per_h(hour), traffic.lanes(hour, None), traffic.service_h
        assert np.array_equal(scanning.share_of_groups(*now), then)


def alarms(**change: Any) -> list[LoadFate]:
    """Return the fates of many loads that arrive in one hour."""
    ports = World(load_scenario(composed(**SHORT, **change)), 3, 0).ports
    group = ports.draw_group("laredo", "commercial", 0.5)
    loads = [TrackedLoad(i, group, 0.5, 10_000 + i, "laredo", "commercial") for i in range(20_000)]
    return ports.advance(0, loads)


def misfit(fates: list[LoadFate], screening: ModeScreening) -> float:
    """Return the largest distance, in standard errors, of first alarms by layer from the series."""
    shares = Screens(screening, "mode").alarm_probs(screening.scan_target_share)
    passed, worst = 1.0, 0.0
    for layer, share in zip(LAYERS, shares, strict=True):
        expected = passed * share
        seen = np.mean([fate.alarm == layer for fate in fates])
        worst = max(worst, abs(seen - expected) / math.sqrt(expected * (1 - expected) / len(fates)))
        passed *= 1.0 - share
    return worst


def test_first_alarms_follow_the_series_of_layers() -> None:
    fates = alarms()
    own = SHIPPED["commercial"]
    assert misfit(fates, own) < 4
    assert [fate.referred for fate in fates] == [fate.alarm != "" for fate in fates]
    # A border without the series, or with another scanner, is refused.
    weaker = own.model_copy(update={"load_referral_prob": 0.15})
    assert misfit(fates, weaker) > 4


def test_a_scanner_more_changes_no_alarm_before_it() -> None:
    """Common random numbers by layer: only loads that were scanned in addition change."""
    few = alarms()
    many = alarms(**{"border.screening.modes.commercial.scan_target_share": 0.9})
    changed = [(a.alarm, b.alarm) for a, b in zip(few, many, strict=True) if a.alarm != b.alarm]
    assert len(changed) > 1000
    assert {after for _, after in changed} == {"scanner"}
    assert "targeting" not in {before for before, _ in changed}


def test_nothing_passes_sure_layers_and_nothing_stops_at_blind_ones() -> None:
    where = "border.screening.modes.commercial"
    sure = alarms(**{f"{where}.load_referral_prob": 1.0})
    assert all(fate.referred for fate in sure)
    blind = alarms(**{f"{where}.load_referral_prob": 0.0})
    assert not any(fate.alarm for fate in blind)


@pytest.mark.parametrize("leniency", [{}, {"border.leniency.kind": "threshold"}])
def test_alarms_are_memos_by_route_class_and_leniency_overlooks_some(leniency: dict[str, str]) -> None:
    calendar = {"calendar.days": 31, "calendar.warmup_days": 0}
    world = World(load_scenario(composed(**calendar, **leniency)), 1, 0)
    world.run()
    postings = world.outcome().postings
    own = postings["commodity"] == "alarm"
    ends = [account.split(".")[0] for account in postings["to_account"][own]]
    assert {"alarm", "found", "cleared"} <= set(ends)
    assert ("overlooked" in ends) == bool(leniency)
    raised, found = (
        postings["amount"][own][[end == name for end in ends]].sum() for name in ("alarm", "found")
    )
    assert raised > found > 0
    seized = [
        count
        for target, commodity, count in zip(
            postings["to_account"], postings["commodity"], postings["count"], strict=True
        )
        if target.startswith("seized.port.") and commodity == "fentanyl_mg"
    ]
    assert sum(seized) == found
