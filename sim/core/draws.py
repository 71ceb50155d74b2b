"""Keyed random numbers: a draw is a pure function of (seed, replication, decision, entity, visit).

One primitive does everything: ``word(state, i)``, the i-th output of a counter generator that starts
at ``state``. The seed picks a word of a fixed state, the replication a word of that, then the decision
and the entity; the words of the last key are the draws. Nothing is consumed: an extra load, lane or
lever shifts nobody else's draws.

The same bits come out of plain Python integers (one draw), NumPy arrays (many) and the compiled
border queue. Exponential draws use the logarithm written here, not the platform's: it is made of
IEEE additions, multiplications and one division, so it gives the same bits on every machine, and
compilers can vectorise it.

Sources: mixing function of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014; constants of Stafford's
variant 13). Logarithm: the polynomial of fdlibm ``e_log.c`` (Sun Microsystems, 1993), error < 1 ulp.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import blake2b
from itertools import accumulate
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.core.compiler import cache_folder, compiled_available
from sim.core.errors import ConfigError

__all__ = ["Draws", "compiled_available", "compiler", "entity_id", "siblings", "word"]

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15
MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
ROOT = 0x43686F6B65706F69
"""State of which seeds pick a word; entity identifiers start one word away from it."""

ONE_BITS = 0x3FF0000000000000
BELOW_ONE = 1.0 - 2.0**-53
SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
SQRT_HALF = 0.7071067811865476
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
LG1, LG2, LG3, LG4, LG5, LG6, LG7 = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
STANDARD_NORMAL = NormalDist()
MAX_SHAPE = 16
"""Largest Erlang shape: the product of so many uniforms is still a normal float."""
MAX_SCV = 100.0
"""Largest squared coefficient of variation; one draw in two hundred then makes half of the sum."""
EVEN = 0.5
"""Share of the short phase where both phases are alike: the exponential law."""

# ---- one draw: plain Python integers -------------------------------------------------------------


def word(state: int, index: int) -> int:
    """Return the ``index``-th 64-bit word of the counter generator that starts at ``state``."""
    x = (state + (int(index) + 1) * GOLDEN) & MASK
    x = ((x ^ (x >> 30)) * MULTIPLIERS[0]) & MASK
    x = ((x ^ (x >> 27)) * MULTIPLIERS[1]) & MASK
    return x ^ (x >> 31)


@cache
def name_word(name: str) -> int:
    """Return the 64-bit word of a name (BLAKE2b, little endian)."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def entity_id(parent: int, kind: str, ordinal: int) -> int:
    """Return the 64-bit identity of the ``ordinal``-th ``kind`` within ``parent``.

    Never a global counter: one more load of a producer renames no load of another one.
    """
    return word(siblings(parent, kind), ordinal)


_ROOT_OF_NAMES = word(ROOT, -1)


def siblings(parent: int, kind: str) -> int:
    """Return the state of which ordinals pick the identities of one ``kind`` within ``parent``."""
    return word(word(_ROOT_OF_NAMES, parent), name_word(kind))


def unit(x: int) -> float:
    """Return a word as a float of the open interval (0, 1): its high 52 bits and a half."""
    return ((x >> 12) + 0.5) * 2.0**-52


def natural_log(x: float) -> float:
    """Return the natural logarithm of a normal positive float, the same bits everywhere."""
    mantissa, exponent = math.frexp(x)
    if mantissa < SQRT_HALF:
        mantissa, exponent = 2.0 * mantissa, exponent - 1
    return log_of_parts(mantissa, float(exponent))


def log_of_parts(mantissa: Any, exponent: Any) -> Any:
    """Return the logarithm of ``mantissa * 2**exponent``: floats, arrays, or inside compiled code.

    Parameters
    ----------
    mantissa, exponent : float or float64 array
        The mantissa in [sqrt(1/2), sqrt(2)), the exponent a whole number.
    """
    f = mantissa - 1.0
    half_square = 0.5 * f * f
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (LG2 + w * (LG4 + w * LG6))
    odd = z * (LG1 + w * (LG3 + w * (LG5 + w * LG7)))
    return s * (half_square + (odd + even)) + exponent * LN2_LOW - half_square + f + exponent * LN2_HIGH


def short_share(scv: Any) -> Any:
    """Return the share of draws in the short phase of the hyperexponential law of two balanced phases.

    Balanced: either phase makes half of the mean. Source: Whitt, *Operations Research* 30(1), 1982.

    Parameters
    ----------
    scv : float or float64 array
        Squared coefficient of variation, from 1 to ``MAX_SCV``; 1 gives ``EVEN``.
    """
    return EVEN * (1.0 + np.sqrt((scv - 1.0) / (scv + 1.0)))


def phase_mean(u: Any, share: Any) -> Any:
    """Return the mean of the phase that ``u`` picks: floats, arrays, or inside compiled code.

    Parameters
    ----------
    u : float or float64 array
        A uniform draw.
    share : float or float64 array
        Share of the short phase (``short_share``).
    """
    return EVEN / abs((u >= share) - share)


