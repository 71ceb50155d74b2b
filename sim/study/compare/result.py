"""Compare: which differences between runs and a reference are real, and which matter.

Runs are folders; replication ``r`` of each has the same draws, so what chance does to both sides cancels.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.core.errors import ConfigError
from sim.report.provenance import Provenance
from sim.report.result import Result
from sim.report.tables import TextTable
from sim.report.yearly import window_of
from sim.run.pool import OnProgress, silent
from sim.run.settings import usable_cores
from sim.store.files import write_text, writing
from sim.store.runs import RunFolder
from sim.store.version import release
from sim.study.compare import tables
from sim.study.compare.figures import MANY, ROWS, figures_of
from sim.study.compare.pairing import check_pairs, read_panel, wanted_outcomes
from sim.study.compare.selection import ComparedRun, Named, RunsToCompare, choose, differing
from sim.study.compare.verdict import Comparison, differences_of

if TYPE_CHECKING:
    from sim.report.comparison_page import ComparisonPage
    from sim.report.folder import Written
    from sim.study.compare.sequential import Model

TABLE, RECORD = "differences.csv", "compare.json"
BUDGET = 200


@dataclass(frozen=True, kw_only=True)
class ComparisonResult(Result):
    """A comparison, with the runs that were compared and every difference as an object.

    Parameters
    ----------
    choice : RunsToCompare
        The reference, the runs held against it, and what was named but could not be read.
    found : Comparison
        Differences, costs and the outcomes that they come from.
    """

    choice: RunsToCompare
    found: Comparison

    @property
    def folder(self) -> Path:
        """Where the command writes it: below the results folder of the reference."""
        return folder_of(self.choice, self.found.panel.outcomes)

    def record(self) -> dict[str, Any]:
        """Return what would have to be the same to get the same comparison again."""
        choice, found = self.choice, self.found
        runs = [
            {
                "label": chosen.label,
                "run": chosen.run.run,
                "config_hash": chosen.run.manifest["config_hash"],
                "measures": chosen.run.manifest["files"]["measures.parquet"],
                "usd_per_pure_kg_less": _number(cost.value) if cost else None,
                "usd_per_pure_kg_less_interval": [_number(cost.interval.low), _number(cost.interval.high)]
                if cost
                else None,
            }
            for chosen, cost in zip(choice.all, (None, *found.costs), strict=True)
        ]
        return {
            "reference": choice.reference.run.run,
            "runs": runs,
            "outcomes": list(found.panel.outcomes),
            "replications": found.panel.replications.tolist(),
            "parameter_sets": found.panel.sets.shape[1],
            "intervals": found.method,
            "seed": self.provenance.seed,
            "model_version": self.provenance.model,
            "version": release(),
            "skipped": list(choice.skipped),
            "notes": list(found.panel.notes),
        }

    def write(self, folder: str | Path, made_by: Mapping[str, Any] | None = None) -> Written:
        """Write the differences as CSV, what was compared as JSON, and a page with all figures.

        Parameters
        ----------
        folder : str or Path
            Made where it is missing.
        made_by : mapping, optional
            What else the JSON keeps.

        Raises
        ------
        StoreError
            The folder cannot be written.
        """
        from sim.report.comparison_page import write_comparison
        from sim.report.folder import Written

        folder = Path(folder)
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / TABLE, self.table("differences").csv())
        record = {**self.record(), **(made_by or {})}
        write_text(folder / RECORD, json.dumps(record, indent=2, sort_keys=True) + "\n")
        page, missing = write_comparison(self._page(folder), folder)
        return Written((folder / TABLE, folder / RECORD, page), missing or "")

    def _page(self, folder: Path) -> ComparisonPage:
        from sim.report.comparison_page import ComparisonPage

        choice, source, pairs = self.choice, self.provenance, len(self.found.panel.replications)
        who = choice.others[0].label if len(choice.others) == 1 else f"{len(choice.others)} runs"
        cells = next(part for part in self.text if isinstance(part, TextTable))
        remarks = [part for part in self.text if isinstance(part, str) and part not in self.verdicts]
        return ComparisonPage(
            title=f"{who} against {choice.reference.label}",
            lead=f"Differences {window_of(self.found.panel.days)}, mean over {pairs} replications "
            "with common random numbers: most of what chance does to both cancels.",
            heads=cells.heads,
            rows=cells.rows,
            figures=self.plot.all(),
            notes=(*remarks, *self.notes),
            facts=[
                ("Reference", choice.reference.run.run),
                *((chosen.label, chosen.run.run) for chosen in choice.others[:ROWS]),
                ("Replications", str(pairs)),
                ("Seed", str(source.seed)),
                ("Adversary", ", ".join(dict.fromkeys(source.adversaries))),
                ("Assumed values", str(source.assumed)),
                ("Model version", source.model),
                ("Version", release()),
            ],
            answers=tables.answers(self.found, ROWS),
            runs=[(chosen.label, _page_of(chosen, folder)) for chosen in choice.all[: ROWS + 1]],
            files=[(TABLE, "every difference, with intervals and verdict"), (RECORD, "what was compared")],
        )


def _page_of(chosen: ComparedRun, folder: Path) -> str:
    """Return the path of a run's page as a link from a folder; empty where it has none."""
    page = chosen.run.path / "index.html"
    return Path(os.path.relpath(page, folder)).as_posix() if page.is_file() else ""


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def folder_of(choice: RunsToCompare, outcomes: Sequence[str]) -> Path:
    """Return where a comparison is written: ``<results>/compare/<hash of what is compared>``."""
    whole = "\n".join(
        [*outcomes, *(f"{c.label} {c.run.manifest['files']['measures.parquet']}" for c in choice.all)]
    )
    digest = hashlib.sha256(whole.encode()).hexdigest()
    return choice.reference.run.results / "compare" / digest[:8]


