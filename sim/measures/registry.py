"""The declared outcomes of ``conf/measures.yaml``: label, unit, layer, how months add up, margin."""

from __future__ import annotations

import math
from functools import cache
from typing import Literal

from pydantic import Field

from sim.core.errors import ConfigError, unknown
from sim.core.settings import Settings, validated
from sim.core.shipped import conf_folder, read_yaml


class MeasureInfo(Settings):
    """One outcome.

    ``of`` names numerator and denominator of a ratio; ``margin`` is the smallest yearly difference
    that matters, in the outcome's unit; ``headline`` outcomes stand in the table of a run; ``good`` is the
    side that the defender wants, None where that is not plain. A ``signed`` outcome may be negative.
    """

    label: str
    unit: str
    layer: Literal["latent", "observed"]
    over_months: Literal["sum", "mean", "ratio"]
    margin: float
    good: Literal["less", "more"] | None = None
    of: tuple[str, ...] = Field(default=(), strict=False)
    headline: bool = False
    signed: bool = False

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value of a level; a difference has none."""
        if self.signed:
            return -math.inf, math.inf
        return 0.0, 1.0 if self.unit.startswith("share of ") else math.inf


@cache
def registry() -> dict[str, MeasureInfo]:
    """Return all outcomes by name, in their order of display.

    Raises
    ------
    ConfigError
        The file is malformed, or a ratio names an outcome that does not exist.
    """
    path = conf_folder() / "measures.yaml"
    outcomes = {
        name: validated(MeasureInfo, node, f"measures.{name}") for name, node in read_yaml(path).items()
    }
    for name, info in outcomes.items():
        if (info.over_months == "ratio") != (len(info.of) == 2) or not set(info.of) <= set(outcomes):
            raise ConfigError(
                f"{path}: {name}.of must name numerator and denominator of a ratio, and nothing else"
            )
    return outcomes


def outcome_named(name: str, where: str) -> MeasureInfo:
    """Return a declared outcome; raise ``ConfigError`` that says ``where`` it was named if there is none."""
    known = registry()
    if name not in known:
        raise unknown("outcome", name, where, known)
    return known[name]


def least_is_best(name: str, best: str | None, where: str) -> bool:
    """Return whether the smallest value of an outcome is the best.

    Parameters
    ----------
    name : str
        A declared outcome.
    best : str or None
        ``least`` or ``most``; None takes the good side of ``conf/measures.yaml``.
    where : str
        Who asks, for the message.

    Raises
    ------
    ConfigError
        Nothing says which side is good, or ``best`` is another word.
    """
    good = outcome_named(name, where).good
    if best is None and good is None:
        raise ConfigError(
            f"{where}: conf/measures.yaml names no good side of {name}; give --best least or --best most"
        )
    if best not in (None, "least", "most"):
        raise unknown("side", str(best), f"{where}: best", ("least", "most"))
    return (best or good) in ("least", "less")
