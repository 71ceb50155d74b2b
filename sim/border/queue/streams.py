"""Draws for compiled code: the words of ``core.draws``, whole columns at a time.

Arguments are typed ``Any`` throughout the kernel: the compiler finds the types.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sim.border import state
from sim.core import draws

SOURCES = [state.__file__, *(str(path) for path in sorted(Path(__file__).parent.glob("*.py")))]
compiled = draws.compiler(*SOURCES)
inlined = draws.compiler(*SOURCES, inline="always")

words = compiled(draws.words)
open_uniform = compiled(draws.open_uniform)
log_parts = compiled(draws.log_parts)
log_of_parts = compiled(draws.log_of_parts)
phase_mean = compiled(draws.phase_mean)

GAPS = 64
"""Gaps between arrivals are drawn by blocks of so many."""


@compiled
def erlang(key: Any, shape: Any, first: Any, out: Any) -> Any:
    """Fill ``out`` with sums of ``shape`` unit exponentials: those of the visits from ``first`` on."""
    step = np.uint64(shape)
    start = np.uint64(first) * step
    for i in range(out.size):
        out[i] = open_uniform(words(key, start + np.uint64(i) * step))
    for stage in range(1, shape):
        for i in range(out.size):
            out[i] *= open_uniform(words(key, start + np.uint64(i) * step + np.uint64(stage)))
    for i in range(out.size):
        mantissa, exponent = log_parts(out[i])
        out[i] = -log_of_parts(mantissa, exponent)


@compiled
def one_erlang(key: Any, shape: Any, visit: Any) -> Any:
    """Return the sum of ``shape`` unit exponentials of one visit."""
    first = np.uint64(visit) * np.uint64(shape)
    product = open_uniform(words(key, first))
    for stage in range(1, shape):
        product *= open_uniform(words(key, first + np.uint64(stage)))
    mantissa, exponent = log_parts(product)
    return -log_of_parts(mantissa, exponent)


@compiled
def one_work(key: Any, law: Any, visit: Any) -> Any:
    """Return the service of one visit, in stages of unit mean; ``law`` is that of a group or a station."""
    if law.short_share > draws.EVEN:
        first = np.uint64(visit) * np.uint64(2)
        u = open_uniform(words(key, first + np.uint64(1)))
        return one_erlang(key, 1, first) * phase_mean(u, law.short_share)
    return one_erlang(key, law.shape, visit)


@compiled
def works(key: Any, law: Any, out: Any) -> Any:
    """Fill ``out`` with the services of the visits from 0 on."""
    if law.short_share > draws.EVEN:
        for i in range(out.size):
            out[i] = one_work(key, law, i)
    else:
        erlang(key, law.shape, 0, out)


@compiled
def arrive(key: Any, hour: Any, rate_per_h: Any, out: Any) -> Any:
    """Write the arrival times of one hour into ``out``; return their number, -1 if they do not fit."""
    if rate_per_h == 0.0:
        return 0
    mean_gap = 1.0 / rate_per_h
    time = float(hour)
    end = hour + 1.0
    for n in range(0, out.size - GAPS + 1, GAPS):
        block = out[n : n + GAPS]
        erlang(key, 1, n, block)
        for i in range(GAPS):
            time += block[i] * mean_gap
            if time >= end:
                return n + i
            block[i] = time
    return -1
