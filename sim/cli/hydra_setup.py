"""Hydra as this command needs it: its flags, its settings, its help page and the list of levers.

Settings are registered rather than written in ``conf/config.yaml``, so that they also hold for a
configuration of the user's own.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hydra
from hydra.conf import HydraConf
from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins

from sim.cli.errors import OneLineParser, explaining
from sim.core.shipped import CHOICES, check_encodings, choices, conf_folder

PROVIDER = "chokepoint"
CONFIG, VERSION_BASE, PACKAGE = "config", "1.3", "pkg://"
# Nothing is written; logging stays silent, the command speaks for itself.
_DEFAULTS: list[Any] = [
    {"output": "in_results"},
    {"launcher": "local"},
    {"sweeper": "local"},
    {"help": "sim"},
    {"hydra_help": "default"},
    {"hydra_logging": "none"},
    {"job_logging": "none"},
    {"callbacks": None},
    {"env": "default"},
]
# Where Hydra sweeps, with a launcher or sweeper of its own, it leaves a record beside the results.
_OUTPUT = {
    "run": {"dir": "."},
    "sweep": {"dir": "${oc.select:run.results,results}/.sweeps/${now:%Y-%m-%dT%H-%M-%S}", "subdir": "."},
}
_FULL_ERROR = "HYDRA_FULL_ERROR"
_INFO = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")
_ANSWERED = (
    "help", "hydra_help", "version", "cfg", "info", "shell_completion", "experimental_rerun",
)  # fmt: skip
_COMPLETION = "Tab completion: sim completion bash|zsh|fish prints the script of a shell"
_HELP = """\
sim run: simulate a scenario, or a sweep of them, and show what happened

  sim run run=smoke                                   two weeks, to see that it works
  sim run scenario=port_staffing                      a file of conf/scenario
  sim run levers.port_staffing.size=500 seed=7        change anything, key=value
  sim run -m levers.port_staffing.size=0,500,1000     a sweep
  sim run experiment=evidence_sobol                   a designed set of scenarios
  sim run -m hydra/launcher=dask ...                  on a cluster: docs/scale.md
  sim run --cfg job                                   show the configuration, run nothing
  sim run --dry-run ...                               how many replications, how many stored, how long
  sim run --config-dir MY_FOLDER                      with your own scenario/, lever/, chain/ ... files

Choices (group=option):
{choices}

Levers (levers.NAME.size=...; sizes and units are in docs/levers.md):
{levers}

Replications that are finished are kept in results/.store and never computed twice.

Flags (those of Hydra):
$FLAGS_HELP
"""


def parse_flags(arguments: Sequence[str]) -> argparse.Namespace:
    """Return Hydra's flags and the ``overrides``, which may stand anywhere between them.

    Raises
    ------
    ConfigError
        There is no such flag, or two exclude each other.
    """
    parser = run_parser()
    flags = parser.parse_args(arguments)
    if flags.resolve and not (flags.cfg or flags.help):
        parser.error("--resolve goes with --cfg or --help")
    if flags.config_path and not flags.config_path.startswith(PACKAGE):
        flags.config_path = os.path.abspath(flags.config_path)
    for folder in (flags.config_path, flags.config_dir):
        if folder and os.path.isdir(folder):
            check_encodings(Path(folder))
    return flags


def run_parser() -> OneLineParser:
    """Return the parser of Hydra's flags."""
    parser = OneLineParser(prog="sim run", add_help=False)
    parser.add_argument("overrides", nargs="*")
    parser.add_argument("--dry-run", action="store_true")
    for names in (("--help", "-h"), ("--hydra-help",), ("--version",), ("--resolve",)):
        parser.add_argument(*names, action="store_true")
    for name, short in (("package", "p"), ("config-path", "cp"), ("config-name", "cn"), ("config-dir", "cd")):
        parser.add_argument(f"--{name}", f"-{short}")
    task = parser.add_mutually_exclusive_group()
    for name, short in (("run", "r"), ("multirun", "m"), ("shell-completion", "sc")):
        task.add_argument(f"--{name}", f"-{short}", action="store_true")
    task.add_argument("--cfg", "-c", choices=("job", "hydra", "all"))
    task.add_argument("--info", "-i", nargs="?", const="all", choices=_INFO)
    task.add_argument("--experimental-rerun")
    return parser


