"""``sim run``: every point is composed and validated, then all of them run as one list.

No point starts before all are known to be right, and the replications of a whole sweep share one pool of
processes, or one cluster.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sim.cli.errors import explaining, refuse_fixed_words
from sim.cli.sweep import Load, Point, expanded
from sim.core.errors import ChokepointError, ConfigError
from sim.run.plan import Request, Simulate
from sim.run.pool import Engine

# Processor time of one simulated year, by model of the border.
_SECONDS_A_YEAR = {"queue": 11.0, "instant": 2.0}
_LISTED = 12
_NAME = re.compile(r"[A-Za-z]\w*")


class Job:
    """What Hydra calls for each point where it sweeps itself, with a launcher or sweeper of its own.

    Hydra's ``basic`` launcher calls it in this process: the points are taken down, to be run as one list.
    Any other may have sent the job to another process: it runs where it is.
    """

    def __init__(self, load: Load | None = None, simulate: Simulate | None = None) -> None:
        self.points: list[Point] = []
        self._load, self._simulate = load, simulate

    def __call__(self, config: Any) -> None:
        """Take a configuration that Hydra composed."""
        from hydra.core.hydra_config import HydraConfig
        from hydra.types import RunMode
        from omegaconf import OmegaConf

        settings = HydraConfig.get()
        tree = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
        assert isinstance(tree, dict)
        whole = {str(key): node for key, node in tree.items()}
        point = Point.composed(settings.overrides.task, whole, settings.mode == RunMode.MULTIRUN)
        if settings.runtime.choices.get("hydra/launcher") in ("basic", "local"):
            self.points.append(point)
        else:
            run_points([point], self._load, self._simulate)


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
    from sim.cli.hydra_setup import hydra_answers, hydra_main, parse_flags

    flags = parse_flags(arguments)
    flags.overrides = with_scenario(flags.overrides, flags.config_dir)
    refuse_fixed_words(flags.overrides)
    composed = None
    if not hydra_answers(flags):
        from sim.cli.compose import compose_points

        with explaining(flags.overrides):
            composed = compose_points(flags)
    if composed is not None:
        return run_points(composed.points, load, simulate, composed.cluster, flags.dry_run)
    if flags.dry_run:
        raise ConfigError("--dry-run: this launcher or sweeper of Hydra runs its points itself; leave it out")
    job = Job(load, simulate)
    code = hydra_main(flags, job)
    return code or (run_points(job.points, load, simulate) if job.points else 0)


def with_scenario(words: list[str], config_dir: str | None = None) -> list[str]:
    """Return overrides in which a bare name of a scenario stands as ``scenario=NAME``.

    Raises
    ------
    ConfigError
        A word is neither ``key=value`` nor the name of a scenario.
    """
    from sim.core.naming import JOINT, parted
    from sim.core.shipped import choices

    names = choices("scenario", [Path(config_dir)] if config_dir else [])
    found: list[str] = []
    for word in words:
        if "=" in word or not _NAME.fullmatch(word.partition(JOINT)[0]):
            found.append(word)
            continue
        base, sizes = parted(word)
        if base not in names:
            levers = choices("lever")
            if base in levers:
                raise ConfigError(
                    f"{word}: a lever needs its size, levers.{base}.size=...; see sim show lever {base}"
                )
            close = get_close_matches(base, names, 1, 0.6)
            near = f" (did you mean {close[0]!r}?)" if close else ""
            raise ConfigError(
                f"{word}: not a valid override{near}; write key=value, without spaces, "
                "or the name of a scenario"
            )
        found += [f"scenario={base}", *(f"levers.{name}.size={size:g}" for name, size in sizes.items())]
    return found


def run_points(
    points: list[Point],
    load: Load | None = None,
    simulate: Simulate | None = None,
    cluster: dict[str, Any] | None = None,
    dry: bool = False,
) -> int:
    """Validate all points, then run them, or say what there is to run; return the exit code."""
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
        chosen = mistakes or list(refused)[:1]
        _say_refusals([(points[number].label, str(refused[number])) for number in chosen], len(points))
        return next(iter(refused.values())).exit_code
    left_out = {
        point.label: str(refused.get(number, "another point of its trajectory is refused"))
        for number, point in enumerate(points)
        if refused and point.block in blocks
    }
    if dry:
        return _say_what_there_is(requests)
    return _execute(requests, left_out, simulate, engine)


def _say_refusals(refusals: Sequence[tuple[str, str]], points: int) -> None:
    """Print each mistake once, with the point of the sweep that has it, or the first of several."""
    labels: dict[str, list[str]] = {}
    for label, message in refusals:
        labels.setdefault(message, []).append(label)
    for message, where in list(labels.items())[:_LISTED]:
        if points == 1:
            begin = ""
        elif len(where) == points:
            begin = f"[all {points} points] "
        else:
            begin = f"[{where[0]}{f' and {len(where) - 1} more' if len(where) > 1 else ''}] "
        print(f"sim: {begin}{message}", file=sys.stderr)
    if len(labels) > _LISTED:
        print(f"sim: and {len(labels) - _LISTED} more mistakes of the kind", file=sys.stderr)


def scenario_of(overrides: list[str], name: str | None = None, config_dir: Path | None = None) -> Any:
    """Return a scenario with overrides, for the other subcommands.

    Parameters
    ----------
    overrides : list of str
        ``key=value``, as in ``sim run``.
    name : str, optional
        Scenario, perhaps with levers: ``baseline+scanning50``.
    config_dir : Path, optional
        Folder of the user's own files, beside those that are shipped.

    Raises
    ------
    ConfigError
        Anything that is wrong with the overrides, in one line.
    """
    from sim.cli.compose import composed_tree
    from sim.core.naming import named, parted
    from sim.scenario import load_scenario

    words = list(overrides)
    if name is not None:
        base, sizes = parted(name)
        words = [f"scenario={base}", *(f"levers.{key}.size={size!r}" for key, size in sizes.items()), *words]
    refuse_fixed_words(words)
    with explaining(words):
        tree = composed_tree(words, config_dir)
    given = [word.partition("=")[0].lstrip("+~") for word in words]
    return load_scenario(named(tree, given))


def _engine(cluster: dict[str, Any] | None) -> Engine | None:
    """Return what runs tasks in place of processes of this machine; raise ``ConfigError``."""
    if cluster is None:
        return None
    from sim.run.cluster import cluster_settings, on_cluster

    return on_cluster(cluster_settings(cluster, "hydra.launcher"))


def _request(number: int, point: Point, load: Load) -> Request:
    """Return a validated point; raise ``ConfigError``."""
    from sim.core.naming import named
    from sim.run.settings import run_settings

    tree = named(point.tree, (*point.given, *point.drawn))
    seed = tree.get("seed")
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**64:
        raise ConfigError(f"seed: input should be a valid integer from 0 to 2**64 - 1 (got {seed!r})")
    settings, scenario = run_settings(tree), load(tree)
    scenario.at_parameter_set(settings.parameter_sets)
    return Request(scenario, seed, settings, tree, point.label, number, point.drawn, point.design)


def _say_what_there_is(requests: list[Request]) -> int:
    """Print how many replications a run takes, how many are stored, and how long the rest takes."""
    from sim.report.numbers import counted, duration
    from sim.run.folder import folder_of

    tasks = {task.key: (task, request) for request in requests for task in request.plan.tasks}
    missing = [request for task, request in tasks.values() if not task.store.has(task.key)]
    processes = max(request.settings.processes for request in requests)
    seconds = sum(map(_seconds, missing)) / min(processes, max(len(missing), 1))
    stored = len(tasks) - len(missing)
    print(
        f"{counted(len(requests), 'scenario')}, {counted(len(tasks), 'replication')}: "
        f"{stored} stored, {len(missing)} to simulate"
        + (f", about {duration(seconds)} on {processes} core{'s' * (processes > 1)}" if missing else "")
    )
    for request in requests[:_LISTED]:
        print(f"  {request.label or request.scenario.name}: {folder_of(request)}")
    if len(requests) > _LISTED:
        print(f"  and {len(requests) - _LISTED} more")
    return 0


def _seconds(request: Request) -> float:
    """Return how long one replication takes on the machine of docs/performance.md, roughly."""
    model = request.tree.get("border", {}).get("model", "queue")
    days = request.scenario.calendar.days + request.scenario.calendar.warmup_days
    return _SECONDS_A_YEAR.get(model, max(_SECONDS_A_YEAR.values())) * days / 365.0


def _execute(
    requests: list[Request], left_out: dict[str, str], simulate: Simulate | None, engine: Engine | None
) -> int:
    from sim.cli.screen import show, show_sweep, with_progress
    from sim.core.naming import base_of
    from sim.run.replicate import replicate

    if simulate is None:
        from sim.measures.replication import run_replication

        simulate = run_replication
    chosen = simulate
    names = sorted({base_of(request.scenario.name) for request in requests})
    title = names[0] if len(names) == 1 else f"{len(requests)} scenarios"
    wanted = all(request.settings.progress for request in requests)
    report = with_progress(title, lambda progress: replicate(requests, chosen, progress, engine), wanted)
    sweep = len(requests) > 1 or requests[0].label
    return show_sweep(requests, report, left_out) if sweep else show(report)
