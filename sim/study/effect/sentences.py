"""What a study of effects found, in plain sentences; each is the title of a figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.report import numbers, theme
from sim.report.theme import Table
from sim.report.verdicts import CANNOT_TELL, LESS, MORE, NOTHING, SAME, UNDEFINED

_ALIKE = {
    LESS: "less fentanyl is delivered",
    MORE: "more fentanyl is delivered",
    NOTHING: "no difference in the fentanyl delivered",
    CANNOT_TELL: "cannot tell whether more or less fentanyl is delivered",
    UNDEFINED: "cannot tell whether more or less fentanyl is delivered",
    SAME: "no difference that matters in the fentanyl delivered",
}
"""What is said where all adversaries of the panel agree."""
_NEITHER = (CANNOT_TELL, UNDEFINED, NOTHING, SAME)
_SIGN = {MORE: 1, LESS: -1}


def delivered(rows: Table, window: str) -> str:
    """Return what scenarios change in the fentanyl delivered.

    Parameters
    ----------
    rows : Table
        Columns ``scenario``, ``adversary``, ``change`` (pure kg in the window) and ``verdict`` (``more``,
        ``less`` or what stands for neither).
    window : str
        What is counted over, in words.
    """
    scenarios, verdicts = list(dict.fromkeys(rows["scenario"])), set(rows["verdict"])
    who = theme.label(scenarios[0]) if len(scenarios) == 1 else f"{len(scenarios)} scenarios"
    if len(scenarios) == 2:
        return "Fentanyl delivered: " + "; ".join(_range_of(rows, name, window) for name in scenarios)
    if len(scenarios) > 1:
        if verdicts == {SAME}:
            return f"{who}: none makes a difference that matters in the fentanyl delivered"
        if len(set(rows["adversary"])) > 1:
            return _however(rows, scenarios, window)
        clear = np.flatnonzero(np.isin(rows["verdict"].astype(str), (LESS, MORE)))
        if not len(clear):
            return f"{who}: none clearly changes the fentanyl delivered"
        most = clear[np.argmax(np.abs(rows["change"][clear]))]
        kg = f"{rows['change'][most]:+,.0f} kg {window}"
        name = theme.label(str(rows["scenario"][most]))
        change = "changes" if len(clear) == 1 else "change"
        return f"{len(clear)} of {who} clearly {change} the fentanyl delivered, {name} most: {kg}"
    if len(verdicts) == 1:
        panel = list(dict.fromkeys(map(str, rows["adversary"])))
        against = (
            f"against adversary {panel[0]} alone" if len(panel) == 1 else f"against {' and '.join(panel)}"
        )
        return f"{who}: {_ALIKE[verdicts.pop()]}, {against}"
    return f"{who}: what it changes in the fentanyl delivered depends on how traffickers adapt"


def _however(rows: Table, scenarios: Sequence[str], window: str) -> str:
    """Return how many scenarios change something for every adversary, and which does most."""
    who, what = f"{len(scenarios)} scenarios", "the fentanyl delivered against every adversary tried"
    here = {name: rows["scenario"] == name for name in scenarios}
    alike = [name for name in scenarios if set(rows["verdict"][here[name]]) in ({LESS}, {MORE})]
    if not alike:
        return f"{who}: none clearly changes {what}"
    most = max(alike, key=lambda name: abs(float(rows["change"][here[name]].mean())))
    change, led = ("changes", "") if len(alike) == 1 else ("change", "most ")
    return f"{len(alike)} of {who} clearly {change} {what}, {led}{_range_of(rows, most, window)}"


def _range_of(rows: Table, scenario: str, window: str) -> str:
    """Return the range of one scenario over the panel in words."""
    mine = rows["scenario"] == scenario
    here, verdicts = np.sort(rows["change"][mine]), set(rows["verdict"][mine])
    ends = [numbers.short(float(end)) for end in (here[0], here[-1])]
    if len(verdicts) == 1 and verdicts <= set(_NEITHER):
        return f"{theme.label(scenario)} {verdicts.pop()}"
    return f"{theme.label(scenario)} {ends[0]} to {ends[1]} kg {window}"


def seizures_mislead(rows: Table) -> str:
    """Return how often the count of seizures points the right way.

    Parameters
    ----------
    rows : Table
        Columns ``verdict`` on what is delivered, by the margin that matters, and ``seized_verdict``.
    """
    sent, seized = (
        np.array([_SIGN.get(str(one), 0) for one in rows[name]]) for name in ("verdict", "seized_verdict")
    )
    moved = int((sent != 0).sum())
    if set(rows["verdict"]) <= {SAME, NOTHING}:
        return "Seizures have nothing to point at: no change in the fentanyl delivered matters"
    if not (sent * seized).any():
        return "Cannot tell whether seizures point the right way: the changes are within chance"
    wrong, right = int((sent * seized > 0).sum()), int((sent * seized < 0).sum())
    among = "the case" if moved == 1 else f"{wrong or right} of the {moved} cases"
    rest = "" if wrong or right == moved else "; the others cannot be told"
    which = "wrong" if wrong else "right"
    return f"Seizures point the {which} way in {among} in which the fentanyl delivered clearly changes{rest}"


def displacement(rows: Table) -> str:
    """Return where adaptation moves the flow.

    Parameters
    ----------
    rows : Table
        Columns ``scenario``, ``adversary``, ``place``, ``moved_kg`` and ``verdict``; the place ``all`` is the
        sum over places, which does not count here.
    """
    groups = list(dict.fromkeys(zip(rows["scenario"], rows["adversary"], strict=True)))
    who = theme.label(str(rows["scenario"][0])) if len(groups) == 1 else f"{len(groups)} cases"
    verdicts = np.where(rows["place"] == "all", SAME, rows["verdict"]).astype(str)
    gains, losses = verdicts == MORE, verdicts == LESS
    if set(verdicts) <= {SAME, NOTHING}:
        return f"{who}: adaptation moves no flow that matters between places"
    if not (gains | losses).any():
        return f"{who}: cannot tell that adaptation moves the flow between places"
    if len(groups) > 1:
        return _most_often(rows, gains, groups)
    parts = []
    if losses.any():
        parts.append(f"away from {_place(rows, int(np.where(losses, rows['moved_kg'], 0.0).argmin()))}")
    if gains.any():
        parts.append(f"towards {_place(rows, int(np.where(gains, rows['moved_kg'], 0.0).argmax()))}")
    return f"{who}: adaptation moves the flow most " + " and ".join(parts)


def _most_often(rows: Table, gains: np.ndarray, groups: Sequence[tuple[str, str]]) -> str:
    """Return the place that gains most in the largest number of cases."""
    winners = []
    for scenario, adversary in groups:
        mine = np.flatnonzero(gains & (rows["scenario"] == scenario) & (rows["adversary"] == adversary))
        if len(mine):
            winners.append(int(mine[rows["moved_kg"][mine].argmax()]))
    if not winners:
        return f"{len(groups)} cases: adaptation takes flow from places, and no place clearly gains it"
    places = [str(rows["place"][i]) for i in winners]
    first = max(winners, key=lambda i: places.count(str(rows["place"][i])))
    count = places.count(str(rows["place"][first]))
    return f"In {count} of {len(groups)} cases adaptation brings flow to {_place(rows, first)} most of all"


def _place(rows: Table, i: int) -> str:
    name = theme.label(str(rows["place"][i]))
    return name if rows["place"][i] in theme.OFFICES else name.lower()
