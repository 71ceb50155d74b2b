"""Layers of screening at an invented crossing, by hour: who is alarmed on, and how long primary takes.

The layers are those of the model (``sim.border.layers``), with the numbers of the user in place of a
calibrated total. A layer that is left out sees nobody. Without layers one share of referral stands for the
officer alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.border.layers import LAYERS, SCANNER, Layer, Scanning
from sim.core.draws import Draws
from sim.core.errors import ConfigError
from sim.core.settings import Settings, quantity
from sim.core.units import SECONDS_PER_HOUR

if TYPE_CHECKING:
    from sim.border.single.crossing import SingleCrossing

Floats = NDArray[np.float64]
NOBODY = Layer(coverage=0.0, sensitivity=0.0, false_alarm_prob=0.0, seconds=0.0)
BY_SHARE = LAYERS[-1]
"""The layer that one share of referral stands for."""


class Screening(Settings):
    """The layers at primary, in order."""

    targeting: Layer | None = None
    scanner: Layer | None = None
    canine: Layer | None = None
    officer: Layer | None = None
    scans_per_h: float | None = quantity(
        "scan/h", "scans that the scanners can do in an hour; without it any number", gt=0, default=None
    )


@dataclass(frozen=True)
class HourlyScreening:
    """Screening by hour of the period, H hours.

    Attributes
    ----------
    names : tuple of str
        Layers that exist, in order.
    scanned : float64, [H]
        Share of the traffic that is scanned.
    load : float64, [layers, H]
        Chance that a layer of ``LAYERS`` alarms on a load when it is asked.
    false_alarm : float64, [layers, H]
        Chance that a layer is the first to alarm on anybody else.
    service_h : float64, [H]
        Mean time of primary with the time of the layers.
    """

    names: tuple[str, ...]
    scanned: Floats
    load: Floats
    false_alarm: Floats
    service_h: Floats

    @property
    def referral_prob(self) -> Floats:
        """Share of others that any layer refers, float64 [H]."""
        return self.false_alarm.sum(axis=0)

    def first_alarm(self, draws: Draws, entity: int, hour: int) -> int:
        """Return the first layer that alarms on a load, -1 if none does."""
        for i, name in enumerate(LAYERS):
            share = self.load[i, hour]
            if share > 0.0 and draws.uniform(f"screen.{name}", entity) < share:
                return i
        return -1

    def split(self, draws: Draws, owners: NDArray[np.uint64], sent: NDArray[np.int64]) -> NDArray[np.int64]:
        """Split referrals by the layer that raised the first alarm.

        The kernel draws whether anybody is sent on, not by whom: given that, the layer is independent of
        all else, so the split is multinomial.

        Parameters
        ----------
        draws : Draws
        owners : uint64, [R]
            Owner of each replication's draws.
        sent : int64, [R, H]

        Returns
        -------
        ndarray of int64, shape (R, layers)
        """
        from scipy.stats import binom  # takes seconds to import

        left, rest = sent.astype(np.int64), self.referral_prob
        out = np.zeros((len(sent), len(LAYERS)), dtype=np.int64)
        hours = np.arange(sent.shape[1], dtype=np.uint64)
        for i, name in enumerate(LAYERS):
            if not self.false_alarm[i].any():
                continue
            share = np.divide(self.false_alarm[i], rest, out=np.ones_like(rest), where=rest > 0.0)
            u = draws.uniforms(f"sent by {name}", owners[:, None], hours[None, :])
            own = np.where(share >= 1.0, left, binom.ppf(u, left, np.minimum(share, 1.0)))
            own = own.astype(np.int64)
            out[:, i], left = own.sum(axis=1), left - own
            rest = np.maximum(rest - self.false_alarm[i], 0.0)
        out[:, LAYERS.index(self.names[-1]) if self.names else -1] += left.sum(axis=1)
        return out


def layers_of(border: SingleCrossing) -> dict[str, Layer]:
    """Return the layers of a crossing that exist, in order."""
    if border.screening is not None:
        found = {name: getattr(border.screening, name) for name in LAYERS}
        return {name: layer for name, layer in found.items() if layer is not None}
    if border.secondary is None:
        return {}
    officer = Layer(
        coverage=1.0,
        sensitivity=0.0 if border.loads is None else border.loads.referral_prob or 0.0,
        false_alarm_prob=border.secondary.referral_prob or 0.0,
        seconds=0.0,
    )
    return {BY_SHARE: officer}


def screened(border: SingleCrossing) -> HourlyScreening:
    """Return what the layers of a crossing do in every hour of its period."""
    own = layers_of(border)
    layers = [own.get(name, NOBODY) for name in LAYERS]
    rate, lanes = border.by_hour("arrivals_per_h"), border.by_hour("lanes")
    bare_h = np.full(border.period, border.service_s / SECONDS_PER_HOUR)
    seen = np.repeat([[layer.coverage] for layer in layers], border.period, axis=1)
    seen[SCANNER] = _scanned(border, seen[SCANNER], rate, np.minimum(rate, lanes / bare_h))
    alarm = np.array([[layer.false_alarm_prob] for layer in layers]) * seen
    # A later layer is not asked after an alarm, so it takes no time either.
    reached = np.vstack([np.ones(border.period), np.cumprod(1.0 - alarm, axis=0)[:-1]])
    seconds = np.array([[layer.seconds] for layer in layers])
    return HourlyScreening(
        names=tuple(own),
        scanned=seen[SCANNER],
        load=np.array([[layer.sensitivity] for layer in layers]) * seen,
        false_alarm=alarm * reached,
        service_h=bare_h + (reached * seen * seconds).sum(axis=0) / SECONDS_PER_HOUR,
    )


def _scanned(border: SingleCrossing, target: Floats, rate: Floats, passing: Floats) -> Floats:
    """Return the share that is scanned in every hour: less than asked for where scanners are short."""
    if border.screening is None or border.screening.scans_per_h is None:
        return target
    hours = border.period
    scanning = Scanning(
        station_of=np.arange(hours, dtype=np.int32),
        target=target,
        then=target,
        scans_per_h=np.full(hours, border.screening.scans_per_h),
        entries_per_h=rate,
    )
    return scanning.share_of_groups(passing, np.full(hours, np.inf), np.ones(hours))


def check_screening(border: SingleCrossing, name: str) -> None:
    """Refuse a referral that is told twice, or not at all.

    Raises
    ------
    ConfigError
        The message names the key.
    """
    shares: Mapping[str, Any] = {"secondary": border.secondary, "loads": border.loads}
    if border.screening is not None and border.secondary is None:
        raise ConfigError(f"{name}.screening: needs {name}.secondary, where alarms are examined")
    for group, own in shares.items():
        if own is None:
            continue
        where = f"{name}.{group}.referral_prob"
        if border.screening is None and own.referral_prob is None:
            raise ConfigError(f"{where}: missing; give it, or the layers in {name}.screening")
        if border.screening is not None and own.referral_prob is not None:
            raise ConfigError(f"{where}: the layers in {name}.screening refer; leave it out")
