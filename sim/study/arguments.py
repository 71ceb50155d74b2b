"""Arguments of studies: what is taken when none is given, and what they may be; a mistake is one line."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

from sim.core.errors import ConfigError

DELIVERED = "delivered_pure_kg"
"""The outcome that decides."""
RECORDS = (
    "seizure_events", "seized_gross_lb", "precursor_stopped_kg", "cash_seized_usd", "firearms_seized",
    "leads", "cases_closed",
)  # fmt: skip
"""What agencies record."""


def check_counts(study: str, **counts: tuple[Any, int]) -> None:
    """Refuse a count below the least that makes sense.

    Parameters
    ----------
    study : str
        Name of the study, for the message.
    **counts : (object, int)
        What was given and the least, by the name of the argument: ``first=(first, 2)``.

    Raises
    ------
    ConfigError
        Naming the argument.
    """
    for name, (value, least) in counts.items():
        if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
            name = name.replace("_", " ")
            raise ConfigError(
                f"study {study}: {name} must be a whole number of at least {least} (got {value!r})"
            )


def check_share(study: str, name: str, value: Any, above: float = 0.0) -> None:
    """Refuse what is no number between ``above`` and one, both left out."""
    if not (_is_number(value) and above < value < 1.0):
        raise ConfigError(f"study {study}: {name} must lie between {above:g} and 1 (got {value!r})")


def check_above_zero(study: str, name: str, value: Any) -> None:
    """Refuse what is no finite number above zero."""
    if not (_is_number(value) and 0.0 < value < math.inf):
        raise ConfigError(f"study {study}: {name} must be a number above zero (got {value!r})")


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def check_names(study: str, names: Sequence[str]) -> None:
    """Refuse scenarios that a table could not tell apart."""
    for i, name in enumerate(names):
        if name in names[:i]:
            raise ConfigError(f"study {study}: two scenarios are called {name}; give each a name of its own")
