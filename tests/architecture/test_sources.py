"""The sources keep the rules; an exception is listed here with its reason."""

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
    "fixtures",
    "unit",
    "property",
    "oracle",
    "twin",
    "statistics",
    "conf",
    "cli",
    "architecture",
}


def test_files_are_short() -> None:
    rules.check(rules.short_file, PYTHON)


@pytest.mark.parametrize(
    "rule", [rules.telling_name, rules.keyed_draws, rules.public_hydra], ids=lambda r: r.__name__
)
def test_package_keeps(rule: rules.Rule) -> None:
    rules.check(rule, PACKAGE)


def test_texts_name_no_path_of_one_machine() -> None:
    rules.check(rules.portable, TEXTS)


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
