"""The figures and the page of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.plots.difference_months import cumulated
from sim.plots.forest import Looks, forest
from sim.plots.ladder import ladder
from sim.report import scenarios
from sim.report.comparison_page import ComparisonPage, write_comparison
from sim.report.export import write_images
from sim.report.numbers import signed
from sim.stats.intervals import mean_interval
from sim.store.files import writing
from sim.store.sums import read_months
from sim.store.version import origin, release
from sim.study.compare.folder import RECORD, TABLE
from sim.study.compare.pairing import period
from sim.study.compare.rows import HEADS, by_outcome, cost_lines, notes, table_rows
from sim.study.compare.selection import Choice
from sim.study.compare.sweep import maps
from sim.study.compare.verdict import COST, DELIVERED, Comparison, Difference, named

MANY, ROWS = 6, 40
"""Runs up to which a figure shows every outcome, and rows of a figure."""


def write_page(
    folder: Path, choice: Choice, found: Comparison, said: Sequence[str]
) -> tuple[Path, str | None]:
    """Write the page and images of its figures; return its path, and why there are no images.

    Parameters
    ----------
    folder : Path
        Folder of the comparison.
    choice, found
        What was compared, and what came out.
    said : sequence of str
        Lines for the head of the notes.
    """
    figures, unseen = figures_of(choice, found)
    manifest = choice.reference.run.manifest
    pairs, label = len(found.panel.replications), choice.reference.label
    who = choice.others[0].label if len(choice.others) == 1 else f"{len(choice.others)} runs"
    page = ComparisonPage(
        title=f"{who} against {label}",
        lead=f"Differences {period(choice)}, mean over {pairs} replications on the same draws: "
        "what chance does to both cancels.",
        heads=HEADS,
        rows=table_rows(found),
        figures=figures,
        notes=[
            *(*said, *cost_lines(found), *notes(found), *unseen),
            *(f"left out: {text}" for text in choice.skipped),
        ],
        facts=[
            ("Reference", choice.reference.run.run),
            *((chosen.label, chosen.run.run) for chosen in choice.others[:ROWS]),
            ("Replications", str(pairs)),
            ("Seed", str(manifest["seed"])),
            ("Adversary", adversaries(choice)),
            ("Assumed values", str(assumptions(choice))),
            ("Model version", str(manifest["model_version"])),
            ("Version", release()),
        ],
        files=[(TABLE, "every difference, with intervals and verdict"), (RECORD, "what was compared")],
    )
    with writing(folder):
        return write_comparison(page, folder), write_images(figures, folder / "figures")


def figures_of(choice: Choice, found: Comparison) -> tuple[list[Any], list[str]]:
    """Return the figures that the comparison supports, and what none of them shows."""
    source = _source(choice, found)
    rows, looks = by_outcome(found), scenarios.looks(found.panel.labels[1:])
    if len(choice.others) > MANY:
        rows = sorted(named(rows, found.panel.outcomes[0]), key=lambda row: row.change)
    shown = [row for row in rows if row.random.known][: ROWS if len(choice.others) > MANY else None]
    figures = (
        [forest(_in_margins(shown), source, len(found.differences) - len(shown), looks)] if shown else []
    )
    if DELIVERED in found.panel.outcomes:
        figures += _over_time(choice, found, source, looks)
        if COST in found.panel.outcomes:
            figures += _ladder(found, source, period(choice), looks)
    drawn, unseen = maps(choice, found, source)
    return [*drawn[:1], *figures, *drawn[1:]], unseen


def _in_margins(rows: Sequence[Difference]) -> dict[str, np.ndarray]:
    margin = np.array([row.margin for row in rows])
    return {
        "outcome": np.array([row.info.label for row in rows]),
        "run": np.array([row.label for row in rows]),
        "change": np.array([row.change for row in rows]) / margin,
        "low": np.array([row.random.low for row in rows]) / margin,
        "high": np.array([row.random.high for row in rows]) / margin,
        "evidence_low": np.array([row.evidence.low for row in rows]) / margin,
        "evidence_high": np.array([row.evidence.high for row in rows]) / margin,
        "said": np.array([_said(row) for row in rows]),
        "verdict": np.array([row.verdict for row in rows]),
        "input": np.array([row.outcome == COST for row in rows]),
    }


def _said(row: Difference) -> str:
    """Return a difference with its unit, as the table has it."""
    info = row.info
    unit = "" if info.unit.startswith("1 =") else f" {info.unit}"
    return f"{signed(row.change)}{unit}"


def _over_time(choice: Choice, found: Comparison, source: str, looks: Looks) -> list[Any]:
    """Return the figure of what has added up, for as many runs as a reader can tell apart."""
    rows = named(found.differences, DELIVERED)
    moved = [abs(row.change) if row.random.known else -1.0 for row in rows]
    shown = sorted(np.argsort(moved, kind="stable")[::-1][:MANY].tolist())
    runs = [choice.reference, *(choice.others[i] for i in shown)]
    if len(shown) < len(moved):
        source = f"Of {len(moved)} runs the {len(shown)} that change most are shown. {source}"
    months, values = read_months([c.run.path / "measures.parquet" for c in runs], DELIVERED)
    if len(months) < 2:
        return []
    before, *after = (
        np.array([mine[int(r)] for r in found.panel.replications if int(r) in mine]) for mine in values
    )
    lines = []
    for chosen, mine in zip(runs[1:], after, strict=True):
        if mine.shape == before.shape and mine.size:
            added = np.cumsum(mine - before, axis=1)
            ends = [mean_interval(column) for column in added.T]
            line = {
                "month": np.array(months),
                "mean": added.mean(axis=0),
                "low": np.array([end.low for end in ends]),
                "high": np.array([end.high for end in ends]),
            }
            lines.append((chosen.label, line))
    verdicts = {row.label: row.verdict for row in rows}
    return [cumulated(lines, verdicts, source, looks)] if lines else []


def _ladder(found: Comparison, source: str, words: str, looks: Looks) -> list[Any]:
    """Return effect against cost, where any programme costs more or less than the reference's."""
    both = [
        (effect, cost)
        for effect, cost in zip(
            named(found.differences, DELIVERED), named(found.differences, COST), strict=True
        )
        if effect.random.known and cost.random.known
    ]
    if not any(abs(cost.change) >= cost.margin for _, cost in both):
        return []
    rows = {
        "run": np.array([effect.label for effect, _ in both]),
        "cost": np.array([cost.change for _, cost in both]),
        "change": np.array([effect.change for effect, _ in both]),
        "low": np.array([effect.random.low for effect, _ in both]),
        "high": np.array([effect.random.high for effect, _ in both]),
        "verdict": np.array([effect.verdict for effect, _ in both]),
    }
    return [ladder(rows, source, words, looks)]


def adversaries(choice: Choice) -> str:
    """Return the adversaries of the runs in words."""
    kinds = dict.fromkeys(str(chosen.run.block("adversary").get("kind", "none")) for chosen in choice.all)
    return ", ".join(kinds)


def assumptions(choice: Choice) -> int:
    """Return the most assumed values that one of the runs rests on."""
    return max(int(chosen.run.manifest.get("assumptions", 0)) for chosen in choice.all)


def _source(choice: Choice, found: Comparison) -> str:
    dates, assumed = choice.reference.run.block("calendar"), assumptions(choice)
    manifest = choice.reference.run.manifest
    return (
        f"Simulated: {len(found.panel.replications)} replications of the central parameter set on the same "
        f"draws as the reference {choice.reference.label}, {dates.get('days')} days from "
        f"{dates.get('start')}; adversary {adversaries(choice)}; rests on {assumed} assumed values. "
        + origin(int(manifest["seed"]), str(manifest["model_version"]))
    )
