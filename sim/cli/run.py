"""``sim run``: Hydra composes, then every scenario is validated, then all of them run as one list.

Hydra calls its job function once for each point of a sweep. Ours only takes the configuration down:
no point starts before all are known to be right, and the replications of a whole sweep share one
pool of processes, or one cluster.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.cli.errors import explained, refuse_value_overrides, wants_traceback
from sim.cli.sweep_points import Load, Point, expanded
from sim.core.errors import ChokepointError, ConfigError
from sim.core.shipped import conf_folder
from sim.run.plan import Request, Simulate
from sim.run.pool import Engine

_BASIC_LAUNCHER = "hydra._internal.core_plugins.basic_launcher.BasicLauncher"
_FULL_ERROR = "HYDRA_FULL_ERROR"


class Job:
    """What Hydra calls for each point: it takes the configuration down.

    ``cluster`` holds the settings of the launcher where that is a cluster, ``refused`` what is wrong
    (Hydra would print more than a line if the job function raised it).
    """

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.cluster: dict[str, Any] | None = None
        self.refused: ConfigError | None = None

    def take(self, point: Point) -> None:
        """Add a point."""
        self.points.append(point)

    def __call__(self, config: Any) -> None:
        """Take a configuration that Hydra composed."""
        from hydra.core.hydra_config import HydraConfig
        from hydra.types import RunMode
        from omegaconf import OmegaConf

        from sim.cli.sweep_launcher import cluster_of, refusal

        settings = HydraConfig.get()
        sweep = settings.mode == RunMode.MULTIRUN
        tree = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
        assert isinstance(tree, dict)
        if not sweep:
            self.refused = refusal(settings)
        point = Point.composed(settings.overrides.task, {str(key): node for key, node in tree.items()}, sweep)
        if sweep and settings.launcher._target_ != _BASIC_LAUNCHER:
            # A stock launcher may have sent this job to another process: it runs where it is.
            run_points([point])
        else:
            self.take(point)
            self.cluster = cluster_of(settings.launcher)


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
    job = Job()
    code = hydra_main(arguments, job)
    if job.refused:
        raise job.refused
    return code or (run_points(job.points, load, simulate, job.cluster) if job.points else 0)


def run_points(
    points: list[Point],
    load: Load | None = None,
    simulate: Simulate | None = None,
    cluster: dict[str, Any] | None = None,
) -> int:
    """Validate all points, then run them; return the exit code."""
    if load is None:
        from sim.scenario import load_scenario

        load = load_scenario
    engine = _engine(cluster)
    points = expanded(points, load)
    requests: list[Request] = []
    refused: dict[int, ChokepointError] = {}
    for number, point in enumerate(points):
        try:
            requests.append(_request(number, point, load))
        except ChokepointError as error:
            refused[number] = error
    mistakes = [number for number in refused if not points[number].block]
    blocks = {points[number].block for number in refused}
    requests = [request for request in requests if points[request.number].block not in blocks]
    if mistakes or not requests:
        for number in mistakes or list(refused)[:1]:
            label = points[number].label
            print(f"sim: {f'[{label}] ' if label else ''}{refused[number]}", file=sys.stderr)
        return next(iter(refused.values())).exit_code
    left_out = {
        point.label: str(refused.get(number, "another point of its trajectory is refused"))
        for number, point in enumerate(points)
        if refused and point.block in blocks
    }
    return _execute(requests, left_out, simulate, engine)


def hydra_main(arguments: list[str], job: Job) -> int:
    """Let Hydra act on its flags; it gives the points to the job.

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
    entry = hydra.main(version_base="1.3", config_path=str(conf_folder()), config_name="config")(job)
    with _errors_reach_us(), _logging_as_it_was(), _arguments(["sim", *overrides, *flags]):
        try:
            entry()
        except SystemExit as stop:
            if isinstance(stop.__context__, BrokenPipeError):
                raise
            return int(stop.code or 0)
        except (ChokepointError, KeyboardInterrupt, BrokenPipeError):
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


def _engine(cluster: dict[str, Any] | None) -> Engine | None:
    """Return what runs tasks in place of processes of this machine; raise ``ConfigError``."""
    if cluster is None:
        return None
    from sim.run.cluster import cluster_settings, on_cluster

    return on_cluster(cluster_settings(cluster, "hydra.launcher"))


def _request(number: int, point: Point, load: Load) -> Request:
    """Return a validated point; raise ``ConfigError``."""
    from sim.run.settings import run_settings

    tree = point.tree
    seed = tree["seed"]
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**64:
        raise ConfigError(f"seed: input should be a valid integer from 0 to 2**64 - 1 (got {seed!r})")
    settings, scenario = run_settings(tree), load(tree)
    scenario.at_parameter_set(settings.parameter_sets)
    return Request(scenario, seed, settings, tree, point.label, number, point.drawn, point.design)


def _execute(
    requests: list[Request], left_out: dict[str, str], simulate: Simulate | None, engine: Engine | None
) -> int:
    from sim.cli.screen import Screen, show
    from sim.cli.sweep_table import show_sweep
    from sim.run.replicate import replicate

    if simulate is None:
        from sim.measures.replication import run_replication

        simulate = run_replication
    chosen = simulate
    names = sorted({request.scenario.name for request in requests})
    title = names[0] if len(names) == 1 else f"{len(requests)} scenarios"
    with Screen(title, all(request.settings.progress for request in requests)) as screen:
        report = screen.interruptible(lambda: replicate(requests, chosen, screen.progress, engine))
    sweep = len(requests) > 1 or requests[0].label
    return show_sweep(requests, report, left_out) if sweep else show(report)


@contextmanager
def _logging_as_it_was() -> Iterator[None]:
    """Undo what a flag such as ``--info`` does to logging: the next command of this process is as silent."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


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
