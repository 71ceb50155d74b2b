"""How much a service time varies: Erlang below an exponential, hyperexponential above it.

One number says it, the squared coefficient of variation (scv): variance over squared mean.
"""

from __future__ import annotations

from sim.core.draws import MAX_SHAPE
from sim.core.errors import ConfigError

ROUNDED = 0.005
"""How far, of it, a scv may lie from that of an Erlang law: 0.333 stands for 1/3."""


def law(scv: float | None, shape: int) -> tuple[int, float]:
    """Return the Erlang shape of a service and its scv, the latter 1 where the law is Erlang.

    Parameters
    ----------
    scv : float or None
        None leaves the shape as it is.
    shape : int
    """
    if scv is None:
        return shape, 1.0
    return (1, scv) if scv > 1.0 else (round(1.0 / scv), 1.0)


def check_law(scv: float | None, shape: int, scv_key: str, shape_key: str) -> None:
    """Refuse a service that no law gives, or that is told twice.

    Raises
    ------
    ConfigError
        The message names the key and the nearest laws.
    """
    if scv is None:
        return
    if shape != 1:
        raise ConfigError(f"{shape_key}: {scv_key} says already how the time varies; leave one of them out")
    if scv > 1.0:
        return
    k = int(min(1.0 / scv, MAX_SHAPE))
    if all(abs(scv * stages - 1.0) > ROUNDED for stages in (k, k + 1) if stages <= MAX_SHAPE):
        near = f"{1 / k:.3g}" + (f" or {1 / (k + 1):.3g}" if k < MAX_SHAPE else "")
        raise ConfigError(
            f"{scv_key}: must be 1/k of a whole k from 1 to {MAX_SHAPE} (Erlang) or above 1 "
            f"(hyperexponential), not {scv:g}; nearest: {near}"
        )
