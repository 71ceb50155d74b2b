"""Which runs may be paired: the same model, draws and dates, and replications that both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.core.errors import ConfigError, StoreError
from sim.measures.registry import MeasureInfo, outcome_named, registry
from sim.report.numbers import some_of
from sim.report.yearly import DAYS_A_YEAR, over_months, window_of
from sim.store.runs import RunFolder
from sim.store.sums import EVERYWHERE, Sums, read_sums
from sim.study.compare.selection import ComparedRun, RunsToCompare

_DATES = ("start", "days", "warmup_days")
_SHORT = 8
_SHOWN = 6


@dataclass(frozen=True)
class Panel:
    """Yearly outcomes of runs with common random numbers.

    Parameters
    ----------
    labels : tuple of str
        The reference first.
    outcomes : tuple of str
        Names of ``conf/measures.yaml``.
    replications : ndarray of int32, shape (replications,)
        Those that every run has.
    central : ndarray of float64, shape (runs, replications, outcomes)
        The central parameter set; NaN where a run does not report or define an outcome.
    sets : ndarray of float64, shape (runs, parameter sets, outcomes)
        Further parameter sets, one replication each, those that every run with sets has; NaN for a run
        without sets.
    notes : tuple of str
        What was left out.
    days : int
        Length of the window that outcomes are counted over.
    """

    labels: tuple[str, ...]
    outcomes: tuple[str, ...]
    replications: np.ndarray
    central: np.ndarray
    sets: np.ndarray
    notes: tuple[str, ...]
    days: int = DAYS_A_YEAR


def check_pairs(choice: RunsToCompare) -> None:
    """Refuse runs that share no draws with the reference, or no dates.

    Raises
    ------
    ConfigError
        Model version, seed or calendar differ; the line says how to fix it.
    """
    first = choice.reference
    dates = first.run.block("calendar")
    for other in choice.others:
        _check_model(first.run, other.run)
        mine, theirs = (run.manifest["seed"] for run in (first.run, other.run))
        if mine != theirs:
            raise ConfigError(
                f"compare: {other.run.path} has seed {theirs}, the reference {first.run.path} has seed "
                f"{mine}: no draws in common; run one again with seed={mine}"
            )
        found = other.run.block("calendar")
        wrong = [key for key in _DATES if found.get(key) != dates.get(key)]
        if wrong:
            there, here = (", ".join(f"{key} {tree.get(key)}" for key in wrong) for tree in (found, dates))
            fix = " ".join(f"calendar.{key}={dates.get(key)}" for key in wrong)
            raise ConfigError(
                f"compare: {other.run.path} has another calendar ({there}; the reference has {here}); "
                f"run it again with {fix}"
            )


def _check_model(first: RunFolder, other: RunFolder) -> None:
    from sim.store.version import model_version

    mine, theirs = (str(run.manifest["model_version"]) for run in (first, other))
    if mine == theirs:
        return
    now = model_version()
    old = other.path if theirs != now else first.path
    both = now not in (theirs, mine)
    raise ConfigError(
        f"compare: {other.path} is from model version {theirs[:_SHORT]}, the reference {first.path} from "
        f"{mine[:_SHORT]}; run {'both' if both else old} again (this installation is {now[:_SHORT]})"
    )


def wanted_outcomes(named: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of the outcomes that are asked for, by default those of the headline table.

    Parameters
    ----------
    named : str or sequence of str, optional
        Names, or labels as the table shows them; in one text with commas between them.

    Raises
    ------
    ConfigError
        There is no such outcome.
    """
    known = registry()
    if named is None:
        return tuple(name for name, info in known.items() if info.headline)
    labels = {info.label.casefold(): name for name, info in known.items()}
    words = [word.strip() for word in named.split(",") if word.strip()] if isinstance(named, str) else named
    names = [labels.get(word.casefold(), word) for word in words]
    if not names:
        raise ConfigError("compare: outcomes names no outcome; take some such as delivered_pure_kg,wait_min")
    for name in names:
        outcome_named(name, "compare: outcomes")
    return tuple(dict.fromkeys(names))


