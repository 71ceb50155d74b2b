"""Investigators: first come first served, busy until the case closes, leads that go stale, targets hit."""

from __future__ import annotations

import numpy as np
import pytest
import simpy

from sim.chain.investigation import INVESTIGATORS_DIAL, PARTNER_DIAL
from sim.chain.parts.context import StationContext
from sim.chain.parts.disruption import RecoverableUnits
from sim.chain.parts.journal import Journal
from sim.chain.parts.leads import LEAD_KINDS
from sim.core.calendar import HOURS_PER_DAY
from sim.core.dials import Move
from sim.core.draws import Draws
from sim.core.errors import ConfigError
from sim.ledger.postings import FENTANYL, LEAD, PRECURSOR
from sim.scenario import load_scenario
from sim.world import World
from tests.fixtures.books import account, balance, moved
from tests.fixtures.composed import SHORT, composed
from tests.fixtures.lone_investigators import bare, lone

KIND = "outreach_tip"


def amount(context: StationContext, source: str, target: str) -> int:
    return moved(context.ledger, LEAD, source, target)[0]


def move(dial: str, size: float, start_days: float = 0.0, days: float = 1e6) -> Move:
    start_h = start_days * HOURS_PER_DAY
    return Move(dial, size, start_h, 0.0, start_h + days * HOURS_PER_DAY)


def test_every_lead_is_waiting_stale_open_closed_or_failed() -> None:
    context = lone(2000, random_leads_per_year=100.0, partner_leads_per_year=50.0)
    context.env.run(until=2000 * HOURS_PER_DAY)
    raised = amount(context, "raised.", "leads.open")
    taken = amount(context, "leads.open", "cases.open.")
    closed, failed = (amount(context, "cases.open.", end) for end in ("cases.closed.", "cases.failed."))
    waiting = balance(context.ledger, "leads.open", LEAD)
    busy = sum(balance(context.ledger, f"cases.open.{kind}", LEAD) for kind in ("random", "partner"))
    assert raised == waiting + amount(context, "leads.open", "leads.stale") + taken
    assert taken == closed + failed + busy
    assert closed == amount(context, "cases.closed.", "disruptions.") > 0
    assert busy == 3
    context.ledger.check()


def test_first_come_first_served() -> None:
    journal = Journal()
    plain = bare(4000)
    context = StationContext(
        plain.env, plain.draws, plain.ledger, plain.dials, plain.calendar, plain.leads, journal
    )
    lone(4000, context=context, investigators=1.0, patience_days=1e6, case_days=1.0)
    for entity in range(50):
        context.leads.raise_lead(KIND, entity)
    opened: list[int] = []
    for hour in range(1, 24 * 120):
        context.env.run(until=hour)
        opened += [
            entity
            for (_, entity), note in journal.cases.items()
            if note.fate != "open" and entity < 50 and entity not in opened
        ]
    assert len(opened) > 30
    assert opened == sorted(opened)


@pytest.mark.parametrize("case_time", ["lognormal", "exponential"])
def test_a_case_takes_its_mean_time_however_it_is_distributed(case_time: str) -> None:
    journal = Journal()
    plain = bare(4000)
    context = StationContext(
        plain.env, plain.draws, plain.ledger, plain.dials, plain.calendar, plain.leads, journal
    )
    lone(4000, context=context, investigators=0.0, case_time=case_time)
    plain.dials.moves[INVESTIGATORS_DIAL] = [move(INVESTIGATORS_DIAL, 2000.0, start_days=1)]
    lone_start = 2 * HOURS_PER_DAY
    context.env.run(until=lone_start)
    for entity in range(2000):
        context.leads.raise_lead(KIND, entity)
    busy = []
    for day in range(2, 1000):
        context.env.run(until=day * HOURS_PER_DAY + 1.0)
        busy.append(balance(context.ledger, f"cases.open.{KIND}", LEAD))
    # The mean time of a case is the integral of the share of cases that are still open.
    mean_days = sum(busy) / 2000
    assert mean_days == pytest.approx(30.0, abs=4 * 30.0 / np.sqrt(2000) + 0.5)


def test_no_investigator_closes_no_case_and_every_lead_goes_stale() -> None:
    context = lone(3650, investigators=0.0, random_leads_per_year=100.0)
    context.env.run(until=3650 * HOURS_PER_DAY)
    assert amount(context, "leads.open", "cases.") == 0
    assert amount(context, "leads.open", "leads.stale") > 900


