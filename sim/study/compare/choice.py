"""Which runs a command line names: folders of runs, of scenarios and of sweeps, and patterns of these."""

from __future__ import annotations

import csv
import glob
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.core.errors import ConfigError, StoreError, nearest
from sim.core.settings import is_record
from sim.plots import scenarios
from sim.store.runs.folder import SWEEP, RunFolder, is_run, read_run, runs_below

_COLUMNS = {"number", "label", "scenario", "folder"}
# Up to so many runs of one scenario are told apart by what differs in their configurations.
_TOLD_APART = 12
# Reading the levers of a run takes some milliseconds; larger sweeps are named by their own folder.
_BY_SIZE = 100
_WORDS = 2
_EXPLAINED = 6
_LEVER = re.compile(r"\blevers\.(\w+)\.size=")
ROUTINE = ("run", "seed", "name")
Change = tuple[str, Any, Any]


@dataclass(frozen=True)
class Chosen:
    """A run to compare and the words that name it in tables and figures."""

    label: str
    run: RunFolder


Entry = Chosen | str


@dataclass(frozen=True)
class Choice:
    """The reference, the runs held against it, and what was named but could not be read.

    ``note`` says which run is the reference where a pattern or a sweep chose it.
    """

    reference: Chosen
    others: tuple[Chosen, ...]
    skipped: tuple[str, ...]
    note: str = ""

    @property
    def all(self) -> tuple[Chosen, ...]:
        """The reference first."""
        return self.reference, *self.others


def choose(words: Sequence[str], against: str | None = None) -> Choice:
    """Return the runs that words name.

    Parameters
    ----------
    words : sequence of str
        Folders of runs, of scenarios (their newest run) and of sweeps (all points in their order), or
        patterns (in the order of scenarios; of one scenario the run with the smallest levers first).
    against : str, optional
        The reference, which must name one run; by default the first run of all.

    Raises
    ------
    ConfigError
        A folder or pattern names no run, the reference is not one run, or nothing is left to compare.
    StoreError
        The reference cannot be read.
    """
    each = [_expand(word) for word in words]
    entries = [entry for found in each for entry in found]
    if against is not None:
        found = _expand(against)
        if len(found) != 1:
            raise ConfigError(f"compare: --against must name one run, {against!r} names {len(found)}")
        entries = [*found, *entries]
    if entries and isinstance(entries[0], str):
        raise StoreError(f"{entries[0]}; it is the reference of this comparison, --against RUN takes another")
    named = [entry for entry in entries if isinstance(entry, Chosen)]
    skipped = dict.fromkeys(entry for entry in entries if isinstance(entry, str))
    unique = {chosen.run.path.resolve(): chosen for chosen in reversed(named)}
    distinct = [c for c in named if unique.get(c.run.path.resolve()) is c]
    if len(distinct) < 2:
        only = f"{distinct[0].run.path} is the only run named" if distinct else "no run is left"
        why = f" ({next(iter(skipped))})" if skipped else ""
        raise ConfigError(f"compare: {only}{why}; name a reference and at least one more run")
    reference, *others = _labelled(distinct)
    note = ""
    if against is None and len(each[0]) > 1:
        note = (
            f"the reference is {reference.label} ({reference.run.path}), the first of {words[0]}; "
            "--against RUN takes another"
        )
    return Choice(reference, tuple(others), tuple(skipped), note)


def _expand(word: str) -> list[Entry]:
    """Return what a word names, in order: a run, or why it is left out."""
    path = Path(word)
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
    """Return the sizes of the levers of a run in their order; none where they cannot be read."""
    try:
        levers = read_run(path).block("levers")
    except StoreError:
        return ()
    sizes = (lever.get("size") for lever in levers.values() if isinstance(lever, dict))
    return tuple(float(size) for size in sizes if isinstance(size, int | float))


def _kind(path: Path) -> str:
    if (path / SWEEP).is_file():
        return "sweep"
    if is_run(path):
        return "run"
    return "scenario" if runs_below(path) else ""


def _there(path: Path) -> str:
    """Return what there is in place of a path that is not."""
    parent = path.parent
    for folder in (parent, Path("results")):
        if not folder.is_dir():
            continue
        names = sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
        near = nearest(path.name, names)
        if near:
            return near if folder == parent else near.replace("'", f"'{folder}/", 1)
        if names and folder == parent:
            return f"; {folder} has {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}"
    return "; sim run makes one"


def _readable(path: Path, label: str) -> Entry:
    """Return a run whose measures are whole, or what is wrong with it."""
    try:
        run = read_run(path)
        run.table("measures")
    except StoreError as error:
        return str(error)
    return Chosen(label, run)


def _points(folder: Path) -> list[Entry]:
    """Return the points of a sweep in their order, under their labels; of a lever its name will do."""
    path = folder / SWEEP
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        rows = list(table)
        if not set(table.fieldnames or ()) >= _COLUMNS:
            raise StoreError(f"{path}: not the table of a sweep, it needs {', '.join(sorted(_COLUMNS))}")
    found: list[Entry] = []
    for row in rows:
        words = _LEVER.sub(r"\1=", row["label"]) or row["scenario"]
        if row["folder"]:
            found.append(_readable(folder.parent.parent / row["folder"], words))
        else:
            found.append(f"{path}: point {row['number']} ({words}) has no results; run the sweep again")
    return found


def _labelled(found: Sequence[Chosen]) -> list[Chosen]:
    """Give every run words of its own: its scenario, and what differs where scenarios share a name."""
    names = [chosen.label or chosen.run.name for chosen in found]
    alike = {name for name in names if names.count(name) > 1} if len(names) <= _TOLD_APART else set()
    trees = {i: found[i].run.tree() for i, name in enumerate(names) if name in alike}
    labels = []
    for i, name in enumerate(names):
        first = next((j for j in trees if names[j] == name), i)
        words = ""
        if i in trees and i != first:
            told = [f"{_key(key)}={_said(after)}" for key, _, after in changes(trees[first], trees[i])]
            words = ", ".join(told[:_WORDS]) + (", ..." if len(told) > _WORDS else "")
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


def differing(choice: Choice) -> list[str]:
    """Return in which entries of the configuration each run differs from the reference, where runs are few.

    Raises
    ------
    StoreError
        A configuration cannot be read.
    """
    if len(choice.others) > _EXPLAINED:
        return []
    first, lines = choice.reference.run.tree(), []
    for other in choice.others:
        found = changes(first, other.run.tree())
        told = [f"{key} {_said(before)} -> {_said(after)}" for key, before, after in found[:_EXPLAINED]]
        more = f" and {len(found) - _EXPLAINED} more" if len(found) > _EXPLAINED else ""
        lines.append(f"{other.label} differs in {', '.join(told) or 'nothing'}{more}")
    return lines


def _key(path: str) -> str:
    """Return a path of the configuration for a label; of a lever its name will do."""
    found = re.fullmatch(r"levers\.(\w+)\.size", path)
    return found[1] if found else path


def _said(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
