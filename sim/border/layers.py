"""Layers of screening at primary, in order: targeting alert, scanner, canine, officer.

A layer sees a share of the traffic and raises an alarm on a load with its sensitivity, on anybody else
with its false-alarm share. The first alarm sends to secondary; later layers are not asked. A scanner
makes so many scans an hour: where traffic is more, it sees a smaller share.

Calibration identifies only the total (how many loads are referred), never its split. So the layers
state how they compare with each other, and one **strength** a mode makes their total that of the
calibration: a chance of passing p becomes p to the power of the strength. With the shipped numbers it
is 1 to two decimals; a test holds that.

What the layers of the baseline year take is part of the service time of the lanes, which is fitted to
counts. So seconds are added for scans and canine checks beyond those of that year, and no others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import model_validator

from sim.core.errors import ConfigError
from sim.core.settings import Settings, quantity
from sim.core.units import SECONDS_PER_HOUR

if TYPE_CHECKING:
    from sim.border.screening import ModeScreening

LAYERS = ("targeting", "scanner", "canine", "officer")
TARGETING, SCANNER, CANINE = (LAYERS.index(name) for name in LAYERS[:3])
RANDOM = "random"
"""Examination by added officers, without an alarm."""


class Layer(Settings):
    """One layer as it was in the year of the baseline."""

    coverage: float = quantity("1/1", "share of traffic that the layer sees", ge=0, le=1)
    sensitivity: float = quantity("1/1", "chance of an alarm on a load that it sees", ge=0, le=1)
    false_alarm_prob: float = quantity("1/1", "chance of an alarm on others that it sees", ge=0, le=1)
    seconds: float = quantity("s", "time that it adds to primary for those that it sees", ge=0, default=0.0)


class Layers(Settings):
    """The layers of one mode, in order."""

    targeting: Layer
    scanner: Layer
    canine: Layer
    officer: Layer

    @model_validator(mode="after")
    def _time_is_counted_once(self) -> Layers:
        if self.targeting.seconds or self.officer.seconds:
            raise ValueError("the seconds of targeting and officer are part of the service time of the lanes")
        return self

    def in_order(self) -> tuple[Layer, ...]:
        """Return the layers as a vehicle meets them."""
        return tuple(getattr(self, name) for name in LAYERS)


def strength(alarms: list[float], total: float, where: str) -> float:
    """Return the power that makes the chance of any alarm ``total``.

    Raises
    ------
    ConfigError
        No power does.
    """
    if (passed := math.prod(1.0 - alarm for alarm in alarms)) == 1.0 - total:
        return 1.0
    if passed in (0.0, 1.0):
        raise ConfigError(
            f"{where}: the layers alarm with chance {1.0 - passed:g}, which no strength makes {total:g}; "
            "change coverage, sensitivity or false alarms"
        )
    return math.inf if total == 1.0 else math.log1p(-total) / math.log(passed)


class Screens:
    """The layers of one mode with the strength of the calibration.

    Parameters
    ----------
    screening : ModeScreening
    where : str
        Configuration path, for messages.

    Raises
    ------
    ConfigError
        The layers cannot give the referral shares.
    """

    def __init__(self, screening: ModeScreening, where: str) -> None:
        layers = screening.layers.in_order()
        self._screening, self._layers = screening, layers
        loads = [layer.coverage * layer.sensitivity for layer in layers]
        false_alarms = [layer.coverage * layer.false_alarm_prob for layer in layers]
        self.load_strength = strength(loads, screening.load_referral_prob, f"{where}.load_referral_prob")
        self.false_alarm_strength = strength(
            false_alarms, screening.false_referral_prob, f"{where}.false_referral_prob"
        )

    @property
    def scanned_then(self) -> float:
        """Share scanned in the year of the baseline, to which the shares of referral belong."""
        return self._layers[SCANNER].coverage

    def alarm_probs(self, scanned: Any, targeting: float = 1.0, canine: float = 1.0) -> tuple[Any, ...]:
        """Return the chance of an alarm on a load by each layer that is asked.

        Parameters
        ----------
        scanned : float or ndarray
            Share scanned now; with an array every chance is one.
        targeting : float
            Factor of the sensitivity of targeting, which stays at 1 or below.
        canine : float
            Factor of the coverage of canine teams, which stays at 1 or below.
        """
        seen: list[Any] = [layer.coverage for layer in self._layers]
        seen[SCANNER], seen[CANINE] = scanned, self._dogs_see(canine)
        hit = [layer.sensitivity for layer in self._layers]
        hit[TARGETING] = min(1.0, hit[TARGETING] * targeting)
        return tuple(
            1.0 - (1.0 - share * sensitivity) ** self.load_strength
            for share, sensitivity in zip(seen, hit, strict=True)
        )

    def false_referral_prob(self, scanned: Any, canine: float = 1.0) -> Any:
        """Return the share of others that any layer refers, float or array like ``scanned``."""
        total, dogs = self._screening.false_referral_prob, self._layers[CANINE]
        dogs_then = 1.0 - dogs.coverage * dogs.false_alarm_prob
        scans_then = 1.0 - self.scanned_then * self._layers[SCANNER].false_alarm_prob
        more = np.asarray(scanned != self.scanned_then) | (canine != 1.0)
        if scans_then * dogs_then == 0.0:
            return np.where(more, 1.0, total)
        scans = 1.0 - scanned * self._layers[SCANNER].false_alarm_prob
        checks = 1.0 - self._dogs_see(canine) * dogs.false_alarm_prob
        passed = (scans / scans_then * (checks / dogs_then)) ** self.false_alarm_strength
        # At the shares of the baseline the total is exact: not a bit may move.
        return np.where(more, 1.0 - (1.0 - total) * passed, total)

    def added_h(self, scanned: Any, canine: float = 1.0) -> Any:
        """Return the mean time that scans and canine checks beyond those of the baseline add, h."""
        dogs = self._layers[CANINE]
        seconds = (scanned - self.scanned_then) * self._layers[SCANNER].seconds
        return (seconds + (self._dogs_see(canine) - dogs.coverage) * dogs.seconds) / SECONDS_PER_HOUR

    def _dogs_see(self, factor: float) -> float:
        return min(1.0, self._layers[CANINE].coverage * factor)


@dataclass(frozen=True)
class Scanning:
    """How much of its traffic each station (crossing x mode) scans; arrays by station.

    Parameters
    ----------
    station_of : ndarray of int32, shape (groups,)
    target, then : ndarray of float64, shape (stations,)
        Share to be scanned now, and in the year of the baseline.
    scans_per_h, entries_per_h : ndarray of float64, shape (stations,)
        What the scanners can do in an hour; entries of a mean hour.
    """

    station_of: np.ndarray
    target: np.ndarray
    then: np.ndarray
    scans_per_h: np.ndarray
    entries_per_h: np.ndarray

    def share_of_groups(self, rate_per_h: np.ndarray, lanes: np.ndarray, service_h: np.ndarray) -> np.ndarray:
        """Return the share scanned of each group in an hour, float64.

        The traffic of a group is its arrivals, as far as its open lanes can pass them.
        """
        passing = np.minimum(rate_per_h, lanes / service_h)
        traffic = np.bincount(self.station_of, weights=passing, minlength=len(self.target))
        return self._share(traffic)[self.station_of]

    def times(self, share: np.ndarray, scans: float) -> Scanning:
        """Return this scanning with other factors: of the share to be scanned by station, and of scans."""
        return replace(
            self, target=np.minimum(self.target * share, 1.0), scans_per_h=self.scans_per_h * scans
        )

    @property
    def in_a_mean_hour(self) -> np.ndarray:
        """Share scanned of each group in a mean hour, float64."""
        return self._share(self.entries_per_h)[self.station_of]

    def _share(self, entries_per_h: np.ndarray) -> np.ndarray:
        share = self.target.copy()
        short = self.target * entries_per_h > self.scans_per_h
        share[short] = self.scans_per_h[short] / entries_per_h[short]
        return share
