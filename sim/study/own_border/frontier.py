"""Security against facilitation: what a crossing finds and how long it lets wait, by lanes and scanning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.border.screening import either
from sim.core.errors import ConfigError
from sim.core.settings import Settings, quantity
from sim.store.columns import Table
from sim.study.own_border.crossing import NAME, OwnBorder, own_border
from sim.study.own_border.summary import simulate_border

SHOWN = ("wait_min", "detection_share")


class Scanner(Settings):
    """What scanning one vehicle in primary costs and tells."""

    seconds: float = quantity("s", "time that a scan adds to primary", ge=0)
    sensitivity: float = quantity("1/1", "chance of an alarm on a load", ge=0, le=1)
    false_alarm_share: float = quantity("1/1", "chance of an alarm on an innocent vehicle", ge=0, le=1)


def scanned(border: OwnBorder, scanner: Scanner, share: float) -> OwnBorder:
    """Return a crossing that scans a share of its vehicles on top of what it does.

    An alarm sends to secondary, independently of what else may send there. The mean service time grows
    by share times the seconds of a scan; its Erlang shape stays.

    Raises
    ------
    ConfigError
        The crossing has no secondary or no loads, the share is impossible, or the line grows without bound.
    """
    if border.secondary is None or border.loads is None:
        raise ConfigError(f"{NAME}: a frontier needs {NAME}.secondary and {NAME}.loads")
    if not 0.0 <= share <= 1.0:
        raise ConfigError(f"scanned share: must be from 0 to 1 (got {share:g})")
    tree = border.model_dump(exclude_none=True)
    tree["service_s"] += share * scanner.seconds
    tree["secondary"]["referral_share"] = either(
        border.secondary.referral_share, share * scanner.false_alarm_share
    )
    tree["loads"]["referral_share"] = either(border.loads.referral_share, share * scanner.sensitivity)
    return own_border(tree)


def staffed(border: OwnBorder, added: int) -> OwnBorder:
    """Return a crossing with more, or fewer, lanes at every hour at which it is open; one stays open.

    Raises
    ------
    ConfigError
        More lanes than exist, or a line that grows without bound.
    """
    lanes = [max(1, own + added) if own else 0 for own in border.lanes]
    return own_border(border.model_dump(exclude_none=True), lanes=lanes)


def border_frontier(
    border: OwnBorder, scanner: Scanner, shares: Sequence[float], added_lanes: Sequence[int]
) -> Table:
    """Return wait and detection at every level of scanning and staffing.

    Parameters
    ----------
    border : OwnBorder
    scanner : Scanner
    shares : sequence of float
        Shares of vehicles scanned.
    added_lanes : sequence of int
        Lanes added at every open hour; below 0 taken away.

    Returns
    -------
    dict of ndarray, one row a point
        ``scanned_share``, ``lanes_added``, ``wait_min`` and ``detection_share`` with ``_low`` and ``_high``.
        All points use the same draws, so differences are surer than the intervals say.

    Raises
    ------
    ConfigError
        A point is impossible; the message says which.
    """
    columns: dict[str, list[float]] = {"scanned_share": [], "lanes_added": []}
    for share in shares:
        for added in added_lanes:
            try:
                result = simulate_border(scanned(staffed(border, added), scanner, share))
            except ConfigError as error:
                raise ConfigError(f"frontier at {share:.0%} scanned, {added:+d} lanes: {error}") from None
            columns["scanned_share"].append(share)
            columns["lanes_added"].append(added)
            for name in SHOWN:
                value = result[name]
                for end, number in (("", value.mean), ("_low", value.low), ("_high", value.high)):
                    columns.setdefault(name + end, []).append(number)
    return {name: np.array(values) for name, values in columns.items()}
