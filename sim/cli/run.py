"""``sim run``: Hydra composes, then every scenario is validated, then all of them run as one list.

Hydra calls its job function once for each point of a sweep. Ours only takes the configuration down:
no point starts before all are known to be right, and the replications of a whole sweep share one
pool of processes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.cli.complaint import explained, refuse_value_overrides, wants_traceback
from sim.core.errors import ChokepointError, ConfigError
from sim.core.shipped import conf_folder
from sim.run.tasks import Request, Simulate

Load = Callable[[Mapping[str, Any]], Any]
_BASIC_LAUNCHER = "hydra._internal.core_plugins.basic_launcher.BasicLauncher"
_FULL_ERROR = "HYDRA_FULL_ERROR"


@dataclass(frozen=True)
class Point:
    """One composed configuration; ``label`` tells the points of a sweep apart, and is empty without one."""

    label: str
    tree: dict[str, Any]


def command(arguments: list[str], load: Load | None = None, simulate: Simulate | None = None) -> int:
    """Run the subcommand and return its exit code.

    Parameters
    ----------
    arguments : list of str
        Flags and overrides as Hydra takes them.
    load, simulate : callable, optional
        In place of the model's own, for tests.
    """
    if any(flag in ("-sc", "--shell-completion") for flag in arguments):
        from sim.cli.completion import complete

        return complete(arguments)
    points: list[Point] = []
    code = hydra_main(arguments, points)
    return code or (run_points(points, load, simulate) if points else 0)


def run_points(points: list[Point], load: Load | None = None, simulate: Simulate | None = None) -> int:
    """Validate all points, then run them; return the exit code."""
    requests, mistakes = [], []
    for point in points:
        try:
            requests.append(_request(point, load))
        except ChokepointError as error:
            mistakes.append((point, error))
    if not mistakes:
        return _execute(requests, simulate)
    for point, mistake in mistakes:
        print(f"sim: {f'[{point.label}] ' if point.label else ''}{mistake}", file=sys.stderr)
    return mistakes[0][1].exit_code


def hydra_main(arguments: list[str], points: list[Point]) -> int:
    """Let Hydra act on its flags; its jobs add to the points.

    Raises
    ------
    ConfigError
        Anything that Hydra refuses, in one line.
    """
    import hydra

    from sim.cli.hydra_setup import register

    flags, overrides, folder = _parse(arguments)
    refuse_value_overrides(overrides)
    register([conf_folder(), *([Path(folder)] if folder else [])])
    traceback_wanted = wants_traceback()
    job = _job(points)
    entry = hydra.main(version_base="1.3", config_path=str(conf_folder()), config_name="config")(job)
    with _errors_reach_us(), _arguments(["sim", *overrides, *flags]):
        try:
            entry()
        except SystemExit as stop:
            return int(stop.code or 0)
        except (ChokepointError, KeyboardInterrupt):
            raise
        except Exception as error:
            message = explained(error, overrides)
            if message is None or traceback_wanted:
                raise
            raise ConfigError(message) from None
    return 0


def scenario_of(overrides: list[str]) -> Any:
    """Return the shipped scenario with overrides, for the other subcommands.

    Raises
    ------
    ConfigError
        Anything that is wrong with the overrides, in one line.
    """
    from sim.cli.hydra_setup import composed, register
    from sim.scenario import load_scenario

    refuse_value_overrides(overrides)
    register([conf_folder()])
    try:
        tree = composed(overrides)
    except Exception as error:
        message = explained(error, overrides)
        if message is None or wants_traceback():
            raise
        raise ConfigError(message) from None
    return load_scenario(tree)


def _parse(arguments: list[str]) -> tuple[list[str], list[str], str | None]:
    """Return flags, overrides and ``--config-dir``; overrides may stand anywhere between the flags."""
    from hydra._internal.utils import get_args_parser

    parser = get_args_parser()

    def refuse(message: str) -> None:
        raise ConfigError(f"{message}; see sim run --help")

    parser.error = refuse  # type: ignore[assignment]
    found = parser.parse_intermixed_args(arguments)
    flags = list(arguments)
    for override in found.overrides:
        flags.remove(override)
    return flags, list(found.overrides), found.config_dir


def _job(points: list[Point]) -> Callable[[Any], None]:
    def take(config: Any) -> None:
        from hydra.core.hydra_config import HydraConfig
        from hydra.types import RunMode
        from omegaconf import OmegaConf

        hydra_config = HydraConfig.get()
        label = " ".join(hydra_config.overrides.task) if hydra_config.mode == RunMode.MULTIRUN else ""
        tree = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
        assert isinstance(tree, dict)
        point = Point(label, {str(key): node for key, node in tree.items()})
        if hydra_config.launcher._target_ == _BASIC_LAUNCHER:
            points.append(point)
        else:
            # Another launcher may have sent this job to another process: it runs where it is.
            run_points([point])

    return take


def _request(point: Point, load: Load | None) -> Request:
    """Return a validated point; raise ``ConfigError``."""
    from sim.run.settings import run_settings

    if load is None:
        from sim.scenario import load_scenario

        load = load_scenario
    tree = point.tree
    seed = tree["seed"]
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**64:
        raise ConfigError(f"seed: input should be a valid integer from 0 to 2**64 - 1 (got {seed!r})")
    settings, scenario = run_settings(tree), load(tree)
    scenario.at_parameter_set(settings.parameter_sets)
    return Request(scenario, seed, settings, tree, point.label)


def _execute(requests: list[Request], simulate: Simulate | None) -> int:
    from sim.cli.screen import Screen, show
    from sim.run.replicate import replicate

    if simulate is None:
        from sim.measures.replication import run_replication

        simulate = run_replication
    chosen = simulate
    names = sorted({request.scenario.name for request in requests})
    title = names[0] if len(names) == 1 else f"{len(requests)} scenarios"
    with Screen(title, all(request.settings.progress for request in requests)) as screen:
        report = screen.interruptible(lambda: replicate(requests, chosen, screen.progress))
    return show(report)


@contextmanager
def _errors_reach_us() -> Iterator[None]:
    """Make Hydra raise instead of printing and leaving."""
    before = os.environ.get(_FULL_ERROR)
    os.environ[_FULL_ERROR] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_FULL_ERROR]
        else:
            os.environ[_FULL_ERROR] = before


@contextmanager
def _arguments(words: list[str]) -> Iterator[None]:
    before, sys.argv = sys.argv, words
    try:
        yield
    finally:
        sys.argv = before
