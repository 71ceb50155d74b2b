"""No number of the configuration may be what no world could hold; beyond its evidence it is told."""

from __future__ import annotations

from typing import Any

import pytest

from sim.core.errors import ConfigError
from sim.core.magnitudes import LARGEST, SMALLEST, check_magnitude
from sim.core.records import leaves
from sim.core.settings import flatten_records
from sim.core.shipped import compose_tree
from sim.core.tree import replaced
from sim.scenario import load_scenario

RECORDS = flatten_records(compose_tree())
# Too large, too small, and none at all.
ABSURD = (1e300, -1e300, 1e-300, float("inf"), float("nan"))


def _refused(path: str, value: Any) -> str:
    with pytest.raises(ConfigError) as error:
        load_scenario(replaced(compose_tree(), {path: value}))
    return str(error.value)


def test_every_unit_has_a_limit_far_beyond_what_is_shipped() -> None:
    assert {record["unit"] for record in RECORDS.values()} <= set(LARGEST)
    for path, record in RECORDS.items():
        ends = [abs(end) for end in (record["value"], *(record.get("range") or ()))]
        room = LARGEST[record["unit"]] / max(*ends, SMALLEST)
        # A year has only so many hours, and a day so many seconds.
        assert room >= (3 if record["unit"] in ("h/year", "s", "h") else 10), (path, room)
        assert all(end == 0 or end > 100 * SMALLEST for end in ends), path


@pytest.mark.parametrize("path", sorted(RECORDS)[::10])
def test_an_absurd_number_is_refused_wherever_it_stands(path: str) -> None:
    for value in ABSURD:
        assert path in _refused(path, value)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(RECORDS))
def test_an_absurd_number_is_refused_everywhere(path: str) -> None:
    for value in ABSURD:
        told = _refused(path, value)
        assert path in told
        assert "\n" not in told


@pytest.mark.parametrize(
    "path",
    [path for path, leaf in leaves(compose_tree()) if isinstance(leaf, str) and path[:4] != "run."][::25],
)
def test_a_word_takes_no_number(path: str) -> None:
    assert path.partition(".")[0] in _refused(path, 1e300)


@pytest.mark.parametrize("word", ["unit", "title", "strategy"])
def test_what_a_lever_is_is_no_setting(word: str) -> None:
    with pytest.raises(ConfigError, match=f"levers.surge.{word}: says what the lever is"):
        compose_tree(changes={f"levers.surge.{word}": "x"})


def test_a_limit_is_in_the_unit_of_the_number() -> None:
    check_magnitude("a.b", 1e5, "ring")
    check_magnitude("a.b", 0.0, "ring")
    check_magnitude("a.b", 1e300, "parsec")
    with pytest.raises(ConfigError, match=r"^a\.b: 1e\+06 ring is beyond what can be; at most 100,000 ring$"):
        check_magnitude("a.b", 1e6, "ring")
    with pytest.raises(ConfigError, match="too small to tell from zero"):
        check_magnitude("a.b", -1e-13, "ring")