def test_investigators_who_leave_finish_their_case_and_new_ones_start_within_a_day() -> None:
    context = bare(400, [move(INVESTIGATORS_DIAL, 5.0, start_days=100, days=100)])
    lone(400, context=context, random_leads_per_year=4000.0, case_days=5.0, case_cv=0.1)
    open_cases, busy = account(context.ledger, "cases.open.random"), {}
    for day in (99, 102, 199, 202, 230):
        context.env.run(until=day * HOURS_PER_DAY + 1.0)
        busy[day] = context.ledger.balance(open_cases, LEAD)
    assert (busy[99], busy[102], busy[199], busy[230]) == (3, 8, 8, 3)
    assert 3 < busy[202] <= 8


def test_added_partner_leads_move_no_lead_of_before() -> None:
    plain, more = bare(730), bare(730, [move(PARTNER_DIAL, 100.0, start_days=365)])
    heard: dict[int, list[tuple[float, int]]] = {0: [], 1: []}
    for number, context in enumerate((plain, more)):
        lone(730, context=context, partner_leads_per_year=100.0)
        context.leads.call(
            lambda kind, entity, n=number, s=context: heard[n].append((s.env.now, entity))  # type: ignore[misc]
        )
        context.env.run(until=730 * HOURS_PER_DAY)
    assert set(heard[0]) < set(heard[1])
    added = set(heard[1]) - set(heard[0])
    assert min(time for time, _ in added) > 365 * HOURS_PER_DAY
    assert abs(len(added) - 100) < 4 * 10


def test_targets_follow_the_shares_of_the_kind() -> None:
    hits: dict[str, list[int]] = {"lab": [], "source": []}
    targets = {name: lambda entity, own=own: not own.append(entity) for name, own in hits.items()}
    shares = {"success_prob": 0.5, "target_share": {"lab": 0.3, "source": 0.7}}
    told: list[None] = []
    context = lone(
        3650,
        targets,  # type: ignore[arg-type]
        succeeded=lambda: told.append(None),
        kinds=dict.fromkeys(LEAD_KINDS, shares),
        random_leads_per_year=1000.0,
        investigators=100.0,
    )
    context.env.run(until=3650 * HOURS_PER_DAY)
    struck, tried = len(hits["lab"]) + len(hits["source"]), amount(context, "cases.open.", "cases.")
    assert len(told) == struck
    assert len(set(hits["lab"] + hits["source"])) == struck
    assert struck / tried == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(tried))
    assert len(hits["lab"]) / struck == pytest.approx(0.3, abs=4 * 0.46 / np.sqrt(struck))