def hydra_answers(flags: argparse.Namespace) -> bool:
    """Tell whether a flag asks Hydra to show something, rather than for a run."""
    return any(getattr(flags, name) for name in _ANSWERED)


def register(config_dir: str | None = None) -> None:
    """Register settings, launchers, help and levers with Hydra.

    Parameters
    ----------
    config_dir : str, optional
        Folder beside ``conf/`` whose levers are loaded too, each at ``levers.<name>``.
    """
    folders = [Path(config_dir)] if config_dir else []
    store = ConfigStore.instance()
    settings = HydraConf(defaults=_DEFAULTS, output_subdir=None)
    settings.job.name = "sim"
    store.store(group="hydra", name="config", node=settings, provider=PROVIDER)
    store.store(group="hydra/output", name="in_results", package="hydra", node=_OUTPUT, provider=PROVIDER)
    # The points of a sweep are ours to run, here or on a cluster; where Hydra sweeps, `local` is its `basic`.
    local, cluster = {"defaults": ["basic"]}, {"address": None, "cluster": None, "tls": None}
    store.store(group="hydra/launcher", name="local", node=local, provider=PROVIDER)
    store.store(group="hydra/launcher", name="dask", node=cluster, provider=PROVIDER)
    # Hydra's sweeper under its own types takes no dictionary as `params`.
    sweeper = {"_target_": basic_sweeper(), "max_batch_size": None, "params": None}
    store.store(group="hydra/sweeper", name="local", node=sweeper, provider=PROVIDER)
    names = choices("lever", folders)
    groups = "\n".join(f"{group}: {', '.join(choices(group, folders))}" for group in CHOICES)
    template = _HELP.format(choices=groups, levers=", ".join(names))
    help_page = {"app_name": "sim run", "header": "", "footer": "", "template": template}
    store.store(group="hydra/help", name="sim", node=help_page, provider=PROVIDER)
    levers = [{f"/lever@{name}": name} for name in names]
    store.store(group="levers", name="all", node={"defaults": levers}, provider=PROVIDER)


def basic_sweeper() -> str:
    """Return what Hydra calls its own sweeper; it is known once the plugins are loaded."""
    Plugins.instance()
    return str(ConfigStore.instance().load("hydra/sweeper/basic.yaml").node["_target_"])


def hydra_main(flags: argparse.Namespace, job: Callable[[Any], None]) -> int:
    """Let Hydra act on its flags, and call the job with each configuration that it composes.

    Raises
    ------
    ConfigError
        Anything that Hydra refuses, in one line.
    """
    register(flags.config_dir)
    entry = hydra.main(version_base=VERSION_BASE, config_path=str(conf_folder()), config_name=CONFIG)(job)
    with (
        explaining(flags.overrides),
        _errors_reach_us(),
        _logging_as_it_was(),
        _help_is_text(),
        _arguments(_words(flags)),
    ):
        try:
            entry()
        except SystemExit as stop:
            if isinstance(stop.__context__, BrokenPipeError):
                raise
            return int(stop.code or 0)
    return 0


def _words(flags: argparse.Namespace) -> list[str]:
    """Return overrides and flags as Hydra's own parser takes them."""
    words = ["sim", *flags.overrides]
    for name, value in vars(flags).items():
        option = f"--{name.replace('_', '-')}"
        if name not in ("overrides", "dry_run") and value:
            words.append(option if value is True else f"{option}={value}")
    return words


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
def _help_is_text() -> Iterator[None]:
    """Give argparse text where Hydra gives it an object as help, which Python 3.14 refuses (hydra#3121)."""
    parser: Any = argparse.ArgumentParser
    add, own = parser.add_argument, "add_argument" in vars(parser)

    def add_argument(self: Any, *names: str, **options: Any) -> argparse.Action:
        if not isinstance(options.get("help"), str | None):
            options["help"] = _COMPLETION
        action: argparse.Action = add(self, *names, **options)
        return action

    parser.add_argument = add_argument
    try:
        yield
    finally:
        if own:
            parser.add_argument = add
        else:
            del parser.add_argument


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
