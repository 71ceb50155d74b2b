"""What a comparison found, in plain sentences; each is the title of a figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from sim.report import numbers
from sim.report.scenarios import in_order
from sim.report.theme import Table
from sim.report.verdicts import BETTER, CLEAR, LESS, MORE, SAME, plain

_MILLION = 1e6


def differences(rows: Table) -> str:
    """Return the strongest finding, of the outcome where there is one only, and how many there are.

    Parameters
    ----------
    rows : Table
        Columns ``outcome`` (in words), ``run``, ``low`` and ``high`` (in margins), ``remarks`` (difference
        with its unit), ``verdict`` and ``input``. What is an input was chosen: it counts only where all are.
    """
    runs = in_order(map(str, rows["run"]))
    counted: list[int] = np.flatnonzero(~rows["input"] | rows["input"].all()).tolist()
    outcomes = {str(rows["outcome"][i]) for i in counted}
    who = runs[0] if len(runs) == 1 else f"{len(runs)} runs"
    lead = f"{f'{min(outcomes)}, ' if len(outcomes) == 1 else ''}{who} against the reference"
    verdicts = [str(rows["verdict"][i]) for i in counted]
    if len(counted) == 1:
        return f"{lead}: {verdicts[0]}, {rows['text'][counted[0]]}"
    clear, small = sum(verdict in CLEAR for verdict in verdicts), verdicts.count(SAME)
    left = len(verdicts) - clear - small
    finding = _strongest(rows, [i for i in counted if rows["verdict"][i] in CLEAR], len(outcomes), len(runs))
    words = zip((clear, small, left), ("has", "does", "is"), ("have", "do", "are"), strict=True)
    has, does, are = (single if count == 1 else many for count, single, many in words)
    return (
        f"{lead}: {finding}of {len(verdicts)} differences {clear} {has} a clear sign, {small} {does} not "
        f"matter, {left} {are} open"
    )


def _strongest(rows: Table, clear: Sequence[int], outcomes: int, runs: int) -> str:
    """Return in words the clear difference of the first outcome that has one, in the order of the table.

    Outcomes have a fixed order, so the sentence answers the same question whatever the runs are: a
    difference that is many small margins wide does not come before the fentanyl delivered. Within the
    outcome it is the run that is the most margins away from none, whatever chance did.
    """
    if not clear:
        return ""
    first = rows["outcome"][min(clear)]
    clear = [i for i in clear if rows["outcome"][i] == first]
    away = [min(abs(rows["low"][i]), abs(rows["high"][i])) for i in clear]
    most = clear[int(np.argmax(away))]
    what = [str(rows["outcome"][most])] if outcomes > 1 else []
    what += [str(rows["run"][most])] if runs > 1 else []
    lead = "clearest is " if outcomes == 1 else ""
    return f"{lead}{', '.join(what)}, {rows['text'][most]}; "


def over_time(rows: Table, verdicts: Mapping[str, str]) -> str:
    """Return what has added up of the fentanyl delivered by the end, and since when that is clear.

    Parameters
    ----------
    rows : Table
        Columns ``run``, ``month``, ``mean`` (pure kg since the first month) and ``verdict`` of each month.
    verdicts : mapping of str to str
        What the table says of the whole difference of each run.
    """
    runs = list(dict.fromkeys(map(str, rows["run"])))
    if len(runs) > 1:
        counts = Counter(plain(verdicts[run]) for run in runs)
        counted = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
        return f"Fentanyl delivered by the end, {len(runs)} runs against the reference: {counted}"
    run = runs[0]
    if verdicts[run] not in CLEAR:
        return f"Fentanyl delivered: {run}, {plain(verdicts[run])} by the end"
    end = float(rows["mean"][-1])
    kg = f"{numbers.compact(abs(end), 2)} kg {'less' if end < 0 else 'more'}"
    since = clear_since(rows["verdict"].tolist())
    begun = "" if since is None else f", clear from {rows['month'][since]} on"
    return f"Fentanyl delivered: {run} {kg} by the end{begun}"


def clear_since(verdicts: Sequence[str]) -> int | None:
    """Return from which month to the end every verdict names a side, None when the last one does not."""
    open_ = [i for i, verdict in enumerate(verdicts) if verdict not in (MORE, LESS)]
    if not open_:
        return 0
    return open_[-1] + 1 if open_[-1] + 1 < len(verdicts) else None


def ladder(rows: Table) -> str:
    """Return how many runs deliver less, and what the one that delivers least costs.

    Parameters
    ----------
    rows : Table
        Columns ``run``, ``cost`` (USD more than the reference), ``change`` (pure kg delivered) and
        ``verdict`` on it.
    """
    less = np.flatnonzero(rows["verdict"].astype(str) == BETTER)
    if not len(less):
        return "No run is clearly below the reference in the fentanyl delivered"
    best = less[int(np.argmin(rows["change"][less]))]
    many = f"{len(less)} of {len(rows['run'])} runs deliver less; most"
    kg = numbers.compact(-float(rows["change"][best]), 3)
    paid = float(rows["cost"][best]) / _MILLION
    cost = f"{abs(paid):,.0f} million USD {'more' if paid >= 0 else 'less'}"
    return f"{many if len(rows['run']) > 1 else 'Less delivered'}: {rows['run'][best]}, {kg} kg for {cost}"


def sweep(cells: Table, outcome: str, unit: str, keys: tuple[str, str], window: str) -> str:
    """Return the largest clear difference of a map, and where it lies.

    Parameters
    ----------
    cells : Table
        Columns ``x``, ``y``, ``change``, ``remarks`` (in words) and ``verdict``.
    outcome, unit : str
        Label, and what stands beside a number, with a blank before it; empty for shares and indices.
    keys : (str, str)
        Names of the two keys.
    window : str
        What is counted over, in words.
    """
    clear = np.isin(cells["verdict"].astype(str), CLEAR)
    if not clear.any():
        return f"{outcome}: no cell has a clear difference from the base"
    best = int(np.where(clear, np.abs(cells["change"]), -1.0).argmax())
    more = "more" if cells["change"][best] > 0 else "less"
    where = f"{keys[0].lower()} {cells['x'][best]:,.10g} and {keys[1].lower()} {cells['y'][best]:,.10g}"
    much = f"{str(cells['text'][best]).strip('+-')}{unit}"
    return f"{outcome}: up to {much} {more} {window}, at {where}"