_M, _N = MULTIPLIERS


class Draws:
    """The random numbers of one replication.

    Parameters
    ----------
    seed, replication : int
        Whole numbers from 0 to 2**64 - 1; 0 is as good as any.

    Raises
    ------
    ConfigError
        If one of them is not such a number.
    """

    __slots__ = ("_bases", "_root", "replication", "seed")

    def __init__(self, seed: int, replication: int) -> None:
        for name, value in (("seed", seed), ("replication", replication)):
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not 0 <= value <= MASK:
                raise ConfigError(f"{name}: must be a whole number from 0 to 2**64 - 1, not {value!r}")
        self.seed: Final = int(seed)
        self.replication: Final = int(replication)
        self._root = word(word(ROOT, self.seed), self.replication)
        self._bases: dict[str, int] = {}

    def base(self, decision: str) -> int:
        """Return the state of which entities pick the key of their own stream."""
        if decision not in self._bases:
            self._bases[decision] = word(self._root, name_word(decision))
        return self._bases[decision]

    def key(self, decision: str, entity: int = 0) -> int:
        """Return the key of the stream of one entity's decision, a 64-bit word."""
        return word(self.base(decision), entity)

    def uniform(self, decision: str, entity: int, visit: int = 0) -> float:
        """Return a uniform draw of the open interval (0, 1)."""
        # Two `word` and a `unit` written out: the chain of a year draws 300,000 times.
        base = self._bases.get(decision)
        x = ((self.base(decision) if base is None else base) + (int(entity) + 1) * GOLDEN) & MASK
        x = ((x ^ (x >> 30)) * _M) & MASK
        x = ((x ^ (x >> 27)) * _N) & MASK
        x = ((x ^ (x >> 31)) + (int(visit) + 1) * GOLDEN) & MASK
        x = ((x ^ (x >> 30)) * _M) & MASK
        x = ((x ^ (x >> 27)) * _N) & MASK
        return (((x ^ (x >> 31)) >> 12) + 0.5) * 2.0**-52

    def exponential(self, decision: str, entity: int, visit: int = 0) -> float:
        """Return an exponential draw of mean 1."""
        return -natural_log(self.uniform(decision, entity, visit))

    def erlang(self, decision: str, entity: int, shape: int, visit: int = 0) -> float:
        """Return the sum of ``shape`` exponential draws of mean 1; a visit owns ``shape`` words.

        Parameters
        ----------
        shape : int
            From 1 to ``MAX_SHAPE``.
        """
        key, product = self.key(decision, entity), 1.0
        for stage in range(shape):
            product *= unit(word(key, visit * shape + stage))
        return -natural_log(product)

    def hyperexponential(self, decision: str, entity: int, scv: float, visit: int = 0) -> float:
        """Return a draw of mean 1 from two exponential phases; a visit owns two words.

        Parameters
        ----------
        scv : float
            Squared coefficient of variation, from 1 to ``MAX_SCV``.
        """
        u = self.uniform(decision, entity, 2 * visit + 1)
        return self.exponential(decision, entity, 2 * visit) * float(phase_mean(u, short_share(scv)))

    def normal(self, decision: str, entity: int, visit: int = 0) -> float:
        """Return a standard normal draw, by inversion."""
        return STANDARD_NORMAL.inv_cdf(self.uniform(decision, entity, visit))

    def choice(self, decision: str, entity: int, weights: Sequence[float], visit: int = 0) -> int:
        """Return an index drawn in proportion to ``weights``, by inversion.

        Raises
        ------
        ConfigError
            If a weight is negative or not finite, or if all are zero.
        """
        cumulated = list(accumulate(map(float, weights)))
        if not cumulated or not 0.0 < cumulated[-1] < math.inf or min(weights) < 0.0:
            raise ConfigError(f"choice {decision!r}: weights must be >= 0 and not all 0, not {list(weights)}")
        target = self.uniform(decision, entity, visit) * cumulated[-1]
        # Rounding may lift the target to the total itself: then the last weight above zero is meant.
        found = bisect_right(cumulated, target)
        return found if found < len(cumulated) else cumulated.index(cumulated[-1])

    def uniforms(self, decision: str, entity: Any, visit: Any = 0) -> NDArray[np.float64]:
        """Return ``uniform`` of many entities, many visits or both (arrays broadcast), float64.

        Parameters
        ----------
        entity, visit : int or uint64 array
        """
        entities, visits = np.broadcast_arrays(_uint64(entity), _uint64(visit))
        return open_uniform(words(words(_uint64(self.base(decision)), entities), visits))

    def exponentials(self, decision: str, entity: Any, visit: Any = 0) -> NDArray[np.float64]:
        """Return ``exponential`` of many entities, many visits or both (arrays broadcast), float64."""
        return -log(self.uniforms(decision, entity, visit))

    def erlangs(self, decision: str, entity: int, shape: int, visits: NDArray[Any]) -> NDArray[np.float64]:
        """Return ``erlang`` of many visits of one entity, float64 of the shape of ``visits``."""
        return erlang_of(_uint64(self.key(decision, entity)), shape, _uint64(visits))

    def hyperexponentials(
        self, decision: str, entity: int, scv: float, visits: NDArray[Any]
    ) -> NDArray[np.float64]:
        """Return ``hyperexponential`` of many visits of one entity, float64 of the shape of ``visits``."""
        return hyperexponential_of(_uint64(self.key(decision, entity)), short_share(scv), _uint64(visits))


