"""The points of a sweep: composed configurations, each times the draws of its design."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sim.core.errors import ConfigError, nearest
from sim.core.tree import at, has, replaced

Load = Callable[[Mapping[str, Any]], Any]
DESIGN = "design"


@dataclass(frozen=True)
class Point:
    """One composed configuration.

    Parameters
    ----------
    label : str
        Tells the points of a sweep apart; empty without one.
    tree : dict
        The configuration.
    drawn : dict
        Path to value, for the numbers that a design varies.
    block : str
        Points that are left out together when the settings refuse one of them; empty where a refusal
        is a mistake of the user.
    design : dict
        The design that drew it.
    given : tuple of str
        Paths that the command line set.
    """

    label: str
    tree: dict[str, Any]
    drawn: dict[str, Any] = field(default_factory=dict)
    block: str = ""
    design: dict[str, Any] = field(default_factory=dict)
    given: tuple[str, ...] = ()

    @classmethod
    def composed(cls, overrides: Sequence[str], tree: dict[str, Any], sweep: bool = True) -> Point:
        """Return the point of a configuration that Hydra composed; only in a sweep has it a label."""
        given = tuple(text.partition("=")[0].lstrip("+~") for text in overrides)
        return cls(" ".join(overrides) if sweep else "", tree, given=given)


def expanded(points: list[Point], load: Load) -> list[Point]:
    """Return points times the draws of their designs, labels shortened to what differs.

    Raises
    ------
    ConfigError
        A design, or the configuration that it varies, is wrong.
    """
    found: list[Point] = []
    for number, point in enumerate(_shortened(points)):
        found += _drawn(point, number, load)
    return found


def _drawn(point: Point, number: int, load: Load) -> list[Point]:
    if DESIGN not in point.tree:
        typo = next((key for key in point.tree if nearest(key, [DESIGN])), None)
        if typo is not None:
            raise ConfigError(f"{typo}: unknown key{nearest(typo, [DESIGN])}")
        return [point]
    from sim.study.design.draws import draws_of
    from sim.study.design.settings import design_of

    tree = {key: node for key, node in point.tree.items() if key != DESIGN}
    design = design_of(point.tree[DESIGN])
    levels = design.levels if isinstance(design.levels, dict) else {}
    twice = next((path for path in point.given if path in levels), None)
    if twice is not None:
        raise ConfigError(f"{twice}: the design has levels for it; leave out one of the two")
    base = load(tree)
    found = []
    for draw in draws_of(design, base.values, base.evidence):
        label = f"{point.label} {draw.label}".strip()
        block = "" if design.kind == "factorial" else f"{number}/{draw.block}"
        drawn = {**point.drawn, **draw.drawn}
        found.append(
            Point(label, replaced(tree, draw.changed), drawn, block, point.tree[DESIGN], point.given)
        )
    return found


def _shortened(points: list[Point]) -> list[Point]:
    """Drop from labels the words that all points share."""
    if len(points) == 1:
        return [replace(points[0], label="")] if DESIGN in points[0].tree else points
    words = [point.label.split(" ") for point in points]
    same = set(words[0]).intersection(*words[1:])
    return [
        _swept(point, [word for word in mine if word not in same])
        for point, mine in zip(points, words, strict=True)
    ]


def _swept(point: Point, words: Sequence[str]) -> Point:
    """Return a point with its own words as label, and the values of the keys that it does not share."""
    keys = [word.partition("=")[0] for word in words]
    chosen = {key: at(point.tree, key) for key in keys if has(point.tree, key)}
    plain = {key: value for key, value in chosen.items() if not isinstance(value, Mapping)}
    return replace(point, label=" ".join(words), drawn=plain)
