"""Hydra as this command needs it: its own settings, its help page and the list of levers.

These are registered rather than written in ``conf/config.yaml``, so that they also hold for a
configuration of the user's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sim.core.shipped import conf_folder

PROVIDER = "chokepoint"
# Nothing is written but one record a sweep; logging stays silent, the command speaks for itself.
_DEFAULTS: list[Any] = [
    {"output": "in_results"},
    {"launcher": "local"},
    {"sweeper": "quick"},
    {"help": "sim"},
    {"hydra_help": "default"},
    {"hydra_logging": "none"},
    {"job_logging": "none"},
    {"callbacks": None},
    {"env": "default"},
]
_OUTPUT = {
    "run": {"dir": "."},
    "sweep": {"dir": "${oc.select:run.results,results}/.sweeps/${utc:%Y-%m-%dT%H-%M-%S}", "subdir": "."},
}
_GROUPS = ("scenario", "adversary", "run", "experiment")
_HELP = """\
sim run: simulate a scenario, or a sweep of them, and show what happened

  sim run run=smoke                                   two weeks, to see that it works
  sim run scenario=port_staffing                      a file of conf/scenario
  sim run levers.port_staffing.size=500 seed=7        change anything, key=value
  sim run -m levers.port_staffing.size=0,500,1000     a sweep
  sim run experiment=evidence_sobol                   a designed set of scenarios
  sim run -m hydra/launcher=dask ...                  on a cluster: docs/scale.md
  sim run --cfg job                                   show the configuration, run nothing
  sim run --config-dir MY_FOLDER                      with your own scenario/, lever/, chain/ ... files

Choices (group=option):
{choices}

Levers (levers.NAME.size=...; sizes and units are in docs/levers.md):
{levers}

Replications that are finished are kept in results/.store and never computed twice.

Flags (those of Hydra):
$FLAGS_HELP
"""


def lever_names(folders: Iterable[Path]) -> list[str]:
    """Return the names of all levers: the YAML files of ``lever/`` in configuration folders."""
    return _choices("lever", folders)


def _choices(group: str, folders: Iterable[Path]) -> list[str]:
    return sorted({path.stem for folder in folders for path in (folder / group).glob("*.yaml")})


def register(folders: Sequence[Path]) -> None:
    """Register settings, help and levers with Hydra.

    Parameters
    ----------
    folders : sequence of Path
        Configuration folders whose levers are loaded, each at ``levers.<name>``.
    """
    from hydra.conf import HydraConf
    from hydra.core.config_store import ConfigStore
    from omegaconf import OmegaConf

    from sim.cli.sweep_launcher import register_launchers

    # The clock of a sweep's record is UTC wherever the sweep runs.
    OmegaConf.register_new_resolver(
        "utc", lambda pattern: datetime.now(UTC).strftime(pattern), use_cache=True, replace=True
    )
    register_launchers(PROVIDER)
    store = ConfigStore.instance()
    settings = HydraConf(defaults=_DEFAULTS, output_subdir=None)
    settings.job.name = "sim"
    store.store(group="hydra", name="config", node=settings, provider=PROVIDER)
    store.store(group="hydra/output", name="in_results", package="hydra", node=_OUTPUT, provider=PROVIDER)
    names = lever_names(folders)
    choices = "\n".join(f"{group}: {', '.join(_choices(group, folders))}" for group in _GROUPS)
    template = _HELP.format(choices=choices, levers=", ".join(names))
    help_page = {"app_name": "sim run", "header": "", "footer": "", "template": template}
    store.store(group="hydra/help", name="sim", node=help_page, provider=PROVIDER)
    levers = [{f"/lever@{name}": name} for name in names]
    store.store(group="levers", name="all", node={"defaults": levers}, provider=PROVIDER)


def composed(overrides: list[str]) -> dict[str, Any]:
    """Return the shipped configuration with overrides, as a plain tree; ``register`` comes first."""
    from hydra import compose, initialize_config_dir
    from omegaconf import OmegaConf

    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        tree = OmegaConf.to_container(compose("config", overrides=overrides), resolve=True)
    assert isinstance(tree, dict)
    return {str(key): node for key, node in tree.items()}
