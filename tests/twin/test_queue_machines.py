"""The compiled queue gives the same bits on processors with other vector units."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.core.draws import compiled_available

PROGRAM = """
from tests.fixtures.border_cases import random_case, with_everything
for case in (random_case(1), with_everything(random_case(1), 1)):
    queue, fates = case.run(compiled=True)
    print(queue.trace.tobytes().hex(), repr(fates))
"""
OLDER = {"baseline x86-64": "+sse2", "haswell": "+avx2,+fma"}


@pytest.mark.slow
@pytest.mark.skipif(not compiled_available(), reason="no compiler installed")
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="names of x86-64 processors")
@pytest.mark.parametrize("name", OLDER)
def test_same_bits_on_an_older_processor(name: str, tmp_path: Path) -> None:
    def result(**change: str) -> str:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | change
        command = [sys.executable, "-c", PROGRAM]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    older = {
        "NUMBA_CPU_NAME": "generic" if name.startswith("baseline") else name,
        "NUMBA_CPU_FEATURES": OLDER[name],
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    assert result(**older) == result()
