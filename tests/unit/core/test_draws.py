"""The keyed draws: published answers, the same bits in three forms, messages, the place of compiled code."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.core import compiler as compiler_module
from sim.core import draws as d
from sim.core.draws import Draws, compiled_available, entity_id, word
from sim.core.errors import ConfigError

needs_compiler = pytest.mark.skipif(not compiled_available(), reason="no compiler installed")


@pytest.mark.parametrize(
    ("state", "published"),
    [
        (0, [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC]),
        (1234567, [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]),
    ],
)
def test_words_are_those_of_splitmix64(state: int, published: list[int]) -> None:
    assert [word(state, i) for i in range(4)] == published


def test_known_answers_do_not_drift() -> None:
    draws = Draws(seed=0, replication=0)
    assert entity_id(0, "load", 0) == 0x1E439E86370D2A20
    assert draws.key("arrival", 0) == 0x51F4C6489F1875F3
    assert draws.uniform("arrival", 0, 0) == 0.24633105770719432
    assert draws.exponential("arrival", 0, 0) == 1.4010788847398672


def test_arrays_give_the_bits_of_single_draws() -> None:
    draws = Draws(seed=7, replication=3)
    entities = np.array([0, 1, 2**63, 2**64 - 1], dtype=np.uint64)
    visits = np.arange(50)
    table = draws.exponentials("service", entities[:, None], visits[None, :])
    assert table.tolist() == [[draws.exponential("service", int(e), i) for i in range(50)] for e in entities]
    assert draws.uniforms("service", -1).item() == draws.uniform("service", -1)


@needs_compiler
def test_compiled_code_gives_the_bits_of_single_draws() -> None:
    compiled = d.compiler()
    words, open_uniform = compiled(d.words), compiled(d.open_uniform)
    log_parts, log_of_parts = compiled(d.log_parts), compiled(d.log_of_parts)
    draws = Draws(seed=7, replication=3)
    key = draws.key("service", 5)
    for i in range(500):
        x = words(np.uint64(key), np.uint64(i))
        assert int(x) == word(key, i)
        assert open_uniform(np.uint64(x)) == draws.uniform("service", 5, i)
        assert -log_of_parts(*log_parts(open_uniform(np.uint64(x)))) == draws.exponential("service", 5, i)


def test_uniform_never_reaches_its_ends() -> None:
    assert d.unit(0) == 2.0**-53
    assert d.unit(2**64 - 1) == 1.0 - 2.0**-53
    ends = np.array([0, 2**64 - 1], dtype=np.uint64)
    assert d.open_uniform(ends).tolist() == [d.unit(0), d.unit(2**64 - 1)]


def test_logarithm_is_within_one_unit_of_the_last_place() -> None:
    x = np.concatenate(
        [Draws(1, 0).uniforms("x", 0, np.arange(100_000)), np.geomspace(1e-300, 1e300, 10_001)]
    )
    x = np.concatenate([x, [1.0, d.SQRT_HALF, np.nextafter(d.SQRT_HALF, 0.0), 2.0, 0.5]])
    exact = np.array([math.log(v) for v in x])
    assert np.all(np.abs(d.log(x) - exact) <= np.spacing(np.abs(exact)))
    assert d.log(x).tolist() == [d.natural_log(float(v)) for v in x]


def test_every_part_of_the_key_matters() -> None:
    reference = ("arrival", 1, 1)
    draws = Draws(0, 0)
    values = {draws.uniform(*reference)}
    values |= {
        draws.uniform("arrivals", 1, 1),
        draws.uniform("arrival", 2, 1),
        draws.uniform("arrival", 1, 2),
    }
    values |= {Draws(1, 0).uniform(*reference), Draws(0, 1).uniform(*reference)}
    assert len(values) == 6


def test_identities_differ_by_parent_kind_and_ordinal() -> None:
    ids = {entity_id(p, kind, n) for p in range(20) for kind in ("load", "lot") for n in range(20)}
    assert len(ids) == 20 * 2 * 20


def test_choice_skips_weights_of_zero() -> None:
    draws = Draws(2, 0)
    seen = {draws.choice("route", entity, [0.0, 1.0, 0.0, 3.0, 0.0]) for entity in range(200)}
    assert seen == {1, 3}


@pytest.mark.parametrize("weights", [[], [0.0, 0.0], [1.0, -0.5], [math.nan, 1.0], [math.inf]])
def test_choice_refuses_impossible_weights(weights: list[float]) -> None:
    with pytest.raises(ConfigError, match=r"choice 'route': weights must be >= 0 and not all 0"):
        Draws(0, 0).choice("route", 0, weights)


@pytest.mark.parametrize(("seed", "replication"), [(-1, 0), (2**64, 0), (0.5, 0), (True, 0), (0, -1)])
def test_seed_and_replication_are_whole_numbers(seed: int, replication: int) -> None:
    with pytest.raises(ConfigError, match=r"must be a whole number from 0 to 2\*\*64 - 1"):
        Draws(seed, replication)


def test_environment_switches_the_compiler_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHOKEPOINT_COMPILE", "0")
    assert not compiled_available()


def test_cache_folder_follows_the_sources_and_the_user(tmp_path: Path) -> None:
    source = tmp_path / "kernel.py"
    source.write_text("one = 1\n")
    before = compiler_module.cache_folder(str(tmp_path / "mine"), str(source))
    source.write_text("one = 2\n")
    after = compiler_module.cache_folder(str(tmp_path / "mine"), str(source))
    assert before != after
    assert before.parent == after.parent == tmp_path / "mine"


def test_unwritable_folder_falls_back_to_a_private_one(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    folder = compiler_module.cache_folder(str(blocked / "cache"), __file__)
    assert blocked not in folder.parents
    assert not folder.parent.stat().st_mode & 0o022


@needs_compiler
def test_changed_callee_is_compiled_again(tmp_path: Path) -> None:
    """The compiler itself would miss this: only the text of another file changed."""
    package = tmp_path / "sim"
    shutil.copytree(Path(d.__file__).parents[1], package, ignore=shutil.ignore_patterns("__pycache__"))
    program = (
        "import numpy as np; from sim.core import draws as d; f = d.compiler()(d.words);"
        "print(int(f(np.uint64(0), np.uint64(0))), sum(f.stats.cache_hits.values()))"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}

    def run() -> list[str]:
        command = [sys.executable, "-c", program]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.split()

    first, second = run(), run()
    assert first == [str(word(0, 0)), "0"]
    assert second == [str(word(0, 0)), "1"]
    text = (package / "core" / "draws.py").read_text()
    (package / "core" / "draws.py").write_text(text.replace("0xBF58476D1CE4E5B9", "0xBF58476D1CE4E5B1"))
    assert run()[0] != str(word(0, 0))
