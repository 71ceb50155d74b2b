"""PNG and SVG copies of figures where a Chromium is found; otherwise one line says how to get it."""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from sim.store.version import install_hint

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HOW = (
    "no PNG and SVG: no Chromium found; install one (Debian, Ubuntu: apt install chromium) "
    "or set BROWSER_PATH"
)
WIDTH_PX = 1200
SCALES = {"png": 2, "svg": 1}


def find_browser() -> str | None:
    """Return the path of a Chromium: ``BROWSER_PATH`` if it can be run, else the first one on ``PATH``."""
    named = os.environ.get("BROWSER_PATH")
    if named:
        return shutil.which(named)
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def write_images(figures: Sequence[go.Figure], folder: Path) -> str | None:
    """Write each figure as ``<slug>.png`` and ``<slug>.svg``; return None, or one line that says why not.

    Parameters
    ----------
    figures : sequence of Figure
        Figures with a slug in ``layout.meta``, as ``theme.frame`` leaves it.
    folder : Path
        Where the files go; made if absent.

    Notes
    -----
    Kaleido is called below Plotly's ``write_images``, because that leaves MathJax on, which is fetched
    from the network, and cannot name the browser. Its Chromium runs without the sandbox by default,
    so that it starts for root and in containers too; it only ever opens these figures.
    """
    browser = find_browser()
    if browser is None:
        return HOW
    try:
        import kaleido
    except ImportError:
        return f"no PNG and SVG: Kaleido is not installed ({install_hint('images')})"
    # The browser's farewell is no JSON, which its driver reports as an error with a traceback.
    logging.getLogger("choreographer").setLevel(logging.CRITICAL)
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [
        {
            "fig": _still(figure),
            "path": folder / f"{figure.layout.meta['slug']}.{kind}",
            "opts": {"format": kind, "width": WIDTH_PX, "height": figure.layout.height, "scale": scale},
        }
        for figure in figures
        for kind, scale in SCALES.items()
    ]
    try:
        failed = kaleido.write_fig_from_object_sync(jobs, kopts={"path": browser, "mathjax": False})
    except Exception as error:
        # Whatever the browser does, the run has its results and its page already.
        reason = next(iter(str(error).splitlines()), "no reason given")
        return f"no PNG and SVG: {browser} failed ({type(error).__name__}: {reason})"
    for figure in figures:
        _settle(folder / f"{figure.layout.meta['slug']}.svg")
    return f"no PNG or SVG of {len(failed)} figures: {failed[0]}" if failed else None


def _still(figure: go.Figure) -> dict[str, Any]:
    """Return a figure as a picture needs it: no player, and a number a trace, which else has one by lot."""
    drawn: dict[str, Any] = figure.to_plotly_json()
    if drawn.pop("frames", None):
        for control in ("updatemenus", "sliders"):
            drawn["layout"].pop(control, None)
    for number, trace in enumerate(drawn["data"]):
        trace["uid"] = str(number)
    return drawn


def _settle(path: Path) -> None:
    """Name the parts of an SVG after its file: the drawing library draws these names by lot."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    lot = re.search(r'<defs id="[a-z]+-([0-9a-f]{6})"', text)
    if lot:
        named = re.sub(rf'((?:\bid="|#)[\w-]*?){lot[1]}', rf"\g<1>-{path.stem}-", text)
        path.write_text(named, encoding="utf-8", newline="\n")
