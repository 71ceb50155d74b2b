"""What all official files share: one reader, names of months, tables that replace the old ones together."""

from __future__ import annotations

import csv
import difflib
import filecmp
import io
import shutil
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sim.core.csv_table import number, one_of, read_lines
from sim.core.errors import ChokepointError, TableError
from sim.store.files import OTHER_OUT, PART, write_text, writing

FIRST_MONTH = 10
MONTHS_A_YEAR = 12
MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
LETTERS_MIN = 3
DECIMALS = 2
YEARS = (1990, 2100)
COUNT_MAX = 100_000_000
"""No place of this border counts as much in a month; a larger number is a mistake."""
Tell = Callable[[str], None]
NEARLY = 0.8
"""Likeness from which on a label is taken for a misspelt one (``difflib``)."""
REASONS_SHOWN = 12
UNCHANGED = " (no table has changed)"


@dataclass
class RebuildReport:
    """What a rebuild did: files written, totals, and what the user should know.

    Attributes
    ----------
    files : list of Path
    totals : dict
        Entries by ``<mode>``, ``<mode>.outside`` and ``<mode>.official``.
    lines : list of str
        One sentence each, ready to be shown.
    partly : bool
        Whether a part of what was given could not be used.
    """

    files: list[Path] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    partly: bool = False

    def moved(self, draft: Path, out: Path) -> RebuildReport:
        """Name the files where they lie once the draft is moved; return the report itself."""
        self.files = [out / path.relative_to(draft) for path in self.files]
        return self


@dataclass
class Row:
    """One row of an official file; every field is read through one of its methods.

    Attributes
    ----------
    file : OfficialFile
    line : int
    fields : dict
        Text by column, as the file has it.
    """

    file: OfficialFile
    line: int
    fields: dict[str, str]

    def where(self, name: str) -> str:
        """Return file, line and column, as errors name them."""
        return f"{self.file.path}:{self.line}, {name}"

    def text(self, name: str) -> str:
        """Return a field without blanks around it, one blank between its words, accents as one letter."""
        return unicodedata.normalize("NFC", " ".join(self.fields[name].split()))

    def number(self, name: str, high: float) -> float:
        """Return a number from 0 to ``high``."""
        return number(self.fields[name], self.where(name), high=high)

    def count(self, name: str, low: int = 0, high: int = COUNT_MAX) -> int:
        """Return a whole number from ``low`` to ``high``."""
        return int(number(self.fields[name], self.where(name), whole=True, low=low, high=high))

    def label(self, name: str, allowed: Sequence[str]) -> str:
        """Return the label of a closed list that the field has, in any case of its letters."""
        text = self.text(name)
        return one_of(_spelled(text, tuple(allowed)) or text, allowed, self.where(name))

    def one_of_ours(self, name: str, wanted: Sequence[str]) -> str | None:
        """Return the wanted label that the field has; a row of another one is left aside and counted.

        Raises
        ------
        TableError
            The label is nearly a wanted one: its rows would be lost without a word.
        """
        text = self.text(name)
        found = _spelled(text, tuple(wanted))
        if found is None:
            self.refuse_near(name, text, wanted)
            self.file.aside[f"{name} {text!r}"] += 1
        return found

    def refuse_near(self, name: str, text: str, known: Sequence[str]) -> None:
        """Raise ``TableError`` for a label that is nearly a known one."""
        if near := _near(text, tuple(known)):
            raise TableError(f"{self.where(name)}: {text!r} is nearly {near!r}; write it as it is meant")

    def first(self, key: Hashable, values: Mapping[str, object]) -> bool:
        """Tell whether the key of the row is new; a row that only repeats another is left aside.

        Raises
        ------
        TableError
            An earlier row has the same key and other values by column.
        """
        line, before = self.file.seen.setdefault(key, (self.line, dict(values)))
        if line == self.line:
            return True
        if other := [name for name in values if values[name] != before[name]]:
            raise TableError(
                f"{self.where(other[0])}: {values[other[0]]}, but line {line} has {before[other[0]]} "
                f"for the same {self.file.key}; leave one of the two rows"
            )
        self.file.aside["identical to an earlier row"] += 1
        return False


