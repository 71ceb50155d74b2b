"""Security against facilitation: what a crossing finds and how long it lets wait, by lanes and scanning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.border.single.crossing import NAME, Frontier, SingleCrossing, single_crossing
from sim.border.single.summary import simulate_border
from sim.core.errors import ConfigError
from sim.core.tables import Table

SHOWN = ("wait_min", "detection_share", "lawful_referrals_per_day")


def scanned(border: SingleCrossing, share: float) -> SingleCrossing:
    """Return a crossing that scans another share of its vehicles.

    Raises
    ------
    ConfigError
        The crossing has no scanner, no loads or no secondary, the share is impossible, or a line grows
        without bound.
    """
    if border.screening is None or border.screening.scanner is None or border.loads is None:
        raise ConfigError(f"{NAME}: a frontier needs {NAME}.screening.scanner and {NAME}.loads")
    if not 0.0 <= share <= 1.0:
        raise ConfigError(f"{NAME}.frontier.scanned: must be from 0 to 1 (got {share:g})")
    tree = border.model_dump(exclude_none=True)
    tree["screening"]["scanner"]["coverage"] = float(share)
    return single_crossing(tree)


def staffed(border: SingleCrossing, added: int) -> SingleCrossing:
    """Return a crossing with more, or fewer, lanes at every hour at which it is open.

    Raises
    ------
    ConfigError
        More lanes than exist, an open hour left without a lane, or a line that grows without bound.
    """
    short = [hour for hour, own in enumerate(border.lanes) if 0 < own <= -added]
    if short:
        raise ConfigError(
            f"{NAME}.frontier.lanes_added: {added:+d} leaves no lane at {border.hour_name(short[0])}, where "
            f"{border.lanes[short[0]]} are open; take away fewer"
        )
    lanes = [own + added if own else 0 for own in border.lanes]
    return single_crossing(border.model_dump(exclude_none=True), lanes=lanes)


def border_frontier(
    border: SingleCrossing, shares: Sequence[float] | None = None, added_lanes: Sequence[int] | None = None
) -> Table:
    """Return wait and detection at every level of scanning and staffing.

    Parameters
    ----------
    border : SingleCrossing
        With a scanner in ``screening``, and loads.
    shares : sequence of float, optional
        Shares of vehicles to be scanned; those of ``border.frontier`` if left out.
    added_lanes : sequence of int, optional
        Lanes added at every open hour, below 0 taken away; likewise.

    Returns
    -------
    dict of ndarray, one row a point
        ``scanned_share`` asked for and ``reached_share`` within what the scanners can do, ``staffing_added``,
        and ``wait_min``, ``detection_share`` and ``lawful_referrals_per_day`` with ``_low`` and
        ``_high``. All points use the same draws, so differences are surer than the intervals say.

    Raises
    ------
    ConfigError
        A point is impossible; the message says which.
    """
    levels = border.frontier or Frontier()
    shares = levels.scanned if shares is None else shares
    added_lanes = levels.lanes_added if added_lanes is None else added_lanes
    if not len(shares) or not len(added_lanes):
        raise ConfigError(f"{NAME}.frontier: name at least one level of scanning and one of lanes")
    columns: dict[str, list[float]] = {}
    for share in shares:
        for added in added_lanes:
            try:
                result = simulate_border(staffed(scanned(border, share), added))
            except ConfigError as error:
                raise ConfigError(f"frontier at {share:.0%} scanned, {added:+d} lanes: {error}") from None
            row: dict[str, float] = {"scanned_share": share, "staffing_added": added}
            row["reached_share"] = result["scanned_share"].mean
            for name in SHOWN:
                value = result[name]
                row |= {name: value.mean, f"{name}_low": value.low, f"{name}_high": value.high}
            for name, number in row.items():
                columns.setdefault(name, []).append(number)
    return {name: np.array(values) for name, values in columns.items()}
