"""The `run` part of a configuration: how many replications, where, and how fast."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from sim.core.settings import Settings, validated


class RunSettings(Settings):
    """How a scenario is run; nothing here changes what one replication yields."""

    replications: int = Field(
        default=1, ge=1, le=100_000, description="replications of the central parameter set"
    )
    parameter_sets: int = Field(
        default=0, ge=0, description="further parameter sets that fit the evidence, one replication each"
    )
    workers: Any = Field(default="auto", description="processes, or auto: one a core")
    results: str = Field(default="results", min_length=1, description="folder of all results")
    pages: int = Field(default=8, ge=0, description="figures and a page for up to so many scenarios at once")
    progress: bool = Field(default=True, description="show a progress bar on a terminal")
    images: bool = Field(
        default=True, description="write PNG and SVG copies of the figures where a Chromium is found"
    )

    @field_validator("workers")
    @classmethod
    def _is_count_or_auto(cls, workers: Any) -> Any:
        if workers != "auto" and (type(workers) is not int or workers < 1):
            raise ValueError("give a number of processes of at least 1, or auto")
        return workers

    @property
    def folder(self) -> Path:
        """Folder of all results."""
        return Path(self.results)

    @property
    def processes(self) -> int:
        """Number of worker processes, at least 1."""
        return self.workers if isinstance(self.workers, int) else usable_cores()


def usable_cores() -> int:
    """Return the number of cores that this process may use (a cluster grants fewer than there are)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_settings(tree: dict[str, Any]) -> RunSettings:
    """Return the validated ``run`` part of a composed configuration; raise ``ConfigError``."""
    return validated(RunSettings, tree.get("run", {}), "run")
