"""The US wholesale market: a stock, a weekly price from its cover, and elastic demand."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from sim.chain.parts.context import StationContext
from sim.core.calendar import DAYS_PER_YEAR, HOURS_PER_WEEK
from sim.core.settings import Settings, quantity
from sim.core.units import CENTS_PER_USD, MG_PER_KG
from sim.ledger.accounts import CONSUMPTION, OPENING_STOCK, PRODUCED, WHOLESALE
from sim.ledger.postings import FENTANYL


class MarketSettings(Settings):
    """Demand, price and how sellers answer a price."""

    demand_pure_kg_per_year: float = quantity("kg/year", "pure product consumed at price index 1", gt=0)
    demand_elasticity: float = quantity("1/1", "elasticity of demand", le=0)
    supply_elasticity: float = quantity("1/1", "elasticity of loads sent", ge=0)
    cover_weeks: float = quantity("week", "stock at which the price index is 1, in weeks of demand", gt=0)
    price_response: float = quantity("1/1", "elasticity of the price to missing cover", ge=0)
    price_limit: float = quantity("1/1", "largest price index; the smallest is its inverse", gt=1)
    wholesale_usd_per_kg: float = quantity("USD2022/kg", "wholesale price per kg pure at price index 1", gt=0)


class Market:
    """Sets the price once a week and takes what is consumed out of the wholesale stock."""

    def __init__(self, context: StationContext, settings: MarketSettings) -> None:
        self._context, self._settings = context, settings
        self._weekly_mg = settings.demand_pure_kg_per_year * MG_PER_KG * 7 / DAYS_PER_YEAR
        ledger = context.ledger
        self._stock = ledger.account(WHOLESALE)
        opening = round(self._weekly_mg * settings.cover_weeks)
        ledger.post(0.0, ledger.account(PRODUCED, OPENING_STOCK), self._stock, FENTANYL, opening)
        self.price_index = 1.0
        context.env.process(self._clear_weekly())

    def supply_factor(self) -> float:
        """Return the intensity of loads against the baseline at the price of the week."""
        return float(self.price_index**self._settings.supply_elasticity)

    def revenue_cents(self, pure_mg: int) -> int:
        """Return what a delivery of pure product earns, cents."""
        price = self._settings.wholesale_usd_per_kg * self.price_index
        return round(pure_mg * price * CENTS_PER_USD / MG_PER_KG)

    def _clear_weekly(self) -> Generator[Any, Any, None]:
        s, env, ledger = self._settings, self._context.env, self._context.ledger
        consumption = ledger.account(CONSUMPTION)
        while True:
            stock = ledger.balance(self._stock, FENTANYL)
            self.price_index = self._price(stock / (self._weekly_mg * s.cover_weeks))
            ledger.gauge("price_index", env.now, self.price_index)
            wanted = round(self._weekly_mg * self.price_index**s.demand_elasticity)
            ledger.post(env.now, self._stock, consumption, FENTANYL, min(stock, wanted))
            yield env.timeout(HOURS_PER_WEEK)

    def _price(self, cover: float) -> float:
        """Return the price index at a stock, in multiples of the normal cover."""
        limit = self._settings.price_limit
        if cover <= 0.0:
            return limit
        return float(min(limit, max(1.0 / limit, cover**-self._settings.price_response)))
