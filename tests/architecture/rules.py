"""The rules of the source code as pure functions: text in, lessons out.

A lesson is what a failing test prints: the wrong line, the right one, and why. Each rule is tried on
a broken example in ``test_rules_bite.py``, so none of them can pass by not looking.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

FILE_LINES = 400
HYDRAS_INSIDE = "sim/cli/compose.py"
FORBIDDEN_NAMES = frozenset({"utils", "helpers", "common", "misc", "base", "manager", "handler"})

Rule = Callable[[str, str], list[str]]


def lesson(where: str, wrong: str, right: str, why: str) -> str:
    """Return one failure as four lines that teach the fix."""
    return f"{where}\n    wrong: {wrong}\n    right: {right}\n    why:   {why}"


def files(*patterns: str) -> list[Path]:
    """Return the files of the project that match glob patterns, generated folders left out."""
    skip = {".venv", ".git", "__pycache__", "build", "dist", "outputs", "multirun"}
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(path for path in found if not skip & set(path.relative_to(ROOT).parts))


def check(rule: Rule, paths: Iterable[Path]) -> None:
    """Apply a rule to files; fail with all lessons at once."""
    lessons = [text for path in paths for text in rule(path.relative_to(ROOT).as_posix(), path.read_text())]
    assert not lessons, "\n" + "\n".join(lessons)


def _calls(text: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def short_file(where: str, text: str) -> list[str]:
    """A file stops at 400 lines."""
    lines = text.count("\n")
    if lines <= FILE_LINES:
        return []
    return [
        lesson(
            where,
            f"{lines} lines",
            f"at most {FILE_LINES}: give each noun in it a file of its own",
            "a newcomer finds a mechanism by the name of its file and reads it on a few screens",
        )
    ]


def telling_name(where: str, _: str = "") -> list[str]:
    """A module is called by its noun."""
    return [
        lesson(
            where,
            f"the name {part!r}",
            "the noun that it holds: queue, price, manifest, interval",
            "a file that may hold anything soon does, and nobody can find it",
        )
        for part in Path(where).with_suffix("").parts
        if part in FORBIDDEN_NAMES
    ]


def keyed_draws(where: str, text: str) -> list[str]:
    """No random number comes from a global or positional generator."""
    pattern = re.compile(r"^(np|numpy)\.random\.(?!Generator$|PCG64$)|^random\.")
    return [
        lesson(
            f"{where}:{line}",
            f"{name}(...)",
            "draws.uniform('decision', entity, visit) of sim.core.draws",
            "a draw that depends on how many came before it shifts all later ones when a lever moves",
        )
        for line, name in _calls(text)
        if pattern.match(name)
    ]


def public_hydra(where: str, text: str) -> list[str]:
    """What Hydra does not document is used in one file, and its internals nowhere."""
    undocumented = (
        r"core\.(override_parser|global_hydra|config_loader)" if where != HYDRAS_INSIDE else r"(?!)"
    )
    pattern = re.compile(rf"hydra\.({undocumented}|_internal)|class_name_to_class")
    return [
        lesson(
            f"{where}:{number}",
            line.strip()[:100],
            f"hydra.main, hydra.compose, or what {HYDRAS_INSIDE} offers",
            "the next release may move it, and then one file should need a change",
        )
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def portable(where: str, text: str) -> list[str]:
    """No path of one machine."""
    pattern = re.compile(r"(?<![\w.$}])/(work|home|root|Users|tmp)/")
    return [
        lesson(
            f"{where}:{number}",
            line.strip()[:100],
            "a path relative to the project, an option, or pytest's tmp_path",
            "a fresh machine has other folders",
        )
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def no_registry(where: str, text: str) -> list[str]:
    """A lock names packages and hashes, never where to fetch them."""
    pattern = re.compile(r"\w+://|--(extra-)?index-url|--find-links|^\s*-[if]\s| @ ")
    return [
        lesson(
            f"{where}:{number}",
            line.strip()[:100],
            "the lines that `make lock` writes: name==version and --hash=sha256:...",
            "every machine has its own package mirror",
        )
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def hashed(where: str, text: str) -> list[str]:
    """Every package of a lock is pinned to one version with its hashes."""
    entries = re.split(r"\n(?=\S)", text.replace("\\\n", " ").strip())
    return [
        lesson(
            where,
            entry.split(" ")[0],
            "name==version --hash=sha256:...",
            "the same lock must install the same bytes in a year",
        )
        for entry in entries
        if not re.match(r"[\w.-]+==\S+", entry) or "--hash=sha256:" not in entry
    ]
