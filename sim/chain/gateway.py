"""Checkpoints of trade: examinations limited by inspectors, against the whole licit flow."""

from __future__ import annotations

from collections.abc import Callable

from sim.chain.parts.context import StationContext
from sim.core.dials import Dial
from sim.core.settings import Settings, quantity


class CheckpointSettings(Settings):
    """One kind of checkpoint.

    The chance that a consignment is examined is ``risk_lift * inspectors * exams / licit flow``: a
    capacity shared with every licit consignment, tilted towards risk by targeting.
    """

    inspectors: float = quantity("inspector", "inspectors on a normal day", ge=0)
    exams_per_inspector_day: float = quantity("exam/(inspector d)", "thorough exams an inspector makes", ge=0)
    licit_per_day: float = quantity("consignment/d", "licit consignments that pass", gt=0)
    risk_lift: float = quantity(
        "1/1", "odds that targeting gives an illicit consignment against a licit one", ge=0
    )
    find_prob: float = quantity("1/1", "share of exams of an illicit consignment that find it", ge=0, le=1)


class GatewaySettings(Settings):
    """All checkpoints on the way to Mexico."""

    checkpoints: dict[str, CheckpointSettings]


def dials(settings: GatewaySettings) -> list[Dial]:
    """Return the dials that the checkpoints read."""
    return [
        dial
        for name in settings.checkpoints
        for dial in (
            Dial(f"gateway.{name}.inspectors", "add", 0.0, 1e6, "inspector", "inspectors on a normal day"),
            Dial(f"gateway.{name}.risk_lift", "multiply", 0.0, 1e6, "1/1", "odds that targeting gives"),
        )
    ]


class Gateway:
    """Decides the fate of a consignment at a checkpoint; a find makes a lead.

    Parameters
    ----------
    context : StationContext
    settings : GatewaySettings
    informed : callable
        Factor that intelligence puts on the odds of targeting at a time.
    """

    def __init__(
        self,
        context: StationContext,
        settings: GatewaySettings,
        informed: Callable[[float], float] = lambda now: 1.0,
    ) -> None:
        self._context, self._settings, self._informed = context, settings, informed

    def exam_share(self, checkpoint: str) -> float:
        """Return the chance that an illicit consignment is examined now."""
        point = self._settings.checkpoints[checkpoint]
        now = self._context.env.now
        inspectors = self._context.dials.value(f"gateway.{checkpoint}.inspectors", point.inspectors, now)
        risk_lift = self._context.dials.value(f"gateway.{checkpoint}.risk_lift", point.risk_lift, now)
        risk_lift *= self._informed(now)
        exams = inspectors * point.exams_per_inspector_day
        return min(1.0, risk_lift * exams / point.licit_per_day)

    def stop_share(self, checkpoint: str) -> float:
        """Return the chance that an illicit consignment is stopped now."""
        return self.exam_share(checkpoint) * self._settings.checkpoints[checkpoint].find_prob

    def intercepts(self, checkpoint: str, entity: int) -> bool:
        """Return whether a consignment is examined and found."""
        if not self._context.happens("gateway.exam", entity, self.exam_share(checkpoint)):
            return False
        if not self._context.happens(
            "gateway.find", entity, self._settings.checkpoints[checkpoint].find_prob
        ):
            return False
        self._context.leads.raise_lead("precursor_seizure", entity)
        return True
