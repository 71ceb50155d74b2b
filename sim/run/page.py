"""The page of a run: what it says, its figures, its files."""

from __future__ import annotations

from pathlib import Path

from sim.report.export import write_images
from sim.report.headline import HeadlineRow
from sim.report.page import Page, write_page
from sim.run.figures import figures_of, info_of
from sim.run.folder import RunTables
from sim.run.headline import CAVEATS, notes_of, title_of
from sim.run.plan import Request
from sim.store.files import writing

_LEAD = "Where precursor, loads, money and waiting time went, beside what CBP recorded."
_FILES = (
    ("manifest.json", "what would have to be the same to get the same bytes again"),
    ("config.yaml", "the composed configuration"),
    ("evidence.parquet", "every number with unit, range, source and status; overrides are marked"),
    ("measures.parquet", "replication x month x measure, latent and observed"),
    ("border_hours.parquet", "traffic by lane group and hour of the week, mean over replications"),
    ("border_months.parquet", "traffic and waits by lane group and month, mean over replications"),
    ("postings.parquet", "mass and money between accounts by month, replication 0"),
)


def write_pictures(
    request: Request, tables: RunTables, rows: list[HeadlineRow], folder: Path
) -> tuple[Path, list[str]]:
    """Write the page, and PNG and SVG copies of its figures where they are wanted and a browser is found.

    Returns
    -------
    page : Path
        The page to open.
    notes : list of str
        At most one line: why there are no copies.
    """
    figures = [draw() for draw in figures_of(request, tables).values()]
    counts = title_of(request).partition(": ")[2]
    lead = f"{_LEAD} {counts[:1].upper()}{counts[1:]}."
    page = Page(info_of(request), rows, figures, [*CAVEATS, *notes_of(request, tables)], _FILES, lead)
    with writing(folder):
        path = write_page(page, folder)
        note = write_images(figures, folder / "figures") if request.settings.images else None
    return path, [note] if note else []
