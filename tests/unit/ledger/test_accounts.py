"""The chart of accounts: what is written can be read back, and nothing else can be written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.ledger import accounts
from sim.ledger.accounts import (
    ALARMED,
    CHART,
    LEADS_OPEN,
    LOAD,
    LOADS_UNMET,
    PAID_COURIERS,
    PAID_SUPPLIER,
    SEIZED,
    SEIZED_ARMS,
    SEIZED_PORT,
    STOCK_PRODUCT,
    TOOK_EFFECT,
    WHOLESALE,
    Family,
    read,
)
from sim.ledger.postings import Ledger

WORDS = {"route": "laredo.passenger", "reason": "product"}


@pytest.mark.parametrize(
    ("family", "fields", "name"),
    [
        (WHOLESALE, (), "us.wholesale"),
        (LEADS_OPEN, (), "leads.open"),
        (LOAD, ("mail",), "load.mail"),
        (LOAD, ("laredo.passenger",), "load.laredo.passenger"),
        (SEIZED_PORT, ("laredo.passenger",), "seized.port.laredo.passenger"),
        (SEIZED, ("gateway",), "seized.gateway"),
        (SEIZED_ARMS, (), "seized.arms"),
        (STOCK_PRODUCT, ("cjng",), "stock.cjng.product"),
        (PAID_COURIERS, (), "paid.couriers"),
        (PAID_SUPPLIER, ("asia_china",), "paid.asia_china"),
        (ALARMED, ("scanner", "laredo", "commercial"), "alarm.scanner.laredo.commercial"),
        (TOOK_EFFECT, ("lab",), "disruptions.lab.took_effect"),
    ],
)
def test_names_are_those_of_the_tables(family: Family, fields: tuple[str, ...], name: str) -> None:
    assert family(*fields) == name
    entry = read(name)
    assert entry is not None
    assert (entry.family, tuple(entry.fields.values())) == (family, fields)


@pytest.mark.parametrize("family", CHART, ids=repr)
def test_every_family_reads_what_it_writes(family: Family) -> None:
    fields = {name: WORDS.get(name, "x") for name in family.fields}
    assert read(family(*fields.values())) == (family, fields)


def test_no_pattern_stands_twice() -> None:
    assert len({family.pattern for family in CHART}) == len(CHART)


@pytest.mark.parametrize("name", ["", "lode.mail", "load", "load.a.b.c", "unmet.prodcut", "stock.any", "us"])
def test_a_name_of_no_family_is_not_read(name: str) -> None:
    assert read(name) is None


@pytest.mark.parametrize(
    ("family", "fields", "error", "message"),
    [
        (LOAD, (), TypeError, r"load\.<route>: 1 fields, got \(\)"),
        (LOAD, ("mail", "again"), TypeError, "1 fields"),
        (WHOLESALE, ("us",), TypeError, "0 fields"),
        (LOADS_UNMET, ("prodcut",), ConfigError, "'unmet.prodcut' does not fit"),
        (STOCK_PRODUCT, ("two.words",), ConfigError, "no dot"),
        (STOCK_PRODUCT, ("",), ConfigError, "does not fit"),
        (PAID_SUPPLIER, ("couriers",), ConfigError, r"'paid\.couriers' is an account of paid\.couriers"),
        (SEIZED, ("arms",), ConfigError, "choose another name"),
        (Family("lode.<route>"), ("mail",), TypeError, "not in the chart"),
        ("load.mail", (), TypeError, "not in the chart"),
    ],
)
def test_a_misspelt_account_cannot_be_written(
    family: Any, fields: tuple[str, ...], error: type[Exception], message: str
) -> None:
    ledger = Ledger(np.zeros(24, dtype=np.int32))
    with pytest.raises(error, match=message):
        ledger.account(family, *fields)
    assert ledger.names == []
    ledger.account(LOAD, "mail")
    assert ledger.names == ["load.mail"]


def test_a_misspelt_family_does_not_exist() -> None:
    with pytest.raises(AttributeError):
        accounts.SIEZED  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    ("family", "coarse"), [(SEIZED_PORT, "seized.any"), (STOCK_PRODUCT, "stock.any"), (CHART[7], "packed")]
)
def test_a_withheld_name_keeps_the_first_word_alone(family: Family, coarse: str) -> None:
    assert family.withheld == coarse
