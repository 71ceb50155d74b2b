"""Tasks on a Dask cluster: a scheduler that is running, or workers that a batch system starts.

Dask replaces lost workers and sends their tasks elsewhere. Workers write to the store themselves, so
it must lie on a disk that all of them share. The scheduler is reached on this machine or with TLS:
whoever reaches a Dask scheduler can run programs on its workers.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from sim.core.errors import ConfigError, StoreError
from sim.core.settings import Settings, validated
from sim.run.plan import Simulate, Task
from sim.run.pool import Engine, Settle
from sim.run.worker import Failure, simulate_and_store
from sim.store.version import install_hint, model_version

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_BATCH_SYSTEMS = {
    "slurm": "SLURMCluster",
    "pbs": "PBSCluster",
    "sge": "SGECluster",
    "lsf": "LSFCluster",
    "htcondor": "HTCondorCluster",
}
_ANSWER_S, _FIRST_WORKER_S, _LOOK_S, _NO_WORKER_S = 4.0, 30.0, 5.0, 60.0
# A task holds its scenario: beyond what keeps the workers busy they wait here, not in the scheduler.
_SPARE = 32
_KILLED = "its worker process died repeatedly (out of memory?)"
_one_at_a_time = threading.Lock()


class TlsFiles(Settings):
    """Files of an encrypted cluster, PEM."""

    ca: str
    cert: str
    key: str


class BatchSystem(Settings):
    """Workers that a batch system starts; ``options`` go to dask-jobqueue as they are."""

    kind: Literal["slurm", "pbs", "sge", "lsf", "htcondor"]
    jobs: int = Field(ge=1, description="jobs to submit")
    options: dict[str, Any] = Field(default={}, description="cores, memory, walltime, queue, ...")


class DaskClusterSettings(Settings):
    """Which cluster: the address of a running scheduler, or a batch system."""

    address: str | None = None
    cluster: BatchSystem | None = None
    tls: TlsFiles | None = None

    @model_validator(mode="after")
    def _is_one_and_safe(self) -> DaskClusterSettings:
        if (self.address is None) == (self.cluster is None):
            raise ValueError("give address=tcp://127.0.0.1:8786, or cluster={kind: slurm, jobs: 4}")
        if self.address is None:
            return self
        where = urlsplit(self.address)
        if where.scheme not in ("tcp", "tls") or not where.hostname:
            raise ValueError(f"address {self.address!r} is not like tcp://127.0.0.1:8786 or tls://HOST:PORT")
        if where.scheme == "tcp" and where.hostname not in _LOOPBACK:
            raise ValueError(
                f"address {self.address}: unencrypted beyond this machine; start the scheduler with TLS and "
                "give tls://HOST:PORT and tls={ca: FILE, cert: FILE, key: FILE}"
            )
        if where.scheme == "tls" and self.tls is None:
            raise ValueError(f"address {self.address} needs tls={{ca: FILE, cert: FILE, key: FILE}}")
        return self


def cluster_settings(node: Any, path: str) -> DaskClusterSettings:
    """Return validated settings of a cluster; raise ``ConfigError``, also where Dask is missing."""
    settings = validated(DaskClusterSettings, node, path)
    try:
        import distributed  # noqa: F401

        if settings.cluster is not None:
            import dask_jobqueue  # noqa: F401
    except ImportError:
        raise ConfigError(
            f"{path}: Dask is not installed; install it with: {install_hint('cluster')}"
        ) from None
    return settings


def on_cluster(settings: DaskClusterSettings) -> Engine:
    """Return the engine that runs tasks on a cluster."""

    def run(tasks: list[Task], simulate: Simulate, settle: Settle) -> None:
        with _client(settings) as client:
            _meet_workers(client, settings, tasks[0])
            # Workers have other working directories.
            everywhere = [replace(task, results=task.results.absolute()) for task in tasks]
            _Work(client, simulate, settle).run(everywhere)

    return run


@contextmanager
def _client(settings: DaskClusterSettings) -> Iterator[Any]:
    """Connect; Dask's own messages stay silent, what matters comes back as one line."""
    from distributed import Client

    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    cluster = client = None
    try:
        try:
            cluster = _batch_cluster(settings)
            client = Client(cluster or settings.address, timeout=_ANSWER_S, security=_security(settings))
        except (OSError, TimeoutError) as error:
            where = settings.address or "the cluster"
            reason = str(error).partition(" after ")[0].partition(":")[0] or "no answer"
            raise ConfigError(
                f"hydra.launcher.address: no Dask scheduler answers at {where} ({reason}); start one with: "
                "dask scheduler --host 127.0.0.1"
            ) from None
        yield client
    finally:
        for one in (client, cluster):
            if one is not None:
                one.close()
        logger.setLevel(level)


def _security(settings: DaskClusterSettings) -> Any:
    if settings.tls is None:
        return None
    from distributed.security import Security

    files = settings.tls
    return Security(
        require_encryption=True,
        tls_ca_file=files.ca,
        tls_client_cert=files.cert,
        tls_client_key=files.key,
        tls_scheduler_cert=files.cert,
        tls_scheduler_key=files.key,
        tls_worker_cert=files.cert,
        tls_worker_key=files.key,
    )


