"""The folder of a study of effects: three tables, three figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.measures.registry import registry
from sim.plots.displacement import displacement_flow
from sim.plots.effects import delivered_by_adversary, seized_against_delivered
from sim.report.standalone_page import write_alone
from sim.report.verdicts import SAME
from sim.report.yearly import margin_of
from sim.store.csv_tables import write_csvs
from sim.study.effect.outcomes import Effect, Moved, Ratios
from sim.study.effect.pairs import DELIVERED

SEIZED = "seizure_events"


@dataclass(frozen=True)
class Findings:
    """All that a study of effects says.

    ``window`` is what outcomes that add up are counted over, in words.
    """

    effects: Sequence[Effect]
    ratios: Sequence[Ratios]
    places: Sequence[Moved]
    window: str = "a year"

    def unit(self, measure: str) -> str:
        """Return the unit of an outcome with the time that it is counted over."""
        info = registry()[measure]
        return f"{info.unit} {self.window}" if info.over_months == "sum" else info.unit


def write_tables(folder: Path, found: Findings) -> list[Path]:
    """Write the tables as CSV; return their paths.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    return write_csvs(
        folder,
        {
            "effects": [_effect_row(effect, found.unit(effect.measure)) for effect in found.effects],
            "ratios": [row for one in found.ratios for row in _ratio_rows(one)],
            "places": [_place_row(row) for row in found.places],
        },
    )


def _effect_row(effect: Effect, unit: str) -> dict[str, Any]:
    return {
        "scenario": effect.scenario,
        "adversary": effect.adversary,
        "measure": effect.measure,
        "place": effect.place,
        "layer": registry()[effect.measure].layer,
        "unit": unit,
        "baseline": effect.before,
        "change": effect.change,
        "low": effect.random.low,
        "high": effect.random.high,
        "evidence_low": effect.evidence.low,
        "evidence_high": effect.evidence.high,
        "verdict": effect.verdict,
    }


def _ratio_rows(one: Ratios) -> list[dict[str, Any]]:
    named = {
        "usd_per_pure_kg_denied": one.cost,
        "displacement_share": one.displacement,
        "half_life_months": one.half_life,
    }
    return [
        {
            "scenario": one.scenario,
            "adversary": one.adversary,
            "quantity": name,
            "value": estimate.value,
            "low": estimate.interval.low,
            "high": estimate.interval.high,
            "note": estimate.interval.reason,
        }
        for name, estimate in named.items()
    ]


def _place_row(row: Moved) -> dict[str, Any]:
    return {
        "scenario": row.scenario,
        "adversary": row.adversary,
        "place": row.place,
        "direct_kg": row.direct_kg,
        "moved_kg": row.moved_kg,
        "low": row.random.low,
        "high": row.random.high,
    }


def write_figures(folder: Path, found: Findings, source: str) -> tuple[list[Path], str | None]:
    """Write the figures, which must have a folder; return their paths, and why there are no images."""
    whole = [effect for effect in found.effects if effect.place == "all"]
    by = {(effect.scenario, effect.adversary, effect.measure): effect for effect in whole}
    delivered = [effect for effect in whole if effect.measure == DELIVERED]
    figures = [delivered_by_adversary(changes_of(delivered), source, found.window)]
    seen = [
        (e, by[e.scenario, e.adversary, SEIZED]) for e in delivered if (e.scenario, e.adversary, SEIZED) in by
    ]
    if seen:
        figures.append(seized_against_delivered(seen_of(seen), source))
    if found.places:
        rows = [_place_row(row) for row in found.places]
        moved = {n: np.array([r[n] for r in rows]) for n in rows[0]}
        margin = margin_of(registry()[DELIVERED], delivered[0].days)
        figures.append(displacement_flow(moved, source, margin, found.window))
    return write_alone(figures, folder)


def changes_of(found: Sequence[Effect]) -> dict[str, np.ndarray]:
    """Return effects as rows of the figure: their direction, unless one of that size does not matter."""
    return {
        "scenario": np.array([e.scenario for e in found]),
        "adversary": np.array([e.adversary for e in found]),
        "change": np.array([e.change for e in found]),
        "low": np.array([e.random.low for e in found]),
        "high": np.array([e.random.high for e in found]),
        "evidence_low": np.array([e.evidence.low for e in found]),
        "evidence_high": np.array([e.evidence.high for e in found]),
        "percent": np.array([e.percent[0] for e in found]),
        "verdict": np.array([e.verdict if e.verdict == SAME else e.direction for e in found]),
    }


def seen_of(seen: Sequence[tuple[Effect, Effect]]) -> dict[str, np.ndarray]:
    """Return pairs of an effect on what is delivered and one on what is seized as rows of the figure."""
    same = changes_of([delivered for delivered, _ in seen])
    rows = {name: same[name] for name in ("scenario", "adversary", "verdict")}
    for i, name in enumerate(("delivered", "seized")):
        for end, suffix in enumerate(("", "_low", "_high")):
            rows[name + suffix] = np.array([both[i].percent[end] for both in seen])
    return rows
