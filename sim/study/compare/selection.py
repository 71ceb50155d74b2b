"""Which runs a command line names: folders of runs, of scenarios and of sweeps, and patterns of these."""

from __future__ import annotations

import glob
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.core.errors import ConfigError, StoreError, nearest
from sim.core.records import is_record
from sim.report import scenarios
from sim.report.numbers import some_of
from sim.store.runs import SWEEP, RunFolder, is_run, read_run, runs_below
from sim.store.sweeps import read_sweep

# Up to so many runs of one scenario are told apart by what differs in their configurations.
_TOLD_APART = 12
# Reading the levers of a run takes some milliseconds; larger sweeps are named by their own folder.
_BY_SIZE = 100
_WORDS = 2
_EXPLAINED, _NAMED = 6, 3
_LEVER = re.compile(r"\blevers\.(\w+)\.size=")
RESULTS = Path("results")
ROUTINE, LEVERS = ("run", "seed", "name"), "levers"
Change = tuple[str, Any, Any]


@dataclass(frozen=True)
class ComparedRun:
    """A run to compare and the words that name it in tables and figures; without any its scenario does."""

    label: str
    run: RunFolder


Named = str | Path | RunFolder | ComparedRun
"""What a run may be named by: a folder, a pattern, or the run itself."""
Entry = ComparedRun | str


@dataclass(frozen=True)
class RunsToCompare:
    """The reference, the runs held against it, and what was named but could not be read.

    ``first_of`` is the pattern or the sweep that chose the reference; ``twice`` tells of folders that hold
    one of the runs once more.
    """

    reference: ComparedRun
    others: tuple[ComparedRun, ...]
    skipped: tuple[str, ...]
    first_of: str = ""
    twice: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[ComparedRun, ...]:
        """The reference first."""
        return self.reference, *self.others

    @property
    def notes(self) -> tuple[str, ...]:
        """Which run is the reference where the user did not say so, and which folders do not count."""
        if not self.first_of:
            return self.twice
        return (
            f"the reference is {self.reference.label} ({self.reference.run.path}), the first of "
            f"{self.first_of}; name another with against",
            *self.twice,
        )


def choose(runs: Sequence[Named], against: Named | None = None) -> RunsToCompare:
    """Return the runs that are named.

    Parameters
    ----------
    runs : sequence of str, Path, RunFolder or ComparedRun
        Folders of runs, of scenarios (their newest run) and of sweeps (all points in their order), patterns
        (in the order of scenarios; of one scenario the run with the smallest levers first), or runs that
        were read already, with or without words of their own.
    against : str, Path, RunFolder or ComparedRun, optional
        The reference, which must name one run; by default the first run of all.

    Raises
    ------
    ConfigError
        A folder or pattern names no run, the reference is not one run, or nothing is left to compare.
    StoreError
        The reference cannot be read.
    """
    each = [_expand(run) for run in runs]
    entries = [entry for found in each for entry in found]
    if against is not None:
        found = _expand(against)
        if len(found) != 1:
            raise ConfigError(f"compare: against must name one run, {str(against)!r} names {len(found)}")
        entries = [*found, *entries]
    if entries and isinstance(entries[0], str):
        raise StoreError(f"{entries[0]}; it is the reference of this comparison, name another with against")
    named = [entry for entry in entries if isinstance(entry, ComparedRun)]
    skipped = dict.fromkeys(entry for entry in entries if isinstance(entry, str))
    distinct, twice = _distinct(named)
    if len(distinct) < 2:
        only = f"{distinct[0].run.path} is the only run named" if distinct else "no run is left"
        reason = next(iter((*skipped, *twice)), "")
        why = f" ({reason})" if reason else ""
        raise ConfigError(f"compare: {only}{why}; name a reference and at least one more run")
    reference, *others = _labelled(distinct)
    first_of = str(runs[0]) if against is None and len(each[0]) > 1 else ""
    return RunsToCompare(reference, tuple(others), tuple(skipped), first_of, tuple(twice))


def _distinct(named: Sequence[ComparedRun]) -> tuple[list[ComparedRun], list[str]]:
    """Return every run once, as it was named first, and a line for each folder that holds one once more."""
    kept: dict[tuple[str, ...], ComparedRun] = {}
    twice: dict[Path, str] = {}
    for chosen in named:
        first, path = kept.setdefault(chosen.run.same, chosen).run.path, chosen.run.path
        if path.resolve() != first.resolve():
            twice[path] = f"{path} holds the same run as {first} and is not counted again"
    return list(kept.values()), list(twice.values())


