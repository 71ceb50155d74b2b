"""Pages of numbers: every parameter with its source, and the assumptions in the order of influence."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from sim.core.settings import EvidenceRow
from sim.study.influence import OUTCOMES, Influence

_OUTCOMES = {
    "delivered_pure_kg": "delivered",
    "seized_pure_kg": "seized",
    "adversary_profit_usd": "profit",
}


def parameter_page(rows: Sequence[EvidenceRow]) -> str:
    """Return the page of all parameters, a section a station, as Markdown."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.status] = counts.get(row.status, 0) + 1
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    lines = [
        "# Parameters",
        "",
        "Every number of the model with its unit, range, status and source. `sim study parameters` writes",
        "this page from the records in `conf/`; do not edit it by hand. Facts (F-n.nn) are in",
        "`conf/facts.csv`, each with its address.",
        "",
        f"{len(rows)} numbers: {told}.",
    ]
    section = ""
    for row in rows:
        parts = row.path.split(".")
        station = ".".join(parts[:2]) if len(parts) > 2 else parts[0]
        if station != section:
            section = station
            lines += ["", f"## {station}", "", _HEAD, _RULE]
        lines.append(_parameter(row, section))
    return "\n".join(lines) + "\n"


_HEAD = "| parameter | value | range | unit | status | source | reason |"
_RULE = "|---|---:|---:|---|---|---|---|"


def _parameter(row: EvidenceRow, section: str) -> str:
    name = row.path.removeprefix(f"{section}.")
    cells = (name, _number(row.value), _range(row), row.unit, row.status, row.fact, row.reason)
    return _line(cells)


def influence_page(
    found: Sequence[Influence], off: Sequence[EvidenceRow], central: Sequence[float], how: str
) -> str:
    """Return the page of assumptions, largest influence on what is delivered first, as Markdown.

    Parameters
    ----------
    found : sequence of Influence
    off : sequence of EvidenceRow
        Numbers of parts that the scenario has switched off.
    central : sequence of float
        Means of the baseline, in the order of ``OUTCOMES``.
    how : str
        How it was made, in a sentence.
    """
    moving = [one for one in found if one.swing > 0]
    means = ", ".join(
        f"{_OUTCOMES[name]} {value:,.0f} {'USD' if name.endswith('usd') else 'kg'}"
        for name, value in zip(OUTCOMES, central, strict=True)
    )
    lines = [*_INTRODUCTION, "", f"{how} Baseline: {means}.", ""]
    lines += [
        "| | assumption | range | unit | " + " | ".join(f"{_OUTCOMES[name]}, %" for name in OUTCOMES) + " |",
        "|---:|---|---:|---|" + "---:|" * len(OUTCOMES),
    ]
    for rank, one in enumerate(moving, start=1):
        ends = zip(one.at_low, one.half_low, one.at_high, one.half_high, strict=True)
        changes = [f"{_change(*end[:2])} / {_change(*end[2:])}" for end in ends]
        lines.append(_line((str(rank), one.row.path, _range(one.row), one.row.unit, *changes)))
    lines += _section("No change in deliveries beyond its 95 % interval", [
        one.row for one in found if one.swing == 0
    ])  # fmt: skip
    lines += _section("Inactive in this run: numbers of parts that are switched off", off)
    return "\n".join(lines) + "\n"


_INTRODUCTION = (
    "# Assumptions in the order of influence",
    "",
    "This page orders the assumed numbers by how much each one alone moves the outcomes.",
    "`sim study influence` writes it; do not edit it by hand. Each number is set to both ends of its range,",
    "one at a time, with common random numbers. The table shows the change of yearly outcomes against the",
    "baseline in per cent, at the low and at the high end, with the half-width of its 95 % interval",
    "(Student); `?` is a change whose interval contains zero. The page sees no interactions. The border",
    "runs without queues, so numbers that act on waits alone are among those that move nothing. Levels that",
    "calibration would refit (loads, detection) are held. So the page shows what the model depends on; the",
    "uncertainty of headline outcomes comes from the parameter sets that fit the record.",
)


def _change(share: float, half: float) -> str:
    """Return a change in per cent with half its interval; a question mark when that holds zero."""
    if share == 0.0 and half == 0.0:
        return "0"
    return f"{100 * share:+.1f} ± {100 * half:.1f}" if abs(share) > half else "?"


def _section(title: str, rows: Sequence[EvidenceRow]) -> list[str]:
    return ["", f"## {title} ({len(rows)})", "", *(f"* `{row.path}`" for row in rows)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _range(row: EvidenceRow) -> str:
    return f"{_number(row.low)} to {_number(row.high)}" if isfinite(row.low) else ""


def _number(value: float) -> str:
    return f"{value:,.10g}"
