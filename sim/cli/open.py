"""``sim open``: the page of the newest run or study, or of one by name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sim.cli.errors import OneLineParser
from sim.cli.names import not_here, run_names
from sim.cli.plain import print_json
from sim.core.errors import ConfigError

_PAGE = "index.html"


def command(arguments: list[str]) -> int:
    """Print where a page is and, on a desktop, open it in the browser; return the exit code."""
    given = _parser().parse_args(arguments)
    page = page_of(given.run, given.results).resolve()
    shown = not given.print and _on_desktop() and _browse(page)
    if given.json:
        print_json({"page": str(page), "opened": shown})
    else:
        print(page)
    return 0


def page_of(name: str | None, results: Path) -> Path:
    """Return the page that a name means.

    Parameters
    ----------
    name : str or None
        A page or its folder, ``scenario/run`` or a study's ``effect/hash`` below the results folder, only
        its first or second part, or the hash at its end; of several, and without a name, the newest.
    results : Path
        Results folder.

    Raises
    ------
    ConfigError
        There is no such page.
    """
    if name is not None:
        path = Path(name)
        if path.is_file() and path.suffix == ".html":
            return path
        if (path / _PAGE).is_file():
            return path / _PAGE
        if path.is_dir() and path.parts:
            below = pages(path) + list(path.glob(f"*/{_PAGE}"))
            if below:
                return _newest(below)
    found = pages(results)
    if name is None:
        if not found:
            raise ConfigError(f"open: {results} holds no page; sim run makes one")
        return _newest(found)
    named = [page for page in found if _means(name.rstrip("/"), page.parent)]
    if named:
        return _newest(named)
    if name in run_names(results) or Path(name).is_dir():
        raise ConfigError(f"open: {name} has no page")
    raise not_here("run", name, "open", run_names(results), results=results)


def pages(results: Path) -> list[Path]:
    """Return the pages of all runs and studies of a results folder."""
    found = results.glob(f"*/*/{_PAGE}")
    return [page for page in found if not any(part[0] == "." for part in page.relative_to(results).parts)]


def _means(name: str, folder: Path) -> bool:
    top, run = folder.parent.name, folder.name
    return name in (top, run, f"{top}/{run}") or run.endswith(f"_{name}")


def _newest(found: list[Path]) -> Path:
    return max(found, key=lambda page: (page.stat().st_mtime_ns, str(page)))


def _on_desktop() -> bool:
    if sys.platform in ("win32", "darwin"):
        return not os.environ.get("SSH_CONNECTION")
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _browse(page: Path) -> bool:
    import webbrowser

    return webbrowser.open(page.as_uri())


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="sim open",
        description="Print where the page of the newest run or study is, and open it in the browser; off a "
        "desktop it is only printed.",
    )
    parser.add_argument(
        "run", nargs="?", metavar="RUN", help="a folder, a scenario (its newest run) or scenario/run"
    )
    parser.add_argument(
        "--results", type=Path, default=Path("results"), metavar="FOLDER", help="results folder (results)"
    )
    parser.add_argument("--print", action="store_true", help="open nothing")
    parser.add_argument("--json", action="store_true", help="page, and whether it was opened")
    return parser