def compare(
    runs: Named | Sequence[Named],
    *,
    against: Named | None = None,
    outcomes: str | Sequence[str] | None = None,
    precision: float | None = None,
    budget: int | None = None,
    workers: int = 0,
    on_progress: OnProgress = silent,
) -> ComparisonResult:
    """Hold runs against a reference: differences with intervals that hold together, and verdicts.

    Parameters
    ----------
    runs : str, Path, RunFolder or ComparedRun, or a sequence of these
        Folders of runs, of scenarios (their newest run) or of sweeps, patterns, or runs that were read
        already; the first is the reference. What cannot be read is left out, and a note names it.
    against : str, Path, RunFolder or ComparedRun, optional
        The reference.
    outcomes, precision, budget, workers, on_progress
        As ``compare_chosen`` has them.

    Raises
    ------
    ConfigError
        Nothing is left to compare, the runs share no draws or dates, or an argument is out of range.
    StoreError
        The reference or measures cannot be read.
    """
    return compare_chosen(
        choose([runs] if isinstance(runs, str | Path | RunFolder | ComparedRun) else runs, against),
        outcomes,
        precision=precision,
        budget=budget,
        workers=workers,
        on_progress=on_progress,
    )


def compare_chosen(
    choice: RunsToCompare,
    outcomes: str | Sequence[str] | None = None,
    *,
    precision: float | None = None,
    budget: int | None = None,
    workers: int = 0,
    on_progress: OnProgress = silent,
    model: Model | None = None,
) -> ComparisonResult:
    """Compare runs that ``choose`` found.

    Parameters
    ----------
    choice : RunsToCompare
    outcomes : str or sequence of str, optional
        Names or labels of ``conf/measures.yaml``, in one text with commas between them; by default those of
        the headline table.
    precision : float, optional
        Replicate all runs further until no half width exceeds so many margins.
    budget : int, optional
        Most replications of each run that this may take, those there included; 200 by default.
    workers : int
        Processes for further replications; 0 takes one per core.
    on_progress : callable
        Called in this process after every further replication.
    model : Model, optional
        In place of the model's own, for tests.

    Raises
    ------
    ConfigError
        The runs share no draws or dates, nobody reports the outcomes, or an argument is out of range.
    StoreError
        Measures cannot be read, or further replications failed or cannot be written.
    """
    names, most = wanted_outcomes(outcomes), BUDGET if budget is None else budget
    if precision is None and budget is not None:
        raise ConfigError("compare: budget belongs to precision, such as precision 1 with budget 200")
    if precision is not None and not 0.0 < precision < math.inf:
        raise ConfigError("compare: precision must be above 0; 1 is the margin of each outcome")
    for name, value, least in (("budget", most, 2), ("workers", workers, 0)):
        if value < least:
            raise ConfigError(f"compare: {name} must be at least {least}")
    check_pairs(choice)
    panel = read_panel(choice, names)
    reached: list[str] = []
    if precision is not None:
        from sim.study.compare.sequential import Model, PrecisionTarget, run_sequential

        target = PrecisionTarget(precision, most, workers or usable_cores())
        choice, reached = run_sequential(choice, panel, target, on_progress, model or Model())
        panel = read_panel(choice, names)
    return result_of(choice, differences_of(panel), reached)


def result_of(choice: RunsToCompare, found: Comparison, reached: Sequence[str] = ()) -> ComparisonResult:
    """Return differences as a result.

    Parameters
    ----------
    choice : RunsToCompare
        The runs.
    found : Comparison
        What came out.
    reached : sequence of str
        Whether further replications made it precise.
    """
    runs, pairs, label = len(choice.others), len(found.panel.replications), choice.reference.label
    title = (
        f"{runs} run{'s' * (runs != 1)} against {label} ({choice.reference.run.path}): "
        f"{pairs} replications with common random numbers, {window_of(found.panel.days)}"
    )
    source = _source(choice, found)
    over_time = tables.over_time(choice, found, MANY)
    drawn = figures_of(choice, found, over_time.data, source.sentence)
    verdicts = tuple(f"{one}." for one in drawn.remarks or ("Cannot tell: no difference is defined",))
    lines = (*reached, *choice.notes, *differing(choice), *tables.cost_lines(found))
    what = choice.others[0].label if runs == 1 else f"{runs} runs"
    return ComparisonResult(
        question=f"What do{'es' * (runs == 1)} {what} change against {label}?",
        verdicts=verdicts,
        tables={
            "differences": tables.differences(found),
            "costs": tables.costs(found),
            "over_time": over_time,
        },
        provenance=source,
        text=(tables.cells(found, title), *verdicts, *lines),
        draws=drawn.draws,
        notes=(*tables.notes(found), *drawn.unseen, *(f"left out: {text}" for text in choice.skipped)),
        choice=choice,
        found=found,
    )


def _source(choice: RunsToCompare, found: Comparison) -> Provenance:
    reference = choice.reference.run
    dates = reference.block("calendar")
    return Provenance(
        f"{len(found.panel.replications)} replications of the central parameter set with common random "
        f"numbers as the reference {choice.reference.label}",
        int(reference.manifest["seed"]),
        tuple(str(chosen.run.block("adversary").get("kind", "none")) for chosen in choice.all),
        f"{dates.get('days')} days from {dates.get('start')}",
        max(int(chosen.run.manifest.get("assumptions", 0)) for chosen in choice.all),
        reference.block("border").get("model", "queue") == "queue",
        model=str(reference.manifest["model_version"]),
        configurations={
            str(chosen.run.manifest["config_hash"]): {"scenario": chosen.run.name, "run": chosen.run.run}
            for chosen in choice.all
        },
    )
