"""A single crossing against Erlang C, and the page that documents it."""

from __future__ import annotations

import contextlib
import io
import re

import pytest

from sim.border.single.crossing import single_crossing
from sim.border.single.summary import BorderResult, simulate_border
from tests.architecture.rules import ROOT
from tests.fixtures.replicated_queue import REFUSED
from tests.oracle.test_queue_theory import erlang_c

PAGE = ROOT / "docs" / "border.md"
STUDENT = 2.093
"""Ends of a 95 % interval of 20 replications, in standard errors."""
SERVICE_S = 45.0
PER_LANE_H = 3600 / SERVICE_S


def crossing(rate: float, lanes: int, service_s: float = SERVICE_S) -> BorderResult:
    return simulate_border(
        single_crossing(
            arrivals_per_h=rate, lanes=lanes, service_s=service_s, days=20, warmup_days=2, replications=20
        )
    )


def errors_away(result: BorderResult, name: str, exact: float, tolerance: float) -> float:
    """Return how many standard errors an outcome lies from theory; they must resolve the tolerance."""
    value = result[name]
    error = (value.high - value.low) / 2 / STUDENT
    assert error <= tolerance * exact / 2
    return abs(value.mean - exact) / error


@pytest.mark.parametrize(("rate", "lanes"), [(70.0, 1), (320.0, 5), (720.0, 10)])
def test_erlang_c(rate: float, lanes: int) -> None:
    result, load = crossing(rate, lanes), rate / PER_LANE_H
    delayed = erlang_c(load, lanes)
    wait_min = delayed * 60 / (lanes * PER_LANE_H - rate)
    assert errors_away(result, "delayed_share", delayed, 0.02) < REFUSED
    assert errors_away(result, "wait_min", wait_min, 0.06) < REFUSED
    assert errors_away(result, "queue", rate * wait_min / 60, 0.12) < REFUSED
    assert errors_away(result, "utilization", load / lanes, 0.01) < REFUSED


def test_erlang_c_refuses_a_service_that_is_2_percent_slower() -> None:
    rate, lanes = 720.0, 10
    result = crossing(rate, lanes, SERVICE_S * 1.02)
    assert errors_away(result, "delayed_share", erlang_c(rate / PER_LANE_H, lanes), 0.02) > REFUSED


def test_the_lines_of_the_page_give_the_output_of_the_page() -> None:
    text = PAGE.read_text()
    (code,), (shown,) = (
        re.findall(rf"```{kind}\n(.*?)```", text, flags=re.DOTALL) for kind in ("python", "text")
    )
    assert len([line for line in code.splitlines() if line]) <= 10
    expected = io.StringIO()
    with contextlib.redirect_stdout(expected):
        exec(compile(code, str(PAGE), "exec"), {})
    assert expected.getvalue() == shown


def test_the_file_of_the_page_is_a_crossing() -> None:
    import yaml

    code, layers = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    assert len(code.splitlines()) <= 10
    short = yaml.safe_load(code)
    assert single_crossing(short).lanes[7] == 5
    told = single_crossing({**short, **yaml.safe_load(layers)})
    assert told.screening is not None
    assert told.screening.canine is not None
