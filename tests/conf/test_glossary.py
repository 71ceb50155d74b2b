"""The glossary names what exists: keys of the configuration, outcomes and columns."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sim.core.renamed import RENAMED
from sim.core.shipped import compose_tree, conf_folder
from sim.measures.registry import registry

TEXT = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"`([^`]+)`", TEXT)


def keys_of(tree: Any) -> set[str]:
    """Return every key of a tree."""
    if not isinstance(tree, dict):
        return set()
    return set(tree).union(*map(keys_of, tree.values()))


def test_every_path_exists() -> None:
    tree = {**compose_tree(), "run": {"parameter_sets": 0}}
    paths = [text.partition("=")[0] for text in QUOTED if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+(=\w+)?", text)]
    paths = [
        path for path in paths if not path.endswith(("yaml", "parquet")) and path != "border.officers.added"
    ]
    assert len(paths) > 10
    for path in paths:
        node: Any = tree
        for key in path.split("."):
            assert key in node, f"docs/glossary.md: {path} is no key of the configuration"
            node = node[key]


def test_every_folder_exists_and_no_old_name_is_used() -> None:
    for text in QUOTED:
        if text.startswith("conf/"):
            assert (conf_folder().parent / text).exists(), text
    words = set(re.findall(r"[a-z_]+", " ".join(QUOTED)))
    assert words & set(RENAMED) <= {"detection_share"}


def test_every_probability_is_a_key_and_every_outcome_is_declared() -> None:
    keys = keys_of(compose_tree())
    for name in re.findall(r"`(\w+_prob)`", TEXT):
        assert name in keys, name
    assert {"reneged_trips", "blocked_lane_hours", "lawful_referrals", "detection_share", "utilization"} <= {
        *registry()
    } & set(QUOTED)
