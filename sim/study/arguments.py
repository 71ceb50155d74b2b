"""Arguments of studies: what is taken when none is given, and what they may be; a mistake is one line."""

from __future__ import annotations

from collections.abc import Sequence

from sim.core.errors import ConfigError

DELIVERED = "delivered_pure_kg"
"""The outcome that decides."""
RECORDS = (
    "seizure_events", "seized_gross_lb", "precursor_stopped_kg", "cash_seized_usd", "firearms_seized",
    "leads", "cases_closed",
)  # fmt: skip
"""What agencies record."""


def check_counts(study: str, **counts: tuple[int, int]) -> None:
    """Refuse a count below the least that makes sense.

    Parameters
    ----------
    study : str
        Name of the study, for the message.
    **counts : (int, int)
        What was given and the least, by the name of the argument: ``first=(first, 2)``.

    Raises
    ------
    ConfigError
        Naming the argument.
    """
    for name, (value, least) in counts.items():
        if not value >= least:
            raise ConfigError(f"study {study}: {name.replace('_', ' ')} {value} must be {least} or more")


def check_share(study: str, name: str, value: float, above: float = 0.0) -> None:
    """Refuse a share that does not lie between ``above`` and one, both left out."""
    if not above < value < 1.0:
        raise ConfigError(f"study {study}: {name} {value:g} must lie between {above:g} and 1")


def check_above_zero(study: str, name: str, value: float) -> None:
    """Refuse a number that is not finite and above zero."""
    if not 0.0 < value < float("inf"):
        raise ConfigError(f"study {study}: {name} {value:g} must be above zero")


def check_names(study: str, names: Sequence[str]) -> None:
    """Refuse scenarios that a table could not tell apart."""
    for i, name in enumerate(names):
        if name in names[:i]:
            raise ConfigError(f"study {study}: two scenarios are called {name}; give each a name of its own")
