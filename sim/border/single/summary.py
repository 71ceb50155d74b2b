"""What an invented crossing gives: the day or week by hour, and the outcomes, each with an interval.

Intervals are Student's, 95 %, over independent replications: chance alone. A ratio is one of sums; its
interval is Fieller's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.border.layers import LAYERS
from sim.border.single.crossing import Costs, SingleCrossing
from sim.border.single.replications import Counts, replicate
from sim.border.single.screening import screened
from sim.border.waits import LONG_WAIT_MIN, wait_quantile
from sim.core.errors import unknown
from sim.core.tables import Table
from sim.core.units import MINUTES_PER_HOUR
from sim.stats.intervals import mean, mean_interval
from sim.stats.ratio import ratio_of_means

Floats = NDArray[np.float64]
ROUNDING = 1e-12
SCANNER = "scanner"


@dataclass(frozen=True)
class OutcomeEstimate:
    """A mean over replications and the ends of its 95 % interval; NaN where there is none."""

    mean: float
    low: float
    high: float


Row = tuple[str, str, str, OutcomeEstimate]
"""Name, unit, layer and value of an outcome."""


@dataclass(frozen=True)
class OutcomeRow:
    """One outcome; layer is ``latent`` (what happened) or ``observed`` (what officers would record)."""

    name: str
    unit: str
    layer: str
    value: OutcomeEstimate


@dataclass(frozen=True)
class BorderResult:
    """What an invented crossing gave.

    Attributes
    ----------
    border : SingleCrossing
    hours : dict of ndarray, [24 or 168]
        ``hour_of_week``, ``lanes``, ``trips_per_h``, ``reneged_per_h``, ``wait_min``, ``delayed_share``
        (probability of waiting), ``queue`` (waiting at the end of the hour) and ``utilization``; ``_low`` and
        ``_high`` are ends of intervals.
    outcomes : tuple of OutcomeRow
    """

    border: SingleCrossing
    hours: Table
    outcomes: tuple[OutcomeRow, ...]

    def __getitem__(self, name: str) -> OutcomeEstimate:
        """Return an outcome by its name; raise ``ConfigError`` where there is none."""
        values = {row.name: row.value for row in self.outcomes}
        if name not in values:
            raise unknown("outcome", name, self.border.name, values)
        return values[name]


def simulate_border(border: SingleCrossing) -> BorderResult:
    """Simulate an invented crossing.

    Raises
    ------
    ConfigError
        Vehicles still wait a week after the counted days.
    """
    counts = replicate(border)
    return BorderResult(border, _hours(counts), tuple(_outcomes(border, counts)))


def ratio(
    part: NDArray[Any], whole: NDArray[Any], scale: float = 1.0, high: float = np.inf
) -> OutcomeEstimate:
    """Return a ratio of sums over replications with its interval.

    Parameters
    ----------
    part, whole : ndarray, shape (R,)
    scale : float
        Factor of the ratio, e.g. minutes per hour.
    high : float
        Largest value that is possible; the smallest is 0.

    Returns
    -------
    OutcomeEstimate
        NaN without a denominator; no interval where it could be 0, nor where all replications agree,
        because then nothing shows how far chance reaches.
    """
    total = float(whole.sum())
    if total <= 0:
        return OutcomeEstimate(np.nan, np.nan, np.nan)
    value = float(part.sum()) / total
    agree = np.allclose(part, value * whole, rtol=ROUNDING, atol=0.0)
    ends = ratio_of_means(part, whole).interval
    if agree or not ends.known:
        return OutcomeEstimate(value * scale, np.nan, np.nan)
    return OutcomeEstimate(value * scale, max(0.0, ends.low) * scale, min(high, ends.high) * scale)


def _over(values: NDArray[Any]) -> OutcomeEstimate:
    """Return the mean of what cannot be negative; no interval where all replications agree."""
    ends = mean_interval(values)
    if ends.low == ends.high:
        return OutcomeEstimate(mean(values), np.nan, np.nan)
    return OutcomeEstimate(mean(values), max(0.0, ends.low), ends.high)


def _hours(counts: Counts) -> Table:
    """Return the table by hour."""
    sums, times = counts.hours, counts.times
    replications, period = sums.shape
    columns: Table = {
        "hour_of_week": np.arange(period, dtype=np.int32),
        "lanes": sums["lane_h"][0] / times,
        "trips_per_h": sums["trips"].mean(axis=0) / times,
        "reneged_per_h": sums["reneged"].mean(axis=0) / times,
    }
    shown = {
        "wait_min": ("wait_h", "trips", MINUTES_PER_HOUR, np.inf),
        "delayed_share": ("delayed", "trips", 1.0, 1.0),
        "queue": ("queue", "", 1.0, np.inf),
        "utilization": ("busy_h", "lane_h", 1.0, np.inf),
    }
    for name, (part, whole, scale, high) in shown.items():
        below = sums[whole] if whole else np.broadcast_to(times, (replications, period))
        found = [ratio(sums[part][:, hour], below[:, hour], scale, high) for hour in range(period)]
        columns[name] = np.array([one.mean for one in found])
        if name != "utilization":
            columns[f"{name}_low"] = np.array([one.low for one in found])
            columns[f"{name}_high"] = np.array([one.high for one in found])
    return columns


def _outcomes(border: SingleCrossing, counts: Counts) -> list[OutcomeRow]:
    sums = {name: counts.hours[name].sum(axis=1) for name in counts.hours.dtype.names or ()}
    trips, bins = sums["trips"], counts.wait_bins
    rows = [
        ("trips_per_day", "1/d", "observed", _over(trips / border.days)),
        ("wait_min", "min", "observed", ratio(sums["wait_h"], trips, MINUTES_PER_HOUR)),
        ("wait_p50_min", "min", "observed", _over(wait_quantile(bins, 0.5, sums["delayed"]))),
        ("wait_p90_min", "min", "observed", _over(wait_quantile(bins, 0.9, sums["delayed"]))),
        ("share_over_60", "1", "observed", ratio(bins[:, LONG_WAIT_MIN:].sum(axis=1), trips, high=1.0)),
        ("delayed_share", "1", "observed", ratio(sums["delayed"], trips, high=1.0)),
        ("queue", "vehicles", "observed", _over(sums["queue"] / counts.times.sum())),
        ("utilization", "1", "observed", ratio(sums["busy_h"], sums["lane_h"])),
    ]
    if border.patience_min is not None:
        rows.append(
            ("reneged_share", "1", "latent", ratio(sums["reneged"], sums["reneged"] + trips, high=1.0))
        )
    if border.secondary is not None:
        rows += _secondary_rows(border, counts, sums)
    if border.loads is not None:
        rows += _load_rows(border, counts)
    rows += layer_rows(border, counts)
    if border.costs is not None:
        rows += _cost_rows(border, border.costs, sums, counts.station)
    return [OutcomeRow(*row) for row in rows]


def _secondary_rows(border: SingleCrossing, counts: Counts, sums: dict[str, NDArray[Any]]) -> list[Row]:
    station = counts.station
    wait = ratio(station["wait_h"], station["arrivals"], MINUTES_PER_HOUR)
    stay = ratio(station["wait_h"] + station["busy_h"], station["arrivals"], MINUTES_PER_HOUR)
    lawful = _over(sums["referred"] / border.days)
    return [
        ("lawful_referrals_per_day", "1/d", "latent", lawful),
        ("secondary_wait_min", "min", "observed", wait),
        (
            "secondary_delayed_share",
            "1",
            "observed",
            ratio(station["delayed"], station["arrivals"], high=1.0),
        ),
        ("secondary_stay_min", "min", "observed", stay),
        ("bay_utilization", "1", "observed", ratio(station["busy_h"], station["bay_h"])),
        ("lane_blocked_share", "1", "observed", ratio(sums["blocked_h"], sums["lane_h"])),
    ]


def _load_rows(border: SingleCrossing, counts: Counts) -> list[Row]:
    examined, found = counts.lawful.sum(axis=1) + counts.referred, counts.found.sum(axis=1)
    quiet = counts.loads - counts.alarmed.sum(axis=1)
    return [
        ("loads_per_day", "1/d", "latent", _over(counts.loads / border.days)),
        ("loads_without_alarm_share", "1", "latent", ratio(quiet, counts.loads, high=1.0)),
        ("loads_referred_share", "1", "latent", ratio(counts.referred, counts.loads, high=1.0)),
        ("detection_share", "1", "latent", ratio(found, counts.loads, high=1.0)),
        ("finds_per_day", "1/d", "observed", _over(found / border.days)),
        ("finds_per_examination", "1", "observed", ratio(found, examined, high=1.0)),
    ]


def _cost_rows(
    border: SingleCrossing, costs: Costs, sums: dict[str, NDArray[Any]], station: NDArray[Any]
) -> list[Row]:
    waited_h = sums["wait_h"] * costs.persons_per_vehicle / border.days
    # Lanes and bays are open as planned, whatever happens in them.
    lane_h, bay_h = float(sums["lane_h"][0]) / border.days, float(station["bay_h"][0]) / border.days
    officer_h = lane_h * costs.officers_per_lane + bay_h * costs.officers_per_bay
    return [
        ("person_hours_waited_per_day", "h/d", "observed", _over(waited_h)),
        ("officer_hours_per_day", "h/d", "observed", OutcomeEstimate(officer_h, np.nan, np.nan)),
        (
            "officer_cost_per_day",
            "USD/d",
            "observed",
            OutcomeEstimate(officer_h * costs.usd_per_officer_h, np.nan, np.nan),
        ),
    ]


def layer_rows(border: SingleCrossing, counts: Counts) -> list[Row]:
    """Return what each layer that exists did, named ``layer.outcome``: alarms, finds, what was let pass."""
    own, rows = screened(border), list[Row]()
    for name in own.names:
        i = LAYERS.index(name)
        alarmed, found, overlooked = (x[:, i] for x in (counts.alarmed, counts.found, counts.overlooked))
        lawful = counts.lawful[:, i]
        sent = lawful + alarmed - overlooked
        rows += [
            (f"{name}.referrals_per_day", "1/d", "observed", _over(sent / border.days)),
            (f"{name}.lawful_referrals_per_day", "1/d", "latent", _over(lawful / border.days)),
        ]
        if border.loads is None:
            continue
        shares = {"alarmed": alarmed, "found": found, "missed": alarmed - overlooked - found}
        shares["overlooked"] = overlooked
        rows += [
            (f"{name}.finds_per_day", "1/d", "observed", _over(found / border.days)),
            (f"{name}.finds_per_referral", "1", "observed", ratio(found, sent, high=1.0)),
        ]
        rows += [
            (f"{name}.{word}_share", "1", "latent", ratio(part, counts.loads, high=1.0))
            for word, part in shares.items()
        ]
    if SCANNER in own.names:
        # Planned by hour, weighed with those who came: chance enters by the traffic alone.
        came = counts.hours["trips"]
        rows.append(("scanned_share", "1", "observed", ratio(came @ own.scanned, came.sum(axis=1), high=1.0)))
    return rows
