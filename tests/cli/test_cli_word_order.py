"""Words and flags of a command in any order: ``key=value`` may come last."""

from __future__ import annotations

import pytest

from sim.cli.main import main
from sim.cli.study import _parser

STUDIES = {
    "why": ["baseline", "scanning"], "effect": ["scanning"], "power": ["scanning"],
    "rank": ["scanning", "cyber"],
    "synergy": ["scanning", "cyber"], "portfolio": ["--budget", "1e9"], "parameters": [], "influence": [],
    "screen": [], "sobol": [], "discover": ["--scenario", "scanning"], "warmup": [], "calibrate": [],
}  # fmt: skip
CHANGE = "border.model=instant"


@pytest.mark.parametrize("study", sorted(STUDIES))
def test_changes_may_stand_before_between_and_after_flags(study: str) -> None:
    flags = ["--out", "folder"]
    words = STUDIES[study]
    orders = ([CHANGE, *words, *flags], [*words, CHANGE, *flags], [*words, *flags, CHANGE])
    if study == "why":
        orders = orders[1:]
    found = [vars(_parser().parse_args([study, *order])) for order in orders]
    for one in found:
        told = one.get("overrides", one.get("words"))
        assert CHANGE in told
        assert sorted(told) == sorted(found[0].get("overrides", found[0].get("words")))
        assert str(one["out"]) == "folder"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["effect", "scanning", "--bogus", "1", CHANGE], "unrecognized arguments: --bogus"),
        (["why", "baseline", "--seed", "2"], "the following arguments are required: second"),
        (["why", "baseline", "scanning", "--seed", "x", CHANGE], "invalid int value: 'x'"),
        (["portfolio", CHANGE], "the following arguments are required: --budget"),
    ],
)
def test_a_mistake_is_still_one_line(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["study", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert expected in err