def _expand(named: Named) -> list[Entry]:
    """Return what somebody names, in order: a run, or why it is left out."""
    if isinstance(named, RunFolder):
        return [_whole(ComparedRun("", named))]
    if isinstance(named, ComparedRun):
        return [_whole(named)]
    word, path = str(named), Path(named)
    # A name that is no folder here may be one of the results folder, as `sim run` names it.
    if not path.exists() and not path.is_absolute() and not path.parent.name:
        below = RESULTS / word
        if below.is_dir() or (glob.has_magic(word) and glob.glob(str(below))):
            word, path = str(below), below
    if not path.exists() and glob.has_magic(word):
        found = [
            chosen
            for match in _in_order(Path(match) for match in glob.glob(word))
            for chosen in _expand(str(match))
        ]
        if not found:
            raise ConfigError(f"compare: no run matches {word!r}{_there(path)}")
        return found
    if not path.is_dir():
        raise ConfigError(f"compare: there is no folder {word!r}{_there(path)}")
    kind = _kind(path)
    if kind == "run":
        return [_readable(path, "")]
    if kind == "scenario":
        return [_readable(runs_below(path)[-1], "")]
    if kind == "sweep":
        return _points(path)
    raise ConfigError(
        f"compare: {word!r} is no run, no scenario's folder of runs and no sweep; "
        "a run is a folder such as results/baseline/2026-01-31_0123abcd"
    )


def _in_order(paths: Iterable[Path]) -> list[Path]:
    """Return the folders that hold runs, in an order that neither hashes nor the disk decide.

    Scenarios have their one order. Runs of one scenario go by the sizes of their levers, so that a base
    without any comes first, then by date.
    """
    kinds = [(path, _kind(path)) for path in sorted(paths) if path.is_dir()]
    runs = [(path.parent.name if kind == "run" else path.name, path) for path, kind in kinds if kind]
    rank = {name: i for i, name in enumerate(scenarios.in_order(name for name, _ in runs))}
    alike = Counter(name for name, _ in runs)

    def key(entry: tuple[str, Path]) -> tuple[Any, ...]:
        name, path = entry
        sizes = _sizes(path) if 1 < alike[name] <= _BY_SIZE else ()
        return rank[name], name, sizes, path.name[:10], path.as_posix()

    return [path for _, path in sorted(runs, key=key)]


def _sizes(path: Path) -> tuple[float, ...]:
    """Return the sizes of the levers of a run in their order; where they cannot be read, the largest."""
    try:
        levers = read_run(path).block("levers")
    except StoreError:
        return (math.inf,)
    sizes = (lever.get("size") for lever in levers.values() if isinstance(lever, dict))
    return tuple(float(size) for size in sizes if isinstance(size, int | float))


def _kind(path: Path) -> str:
    if (path / SWEEP).is_file():
        return "sweep"
    if is_run(path):
        return "run"
    return "scenario" if runs_below(path) else ""


