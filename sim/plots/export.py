"""PNG copies of figures, in one go, where a Chromium is found; otherwise one line says how to get it."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import plotly.graph_objects as go

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HOW = "no PNG: no Chromium found; install one (Debian, Ubuntu: apt install chromium) or set BROWSER_PATH"
WIDTH_PX = 1200
SCALE = 2


def find_browser() -> str | None:
    """Return the path of a Chromium: ``BROWSER_PATH`` if it can be run, else the first one on ``PATH``."""
    named = os.environ.get("BROWSER_PATH")
    if named:
        return shutil.which(named)
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def write_pngs(figures: Sequence[go.Figure], folder: Path) -> str | None:
    """Write each figure as ``<slug>.png`` and return None, or return one line that says why not.

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
        return "no PNG: Kaleido is not installed (pip install kaleido)"
    # The browser's farewell is no JSON, which its driver reports as an error with a traceback.
    logging.getLogger("choreographer").setLevel(logging.CRITICAL)
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [
        {
            "fig": figure.to_plotly_json(),
            "path": folder / f"{figure.layout.meta['slug']}.png",
            "opts": {"format": "png", "width": WIDTH_PX, "height": figure.layout.height, "scale": SCALE},
        }
        for figure in figures
    ]
    try:
        failed = kaleido.write_fig_from_object_sync(jobs, kopts={"path": browser, "mathjax": False})
    except Exception as error:
        # Whatever the browser does, the run has its results and its page already.
        reason = next(iter(str(error).splitlines()), "no reason given")
        return f"no PNG: {browser} failed ({type(error).__name__}: {reason})"
    return f"no PNG of {len(failed)} figures: {failed[0]}" if failed else None
