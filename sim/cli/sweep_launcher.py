"""Launchers of ours: they compose the points and say where they will run, and start nothing.

``local`` (the default) leaves the points to processes of this machine, ``dask`` to a cluster. Hydra
takes plugins from the package ``hydra_plugins`` alone, so that is where their names say they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher

from sim.cli.sweep_compose import Composer
from sim.cli.sweep_points import Point
from sim.core.errors import ConfigError, unknown

_HOME = "hydra_plugins.chokepoint"
LOCAL, DASK, SWEEPER = (f"{_HOME}.{name}" for name in ("LocalLauncher", "DaskLauncher", "QuickSweeper"))

_SETTINGS = {"_target_", "max_batch_size", "params"}
# Hydra's search for plugins loads their modules anew, so its class is asked for, not imported.
_BasicSweeper: Any = Plugins.instance().class_name_to_class[
    "hydra._internal.core_plugins.basic_sweeper.BasicSweeper"
]


class LocalLauncher(Launcher):
    """Hands the points of a sweep to the command."""

    def __init__(self, **_: Any) -> None:
        """Take no notice of settings: they stand in the configuration that ``setup`` gets."""

    def setup(self, *, hydra_context: Any, task_function: Any, config: Any) -> None:
        """Remember what Hydra gives."""
        self._context, self._job, self._config = hydra_context, task_function, config

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Compose all points; the command runs them when Hydra is done."""
        composer = Composer(self._context.config_loader, self._config)
        for number, overrides in enumerate(job_overrides, start=initial_job_idx):
            self._job.take(Point.composed(overrides, composer.tree(overrides, number)))
        self._job.cluster = cluster_of(self._config.hydra.launcher)
        return []


class DaskLauncher(LocalLauncher):
    """The same; its settings say which cluster."""


def cluster_of(launcher: Any) -> dict[str, Any] | None:
    """Return the settings of the cluster in ``hydra.launcher``; None where it is this machine."""
    from omegaconf import OmegaConf

    settings = OmegaConf.to_container(launcher, resolve=True)
    assert isinstance(settings, dict)
    target = settings.pop("_target_")
    return {str(key): value for key, value in settings.items()} if target == DASK else None


def refusal(settings: Any) -> ConfigError | None:
    """Return what is wrong with the sweeper where there is no sweep: it has parameters, or unknown settings.

    Parameters
    ----------
    settings : DictConfig
        What Hydra was told, ``hydra`` of a configuration that is no sweep.
    """
    sweeper = settings.sweeper
    if sweeper.get("params"):
        experiment = settings.runtime.choices.get("experiment")
        what = f"experiment={experiment}" if experiment else "hydra.sweeper.params"
        return ConfigError(f"{what} sweeps {', '.join(sweeper.params)}; add -m")
    return _unknown(set(sweeper)) if sweeper._target_ == SWEEPER else None


def _unknown(names: set[str]) -> ConfigError | None:
    wrong = sorted(names - _SETTINGS)
    return unknown("key", wrong[0], "hydra.sweeper", _SETTINGS - {"_target_"}) if wrong else None


class QuickSweeper(_BasicSweeper):
    """Hydra's own sweeper, which would compose every point once more to see whether it can."""

    def __init__(self, max_batch_size: int | None, params: Any = None, **others: Any) -> None:
        """Keep what is no setting, for a message: Hydra's own would name a class."""
        super().__init__(max_batch_size=max_batch_size, params=params)
        self._others = set(others)

    def sweep(self, arguments: list[str]) -> Any:
        """Run the sweep; raise ``ConfigError`` for a setting that there is not."""
        wrong = _unknown(self._others)
        if wrong:
            raise wrong
        return super().sweep(arguments)

    def validate_batch_is_legal(self, batch: Sequence[Sequence[str]]) -> None:
        """Leave it to the launcher where that composes all points before any of them starts."""
        if not isinstance(self.launcher, LocalLauncher):
            super().validate_batch_is_legal(batch)


def register_launchers(provider: str) -> None:
    """Make launchers and sweeper known to Hydra."""
    plugins = {LOCAL: LocalLauncher, DASK: DaskLauncher, SWEEPER: QuickSweeper}
    Plugins.instance().class_name_to_class.update(plugins)
    store = ConfigStore.instance()
    cluster = {"address": None, "cluster": None, "tls": None}
    store.store(group="hydra/launcher", name="local", node={"_target_": LOCAL}, provider=provider)
    store.store(group="hydra/launcher", name="dask", node={"_target_": DASK, **cluster}, provider=provider)
    sweeper = {"_target_": SWEEPER, "max_batch_size": None, "params": None}
    store.store(group="hydra/sweeper", name="quick", node=sweeper, provider=provider)