def _there(path: Path) -> str:
    """Return which runs there are in place of a path that is not."""
    parent = path.parent
    for folder in (parent, RESULTS):
        if not folder.is_dir():
            continue
        found = (p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
        names = sorted(p.name for p in found if _kind(p))
        near = nearest(path.name, names)
        if near:
            return near if folder == parent else near.replace("'", f"'{folder}/", 1)
        if names and folder == parent:
            return f"; {folder} has {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}"
    return "; sim run makes one"


def _readable(path: Path, label: str) -> Entry:
    """Return the run in a folder, or what is wrong with it."""
    try:
        return _whole(ComparedRun(label, read_run(path)))
    except StoreError as error:
        return str(error)


def _whole(chosen: ComparedRun) -> Entry:
    """Return a run whose configuration and measures are as they were written, or what is wrong with it."""
    try:
        chosen.run.table("measures")
        chosen.run.block("calendar")
    except StoreError as error:
        return str(error)
    return chosen


def _points(folder: Path) -> list[Entry]:
    """Return the points of a sweep in their order, under their labels, then what became of those that failed.

    Of a lever its name will do.
    """
    path, (rows, failed) = folder / SWEEP, read_sweep(folder)
    found: list[Entry] = []
    if rows and failed and rows[0]["number"] != "0":
        found.append(f"{path}: its first point has no results; run the sweep again")
    for row in rows:
        words = _LEVER.sub(r"\1=", row["label"]) or row["scenario"]
        if row["folder"]:
            found.append(_readable(folder.parent.parent / row["folder"], words))
        else:
            found.append(f"{path}: point {row['number']} ({words}) has no results; run the sweep again")
    points = {label.rpartition(", replication ")[0] or label: why for label, why in reversed(failed.items())}
    lost = [f"{path}: {point} failed ({why}); run the sweep again" for point, why in points.items()]
    return [*found, *reversed(lost)]


def _labelled(found: Sequence[ComparedRun]) -> list[ComparedRun]:
    """Give every run words of its own: its scenario, and what differs where scenarios share a name."""
    names = [chosen.label or chosen.run.name for chosen in found]
    alike = {name for name in names if names.count(name) > 1} if len(names) <= _TOLD_APART else set()
    trees = {i: found[i].run.tree() for i, name in enumerate(names) if name in alike}
    labels = []
    for i, name in enumerate(names):
        first = next((j for j in trees if names[j] == name), i)
        words = ""
        if i in trees and i != first:
            shown = [f"{_key(key)}={_formatted(after)}" for key, _, after in changes(trees[first], trees[i])]
            words = ", ".join(shown[:_WORDS]) + (", ..." if len(shown) > _WORDS else "")
        labels.append(f"{name} ({words})" if words else name)
    twice = {label for label in labels if labels.count(label) > 1}
    seen: set[str] = set()
    for i, label in enumerate(labels):
        if label in twice and label in seen:
            labels[i] = f"{label} {found[i].run.path.name[-8:]}"
        seen.add(label)
    return [replace(chosen, label=label) for chosen, label in zip(found, labels, strict=True)]


def changes(before: Any, after: Any, path: str = "") -> list[Change]:
    """Return the entries in which two configurations differ: path, value before, value after."""
    if isinstance(before, dict) and isinstance(after, dict) and not (is_record(before) or is_record(after)):
        keys = [key for key in {**before, **after} if path or key not in ROUTINE]
        return [
            change
            for key in keys
            for change in changes(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
        ]
    one, other = (node["value"] if is_record(node) else node for node in (before, after))
    return [] if one == other else [(path, one, other)]


def differing(choice: RunsToCompare) -> list[str]:
    """Return in which entries of the configuration runs differ from the reference.

    Of few runs every entry is told, of many those that are no lever: a run against other adversaries, or
    with another model of the border, must not pass for one of a sweep of levers.

    Raises
    ------
    StoreError
        A configuration cannot be read.
    """
    if len(choice.others) > _EXPLAINED:
        return _outside_levers(choice)
    first = choice.reference.run.tree()
    return [f"{one.label} differs in {_listed(changes(first, one.run.tree()))}" for one in choice.others]


def _outside_levers(choice: RunsToCompare) -> list[str]:
    """Return which runs differ in what is no lever; only entries that differ are parsed, and each once."""
    first = choice.reference.run.sections()
    unlike: dict[str, dict[str, list[ComparedRun]]] = {}
    for one in choice.others:
        mine = one.run.sections()
        for key in {**first, **mine}:
            if key not in (*ROUTINE, LEVERS) and mine.get(key) != first.get(key):
                unlike.setdefault(key, {}).setdefault(mine.get(key, ""), []).append(one)
    lines = []
    for key, texts in unlike.items():
        if len(texts) > _EXPLAINED:
            lines.append(f"{sum(map(len, texts.values()))} runs differ in {key}, in {len(texts)} ways")
            continue
        before = choice.reference.run.entry(first[key]) if key in first else {}
        for text, runs in texts.items():
            found = changes(before, runs[0].run.entry(text) if text else {})
            who = f"{some_of([one.label for one in runs], _NAMED)} differ{'s' * (len(runs) == 1)}"
            lines += [f"{who} in {_listed(found)}"] if found else []
    return lines


def _listed(found: Sequence[Change]) -> str:
    shown = [f"{key} {_formatted(before)} -> {_formatted(after)}" for key, before, after in found]
    return some_of(shown, _EXPLAINED) or "nothing"


def _key(path: str) -> str:
    """Return a path of the configuration for a label; of a lever its name will do."""
    found = re.fullmatch(r"levers\.(\w+)\.size", path)
    return found[1] if found else path


def _formatted(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
