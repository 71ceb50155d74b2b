"""Every rule of flows counts something, and what no rule counts is stated with its reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sim.ledger.accounts import (
    ARMS,
    CAPITAL,
    CHANNEL,
    CHART,
    DEALERS,
    ENDOWMENT,
    FEE,
    FROZEN,
    LABS,
    LEADS_OPEN,
    LOAD,
    ORIGIN,
    PROCEEDS,
    PRODUCED,
    RAISED,
    STOCK_PRECURSOR,
    TRANSIT,
    UNSOLD,
    WHOLESALE,
    WORN,
    Family,
    read,
)
from sim.ledger.postings import COMMODITIES
from sim.measures.flows import RULES, FlowRule, rules_by_posting
from sim.measures.registry import registry
from sim.scenario import load_scenario
from sim.world import World
from tests.fixtures.books import kinds_of_postings
from tests.fixtures.composed import composed

OPENING = "an opening balance, before the window"
HOME = "what reaches the capital shows as profit when it is taken out"
NOT_COUNTED = {
    ("precursor_mg", ORIGIN, STOCK_PRECURSOR): OPENING,
    ("fentanyl_mg", PRODUCED, WHOLESALE): OPENING,
    ("usd_cents", ENDOWMENT, CAPITAL): OPENING,
    ("firearm", DEALERS, ARMS): OPENING,
    ("precursor_mg", TRANSIT, STOCK_PRECURSOR): "what arrives is what was bought less what was lost",
    ("precursor_mg", STOCK_PRECURSOR, LABS): "a batch counts when it ends",
    ("gross_mg", LOAD, WHOLESALE): "delivered mass is pure mass: nobody buys the packing",
    ("lead", RAISED, LEADS_OPEN): "leads count as agencies record them",
    ("usd_cents", PROCEEDS, CHANNEL): "revenue counts at the sale",
    ("usd_cents", CHANNEL, FEE): HOME,
    ("usd_cents", CHANNEL, CAPITAL): HOME,
    ("usd_cents", FROZEN, FEE): HOME,
    ("usd_cents", FROZEN, CAPITAL): HOME,
    ("firearm", DEALERS, UNSOLD): "what a ring that is down does not send is no flow",
    ("firearm", ARMS, WORN): "wear is the end of what was delivered",
}
"""Kinds of postings that no measure counts, and why."""

STRATEGY = {
    "port_staffing": 1000.0, "scanning": 153.0, "targeting": 100.0, "chemical_outreach": 0.5,
    "source_control": 0.5, "partner_units": 8.0, "investigators": 300.0, "financial_crime_center": 0.5,
    "cyber": 12.0, "southbound": 200.0,
}  # fmt: skip
YEAR: dict[str, Any] = {"border.model": "instant"}
QUARTER: dict[str, Any] = {**YEAR, "calendar.days": 90, "calendar.warmup_days": 14}
RUNS: list[dict[str, Any]] = [
    {**YEAR, **{f"levers.{name}.size": size for name, size in STRATEGY.items()}},
    {**QUARTER, "levers.surge.size": 500.0, "levers.surge.end": "2022-03-01", "adversary.kind": "bandit"},
    # Outbound hours, and no officers for them.
    {**QUARTER, "levers.southbound.size": 200.0, "levers.southbound.moves.officers.per_unit": 0.0},
    *({**QUARTER, "adversary.kind": kind} for kind in ("logit", "salience", "worst_case")),
    # Alarms are overlooked in long lines alone.
    {"calendar.days": 7, "calendar.warmup_days": 1, "border.leniency.kind": "threshold"},
]


@pytest.fixture(scope="module")
def posted() -> set[tuple[str, Family, Family]]:
    """Return the kinds of all postings of runs with different levers and adversaries."""
    kinds = set()
    for changes in RUNS:
        world = World(load_scenario(composed(**changes)), 1, 0)
        world.run()
        kinds |= kinds_of_postings(world.ledger)
    return kinds


def test_every_posting_of_a_year_is_counted_or_stated(posted: set[tuple[str, Family, Family]]) -> None:
    counted = set(rules_by_posting(RULES))
    assert posted - counted == set(NOT_COUNTED)


def idle(rules: tuple[FlowRule, ...], posted: set[tuple[str, Family, Family]]) -> list[str]:
    """Return the measures that count none of the postings."""
    return [rule.measure for rule in rules if not posted & rules_by_posting((rule,)).keys()]


def test_every_rule_counts_something(posted: set[tuple[str, Family, Family]]) -> None:
    assert idle(RULES, posted) == []


@pytest.mark.parametrize("twin", [{"commodity": "gross_mg"}, {"source": LABS}, {"target": CAPITAL}])
def test_a_rule_with_a_mistake_is_refused(twin: dict[str, Any], posted: set[Any]) -> None:
    consumed = next(rule for rule in RULES if rule.measure == "consumed_pure_kg")
    assert idle((replace(consumed, **twin),), posted) == ["consumed_pure_kg"]


def test_every_account_of_the_chart_is_used(posted: set[tuple[str, Family, Family]]) -> None:
    assert {family for _, *ends in posted for family in ends} == set(CHART)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.measure)
def test_every_rule_names_a_measure_and_reads_places_off_its_accounts(rule: FlowRule) -> None:
    assert rule.measure in registry()
    assert rule.commodity in COMMODITIES
    for _, source, target in rules_by_posting((rule,)):
        fields = {name: name for family in (target, source) for name in family.fields}
        assert all(isinstance(place, str) for place in rule.places(fields))


def test_no_rule_counts_a_posting_twice() -> None:
    for found in rules_by_posting(RULES).values():
        names = [rule.measure for rule in found]
        assert len(names) == len(set(names)), names


def test_a_name_that_a_run_withholds_counts_where_its_family_is_plain() -> None:
    assert read("load.any") == (LOAD, {"route": "any"})
    assert read("stock.any") is None
