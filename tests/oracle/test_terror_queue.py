"""Investigations alone against the exact terror queue: M/M/c+M, whose birth-death equations have a solution.

Leads arrive as a Poisson process, ``c`` investigators are busy for exponential times, and leads that wait
go stale in exponential time (Kaplan 2010, Operations Research 58(4), at an unbounded detection rate).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from sim.ledger.postings import LEAD
from tests.fixtures.books import account
from tests.fixtures.lone_investigators import lone

REFUSED = 4.0
"""Standard errors: the seeds are fixed, so a test passes always or never."""
DAYS_PER_YEAR = 365
WARMUP_DAYS, DAYS = 2 * 365, 80 * 365


@dataclass(frozen=True)
class Rates:
    """Rates a year: leads in, and by investigator and by waiting lead out."""

    leads: float
    investigators: int
    case_days: float
    patience_days: float

    def exact(self) -> dict[str, float]:
        """Return the stationary means of the birth-death process: backlog, share stale, utilization."""
        closing, leaving = DAYS_PER_YEAR / self.case_days, DAYS_PER_YEAR / self.patience_days
        log_weight = [0.0]
        for n in range(1, 20 * self.investigators + 4000):
            out = min(n, self.investigators) * closing + max(n - self.investigators, 0) * leaving
            log_weight.append(log_weight[-1] + np.log(self.leads / out))
        weight = np.exp(np.array(log_weight) - max(log_weight))
        p, n = weight / weight.sum(), np.arange(len(weight))
        backlog = float(p @ np.maximum(n - self.investigators, 0))
        return {
            "backlog": backlog,
            "stale": backlog * leaving / self.leads,
            "busy": float(p @ np.minimum(n, self.investigators)) / self.investigators,
        }


def batches(rates: Rates, case_factor: float = 1.0) -> dict[str, np.ndarray]:
    """Return the simulated means by year, each year a batch, read from the ledger day by day."""
    context = lone(
        DAYS + WARMUP_DAYS,
        random_leads_per_year=rates.leads,
        investigators=float(rates.investigators),
        case_days=rates.case_days * case_factor,
        patience_days=rates.patience_days,
        case_time="exponential",
    )
    ledger, rows = context.ledger, []
    accounts = [account(ledger, name) for name in ("leads.open", "leads.stale", "cases.open.random")]
    for day in range(1, WARMUP_DAYS + DAYS):
        context.env.run(until=day * 24.0)
        rows.append([ledger.balance(account, LEAD) for account in accounts])
    table = np.array(rows[WARMUP_DAYS - 1 :], dtype=float).reshape(-1, DAYS_PER_YEAR, 3)
    stale = np.diff(table[:, :, 1], axis=1).sum(axis=1) * DAYS_PER_YEAR / (DAYS_PER_YEAR - 1)
    return {
        "backlog": table[:, :, 0].mean(axis=1),
        "stale": stale / rates.leads,
        "busy": table[:, :, 2].mean(axis=1) / rates.investigators,
    }


def z_score(years: np.ndarray, exact: float) -> float:
    """Return the distance of the mean over years from a theory, in standard errors."""
    return float((years.mean() - exact) / (years.std(ddof=1) / np.sqrt(len(years))))


CASES = [
    Rates(leads=400.0, investigators=12, case_days=10.0, patience_days=20.0),
    Rates(leads=700.0, investigators=12, case_days=10.0, patience_days=20.0),
    Rates(leads=300.0, investigators=1, case_days=1.0, patience_days=1.0),
]


@pytest.mark.parametrize("rates", CASES)
def test_birth_death(rates: Rates) -> None:
    found, exact = batches(rates), rates.exact()
    for name, years in found.items():
        error = years.std(ddof=1) / np.sqrt(len(years))
        assert error < 0.08 * exact[name], f"{name}: {error / exact[name]:.1%} resolves nothing"
        assert abs(z_score(years, exact[name])) < REFUSED, name


def test_the_solution_holds_in_its_limits() -> None:
    """Without patience beyond service M/M/c+M is M/M/inf: Poisson; leads in = stale + closed."""
    same = Rates(leads=365.0, investigators=3, case_days=4.0, patience_days=4.0).exact()
    n = np.arange(200)
    poisson = np.exp(n * np.log(4.0) - 4.0 - np.cumsum(np.log(np.maximum(n, 1))))
    assert same["backlog"] == pytest.approx(poisson @ np.maximum(n - 3, 0))
    for rates in CASES:
        exact = rates.exact()
        closed = exact["busy"] * rates.investigators * DAYS_PER_YEAR / rates.case_days
        assert closed + exact["stale"] * rates.leads == pytest.approx(rates.leads)


def test_a_queue_whose_cases_take_a_tenth_longer_is_refused() -> None:
    rates = CASES[0]
    found, exact = batches(rates, case_factor=1.1), rates.exact()
    assert max(abs(z_score(years, exact[name])) for name, years in found.items()) > REFUSED
