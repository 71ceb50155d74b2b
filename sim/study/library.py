"""The libraries of the extra ``study``, imported late and without the warnings that they cause."""

from __future__ import annotations

import importlib
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sim.core.errors import ConfigError

HOW = "pip install 'chokepoint[study]'"


@contextmanager
def quiet() -> Iterator[None]:
    """Keep a library's deprecation warnings, which no user can mend, from the screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def library(module: str) -> Any:
    """Return a module of an optional library.

    Raises
    ------
    ConfigError
        The library is not installed; the line says how to install it.
    """
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    try:
        with quiet():
            return importlib.import_module(module)
    except ImportError:
        raise ConfigError(f"this study needs {module.partition('.')[0]}: {HOW}") from None
