"""A bar needs a terminal; a log gets plain lines, and only about work that takes time."""

from __future__ import annotations

import pytest

from sim.run.pool import Progress
from sim.run.progress import Lines, progress_bar


def _log(every_s: float, total: int, reused: int = 0) -> list[str]:
    said: list[str] = []
    now = [0.0]
    lines = Lines("sim: x", "replications", said.append, lambda: now[0])
    lines.stop()
    for done in range(total - reused + 1):
        lines.move(Progress(done, reused, 0, total))
        now[0] += every_s
    return said


@pytest.mark.parametrize("name", ["FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TTY_INTERACTIVE"])
def test_no_environment_makes_a_terminal_of_a_log(name, monkeypatch, capsys):
    monkeypatch.setenv(name, "1")
    with progress_bar("x", prefix="sim: ") as move:
        for done in range(5):
            move(Progress(done, 0, 0, 4))
    assert capsys.readouterr() == ("", "")


def test_quick_work_says_nothing():
    assert _log(0.01, 100) == []
    assert _log(4.0, 1) == []


@pytest.mark.parametrize(("every_s", "total"), [(1.0, 100), (60.0, 400), (3600.0, 3), (10.0, 10)])
def test_long_work_has_a_line_every_tenth_at_most(every_s, total):
    said = _log(every_s, total)
    assert min(total, 10) <= len(said) <= 11
    assert all(line.isprintable() and line.startswith("sim: x: ") for line in said)


def test_a_line_has_counts_time_and_an_estimate_from_what_was_not_reused():
    said = _log(60.0, 400, reused=200)
    assert said[0] == "sim: x: 201 of 400 replications (50 %) in 60 s, about 3.3 h left"
    assert said[-1] == "sim: x: 400 of 400 replications (100 %) in 3.3 h, about 0 s left"


def test_the_first_line_does_not_wait_for_the_first_task():
    said: list[str] = []
    lines = Lines("sim: x", "replications", said.append, lambda: 0.0)
    lines.stop()
    lines.begin()
    assert said == []
    lines.move(Progress(0, 0, 0, 40))
    lines.begin()
    lines.begin()
    assert said == ["sim: x: 0 of 40 replications (0 %) in 0 s"]


def test_many_small_parts_of_long_work_leave_a_log_that_can_be_read():
    said: list[str] = []
    now = [0.0]
    lines = Lines("sim: x", "replications", said.append, lambda: now[0])
    lines.stop()
    for part in range(2000):
        for done in range(5):
            lines.move(Progress(done, 0, 0, 4 + part))
            now[0] += 1.0
    assert len(said) < 400
