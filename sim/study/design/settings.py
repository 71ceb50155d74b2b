"""The `design` block of an experiment file."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from sim.core.settings import Settings, Status, validated

MAX_POINTS = 100_000


class Design(Settings):
    """Which values are tried.

    ``latin_hypercube`` and ``sobol`` (the scrambled sequence) draw ``points`` sets of values from the
    evidence ranges; ``morris`` draws ``points`` trajectories, each of one point more than there are
    numbers; ``factorial`` combines levels.
    """

    kind: Literal["latin_hypercube", "sobol", "morris", "factorial"]
    points: int | None = Field(default=None, ge=1, le=MAX_POINTS, description="draws, or trajectories")
    seed: int = Field(default=0, ge=0, description="of the draws; replications have the seed of the run")
    over: list[str] = Field(default=[], description="paths, beginnings of paths, or patterns with *")
    statuses: list[Status] = Field(default=[], description="only numbers of these; empty: of all")
    levels: Any = Field(default=None, description="factorial: path to list; or levels of each number")

    @model_validator(mode="after")
    def _is_whole(self) -> Design:
        counted = isinstance(self.levels, int) and not isinstance(self.levels, bool)
        listed = isinstance(self.levels, dict)
        if self.levels is not None and not (counted and self.levels >= 2) and not listed:
            raise ValueError("levels: give a number of at least 2, or a list of values for each path")
        if listed and (self.kind != "factorial" or self.over):
            raise ValueError("lists of levels belong to kind: factorial, and take no `over`")
        if listed and not all(isinstance(v, list) and v for v in self.levels.values()):
            raise ValueError("levels: each path needs a list of values, [0, 500]")
        if not listed and not self.over:
            raise ValueError("say which numbers are drawn, over: [chain.market]")
        if self.kind == "factorial":
            if self.levels is None or self.points is not None:
                raise ValueError("kind: factorial needs levels, and no points")
            return self
        if self.points is None:
            raise ValueError(f"kind: {self.kind} needs points")
        if self.kind == "sobol" and self.points & (self.points - 1):
            near = 1 << self.points.bit_length()
            raise ValueError(f"points: a Sobol sequence needs a power of two, {near // 2} or {near}")
        if counted and (self.kind != "morris" or self.levels % 2):
            raise ValueError("levels: only factorial and morris have them, morris an even number")
        return self


def design_of(node: Any) -> Design:
    """Return a validated `design` block; raise ``ConfigError``."""
    return validated(Design, node, "design")
