"""Packages of the extra ``study``, which not everybody has."""

from __future__ import annotations

import importlib
import logging
import warnings
from typing import Any

from sim.core.errors import ConfigError
from sim.store.version import install_hint


def library(module: str) -> Any:
    """Return a module of the extra ``study``, imported late and without the warnings that it causes.

    Raises
    ------
    ConfigError
        The library is not installed; the line says how to install it.
    """
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings(action="ignore"):
            return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise ConfigError(f"this study needs {package}: {install_hint('study')}") from None