def test_a_target_that_nobody_offers_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"kinds\.precursor_seizure\.target_share: unknown target 'cell'.*cells"
    ):
        lone(10, {"cells": lambda entity: True})


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("investigators", 2.5, r"investigators: .*multiple of 1"),
        ("case_days", 0.0, r"case_days: .*greater than 0"),
        ("case_time", "weibull", r"case_time"),
        ("kinds.partner.success_prob", 1.5, r"success_prob: .*less than or equal to 1"),
        ("kinds.partner.target_share.lab", 0.9, r"kinds\.partner\.target_share: shares add up to"),
    ],
)
def test_mistakes(path: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_scenario(composed(**{f"chain.investigation.{path}": value}))


def test_a_kind_of_lead_without_settings_is_refused() -> None:
    tree = composed()
    del tree["chain"]["investigation"]["kinds"]["takedown"]
    with pytest.raises(ConfigError, match=r"chain\.investigation\.kinds: no settings for 'takedown'"):
        load_scenario(tree)


def disrupted(investigators: int, parts: int = 30) -> float:
    """Return the disruptions a year that take effect on a network of few parts."""
    years = 9
    context = bare(years * 365)
    network = RecoverableUnits(context, "cell", {"all": parts}, recovery_days=120.0)
    lone(
        years * 365,
        {"cell": network.disrupt},
        context,
        random_leads_per_year=1000.0,
        investigators=float(investigators),
    )
    found = []
    for year in (1, years):
        context.env.run(until=year * 365 * HOURS_PER_DAY)
        found.append(amount(context, "cases.closed.", "disruptions.cell.took_effect"))
    return (found[1] - found[0]) / (years - 1)


def test_each_investigator_more_disrupts_less_than_the_one_before() -> None:
    """MADTOR: on a finite network that recovers, hits fall on what is down already.

    The exact mean of independent parts: hits ``h`` on ``n`` parts that recover after ``r`` take effect at
    the rate ``h / (1 + h r / n)``.
    """
    staffs = (10, 30, 50, 70)
    effect = [disrupted(staff) for staff in staffs]
    assert (np.diff(effect) > 0).all()
    assert (np.diff(effect, 2) < 0).all()
    for staff, found in zip(staffs, effect, strict=True):
        hits = 0.5 * staff * 365 / 30
        assert found == pytest.approx(hits / (1 + hits * 120 / 365 / 30), rel=0.12)
    # A network without end has no such pattern.
    assert disrupted(70, parts=100_000) == pytest.approx(0.5 * 70 * 365 / 30, rel=0.12)


@pytest.mark.parametrize("target", ["lab", "source", "lane", "smuggling"])
def test_every_target_of_the_world_can_be_hit(target: str) -> None:
    tree = composed(**SHORT)
    for kind in LEAD_KINDS:
        tree["chain"]["investigation"]["kinds"][kind]["target_share"] = {target: 1.0}
    world = World(load_scenario(tree), 1, 0)
    world.run()
    assert moved(world.ledger, LEAD, "cases.closed.", f"disruptions.{target}.took_effect")[0] > 0
    assert (
        moved(world.ledger, LEAD, "cases.closed.", "")[0]
        == moved(world.ledger, LEAD, "cases.closed.", f"disruptions.{target}.")[0]
    )


def test_hits_on_labs_stop_production_and_fall_on_labs_that_are_down_more_and_more() -> None:
    """Nothing else hits labs here: without recovery, 42 of them can be taken out once each."""
    tree = composed(**SHORT, **{"chain.producer.raids_per_year": 0.0, "chain.producer.recovery_days": 1e6})
    world = World(load_scenario(tree), 1, 0)
    world.run(until_h=1.0)
    hit = world.targets["lab"]
    effects = [hit(entity) for entity in range(600)]
    assert sum(effects) == 42
    assert sum(effects[:42]) > sum(effects[42:84]) > sum(effects[84:126])
    world.run(until_h=10 * 24.0)  # the batches that run are finished first
    made = moved(world.ledger, FENTANYL, "produced.sinaloa", "stock.")[0]
    world.run(until_h=40 * 24.0)
    assert moved(world.ledger, FENTANYL, "produced.sinaloa", "stock.")[0] == made


def test_a_broken_relation_refuses_and_a_broker_who_is_down_delays() -> None:
    change = {"chain.source.relation_recovery_days": 1e6, "chain.transit.broker_recovery_days": 1e6}
    arrived = {}
    for target in ("", "source", "lane"):
        world = World(load_scenario(composed(**SHORT, **change)), 1, 0)
        world.run(until_h=1.0)
        if target:
            hit = world.targets[target]
            for entity in range(3000):
                hit(entity)
        world.run(until_h=70 * 24.0)
        arrived[target] = [
            moved(world.ledger, PRECURSOR, source, end)[1]
            for source, end in (("origin.", "transit."), ("transit.", "stock."))
        ]
    # What was paid for before the relations broke is still dispatched.
    assert arrived["source"][0] < 0.6 * arrived[""][0]
    assert arrived["lane"][0] > 0.9 * arrived[""][0]
    assert arrived["lane"][1] == 0 < arrived[""][1]


def test_parts_recover_and_serve_those_that_draw_them() -> None:
    env = simpy.Environment()
    plain = bare(3650)
    context = StationContext(env, Draws(5, 0), plain.ledger, plain.dials, plain.calendar, plain.leads)
    parts = RecoverableUnits(context, "cell", {"a": 4, "b": 2}, recovery_days=10.0)
    assert not any(parts.down_for_h("a", entity) for entity in range(100))
    assert sum(parts.disrupt(entity) for entity in range(200)) == 6
    assert all(parts.down_for_h(group, entity) for group in "ab" for entity in range(50))
    env.run(until=200 * HOURS_PER_DAY)
    assert not any(parts.down_for_h(group, entity) for group in "ab" for entity in range(50))
    assert parts.disrupt(3)
    assert not parts.disrupt(3)
    served = sum(parts.down_for_h("a", e) > 0 for e in range(4000)) / 4000
    other = sum(parts.down_for_h("b", e) > 0 for e in range(4000)) / 4000
    assert (served, other) == (pytest.approx(0.25, abs=0.03), 0.0) or (served, other) == (
        0.0,
        pytest.approx(0.5, abs=0.035),
    )


def test_a_disrupted_cell_sends_nothing_and_no_other_load_changes() -> None:
    """Common random numbers: without investigators, cells work; each load that differs is one of a cell."""
    tree = {**SHORT, "chain.intelligence.floor_share": 1.0, "chain.producer.recovery_days": 0.001}
    none = {"chain.investigation.investigators": 0.0}
    journals = Journal(), Journal()
    for changes, journal in zip((none, {}), journals, strict=True):
        World(load_scenario(composed(**tree, **changes)), 2, 0, journal).run()
    before, after = (journal.loads for journal in journals)
    unmet = {entity for entity, note in after.items() if note.fate == "unmet.cell"}
    assert unmet
    assert not any(note.fate == "unmet.cell" for note in before.values())
    assert all(after[e] == before[e] for e in before.keys() & after.keys() if e not in unmet)