# ---- many draws: the same arithmetic on uint64, for NumPy arrays and for the compiler ------------

_ONE = np.uint64(1)
_GOLDEN = np.uint64(GOLDEN)
_M0, _M1 = np.uint64(MULTIPLIERS[0]), np.uint64(MULTIPLIERS[1])
_S12, _S27, _S30, _S31, _S52 = (np.uint64(shift) for shift in (12, 27, 30, 31, 52))
_ONE_BITS = np.uint64(ONE_BITS)
_SQRT_HALF_BITS = np.uint64(SQRT_HALF_BITS)
_MANTISSA_BITS = np.uint64(2**52 - 1)
_TWO_52_BITS = np.uint64(0x4330000000000000)
_TWO_52_AND_BIAS = 2.0**52 + 1023.0


def _uint64(value: Any) -> NDArray[np.uint64]:
    # Numbers below zero or above 2**64 wrap, as in `word`.
    array = np.asarray(value & MASK if isinstance(value, int) else value)
    return np.atleast_1d(array).astype(np.uint64)


def words(state: Any, index: Any) -> Any:
    """Return ``word`` of uint64 arrays, or of scalars inside compiled code."""
    x = state + (index + _ONE) * _GOLDEN
    x = (x ^ (x >> _S30)) * _M0
    x = (x ^ (x >> _S27)) * _M1
    return x ^ (x >> _S31)


def open_uniform(x: Any) -> Any:
    """Return ``unit`` of a uint64 array, or of a scalar inside compiled code."""
    # The bits are the mantissa of a float in [1, 2): no conversion of integers, which few machines vectorise.
    return np.uint64((x >> _S12) | _ONE_BITS).view(np.float64) - BELOW_ONE


def log_parts(x: Any) -> tuple[Any, Any]:
    """Split a float64 array, or a scalar inside compiled code, into what ``log_of_parts`` takes."""
    bits = np.uint64(np.float64(x).view(np.uint64) + (_ONE_BITS - _SQRT_HALF_BITS))
    exponent = np.uint64((bits >> _S52) | _TWO_52_BITS).view(np.float64) - _TWO_52_AND_BIAS
    mantissa = np.uint64((bits & _MANTISSA_BITS) + _SQRT_HALF_BITS).view(np.float64)
    return mantissa, exponent


def log(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``natural_log`` of a float64 array."""
    return log_of_parts(*log_parts(x))


def erlang_of(key: NDArray[np.uint64], shape: int, visits: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return sums of ``shape`` exponential draws of mean 1, those of ``visits`` of the stream ``key``."""
    first = visits * np.uint64(shape)
    product = open_uniform(words(key, first))
    for stage in range(1, shape):
        product *= open_uniform(words(key, first + np.uint64(stage)))
    return -log(product)


def hyperexponential_of(
    key: NDArray[np.uint64], share: Any, visits: NDArray[np.uint64]
) -> NDArray[np.float64]:
    """Return draws of mean 1 from two phases, those of ``visits`` of the stream ``key``."""
    first = visits * np.uint64(2)
    u = open_uniform(words(key, first + _ONE))
    return -log(open_uniform(words(key, first))) * phase_mean(u, share)


def compiler(*sources: str, inline: str = "never") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the decorator that compiles the functions of ``sources`` and keeps the code on disk.

    Parameters
    ----------
    sources : str
        Files that hold the functions (``__file__``). With this one they name the cache folder: a
        compiler notices a change of the file of a function, not of the files that it calls.
    inline : {"never", "always"}
        Whether to copy a function into its callers before it is typed; only then may it return part
        of an array.
    """
    import numba

    settings: Any = numba.config
    njit: Any = numba.njit
    folder = cache_folder(settings.CACHE_DIR, __file__, *sources)

    def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
        chosen = settings.CACHE_DIR
        settings.CACHE_DIR = str(folder)
        options: dict[str, Any] = {"cache": True, "error_model": "numpy", "inline": inline}
        try:
            # Kernels make no arrays. Counting references to those they get takes longer than a quiet hour.
            return njit(**options, _nrt=False)(function)
        except KeyError:  # a compiler that no longer knows the option
            return njit(**options)(function)
        finally:  # functions of the user keep their own place
            settings.CACHE_DIR = chosen

    return compiled
