"""The error tree: one class a kind of mistake, one clear line a message.

A message says what is wrong, where (a configuration path or a file), what is allowed and, for a
name, the nearest valid one. The command prints the message without a traceback; only a defect of
Chokepoint itself shows one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from sim.core.renamed import now_called


class ChokepointError(Exception):
    """A mistake that the user can fix; its text is all that the command prints."""

    exit_code = 2


class ConfigError(ChokepointError):
    """A value, key or file of the configuration is wrong."""


class TableError(ChokepointError):
    """An input table lacks a column, a row or a plausible value."""


class StoreError(ChokepointError):
    """Results cannot be written, read or combined."""


class ConservationError(Exception):
    """Mass or money appeared or vanished: a defect of the model, never of the user."""


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the closest allowed name, or an empty string.

    A name of an earlier version gets ``" (now called 'x')"``.
    """
    names = list(allowed)
    if now := now_called(name, names):
        return f" (now called {now!r})"
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""


def unknown(kind: str, name: str, where: str, allowed: Iterable[str]) -> ConfigError:
    """Build the error for a name that is not in a closed list."""
    names = sorted(allowed)
    if now := now_called(name, names):
        return ConfigError(f"{where}: {name!r} is now called {now!r}")
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return ConfigError(f"{where}: unknown {kind} {name!r}{nearest(name, names)}; allowed: {shown}")
