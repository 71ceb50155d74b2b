"""The sources keep the house rules; an exception is listed here with its reason."""

from __future__ import annotations

import re

import pytest

from tests.architecture import rules

PYTHON = rules.files("sim/**/*.py", "tests/**/*.py", "benchmarks/**/*.py")
PACKAGE = [path for path in PYTHON if path.is_relative_to(rules.ROOT / "sim")]
TEXTS = rules.files(
    "*.md", "*.toml", "*.cff", "*.lock", "Makefile", "docs/**/*.md", "conf/**/*.yaml", "conf/**/*.csv",
    "sim/**/*.py", "benchmarks/**/*.py", "experiments/**/*.md", "results/README.md",
)  # fmt: skip

KINDS = {
    "unit",
    "property",
    "oracle",
    "twin",
    "statistics",
    "conf",
    "cli",
    "classroom",
    "architecture",
    "baseline",
}

# file or file:function -> why it may be longer. Empty is the aim.
LONGER: dict[str, str] = {}


def _bound(rule: rules.Rule, path: str, text: str) -> list[str]:
    """Apply a size rule, leaving out what LONGER names."""
    return [found for found in rule(path, text) if not any(name in found for name in LONGER)]


def test_files_are_short() -> None:
    rules.check(lambda where, text: _bound(rules.short_file, where, text), PYTHON)


def test_functions_fit_a_screen() -> None:
    rules.check(lambda where, text: _bound(rules.short_functions, where, text), PACKAGE)


def test_every_exception_has_a_reason_and_a_file() -> None:
    for name, reason in LONGER.items():
        assert len(reason.split()) >= 5, f"{name}: say why it may be longer"
        assert (rules.ROOT / name.split(":")[0]).is_file(), f"{name} does not exist: delete the exception"


@pytest.mark.parametrize(
    "rule", [rules.telling_name, rules.silent, rules.keyed_draws], ids=lambda r: r.__name__
)
def test_package_keeps(rule: rules.Rule) -> None:
    rules.check(rule, PACKAGE)


@pytest.mark.parametrize("rule", [rules.finished, rules.portable], ids=lambda r: r.__name__)
def test_every_text_keeps(rule: rules.Rule) -> None:
    rules.check(rule, TEXTS)


def test_rooms_are_small() -> None:
    rooms = sorted({path.parent for path in PACKAGE})
    lessons = []
    for room in rooms:
        modules = sorted(p.name for p in room.glob("*.py") if p.name != "__init__.py")
        lessons += rules.small_folder(room.relative_to(rules.ROOT).as_posix(), modules)
    assert not lessons, "\n" + "\n".join(lessons)


def test_tests_say_their_kind() -> None:
    found = {path.relative_to(rules.ROOT / "tests").parts[0] for path in PYTHON if "tests" in path.parts}
    strangers = sorted(found - KINDS - {"conftest.py"})
    assert not strangers, rules.lesson(
        "tests/", ", ".join(strangers), f"one of {', '.join(sorted(KINDS))}",
        "the folder says what a green test proves",
    )  # fmt: skip


def test_decisions_are_numbered_and_short() -> None:
    folder = rules.ROOT / "docs" / "adr"
    names = sorted(path.name for path in folder.glob("*.md"))
    assert names, "docs/adr holds no decision"
    for number, name in enumerate(names, 1):
        assert re.fullmatch(rf"{number:04d}-[a-z0-9-]+\.md", name), rules.lesson(
            f"docs/adr/{name}",
            name,
            f"{number:04d}-a-few-words.md",
            "decisions are cited by number, without gaps",
        )
        lines = (folder / name).read_text().splitlines()
        assert lines[0].startswith(f"# {number}. "), f"{name}: its title must begin with '# {number}. '"
        assert len(lines) <= 60, f"{name}: {len(lines)} lines; a decision fits one page (60)"
