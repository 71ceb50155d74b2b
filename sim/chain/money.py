"""Money: proceeds of deliveries, their way home by channel, and the working capital of clusters."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from sim.chain.recorder import AGENCY_OF, FINANCE
from sim.chain.site import Site
from sim.core.calendar import HOURS_PER_DAY, HOURS_PER_WEEK
from sim.core.draws import entity_id
from sim.core.settings import Settings, quantity
from sim.core.units import to_cents
from sim.ledger.postings import CASH


class ChannelSettings(Settings):
    """One way to bring proceeds to Mexico."""

    use_share: float = quantity("1/1", "share of proceeds sent this way", ge=0, le=1)
    fee_share: float = quantity("1/1", "fee of the channel", ge=0, lt=1)
    delay_days: float = quantity("d", "time until the money is at hand", ge=0)
    seizure_share: float = quantity("1/1", "chance that a week's transfer is seized or frozen", ge=0, le=1)


class MoneySettings(Settings):
    """Channels of repatriation and the capital that clusters keep."""

    channels: dict[str, ChannelSettings]
    working_capital_musd: float = quantity("MUSD2022", "working capital of all clusters together", gt=0)


class Treasury:
    """Keeps the accounts of the clusters; what exceeds the working capital is profit."""

    def __init__(self, site: Site, settings: MoneySettings, cluster_share: dict[str, float]) -> None:
        self._site = site
        self._settings = settings
        self._limit = {
            name: to_cents(settings.working_capital_musd * 1e6 * share)
            for name, share in cluster_share.items()
        }
        self._use = [channel.use_share for channel in settings.channels.values()]
        for name, cents in self._limit.items():
            ledger = site.ledger
            ledger.post(0.0, ledger.account("endowment"), ledger.account(f"capital.{name}"), CASH, cents)
            site.env.process(self._repatriate_weekly(name))

    def capital(self, cluster: str) -> int:
        """Return the working capital of a cluster, cents."""
        return self._site.ledger.balance(self._site.ledger.account(f"capital.{cluster}"), CASH)

    def pay(self, cluster: str, payee: str, cents: int) -> None:
        """Pay from working capital; ``can_pay`` must hold, for the ledger refuses a debt."""
        ledger = self._site.ledger
        capital = ledger.account(f"capital.{cluster}")
        ledger.post(self._site.env.now, capital, ledger.account(payee), CASH, cents)

    def can_pay(self, cluster: str, cents: int) -> bool:
        """Return whether the working capital of a cluster covers an amount."""
        return cents <= self.capital(cluster)

    def earn(self, cluster: str, cents: int) -> None:
        """Book the proceeds of a delivery."""
        ledger = self._site.ledger
        ledger.post(
            self._site.env.now, ledger.account("buyers"), ledger.account(f"proceeds.{cluster}"), CASH, cents
        )

    def _repatriate_weekly(self, cluster: str) -> Generator[Any, Any, None]:
        env, ledger = self._site.env, self._site.ledger
        proceeds = ledger.account(f"proceeds.{cluster}")
        for week in range(1, 1 + int(self._site.calendar.total_hours // HOURS_PER_WEEK)):
            yield env.timeout(HOURS_PER_WEEK)
            held = ledger.balance(proceeds, CASH)
            left = held
            for i, (name, share) in enumerate(zip(self._settings.channels, self._use, strict=True)):
                part = left if i == len(self._use) - 1 else min(left, int(held * share))
                left -= part
                ledger.post(env.now, proceeds, ledger.account(f"channel.{name}"), CASH, part)
                entity = entity_id(entity_id(0, cluster, week), name, 0)
                env.process(self._transfer(cluster, name, entity, part))

    def _transfer(self, cluster: str, name: str, entity: int, cents: int) -> Generator[Any, Any, None]:
        channel, ledger = self._settings.channels[name], self._site.ledger
        yield self._site.env.timeout(channel.delay_days * HOURS_PER_DAY)
        now, account = self._site.env.now, ledger.account(f"channel.{name}")
        if self._site.happens("money.seizure", entity, channel.seizure_share):
            ledger.post(now, account, ledger.account(f"seized.{name}"), CASH, cents)
            self._site.recorder.count(AGENCY_OF.get(name, FINANCE), name, CASH, cents, entity)
            return
        fee = round(cents * channel.fee_share)
        ledger.post(now, account, ledger.account(f"fee.{name}"), CASH, fee)
        ledger.post(now, account, ledger.account(f"capital.{cluster}"), CASH, cents - fee)
        surplus = self.capital(cluster) - self._limit[cluster]
        if surplus > 0:
            capital = ledger.account(f"capital.{cluster}")
            ledger.post(now, capital, ledger.account(f"profit.{cluster}"), CASH, surplus)
