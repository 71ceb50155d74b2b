"""Flows of the chain: which postings each measure counts.

A rule sums the amounts (or counts the postings) of one commodity between accounts whose names match
two patterns, and reads the place off one of the names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.core.tables import Table, ratio
from sim.core.units import CENTS_PER_USD, MG_PER_KG, MG_PER_LB
from sim.measures.replacement import replacement_cost

Rows = dict[tuple[str, str], np.ndarray]  # (measure, place) -> value by month


@dataclass(frozen=True)
class Rule:
    """One measure as a sum of postings.

    Parameters
    ----------
    measure : str
        Name in ``conf/measures.yaml``.
    commodity : str
        Commodity of the postings.
    source, target : str
        Prefixes of the two accounts.
    scale : float
        Whole units of the commodity per unit of the measure; 0 counts postings instead.
    places : callable
        ``(from_account, to_account) -> places`` besides ``all``.
    ending : str
        How the name of the target must end.
    """

    measure: str
    commodity: str
    source: str
    target: str
    scale: float
    places: Callable[[str, str], list[str]]
    ending: str = ""

    def counts(self, commodity: str, source: str, target: str) -> bool:
        """Return whether a posting belongs to the measure."""
        return (
            commodity == self.commodity
            and source.startswith(self.source)
            and target.startswith(self.target)
            and target.endswith(self.ending)
        )


def _none(source: str, target: str) -> list[str]:
    return []


def _source_tail(source: str, target: str) -> list[str]:
    return [source.split(".", 1)[1]]


def _target_tail(source: str, target: str) -> list[str]:
    return [target.split(".", 1)[1]]


def _cluster(source: str, target: str) -> list[str]:
    return [source.split(".")[1]]


def _recorded_at(source: str, target: str) -> list[str]:
    """Return the place of a record, and ``ports`` beside a field office: what CBP publishes."""
    place = _recorded_place(source, target)
    return [*place, "ports"] if source == "seen.field_operations" else place


def _recorded_place(source: str, target: str) -> list[str]:
    return target.split(".", 2)[2:]


def _use_and_office(source: str, target: str) -> list[str]:
    """Return what officers did and in which field office."""
    return target.split(".")[1:]


def _layer_and_mode(source: str, target: str) -> list[str]:
    """Return layer, mode and both of an alarm, never the office: what secondary found, or did not."""
    _, layer, _, mode = target.split(".")
    return [layer, mode, f"{layer}.{mode}"]


def _second(source: str, target: str) -> list[str]:
    return [target.split(".")[1]]


def _third(source: str, target: str) -> list[str]:
    return target.split(".")[2:]


def _mode(source: str, target: str) -> list[str]:
    return [source.rsplit(".", 1)[1]]


MASS = MG_PER_KG
RULES = (
    Rule("delivered_pure_kg", "fentanyl_mg", "load.", "us.wholesale", MASS, _source_tail),
    Rule("shipped_pure_kg", "fentanyl_mg", "stock.", "load.", MASS, _target_tail),
    Rule("produced_pure_kg", "fentanyl_mg", "produced.", "stock.", MASS, _cluster),
    Rule("consumed_pure_kg", "fentanyl_mg", "us.wholesale", "consumption", MASS, _none),
    Rule("seized_pure_kg", "fentanyl_mg", "load.", "seized.", MASS, _source_tail),
    Rule("handled_pure_kg", "fentanyl_mg", "load.", "", MASS, _source_tail),
    Rule("loads_sent", "gross_mg", "packed", "load.", 0, _target_tail),
    Rule("loads_seized", "gross_mg", "load.", "seized.", 0, _source_tail),
    Rule("loads_unmet", "gross_mg", "asked.load", "unmet.", 0, _target_tail),
    Rule("seizure_events", "gross_mg", "seen.", "recorded.", 0, _recorded_at),
    Rule("seized_gross_lb", "gross_mg", "seen.", "recorded.", MG_PER_LB, _recorded_at),
    Rule("precursor_bought_kg", "precursor_mg", "origin.", "transit.", MASS, _source_tail),
    Rule("precursor_lost_kg", "precursor_mg", "transit.", "seized.", MASS, _target_tail),
    Rule("precursor_used_kg", "precursor_mg", "labs.", "consumed.", MASS, _cluster),
    Rule("precursor_stopped_kg", "precursor_mg", "seen.", "recorded.", MASS, _recorded_place),
    Rule("leads", "lead", "seen.", "recorded.", 0, _recorded_place),
    Rule("leads_stale", "lead", "leads.open", "leads.stale", 0, _none),
    Rule("cases_opened", "lead", "leads.open", "cases.open.", 0, _third),
    Rule("cases_closed", "lead", "cases.open.", "cases.closed.", 0, _third),
    Rule("cases_failed", "lead", "cases.open.", "cases.failed.", 0, _third),
    Rule("targets_struck", "lead", "cases.closed.", "disruptions.", 0, _second),
    Rule("disruptions", "lead", "cases.closed.", "disruptions.", 0, _second, ".took_effect"),
    Rule("takedowns", "lead", "struck", "", 0, _none),
    Rule("takedowns_effective", "lead", "struck", "disruptions.", 0, _none, ".took_effect"),
    Rule("firearms_sent", "firearm", "dealers", "southbound.", 1, _none),
    Rule("firearms_delivered", "firearm", "southbound.", "arms.", 1, _second),
    Rule("firearms_lost", "firearm", "southbound.", "seized.", 1, _none),
    Rule("firearms_seized", "firearm", "seen.", "recorded.", 1, _none),
    Rule("revenue_usd", "usd_cents", "buyers", "proceeds.", CENTS_PER_USD, _target_tail),
    Rule("adversary_profit_usd", "usd_cents", "capital.", "profit.", CENTS_PER_USD, _cluster),
    Rule("cash_seized_usd", "usd_cents", "seen.", "recorded.", CENTS_PER_USD, _recorded_place),
    Rule("cash_lost_usd", "usd_cents", "channel.", "seized.", CENTS_PER_USD, _source_tail),
    Rule("cash_frozen_usd", "usd_cents", "channel.", "frozen.", CENTS_PER_USD, _source_tail),
    Rule("cash_forfeited_usd", "usd_cents", "frozen.", "forfeited.", CENTS_PER_USD, _source_tail),
    Rule("inputs_paid_usd", "usd_cents", "capital.", "paid.", CENTS_PER_USD, _none),
    Rule("courier_fees_usd", "usd_cents", "capital.", "paid.couriers", CENTS_PER_USD, _none),
    Rule("programme_cost_usd", "usd_cents", "treasury", "programme.", CENTS_PER_USD, _target_tail),
    Rule("officer_hours", "officer_h", "duty.", "use.", 1, _use_and_office),
    Rule("officer_hours_added", "officer_h", "duty.added.", "use.", 1, _use_and_office),
    Rule("loads_screened", "alarm", "screened.", "", 1, _mode),
    Rule("loads_without_alarm", "alarm", "screened.", "passed.", 1, _mode),
    Rule("loads_alarmed", "alarm", "screened.", "alarm.", 1, _layer_and_mode),
    Rule("alarms_found", "alarm", "alarm.", "found.", 1, _layer_and_mode),
    Rule("alarms_cleared", "alarm", "alarm.", "cleared.", 1, _layer_and_mode),
    Rule("alarms_overlooked", "alarm", "alarm.", "overlooked.", 1, _layer_and_mode),
    Rule("outbound_hours_unmet", "officer_h", "asked.outbound", "unmet.outbound", 1, _none),
)


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
    for rule in RULES:
        rows[rule.measure, "all"]  # a year without a seizure is a zero, not a gap
    columns = (
        postings[name] for name in ("month", "from_account", "to_account", "commodity", "amount", "count")
    )
    for month, source, target, commodity, amount, count in zip(*columns, strict=True):
        for rule in RULES:
            if rule.counts(commodity, source, target):
                value = count if rule.scale == 0 else amount / rule.scale
                for place in ("all", *rule.places(source, target)):
                    rows[rule.measure, place][index[month]] += value
    rows["interdiction_share", "all"] = ratio(rows["seized_pure_kg", "all"], rows["handled_pure_kg", "all"])
    rows["replacement_cost_usd", "all"] = replacement_cost(rows)
    for place in [place for measure, place in rows if measure == "loads_screened"]:
        rows["detection_share", place] = ratio(rows["alarms_found", place], rows["loads_screened", place])
    return dict(rows)