@dataclass
class OfficialFile:
    """An official file as rows, with what was left aside of it and why.

    Attributes
    ----------
    path : Path
    columns : tuple of str
        What the file must have; case, blanks and underscores of its heads do not matter.
    key : str
        What may come once only, in words.
    """

    path: Path
    columns: tuple[str, ...]
    key: str
    aside: Counter[str] = field(default_factory=Counter)
    seen: dict[Hashable, tuple[int, dict[str, object]]] = field(default_factory=dict)
    total: int = 0

    def __iter__(self) -> Iterator[Row]:
        """Give the rows in file order, without repeated heads of files that were put together."""
        for line, fields in read_lines(self.path, self.columns, _head):
            self.total += 1
            if all(_head(fields[name]) == _head(name) for name in self.columns):
                self.aside["a repeated head"] += 1
            else:
                yield Row(self, line, fields)

    def note(self) -> str:
        """Return how many rows were read, and how many were left aside and why."""
        left = self.aside.total()
        line = f"{self.path.name}: {self.total - left:,} of {self.total:,} rows read"
        if not left:
            return line
        shown = self.aside.most_common(REASONS_SHOWN)
        reasons = [f"{count:,} {why}" for why, count in shown]
        if (rest := left - sum(count for _, count in shown)) > 0:
            reasons.append(f"{rest:,} others")
        return f"{line}; left aside: {', '.join(reasons)}"


def untold(line: str) -> None:
    """Drop a line that another reader of the same file tells."""


def _head(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())


@cache
def _spelled(text: str, known: tuple[str, ...]) -> str | None:
    return next((label for label in known if _plain(label) == _plain(text)), None)


@cache
def _near(text: str, known: tuple[str, ...]) -> str | None:
    close = difflib.get_close_matches(_plain(text), [_plain(label) for label in known], 1, NEARLY)
    return next((label for label in known if [_plain(label)] == close), None)


def month_number(name: str, where: str) -> int:
    """Return 1..12 for an English month, whole or its first letters, in any case."""
    for month, full in enumerate(MONTH_NAMES, 1):
        if len(name) >= LETTERS_MIN and full.startswith(name.capitalize()):
            return month
    short_names = [full[:LETTERS_MIN] for full in MONTH_NAMES]
    raise TableError(f"{where}: unknown month {name!r}; allowed: {', '.join(short_names)}")


def short(value: float) -> str:
    """Return a number with at most two decimals and no trailing zeros."""
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")


def split_whole(total: int, weights: Sequence[float]) -> list[int]:
    """Split a count in proportion to weights so that the parts add up (largest remainders)."""
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [int(value) for value in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Write a CSV file with plain line ends and return its path."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_text(path, text.getvalue(), OTHER_OUT)
    return path


@contextmanager
def drafting(out: Path, names: Iterable[str] = ()) -> Iterator[Path]:
    """Give a folder to write tables in; at the end all of them replace those of ``out``, or none does.

    Parameters
    ----------
    out : Path
        Folder of the tables; made if it does not exist.
    names : iterable of str
        Tables of ``out`` that the draft begins with.

    Raises
    ------
    ChokepointError
        What the block raised, with ``out`` in the place of the draft; nothing of ``out`` has changed.
    StoreError
        A table cannot be written.
    """
    with ExitStack() as stack:
        stack.enter_context(writing(out, OTHER_OUT))
        there = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
        made = stack.enter_context(tempfile.TemporaryDirectory(prefix=PART, dir=there))
        draft, before = Path(made) / "new", Path(made) / "before"
        draft.mkdir()
        for name in names:
            if (out / name).is_file():
                shutil.copy2(out / name, draft / name)
        try:
            yield draft
        except ChokepointError as error:
            if str(draft) in str(error):
                text = str(error).replace(str(draft), str(out))
                raise type(error)(text if UNCHANGED in text else text + UNCHANGED) from None
            raise
        _move(draft, out, before)


def _move(draft: Path, out: Path, before: Path) -> None:
    """Move the changed files of the draft to ``out``; put everything back if one of them cannot be."""
    moved: list[tuple[Path, Path]] = []
    try:
        for path in sorted(path for path in draft.rglob("*") if path.is_file()):
            target, old = out / path.relative_to(draft), before / path.relative_to(draft)
            if target.is_file() and filecmp.cmp(path, target, shallow=False):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            old.parent.mkdir(parents=True, exist_ok=True)
            # A copy, not a move: at no time is a table missing.
            if target.exists():
                shutil.copy2(target, old)
            moved.append((target, old))
            path.replace(target)
    except BaseException:
        for target, old in moved:
            if old.exists():
                old.replace(target)
            else:
                target.unlink(missing_ok=True)
        raise
