"""Money: proceeds of deliveries, their way home by channel, and the working capital of clusters."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable
from typing import Any

from sim.chain.parts.context import StationContext
from sim.chain.parts.disruption import RecoverableUnits
from sim.chain.parts.observation import AGENCY_OF, FINANCE
from sim.core.calendar import HOURS_PER_DAY, HOURS_PER_WEEK
from sim.core.dials import Dial
from sim.core.draws import entity_id
from sim.core.settings import Settings, quantity
from sim.core.units import to_cents
from sim.ledger.accounts import (
    BUYERS,
    CAPITAL,
    CHANNEL,
    ENDOWMENT,
    FEE,
    FORFEITED,
    FROZEN,
    PROCEEDS,
    PROFIT,
    SEIZED,
)
from sim.ledger.postings import CASH

ENROLLED_DIAL = "money.enrolled"
BULK_CASH = "bulk_cash"


class ChannelSettings(Settings):
    """One way to bring proceeds to Mexico."""

    use_share: float = quantity("1/1", "share of proceeds sent this way", ge=0, le=1)
    fee_share: float = quantity("1/1", "fee of the channel", ge=0, lt=1)
    delay_days: float = quantity("d", "time until the money is at hand", ge=0)
    seizure_prob: float = quantity("1/1", "chance that a week's transfer is seized", ge=0, le=1)
    flag_prob: float = quantity(
        "1/1", "chance that a week's transfer is flagged where institutions share information", ge=0, le=1
    )


class MoneySettings(Settings):
    """Channels of repatriation and the capital that clusters keep."""

    channels: dict[str, ChannelSettings]
    enrolled_share: float = quantity("1/1", "share of institutions that share information", ge=0, le=1)
    freeze_prob: float = quantity("1/1", "share of flagged transfers that are frozen", ge=0, le=1)
    freeze_days: float = quantity("d", "time for which a transfer is frozen", ge=0)
    forfeit_prob: float = quantity("1/1", "share of frozen transfers that are forfeited", ge=0, le=1)
    accounts: float = quantity("account", "laundering networks of each channel", ge=1, multiple_of=1)
    recovery_days: float = quantity("d", "mean time until a disrupted network is replaced", gt=0)
    working_capital_musd: float = quantity("MUSD2022", "working capital of all clusters together", gt=0)


def dials() -> list[Dial]:
    """Return the dials that money reads."""
    return [
        Dial(ENROLLED_DIAL, "complement", 0.0, 1.0, "1/1", "share of institutions that share information")
    ]


class Treasury:
    """Keeps the accounts of the clusters; what exceeds the working capital is profit.

    A transfer goes by its channel, or by another one when the network that would carry it is down. It may
    be seized; where institutions share information it may be flagged, which is a lead, and frozen. What is
    frozen is forfeited or comes home later; what comes home has paid the fee of its channel.

    Parameters
    ----------
    context : StationContext
    settings : MoneySettings
    cluster_share : dict of str to float
    outbound : callable
        Chance that outbound teams find cash, over that of the baseline.
    """

    def __init__(
        self, context: StationContext, settings: MoneySettings, cluster_share: dict[str, float],
        outbound: Callable[[], float] = lambda: 1.0,
    ) -> None:  # fmt: skip
        self._context, self._outbound = context, outbound
        self._settings = settings
        networks: dict[Hashable, int] = {
            name: int(settings.accounts) for name in settings.channels if name != BULK_CASH
        }
        self._networks = RecoverableUnits(context, "channel", networks, settings.recovery_days)
        self._limit = {
            name: to_cents(settings.working_capital_musd * 1e6 * share)
            for name, share in cluster_share.items()
        }
        self._use = [channel.use_share for channel in settings.channels.values()]
        account = context.ledger.account
        self._capital = {name: account(CAPITAL, name) for name in cluster_share}
        self._proceeds = {name: account(PROCEEDS, name) for name in cluster_share}
        self._buyers = account(BUYERS)
        for name, cents in self._limit.items():
            context.ledger.post(0.0, account(ENDOWMENT), self._capital[name], CASH, cents)
            context.env.process(self._repatriate_weekly(name))

    def capital(self, cluster: str) -> int:
        """Return the working capital of a cluster, cents."""
        return self._context.ledger.balance(self._capital[cluster], CASH)

    def pay(self, cluster: str, payee: int, cents: int) -> None:
        """Pay an account from working capital; ``can_pay`` must hold, for the ledger refuses a debt."""
        self._context.ledger.post(self._context.env.now, self._capital[cluster], payee, CASH, cents)

    def can_pay(self, cluster: str, cents: int) -> bool:
        """Return whether the working capital of a cluster covers an amount."""
        return cents <= self.capital(cluster)

    def earn(self, cluster: str, cents: int) -> None:
        """Book the proceeds of a delivery."""
        self._context.ledger.post(self._context.env.now, self._buyers, self._proceeds[cluster], CASH, cents)

    def _repatriate_weekly(self, cluster: str) -> Generator[Any, Any, None]:
        env, ledger, proceeds = self._context.env, self._context.ledger, self._proceeds[cluster]
        for week in range(1, 1 + int(self._context.calendar.total_hours // HOURS_PER_WEEK)):
            yield env.timeout(HOURS_PER_WEEK)
            held = ledger.balance(proceeds, CASH)
            left = held
            for i, (name, share) in enumerate(zip(self._settings.channels, self._use, strict=True)):
                part = left if i == len(self._use) - 1 else min(left, int(held * share))
                left -= part
                entity = entity_id(entity_id(0, cluster, week), name, 0)
                way = self._open_way(name, entity)
                ledger.post(env.now, proceeds, ledger.account(CHANNEL, way), CASH, part)
                env.process(self._transfer(cluster, way, entity, part))

    def _transfer(self, cluster: str, name: str, entity: int, cents: int) -> Generator[Any, Any, None]:
        channel, ledger = self._settings.channels[name], self._context.ledger
        yield self._context.env.timeout(channel.delay_days * HOURS_PER_DAY)
        now, account = self._context.env.now, ledger.account(CHANNEL, name)
        seizure_prob = channel.seizure_prob * (self._outbound() if name == BULK_CASH else 1.0)
        if self._context.happens("money.seizure", entity, seizure_prob):
            ledger.post(now, account, ledger.account(SEIZED, name), CASH, cents)
            self._context.recorder.count(AGENCY_OF.get(name, FINANCE), name, CASH, cents, entity)
            self._context.leads.raise_lead("cash_seizure", entity)
            return
        if self._flagged(channel, entity):
            self._context.leads.raise_lead("financial_flag", entity)
            if self._context.happens("money.freeze", entity, self._settings.freeze_prob):
                frozen = ledger.account(FROZEN, name)
                ledger.post(now, account, frozen, CASH, cents)
                yield self._context.env.timeout(self._settings.freeze_days * HOURS_PER_DAY)
                now, account = self._context.env.now, frozen
                if self._context.happens("money.forfeit", entity, self._settings.forfeit_prob):
                    ledger.post(now, account, ledger.account(FORFEITED, name), CASH, cents)
                    return
        fee = round(cents * channel.fee_share)
        ledger.post(now, account, ledger.account(FEE, name), CASH, fee)
        capital = self._capital[cluster]
        ledger.post(now, account, capital, CASH, cents - fee)
        surplus = self.capital(cluster) - self._limit[cluster]
        if surplus > 0:
            ledger.post(now, capital, ledger.account(PROFIT, cluster), CASH, surplus)

    def disrupt(self, entity: int) -> bool:
        """Strike a laundering network; return False when it was down already."""
        return self._networks.disrupt(entity)

    def _open_way(self, name: str, entity: int) -> str:
        """Return the channel of a transfer: its own, or another that is open where its network is down."""
        if self._is_open(name, entity):
            return name
        others = {
            other: channel.use_share
            for other, channel in self._settings.channels.items()
            if other != name and self._is_open(other, entity)
        }
        if not any(others.values()):
            return name
        return list(others)[self._context.draws.choice("money.other_way", entity, list(others.values()))]

    def _is_open(self, name: str, entity: int) -> bool:
        return name == BULK_CASH or self._networks.down_for_h(name, entity) == 0.0

    def _flagged(self, channel: ChannelSettings, entity: int) -> bool:
        enrolled = self._context.dials.value(
            ENROLLED_DIAL, self._settings.enrolled_share, self._context.env.now
        )
        return self._context.happens("money.flag", entity, channel.flag_prob * enrolled)