def read_panel(choice: RunsToCompare, outcomes: Sequence[str]) -> Panel:
    """Return outcomes of all runs by the replications that they share.

    Raises
    ------
    ConfigError
        A run has one replication only, two runs share fewer than two, or nobody reports the outcomes.
    StoreError
        Measures cannot be read.
    """
    known = registry()
    parts = dict.fromkeys(part for name in outcomes for part in (name, *known[name].of))
    runs = choice.all
    sums = read_sums([chosen.run.path / "measures.parquet" for chosen in runs], list(parts))
    values = yearly(sums, list(parts), outcomes, _days(choice.reference), known)
    central = sums.units[:, 0] == 0
    shared, notes = _shared(runs, sums.present[:, central], sums.units[central, 1])
    common = _common_sets(sums.present[:, ~central], notes)
    reported = np.array([np.isfinite(values[:, :, k]).any() for k in range(len(outcomes))])
    if not reported.any():
        raise ConfigError(
            f"compare: no run reports {', '.join(outcomes)}; with border.model=instant there are no waits, "
            "and some adversaries hide what they chose"
        )
    if _days(choice.reference) < DAYS_A_YEAR:
        notes.append(
            f"outcomes add up {window_of(_days(choice.reference))}; margins of sums are that part of the "
            "yearly ones, those of means and shares stay"
        )
    kept = tuple(name for name, there in zip(outcomes, reported, strict=True) if there)
    silent = [name for name in outcomes if name not in kept]
    if silent:
        notes.append(f"no run reports {some_of(silent, _SHOWN)}")
    values = values[:, :, reported]
    return Panel(
        tuple(chosen.label for chosen in runs),
        kept,
        sums.units[central, 1][shared],
        values[:, central][:, shared],
        values[:, ~central][:, common],
        tuple(notes),
        _days(choice.reference),
    )


def yearly(
    sums: Sums, parts: Sequence[str], outcomes: Sequence[str], days: int, known: Mapping[str, MeasureInfo]
) -> np.ndarray:
    """Return outcomes a year, float64 of shape (runs, units, outcomes), NaN where a run has none."""
    runs, units = sums.present.shape
    per_year = DAYS_A_YEAR / days if days > DAYS_A_YEAR + 1 else 1.0
    reported = np.asarray(sums.count.any(axis=1))
    total, mean = {}, {}
    for k, name in enumerate(parts):
        there = sums.present & reported[:, k, None]
        added, months = sums.total[:, :, k], sums.count[:, :, k]
        total[name, EVERYWHERE] = np.where(there, added, np.nan).ravel()
        divided = np.divide(added, months, out=np.full(added.shape, np.nan), where=there & (months > 0))
        mean[name, EVERYWHERE] = divided.ravel()
    columns = [
        over_months((name, EVERYWHERE), known[name], total, mean, per_year).reshape(runs, units)
        for name in outcomes
    ]
    return np.stack(columns, axis=2)


def _days(chosen: ComparedRun) -> int:
    days = chosen.run.block("calendar").get("days")
    if not isinstance(days, int):
        raise StoreError(f"{chosen.run.path / 'config.yaml'}: no calendar; run this scenario again")
    return days


def _shared(
    runs: Sequence[ComparedRun], present: np.ndarray, replications: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """Return which replications every run has, and who lacks which of the others."""
    for chosen, number in zip(runs, present.sum(axis=1).tolist(), strict=True):
        if number < 2:
            raise ConfigError(
                f"compare: {chosen.run.path} has {number} replication{'s' * (number != 1)}: no interval, "
                "at least 2 are needed; run it again with run.replications=12"
            )
    shared = np.asarray(present.all(axis=0))
    lacking = [
        f"{chosen.label} lacks replications {_ranges(replications[~mine])}"
        for chosen, mine in zip(runs, present, strict=True)
        if not mine.all()
    ]
    if shared.sum() < 2:
        raise ConfigError(
            f"compare: the runs share {shared.sum()} replications, at least 2 are needed: "
            f"{'; '.join(lacking[:_SHOWN])}"
        )
    if lacking:
        more = f" and {len(lacking) - _SHOWN} more runs lack some" if len(lacking) > _SHOWN else ""
        lacking = [
            f"{shared.sum()} replications are paired, those that all runs have: "
            f"{'; '.join(lacking[:_SHOWN])}{more}"
        ]
    return shared, lacking


def _common_sets(present: np.ndarray, notes: list[str]) -> np.ndarray:
    """Return which parameter sets the reference shares with every run that has any."""
    with_sets = np.flatnonzero(present.any(axis=1))
    common = np.asarray(present[with_sets].all(axis=0))
    if 0 not in with_sets or len(with_sets) < 2:
        return np.zeros(present.shape[1], dtype=bool)
    if not common.all():
        notes.append(f"{(~common).sum()} parameter sets are left out: not every run has them")
    return common


def _ranges(numbers: np.ndarray) -> str:
    """Return whole numbers in words: ``2, 5 to 11``."""
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    return ", ".join(f"{p[0]} to {p[-1]}" if len(p) > 1 else str(p[0]) for p in parts)
