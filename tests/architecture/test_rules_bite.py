"""Each rule refuses a broken example and accepts the corrected one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import rules

PACKAGES = (
    "cli", "study", "data", "run", "plots", "report", "store", "measures", "stats", "levers",
    "chain", "border", "adversary", "ledger", "core",
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "where", "broken", "corrected"),
    [
        (rules.short_file, "sim/core/a.py", "x = 1\n" * 401, "x = 1\n" * 400),
        (rules.keyed_draws, "sim/chain/a.py", "np.random.normal()", "draws.normal('x', 1)"),
        (rules.keyed_draws, "sim/chain/a.py", "random.random()", "draws.uniform('x', 1)"),
        (rules.keyed_draws, "sim/chain/a.py", "np.random.default_rng(3)", "draws.random()"),
        (rules.public_hydra, "sim/cli/run.py", "import hydra.core.global_hydra", "import hydra"),
        (
            rules.public_hydra,
            "sim/cli/compose.py",
            "import hydra._internal",
            "import hydra.core.global_hydra",
        ),
        (rules.portable, "docs/a.md", "see /" + "work/shared/x.csv", "see `conf/border/lanes.csv`"),
        (rules.no_registry, "a.lock", "--index-url x", "numpy==2.4.6 \\\n    --hash=sha256:ab"),
        (rules.no_registry, "a.lock", "numpy @ file:" + "//x", "numpy==2.4.6"),
        (rules.hashed, "a.lock", "numpy>=2", "numpy==2.4.6 \\\n    --hash=sha256:ab"),
        (rules.hashed, "a.lock", "numpy==2.4.6", "numpy==2.4.6 ; x \\\n    --hash=sha256:ab"),
    ],
)
def test_rule_bites(rule: rules.Rule, where: str, broken: str, corrected: str) -> None:
    found = rule(where, broken)
    assert found
    assert all(part in found[0] for part in (where, "wrong:", "right:", "why:"))
    assert rule(where, corrected) == []


def test_names_bite() -> None:
    assert rules.telling_name("sim/core/utils.py")
    assert rules.telling_name("sim/manager/queue.py")
    assert rules.telling_name("sim/core/units.py") == []


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("core/clock.py", "import sim.ledger", "Imports point down"),
        ("border/clock.py", "import sim.adversary", "Imports point down"),
        ("attic.py", "", "Imports point down"),
        ("border/clock.py", "import simpy", "SimPy belongs"),
        ("chain/clock.py", "import numba", "numba belongs"),
        ("run/clock.py", "import hydra", "Hydra and OmegaConf belong"),
        ("stats/clock.py", "import plotly.graph_objects", "Plotly belongs"),
    ],
)
def test_import_contracts_bite(tmp_path: Path, module: str, line: str, contract: str) -> None:
    for room in PACKAGES:
        (tmp_path / "sim" / room).mkdir(parents=True)
        (tmp_path / "sim" / room / "__init__.py").touch()
    (tmp_path / "sim" / "__init__.py").touch()
    (tmp_path / "sim" / module).write_text(line + "\n")
    (tmp_path / "pyproject.toml").write_text((rules.ROOT / "pyproject.toml").read_text())
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-logo", "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert any(contract in text and "BROKEN" in text for text in done.stdout.splitlines()), done.stdout
