"""The ledger refuses what does not add up, and tells what did."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.errors import ConservationError
from sim.ledger.accounts import BUYERS, LOAD, PROCEEDS, PRODUCED, STOCK_PRODUCT
from sim.ledger.postings import CASH, FENTANYL, FOLD_AT, Ledger

MONTHS = np.array([-1] * 24 + [0] * 24 + [1] * 24, dtype=np.int32)


def test_balance_follows_postings() -> None:
    ledger = Ledger(MONTHS)
    origin, stock = ledger.account(PRODUCED, "x"), ledger.account(STOCK_PRODUCT, "x")
    ledger.post(1.0, origin, stock, FENTANYL, 500)
    ledger.post(30.0, stock, ledger.account(LOAD, "mail"), FENTANYL, 200)
    assert ledger.balance(stock, FENTANYL) == 300
    assert ledger.balance(origin, FENTANYL) == -500
    ledger.check()


def test_stock_cannot_go_below_zero() -> None:
    ledger = Ledger(MONTHS)
    with pytest.raises(ConservationError, match=r"stock\.x\.product to load\.mail"):
        ledger.post(1.0, ledger.account(STOCK_PRODUCT, "x"), ledger.account(LOAD, "mail"), FENTANYL, 1)


def test_negative_amount_is_refused() -> None:
    ledger = Ledger(MONTHS)
    with pytest.raises(ConservationError):
        ledger.post(1.0, ledger.account(BUYERS), ledger.account(PROCEEDS, "x"), CASH, -1)


def test_check_finds_a_lost_posting() -> None:
    ledger = Ledger(MONTHS)
    ledger.post(1.0, ledger.account(BUYERS), ledger.account(PROCEEDS, "x"), CASH, 10)
    ledger._balances[CASH][ledger.account(PROCEEDS, "x")] -= 1
    with pytest.raises(ConservationError, match="usd_cents"):
        ledger.check()


def test_table_sums_by_month_and_leaves_out_the_warm_up() -> None:
    ledger = Ledger(MONTHS)
    buyers, proceeds = ledger.account(BUYERS), ledger.account(PROCEEDS, "x")
    for time_h, cents in ((3.0, 1), (25.0, 10), (26.0, 100), (70.0, 1000)):
        ledger.post(time_h, buyers, proceeds, CASH, cents)
    table = ledger.table(("2021-10", "2021-11"))
    assert table["month"].tolist() == ["2021-10", "2021-11"]
    assert table["amount"].tolist() == [110, 1000]
    assert table["count"].tolist() == [2, 1]


def test_memory_is_flat_in_the_number_of_postings() -> None:
    ledger = Ledger(MONTHS)
    buyers, proceeds = ledger.account(BUYERS), ledger.account(PROCEEDS, "x")
    for _ in range(2 * FOLD_AT + 5):
        ledger.post(30.0, buyers, proceeds, CASH, 1)
    assert len(ledger._buffer) < FOLD_AT
    assert len(ledger._sums) == 1
    assert ledger.table(("2021-10", "2021-11"))["count"].tolist() == [2 * FOLD_AT + 5]
