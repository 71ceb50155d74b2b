"""What tests of the command share."""

from __future__ import annotations

import pytest

from sim.run import progress


@pytest.fixture(autouse=True)
def no_line_about_slow_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a busy machine from adding lines about progress to what a test compares."""
    monkeypatch.setattr(progress, "_QUIET_S", 3600.0)
