"""What an array of inputs may hold, and the one line that says what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.core.draws import MAX_SCV, MAX_SHAPE
from sim.core.errors import TableError


@dataclass(frozen=True)
class Bounds:
    """What an array may hold: whole numbers or floats from ``low`` to ``high``."""

    low: float
    high: float = np.inf
    whole: bool = False
    above_low: bool = False
    infinite: bool = False
    no_fraction: bool = False  # floats that count

    def __str__(self) -> str:
        kind = "a number" if self.infinite else "a finite number"
        if self.whole or self.no_fraction:
            kind = "a whole number" + (" or infinity" if self.infinite else "")
        if np.isfinite(self.high):
            return f"{kind} from {self.low:g} to {self.high:g}"
        return f"{kind} {'>' if self.above_low else '>='} {self.low:g}"

    def admit(self, array: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which values are possible; nan is not."""
        low = array > self.low if self.above_low else array >= self.low
        whole = (np.floor(array) == array) | (not self.no_fraction)
        return low & (array <= self.high) & (np.isfinite(array) | self.infinite) & whole


AMOUNT = Bounds(0.0)
POSITIVE = Bounds(0.0, above_low=True)
PATIENCE = Bounds(0.0, above_low=True, infinite=True)
PLACES = Bounds(0.0, infinite=True, no_fraction=True)
SHARE = Bounds(0.0, 1.0)
COUNT = Bounds(0, whole=True)
SHAPE = Bounds(1, MAX_SHAPE, whole=True)
SCV = Bounds(1.0, MAX_SCV)


def index(size: int) -> Bounds:
    """Return the bounds of an index into ``size`` things."""
    return Bounds(0, size - 1, whole=True)


def checked(name: str, value: ArrayLike, shape: tuple[int, ...], bounds: Bounds) -> NDArray[Any]:
    """Return a copy of ``value``, int64 or float64, that has exactly this shape and keeps the bounds.

    Raises
    ------
    TableError
        With the first wrong place.
    """
    array = np.asarray(value)
    if array.shape != shape:
        raise TableError(f"{name}: must have shape {shape}, not {array.shape}")
    if array.size and array.dtype.kind not in ("iu" if bounds.whole else "iuf"):
        raise TableError(f"{name}: each must be {bounds}, not of type {array.dtype}")
    wrong = np.argwhere(~bounds.admit(array))
    if len(wrong):
        place = tuple(wrong[0].tolist())
        where = ", ".join(map(str, place))
        raise TableError(f"{name}[{where}]: must be {bounds}, not {array[place].item()}")
    return np.array(array, dtype=np.int64 if bounds.whole else np.float64, order="C")


def check_law(name: str, shape: NDArray[Any], scv: Any) -> None:
    """Refuse services that are to be Erlang and hyperexponential at once.

    Raises
    ------
    TableError
        With the first wrong place.
    """
    both = np.flatnonzero((shape > 1) & (scv > 1.0))
    if both.size:
        raise TableError(
            f"{name}_shape[{both[0]}]: must be 1 where the squared coefficient of variation is above 1, "
            f"not {shape[both[0]]}"
        )
