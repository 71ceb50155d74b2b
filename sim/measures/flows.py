"""Flows of the chain: which postings each measure counts.

A rule sums the amounts (or counts the postings) of one commodity between families of accounts, and reads the
places off their fields.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from sim.chain.parts.observation import FIELD_OPERATIONS
from sim.core.tables import Table, ratio
from sim.core.units import CENTS_PER_USD, MG_PER_KG, MG_PER_LB
from sim.ledger.accounts import (
    ALARMED,
    ALREADY_DOWN,
    ARMS,
    BUYERS,
    CAPITAL,
    CASES_CLOSED,
    CASES_FAILED,
    CASES_OPEN,
    CHANNEL,
    CLEARED,
    CONSUMED,
    CONSUMPTION,
    DEALERS,
    DUTY_ADDED,
    DUTY_BASE,
    FORFEITED,
    FOUND,
    FROZEN,
    LABS,
    LEADS_OPEN,
    LEADS_STALE,
    LOAD,
    LOADS_ASKED,
    LOADS_UNMET,
    ORIGIN,
    OUTBOUND_ASKED,
    OUTBOUND_UNMET,
    OVERLOOKED,
    PACKED,
    PAID_COURIERS,
    PAID_SUPPLIER,
    PASSED,
    PROCEEDS,
    PRODUCED,
    PROFIT,
    PROGRAMME,
    RECORDED,
    SCREENED,
    SEEN,
    SEIZED,
    SEIZED_ARMS,
    SEIZED_PORT,
    SOUTHBOUND_ARMS,
    STOCK_PRODUCT,
    STRUCK,
    TOOK_EFFECT,
    TRANSIT,
    TREASURY,
    USE,
    WHOLESALE,
    Family,
    read,
)
from sim.measures.replacement import replacement_cost

Rows = dict[tuple[str, str], np.ndarray]  # (measure, place) -> value by month
Families = Family | tuple[Family, ...]
Places = Callable[[Mapping[str, str]], list[str]]
"""Fields of the two accounts of a posting to the places, besides ``all``, at which it counts."""


@dataclass(frozen=True)
class FlowRule:
    """One measure as a sum of postings.

    Parameters
    ----------
    measure : str
        Name in ``conf/measures.yaml``.
    commodity : str
        Commodity of the postings.
    source, target : Family or tuple of Family
        Families between which it moves.
    scale : float
        Whole units of the commodity per unit of the measure; 0 counts postings instead.
    places : callable
    """

    measure: str
    commodity: str
    source: Families
    target: Families
    scale: float
    places: Places


def _nowhere(fields: Mapping[str, str]) -> list[str]:
    return []


def _by(*names: str) -> Places:
    """Return the places that are the values of these fields."""
    return lambda fields: [fields[name] for name in names]


def _by_record(fields: Mapping[str, str]) -> list[str]:
    """Return the place of a record, and ``ports`` beside a field office: what CBP publishes."""
    return [fields["place"], "ports"] if fields["agency"] == FIELD_OPERATIONS else [fields["place"]]


def _by_layer_and_mode(fields: Mapping[str, str]) -> list[str]:
    """Return layer, mode and both of an alarm, never the office: what secondary found, or did not."""
    layer, mode = fields["layer"], fields["mode"]
    return [layer, mode, f"{layer}.{mode}"]


MASS, USD = MG_PER_KG, CENTS_PER_USD
STOPPED = (SEIZED_PORT, SEIZED)
DUTY = (DUTY_BASE, DUTY_ADDED)
STRIKES = (TOOK_EFFECT, ALREADY_DOWN)
RULES = (
    FlowRule("delivered_pure_kg", "fentanyl_mg", LOAD, WHOLESALE, MASS, _by("route")),
    FlowRule("shipped_pure_kg", "fentanyl_mg", STOCK_PRODUCT, LOAD, MASS, _by("route")),
    FlowRule("produced_pure_kg", "fentanyl_mg", PRODUCED, STOCK_PRODUCT, MASS, _by("cluster")),
    FlowRule("consumed_pure_kg", "fentanyl_mg", WHOLESALE, CONSUMPTION, MASS, _nowhere),
    FlowRule("seized_pure_kg", "fentanyl_mg", LOAD, STOPPED, MASS, _by("route")),
    FlowRule("handled_pure_kg", "fentanyl_mg", LOAD, (WHOLESALE, *STOPPED), MASS, _by("route")),
    FlowRule("loads_sent", "gross_mg", PACKED, LOAD, 0, _by("route")),
    FlowRule("loads_seized", "gross_mg", LOAD, STOPPED, 0, _by("route")),
    FlowRule("loads_unmet", "gross_mg", LOADS_ASKED, LOADS_UNMET, 0, _by("reason")),
    FlowRule("seizure_events", "gross_mg", SEEN, RECORDED, 0, _by_record),
    FlowRule("seized_gross_lb", "gross_mg", SEEN, RECORDED, MG_PER_LB, _by_record),
    FlowRule("precursor_bought_kg", "precursor_mg", ORIGIN, TRANSIT, MASS, _by("source")),
    FlowRule("precursor_lost_kg", "precursor_mg", TRANSIT, SEIZED, MASS, _by("place")),
    FlowRule("precursor_used_kg", "precursor_mg", LABS, CONSUMED, MASS, _by("cluster")),
    FlowRule("precursor_stopped_kg", "precursor_mg", SEEN, RECORDED, MASS, _by("place")),
    FlowRule("leads", "lead", SEEN, RECORDED, 0, _by("place")),
    FlowRule("leads_stale", "lead", LEADS_OPEN, LEADS_STALE, 0, _nowhere),
    FlowRule("cases_opened", "lead", LEADS_OPEN, CASES_OPEN, 0, _by("kind")),
    FlowRule("cases_closed", "lead", CASES_OPEN, CASES_CLOSED, 0, _by("kind")),
    FlowRule("cases_failed", "lead", CASES_OPEN, CASES_FAILED, 0, _by("kind")),
    FlowRule("targets_struck", "lead", CASES_CLOSED, STRIKES, 0, _by("target")),
    FlowRule("disruptions", "lead", CASES_CLOSED, TOOK_EFFECT, 0, _by("target")),
    FlowRule("takedowns", "lead", STRUCK, STRIKES, 0, _nowhere),
    FlowRule("takedowns_effective", "lead", STRUCK, TOOK_EFFECT, 0, _nowhere),
    FlowRule("firearms_sent", "firearm", DEALERS, SOUTHBOUND_ARMS, 1, _nowhere),
    FlowRule("firearms_delivered", "firearm", SOUTHBOUND_ARMS, ARMS, 1, _by("cluster")),
    FlowRule("firearms_lost", "firearm", SOUTHBOUND_ARMS, SEIZED_ARMS, 1, _nowhere),
    FlowRule("firearms_seized", "firearm", SEEN, RECORDED, 1, _nowhere),
    FlowRule("revenue_usd", "usd_cents", BUYERS, PROCEEDS, USD, _by("cluster")),
    FlowRule("adversary_profit_usd", "usd_cents", CAPITAL, PROFIT, USD, _by("cluster")),
    FlowRule("cash_seized_usd", "usd_cents", SEEN, RECORDED, USD, _by("place")),
    FlowRule("cash_lost_usd", "usd_cents", CHANNEL, SEIZED, USD, _by("channel")),
    FlowRule("cash_frozen_usd", "usd_cents", CHANNEL, FROZEN, USD, _by("channel")),
    FlowRule("cash_forfeited_usd", "usd_cents", FROZEN, FORFEITED, USD, _by("channel")),
    FlowRule("inputs_paid_usd", "usd_cents", CAPITAL, (PAID_SUPPLIER, PAID_COURIERS), USD, _nowhere),
    FlowRule("courier_fees_usd", "usd_cents", CAPITAL, PAID_COURIERS, USD, _nowhere),
    FlowRule("programme_cost_usd", "usd_cents", TREASURY, PROGRAMME, USD, _by("lever")),
    FlowRule("officer_hours", "officer_h", DUTY, USE, 1, _by("use", "office")),
    FlowRule("officer_hours_added", "officer_h", DUTY_ADDED, USE, 1, _by("use", "office")),
    FlowRule("loads_screened", "alarm", SCREENED, (PASSED, ALARMED), 1, _by("mode")),
    FlowRule("loads_without_alarm", "alarm", SCREENED, PASSED, 1, _by("mode")),
    FlowRule("loads_alarmed", "alarm", SCREENED, ALARMED, 1, _by_layer_and_mode),
    FlowRule("alarms_found", "alarm", ALARMED, FOUND, 1, _by_layer_and_mode),
    FlowRule("alarms_cleared", "alarm", ALARMED, CLEARED, 1, _by_layer_and_mode),
    FlowRule("alarms_overlooked", "alarm", ALARMED, OVERLOOKED, 1, _by_layer_and_mode),
    FlowRule("outbound_hours_unmet", "officer_h", OUTBOUND_ASKED, OUTBOUND_UNMET, 1, _nowhere),
)


def rules_by_posting(rules: Sequence[FlowRule]) -> dict[tuple[str, Family, Family], list[FlowRule]]:
    """Return rules by commodity and by the families of the two accounts of a posting."""
    found = defaultdict(list)
    for rule in rules:
        source, target = (x if isinstance(x, tuple) else (x,) for x in (rule.source, rule.target))
        for start, end in product(source, target):
            found[rule.commodity, start, end].append(rule)
    return dict(found)


def measure_flows(postings: Table, months: tuple[str, ...]) -> Rows:
    """Return every flow by measure and place.

    Parameters
    ----------
    postings : Table
        Sums by month and account pair (``Ledger.table``).
    months : tuple of str
        Months of the window.

    Returns
    -------
    dict
        ``(measure, place)`` to float64 of shape (months,); ``all`` is there even when nothing happened.
    """
    index = {month: i for i, month in enumerate(months)}
    rows: Rows = defaultdict(lambda: np.zeros(len(months)))
    rules_of = rules_by_posting(RULES)
    for rule in RULES:
        rows[rule.measure, "all"]  # a year without a seizure is a zero, not a gap
    columns = (
        postings[name] for name in ("month", "from_account", "to_account", "commodity", "amount", "count")
    )
    for month, source, target, commodity, amount, count in zip(*columns, strict=True):
        start, end = read(source), read(target)
        if start is None or end is None:
            continue  # what a run withholds has no family
        for rule in rules_of.get((commodity, start.family, end.family), ()):
            value = count if rule.scale == 0 else amount / rule.scale
            for place in ("all", *rule.places({**end.fields, **start.fields})):
                rows[rule.measure, place][index[month]] += value
    rows["interdiction_share", "all"] = ratio(rows["seized_pure_kg", "all"], rows["handled_pure_kg", "all"])
    rows["replacement_cost_usd", "all"] = replacement_cost(rows)
    for place in [place for measure, place in rows if measure == "loads_screened"]:
        rows["detection_share", place] = ratio(rows["alarms_found", place], rows["loads_screened", place])
    return dict(rows)
