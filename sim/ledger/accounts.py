"""The chart of accounts: every account that a ledger can hold, by family. No name is spelled elsewhere.

A family is the pattern of its names, such as ``seized.port.<route>``. A station opens
``ledger.account(SEIZED_PORT, route)``; whoever reads a table of postings asks ``read(name)`` for the family
and its fields. A field is one word, only a route may be two: ``mail`` or ``laredo.passenger``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from sim.core.errors import ConfigError

ANY = "any"
OPENING_STOCK = "opening_stock"
OPENING_CASES = "opening"


class Family:
    """Accounts of one kind.

    Parameters
    ----------
    pattern : str
        Words and ``<fields>``, joined by dots.
    may_owe : bool
        Whether a balance may fall below zero: what enters the world comes from these accounts.
    words : tuple of str
        By field, the words that it may hold; without them any word.
    """

    def __init__(self, pattern: str, may_owe: bool = False, **words: tuple[str, ...]) -> None:
        self.pattern, self.may_owe = pattern, may_owe
        self.fields: tuple[str, ...] = tuple(re.findall(r"<(\w+)>", pattern))
        names = pattern.replace(".", r"\.")
        for field in self.fields:
            word = f"(?:{'|'.join(words.get(field, ('[^.]+',)))})"
            word += rf"(?:\.{word})?" if field == "route" else ""
            names = names.replace(f"<{field}>", f"(?P<{field}>{word})")
        self._names = re.compile(names)

    def __repr__(self) -> str:
        return self.pattern

    def __call__(self, *fields: str) -> str:
        """Return the name of an account.

        Raises
        ------
        TypeError
            The number of fields is wrong.
        ConfigError
            A field has a dot, is not among the words that it may hold, or makes the name of another family.
        """
        if len(fields) != len(self.fields):
            raise TypeError(f"account {self.pattern}: {len(self.fields)} fields, got {fields}")
        name = re.sub(r"<\w+>", "{}", self.pattern).format(*fields)
        entry = read(name)
        if entry is None or entry.family is not self or tuple(entry.fields.values()) != fields:
            why = f"is an account of {entry.family}" if entry else "does not fit: one known word each, no dot"
            raise ConfigError(f"account {self.pattern}: {name!r} {why}; choose another name")
        return name

    def match(self, name: str) -> Mapping[str, str] | None:
        """Return the fields of a name that fits the pattern, else None."""
        found = self._names.fullmatch(name)
        return None if found is None else found.groupdict()

    @property
    def withheld(self) -> str:
        """Name of all accounts that share the first word, where a run may not tell them apart."""
        word, dot, _ = self.pattern.partition(".")
        return word + dot + ANY if dot else word


class Entry(NamedTuple):
    """A name that was read: its family, and its fields in the order of the pattern."""

    family: Family
    fields: Mapping[str, str]


# Precursor: bought, carried, stocked, used in labs.
ORIGIN = Family("origin.<source>", may_owe=True)
TRANSIT = Family("transit.<lane>")
STOCK_PRECURSOR = Family("stock.<cluster>.precursor")
LABS = Family("labs.<cluster>")
CONSUMED = Family("consumed.<cluster>")

# Product: made, stocked, sent, sold, used. PACKED is what makes a load heavier than its pure content.
PRODUCED = Family("produced.<cluster>", may_owe=True)
STOCK_PRODUCT = Family("stock.<cluster>.product")
PACKED = Family("packed", may_owe=True)
LOAD = Family("load.<route>")
WHOLESALE = Family("us.wholesale")
CONSUMPTION = Family("consumption")
LOADS_ASKED = Family("asked.load", may_owe=True)
LOADS_UNMET = Family("unmet.<reason>", reason=("product", "capital", "cell", "online"))

# What is stopped: a load at a port of entry; firearms; all else by checkpoint, route or channel of money.
SEIZED_PORT = Family("seized.port.<route>")
SEIZED_ARMS = Family("seized.arms")
SEIZED = Family("seized.<place>")

# Loads before the screening of a port of entry, by the layer that alarms first and what comes of it.
SCREENED = Family("screened.<office>.<mode>", may_owe=True)
PASSED = Family("passed.<office>.<mode>")
ALARMED = Family("alarm.<layer>.<office>.<mode>")
FOUND = Family("found.<layer>.<office>.<mode>")
CLEARED = Family("cleared.<layer>.<office>.<mode>")
OVERLOOKED = Family("overlooked.<layer>.<office>.<mode>")

# Money.
BUYERS = Family("buyers", may_owe=True)
PROCEEDS = Family("proceeds.<cluster>")
CHANNEL = Family("channel.<channel>")
FROZEN = Family("frozen.<channel>")
FORFEITED = Family("forfeited.<channel>")
FEE = Family("fee.<channel>")
ENDOWMENT = Family("endowment", may_owe=True)
CAPITAL = Family("capital.<cluster>")
PROFIT = Family("profit.<cluster>")
PAID_SUPPLIER = Family("paid.<supplier>")
PAID_COURIERS = Family("paid.couriers")
TREASURY = Family("treasury", may_owe=True)
PROGRAMME = Family("programme.<lever>")

# Firearms.
DEALERS = Family("dealers", may_owe=True)
UNSOLD = Family("unsold")
SOUTHBOUND_ARMS = Family("southbound.arms")
ARMS = Family("arms.<cluster>")
WORN = Family("worn.<cluster>")

# Leads, the cases that grow from them, and what was struck.
RAISED = Family("raised.<kind>", may_owe=True)
LEADS_OPEN = Family("leads.open")
LEADS_STALE = Family("leads.stale")
CASES_OPEN = Family("cases.open.<kind>")
CASES_CLOSED = Family("cases.closed.<kind>")
CASES_FAILED = Family("cases.failed.<kind>")
STRUCK = Family("struck", may_owe=True)
TOOK_EFFECT = Family("disruptions.<target>.took_effect")
ALREADY_DOWN = Family("disruptions.<target>.already_down")

# Records of agencies.
SEEN = Family("seen.<agency>", may_owe=True)
RECORDED = Family("recorded.<agency>.<place>")

# Officer-hours.
DUTY_BASE = Family("duty.base.<office>", may_owe=True)
DUTY_ADDED = Family("duty.added.<office>", may_owe=True)
USE = Family("use.<use>.<office>")
OUTBOUND_ASKED = Family("asked.outbound", may_owe=True)
OUTBOUND_UNMET = Family("unmet.outbound")

CHART = tuple(thing for thing in list(globals().values()) if isinstance(thing, Family))
"""All families."""

_FEWEST_FIELDS_FIRST = sorted(CHART, key=lambda family: len(family.fields))


@cache
def read(name: str) -> Entry | None:
    """Return family and fields of the name of an account, None when no family has such names.

    A family without fields comes first: ``paid.couriers`` is no supplier.
    """
    for family in _FEWEST_FIELDS_FIRST:
        fields = family.match(name)
        if fields is not None:
            return Entry(family, fields)
    return None