def _batch_cluster(settings: DaskClusterSettings) -> Any:
    """Submit the jobs of a batch system; their traffic is encrypted."""
    batch = settings.cluster
    if batch is None:
        return None
    import dask_jobqueue

    if settings.tls is None:
        raise ConfigError("hydra.launcher.tls: a batch system needs tls={ca: FILE, cert: FILE, key: FILE}")
    made = getattr(dask_jobqueue, _BATCH_SYSTEMS[batch.kind])
    try:
        cluster = made(**batch.options, protocol="tls://", security=_security(settings))
    except (TypeError, ValueError) as error:
        raise ConfigError(f"hydra.launcher.cluster.options: {error}") from None
    cluster.scale(jobs=batch.jobs)
    return cluster


def _meet_workers(client: Any, settings: DaskClusterSettings, task: Task) -> None:
    """Refuse workers that have another model or another disk."""
    try:
        client.wait_for_workers(1, timeout=None if settings.cluster else _FIRST_WORKER_S)
    except TimeoutError:
        raise ConfigError(
            f"hydra.launcher.address: the scheduler at {settings.address} has no workers; start some with: "
            f"dask worker {settings.address} --nthreads 1"
        ) from None
    store = task.store.root.absolute()
    try:
        answers = client.run(_passport, str(store))
    except Exception as error:
        raise ConfigError(
            f"hydra.launcher: workers cannot run the model ({type(error).__name__}: {error}); install the "
            "same version of Chokepoint where they run"
        ) from None
    for worker, (model, sees) in answers.items():
        if model != model_version():
            raise ConfigError(
                f"hydra.launcher: worker {worker} has another version of the model; install the same one"
            )
        if not sees:
            raise ConfigError(
                f"run.results: worker {worker} does not see {store}; choose a folder that all of them share"
            )


def _passport(store: str) -> tuple[str, bool]:
    """Say, on a worker, which model it has and whether it sees the store."""
    return model_version(), Path(store).is_dir()


def _remote(simulate: Simulate, task: Task, model: str) -> Failure | None:
    """Simulate and store on a worker; one task at a time, whatever its number of threads."""
    if model != model_version():
        return Failure(task.label, "a worker that joined late has another version of the model")
    with _one_at_a_time:
        return simulate_and_store(simulate, task)


class _Work:
    """The tasks of one run: some are with the scheduler, the others wait."""

    def __init__(self, client: Any, simulate: Simulate, settle: Settle) -> None:
        self._client, self._simulate, self._settle = client, simulate, settle
        self._finished: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._running: dict[Any, Task] = {}
        self._suspects: list[Task] = []
        self._room = 0

    def run(self, tasks: list[Task]) -> None:
        """Run all; a task that was there when workers died is tried once more, alone."""
        try:
            self._drain(tasks)
            suspects, self._suspects = self._suspects, []
            for task in suspects:
                self._drain([task])
                if self._suspects:
                    self._suspects.clear()
                    self._settle(Failure(task.label, _KILLED))
        except BaseException:
            self._client.cancel(list(self._running), force=True)
            raise

    def _drain(self, tasks: list[Task]) -> None:
        left = list(reversed(tasks))
        while left or self._running:
            if left and len(self._running) <= self._room // 2:
                self._room = 2 * sum(self._client.nthreads().values()) + 2 * _SPARE
                while left and len(self._running) < self._room:
                    self._submit(left.pop())
            self._take(self._next())

    def _submit(self, task: Task) -> None:
        key = f"chokepoint-{uuid.uuid4()}"
        future = self._client.submit(
            _remote, self._simulate, task, model_version(), key=key, pure=False, retries=0
        )
        self._running[future] = task
        future.add_done_callback(self._finished.put)

    def _next(self) -> Any:
        """Wait for the next finished future; give up when nobody is left to finish one."""
        alone_since = time.monotonic()
        while True:
            try:
                return self._finished.get(timeout=_LOOK_S)
            except queue.Empty:
                if self._client.status != "running":
                    raise _lost("the scheduler") from None
                if self._workers():
                    alone_since = time.monotonic()
                elif time.monotonic() - alone_since > _NO_WORKER_S:
                    raise _lost("all workers") from None

    def _workers(self) -> int:
        try:
            return len(self._client.nthreads())
        except OSError:
            raise _lost("the scheduler") from None

    def _take(self, future: Any) -> None:
        from distributed.scheduler import KilledWorker

        task = self._running.pop(future)
        try:
            self._settle(future.result())
        except KilledWorker:
            if task.store.has(task.key):
                self._settle(None)
            else:
                self._suspects.append(task)
        except StoreError:
            raise
        except Exception as error:
            if future.cancelled():
                raise _lost("the scheduler") from None
            self._settle(Failure(task.label, f"{type(error).__name__}: {error}"))


def _lost(what: str) -> StoreError:
    return StoreError(
        f"hydra.launcher: {what} of the cluster went away; finished replications are kept, "
        "the same command does the rest"
    )
