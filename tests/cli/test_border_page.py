"""Every command of docs/border.md works on the files that the page shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from sim.cli.main import main

PAGE = (Path(__file__).parents[2] / "docs" / "border.md").read_text()
BRIDGE, LAYERS = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
LINES = [line for block in re.findall(r"```\n(sim .*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
COMMANDS = [re.split(r"\s{4,}", line)[0] for line in LINES]
SHORT = {"days": 2, "warmup_days": 1, "replications": 2}


def test_the_page_shows_its_commands() -> None:
    assert len(COMMANDS) == 6
    assert sum("--frontier" in command for command in COMMANDS) == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_works(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    layered = LAYERS if "--frontier" in command else {}
    Path("bridge.yaml").write_text(yaml.safe_dump({**BRIDGE, **layered, **SHORT}))
    program, *words = shlex.split(command)
    assert program == "sim"
    code = main(words)
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    assert out.startswith("Invented Bridge: 2 days")
    assert Path("bridge").is_dir() == ("--out" in words)
