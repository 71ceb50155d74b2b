"""Documents can be found, and what they point to exists."""

from __future__ import annotations

import re
from pathlib import Path

from tests.architecture import rules

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)|!\[[^]]*\]\(([^)\s]+)\)")
TARGET = re.compile(r"`make ([a-z]+)")
DOCUMENTS = rules.files("*.md", "docs/**/*.md", "conf/**/*.md", "results/README.md", "experiments/**/*.md")


def links(text: str) -> list[str]:
    """Return the relative links of a document."""
    found = [first or second for first, second in LINK.findall(text)]
    return [link for link in found if "://" not in link and not link.startswith("mailto:")]


def broken(path: Path, text: str) -> list[str]:
    """Return the links of a document that lead nowhere."""
    return [link for link in links(text) if not (path.parent / link).exists()]


def test_links_lead_somewhere() -> None:
    lost = {path.name: missing for path in DOCUMENTS if (missing := broken(path, path.read_text()))}
    assert not lost, f"links that lead nowhere: {lost}"


def test_every_page_is_in_the_index() -> None:
    index = rules.ROOT / "docs" / "index.md"
    listed = {(index.parent / link).resolve() for link in links(index.read_text())}
    lost = [
        path.name for path in rules.files("docs/**/*.md") if path != index and path.resolve() not in listed
    ]
    assert not lost, rules.lesson(
        "docs/index.md", f"{lost} not listed", "a line with a link and what the page answers",
        "a page that nobody finds is not documentation",
    )  # fmt: skip


def test_named_commands_exist() -> None:
    makefile = (rules.ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    named = {target for path in DOCUMENTS for target in TARGET.findall(path.read_text())}
    assert named <= targets, f"no such target: {sorted(named - targets)}"


def test_link_rule_bites() -> None:
    text = "see [a](nowhere.md) and [b](https://example.org) and ![p](../lost.png)"
    assert broken(rules.ROOT / "docs" / "index.md", text) == ["nowhere.md", "../lost.png"]
