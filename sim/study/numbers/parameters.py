"""Pages of numbers: every parameter with its source, and the assumptions in the order of influence."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from sim.core.settings import EvidenceRow
from sim.study.numbers.influence import OUTCOMES, Influence

_OUTCOMES = {
    "delivered_pure_kg": "delivered",
    "seized_pure_kg": "seized",
    "precursor_stopped_kg": "precursor stopped",
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
        "Written by `sim study parameters` from the records in `conf/`; do not edit by hand.",
        "Facts (F-n.nn) stand in `conf/facts.csv` with their address.",
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


def influence_page(found: Sequence[Influence], central: Sequence[float], how: str) -> str:
    """Return the page of assumptions, largest influence on what is delivered first, as Markdown."""
    moving = [one for one in found if one.swing > 0]
    still = [one for one in found if one.swing == 0]
    means = ", ".join(
        f"{_OUTCOMES[name]} {value:,.0f} {'USD' if name.endswith('usd') else 'kg'}"
        for name, value in zip(OUTCOMES, central, strict=True)
    )
    lines = [
        "# Assumptions in the order of influence",
        "",
        "Written by `sim study influence`; do not edit by hand. Each assumed number is set to both ends of",
        "its range, one at a time, on the same draws. The table shows the change of yearly outcomes against",
        "the baseline in per cent, at the low and at the high end. It sees no interactions, and the border",
        "runs without queues: what acts on waits alone stands among the numbers that move nothing.",
        "Levels that calibration would refit (loads, detection) are held. So the page is a map of what the",
        "model leans on; the uncertainty of headlines comes from the sets that fit the evidence.",
        "",
        f"{how} Baseline: {means}.",
        "",
        "| | assumption | range | unit | " + " | ".join(f"{_OUTCOMES[name]}, %" for name in OUTCOMES) + " |",
        "|---:|---|---:|---|" + "---:|" * len(OUTCOMES),
    ]
    for rank, one in enumerate(moving, start=1):
        changes = [
            f"{100 * low:+.1f} / {100 * high:+.1f}" for low, high in zip(one.at_low, one.at_high, strict=True)
        ]
        lines.append(_line((str(rank), one.row.path, _range(one.row), one.row.unit, *changes)))
    lines += [
        "",
        f"## No change of what is delivered beyond twice its standard error ({len(still)})",
        "",
        *(f"* `{one.row.path}`" for one in still),
    ]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _range(row: EvidenceRow) -> str:
    return f"{_number(row.low)} to {_number(row.high)}" if isfinite(row.low) else ""


def _number(value: float) -> str:
    return f"{value:,.10g}"
