"""What happens inside a worker process: simulate one replication, store it, say no more."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

from sim.core.errors import ChokepointError, StoreError
from sim.run.plan import Simulate, Task

_TOLD = 1000


@dataclass(frozen=True)
class Failure:
    """One replication that could not be simulated.

    ``details`` is the traceback of a defect, and empty for a mistake that the user can fix.
    """

    label: str
    reason: str
    details: str = ""

    def error(self) -> Exception:
        """Return the failure as an exception: a user's mistake, or a defect with its traceback."""
        if self.details:
            return RuntimeError(f"{self.label}: {self.reason}\n{self.details}")
        return ChokepointError(f"{self.label}: {self.reason}")


def simulate_and_store(simulate: Simulate, task: Task) -> Failure | None:
    """Simulate and store one replication; what goes wrong inside it comes back as a ``Failure``.

    One that is stored by now is left alone: its worker died after storing it, or another run was faster.

    Raises
    ------
    StoreError
        The disk refuses: no other replication could be stored either.
    """
    if task.store.has(task.key):
        return None
    try:
        tables = simulate(task.scenario, task.key.seed, task.key.replication, task.key.parameter_set)
        task.store.write(task.key, tables)
    except StoreError:
        raise
    except ChokepointError as error:
        return Failure(task.label, str(error))
    except Exception as error:
        # The other replications must not pay for a defect of this one.
        return Failure(task.label, f"{type(error).__name__}: {error}", traceback.format_exc())
    return None


def start_worker(modules: Sequence[str] = (), told: Connection | None = None) -> None:
    """Prepare a worker: Ctrl-C is the parent's business, and a worker ends when its parent does.

    Parameters
    ----------
    modules : sequence of str
        What its jobs need; a worker that cannot import them ends.
    told : Connection, optional
        Hears that the worker can begin (no text), or why it cannot.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    why = _import_failure(modules)
    if told is not None:
        # Short enough to be written at once: all workers share the pipe.
        told.send_bytes(why.encode()[:_TOLD])
    if why:
        os._exit(1)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _import_failure(modules: Sequence[str]) -> str:
    for name in modules:
        try:
            importlib.import_module(name)
        except (Exception, SystemExit) as error:
            place = traceback.extract_tb(error.__traceback__)[-1].filename
            return (
                f"{name} cannot be imported ({type(error).__name__}: {' '.join(str(error).split())}; {place})"
            )
    return ""


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
