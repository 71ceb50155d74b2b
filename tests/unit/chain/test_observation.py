"""The observed layer: nothing is known early, nothing is lost, and errors are as large as stated."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date
from typing import Any

import numpy as np
import pytest
import simpy

from sim.chain.parts.observation import (
    FIELD_OPERATIONS,
    PARTNER,
    AgencySettings,
    ObservationSettings,
    Recorder,
)
from sim.core.calendar import HOURS_PER_DAY, Calendar
from sim.core.draws import Draws, entity_id
from sim.ledger.postings import GROSS, LEAD, Ledger
from sim.measures.replication import run_replication
from sim.scenario import load_scenario
from sim.world import World, simulate
from tests.fixtures.books import moved
from tests.fixtures.composed import SHORT, composed

DAYS, MASS = 59, 5_000_000


class Desk:
    """A recorder alone, with the same rule for every agency."""

    def __init__(self, share: float = 1.0, delay_days: float = 0.0, cv: float = 0.0) -> None:
        self.env, self.calendar = simpy.Environment(), Calendar(date(2022, 1, 1), DAYS, 0)
        self.ledger = Ledger(self.calendar.month_of_hour)
        rule = AgencySettings(recorded_prob=share, delay_days=delay_days, weight_cv=cv)
        names = ObservationSettings.model_fields
        settings = ObservationSettings(**dict.fromkeys(names, rule))
        self.recorder = Recorder(self.env, self.ledger, Draws(3, 0), settings)

    def known(self, commodity: int = GROSS) -> tuple[int, int]:
        """Return amount and number that can be read by now."""
        return moved(self.ledger, commodity, "seen.", "recorded.")


def test_a_record_can_be_read_after_its_delay_and_stands_in_the_month_of_the_event() -> None:
    desk = Desk(delay_days=10.0)
    desk.env.run(until=25 * HOURS_PER_DAY)
    desk.recorder.weigh(FIELD_OPERATIONS, "laredo", GROSS, MASS, entity=1)
    desk.env.run(until=35 * HOURS_PER_DAY - 1.0)
    assert desk.known() == (0, 0)
    desk.env.run(until=35 * HOURS_PER_DAY + 1.0)
    assert desk.known() == (MASS, 1)
    table = desk.ledger.table(desk.calendar.month_names)
    assert list(table["month"]) == ["2022-01"]
    assert list(table["to_account"]) == ["recorded.field_operations.laredo"]


def test_what_is_on_its_way_at_the_end_is_posted_once() -> None:
    desk = Desk(delay_days=10.0)
    desk.recorder.weigh(PARTNER, "gateway", GROSS, MASS, entity=1)
    desk.recorder.close()
    desk.recorder.close()
    desk.env.run(until=DAYS * HOURS_PER_DAY)
    assert desk.known() == (MASS, 1)
    desk.ledger.check()


@pytest.mark.parametrize(("share", "kept"), [(0.0, 0), (1.0, 2000)])
def test_a_share_of_zero_or_one_is_exact(share: float, kept: int) -> None:
    desk = Desk(share)
    for number in range(2000):
        desk.recorder.count(PARTNER, "gateway", GROSS, 1, entity_id(0, "load", number))
    desk.recorder.close()
    assert desk.known() == (kept, kept)


@pytest.mark.parametrize(("share", "fits"), [(0.7, True), (0.75, False)])
def test_the_recorded_share_and_the_error_of_weight_are_those_of_the_settings(
    share: float, fits: bool
) -> None:
    """Four standard errors; five points off is refused."""
    desk, events, cv = Desk(share, cv=0.2), 10_000, 0.2
    for number in range(events):
        desk.recorder.weigh(PARTNER, "gateway", GROSS, MASS, entity_id(0, "load", number))
    desk.recorder.close()
    amount, count = desk.known()
    assert (abs(count / events - 0.7) < 4 * math.sqrt(0.7 * 0.3 / events)) is fits
    assert amount / count / MASS == pytest.approx(1.0, abs=4 * cv / math.sqrt(count))
    assert amount / count != MASS


def test_leads_of_two_kinds_with_the_same_entity_draw_apart() -> None:
    desk = Desk(share=0.5)
    for number in range(200):
        desk.recorder.lead("outreach_tip", number)
        desk.recorder.lead("precursor_seizure", number)
    desk.recorder.close()
    table = desk.ledger.table(desk.calendar.month_names)
    counts = dict(zip(table["to_account"], table["count"], strict=True))
    assert set(counts) == {
        "recorded.investigations.outreach_tip", "recorded.investigations.precursor_seizure"
    }  # fmt: skip
    assert desk.known(LEAD)[1] == sum(counts.values())
    assert (
        counts["recorded.investigations.outreach_tip"] != counts["recorded.investigations.precursor_seizure"]
    )


def whole(**changes: Any) -> dict[tuple[str, str], float]:
    """Return yearly totals by measure and place of a short run."""
    table = run_replication(load_scenario(composed(**SHORT, **changes)), 1, 0)["measures"]
    totals: dict[tuple[str, str], float] = defaultdict(float)
    for measure, place, value in zip(table["measure"], table["place"], table["value"], strict=True):
        totals[measure, place] += np.nan_to_num(value)
    return totals


RULE = "chain.observation.field_operations."


def test_how_an_agency_records_changes_the_record_and_nothing_that_happened() -> None:
    usual, poor = whole(), whole(**{f"{RULE}recorded_prob": 0.5, f"{RULE}weight_cv": 0.0})
    assert poor["seizure_events", "ports"] < 0.8 * usual["seizure_events", "ports"]
    for latent in ("delivered_pure_kg", "seized_pure_kg", "loads_seized", "adversary_profit_usd"):
        assert poor[latent, "all"] == usual[latent, "all"]


def test_field_operations_record_every_event_of_the_calibrated_baseline() -> None:
    usual = whole()
    seized = {place: n for (name, place), n in usual.items() if name == "loads_seized"}
    for office in ("san_diego", "tucson", "el_paso", "laredo"):
        events = sum(n for place, n in seized.items() if place.startswith(f"{office}."))
        assert usual.get(("seizure_events", office), 0.0) == events
    exact = whole(**{f"{RULE}weight_cv": 0.0})
    error = usual["seized_gross_lb", "ports"] / exact["seized_gross_lb", "ports"] - 1.0
    assert 0 < abs(error) < 0.02


def test_the_delay_changes_no_statistic_and_what_a_trigger_can_know() -> None:
    late, early = ({f"{RULE}delay_days": days} for days in (30.0, 0.0))
    assert whole(**late) == whole(**early)
    known = []
    for changes in (early, late):
        world = World(load_scenario(composed(**SHORT, **changes)), 1, 0)
        world.run(until_h=40 * HOURS_PER_DAY)
        known.append(moved(world.ledger, GROSS, "seen.field_operations", "recorded.")[1])
    assert 0 < known[1] < 0.5 * known[0]


def test_every_record_leaves_the_account_of_its_agency() -> None:
    table = simulate(load_scenario(composed(**SHORT)), 1, 0).postings
    recorded = [str(target) for target in table["to_account"] if str(target).startswith("recorded.")]
    seen = [str(source) for source in table["from_account"] if str(source).startswith("seen.")]
    assert len(recorded) == len(seen) > 0
    assert {name.split(".")[1] for name in recorded} <= set(ObservationSettings.model_fields)
