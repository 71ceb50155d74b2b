"""Questions in SQL over all runs of a results folder: read only, and only these files.

The database lives in memory. It may open the parquet files of run folders and nothing else: no other
file, no network, no extension. One ``select`` a question; nothing can be written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.core.errors import ConfigError, StoreError, nearest
from sim.core.renamed import now_called
from sim.store.columns import COLUMNS
from sim.store.parquet import quoted
from sim.store.replications import Store
from sim.store.runs import RunFolder, is_run, read_run, runs_below

if TYPE_CHECKING:
    import duckdb

TABLES = ("measures", "border_months", "border_hours", "postings", "evidence")
RUNS: dict[str, str] = {
    "run": "VARCHAR",
    "scenario": "VARCHAR",
    "seed": "UBIGINT",
    "replications": "INTEGER",
    "parameter_sets": "INTEGER",
    "start": "VARCHAR",
    "days": "INTEGER",
    "adversary": "VARCHAR",
    "border_model": "VARCHAR",
    "levers": "MAP(VARCHAR, DOUBLE)",
    "assumptions": "INTEGER",
    "overrides": "VARCHAR[]",
    "version": "VARCHAR",
    "model_version": "VARCHAR",
    "config_hash": "VARCHAR",
    "folder": "VARCHAR",
}
"""Columns of the table ``runs``, one row a run folder, with their types."""
_SHOWN = 6
Rows = list[tuple[Any, ...]]


def find_runs(results: Path) -> tuple[list[RunFolder], list[str], list[str]]:
    """Return all runs of a results folder that are as they were written.

    Returns
    -------
    found : list of RunFolder
    broken : list of str
        One line for each run that is not whole.
    twice : list of str
        One line for each folder that holds a run once more.

    Raises
    ------
    ConfigError
        There is no such folder, or it holds no run.
    """
    if not results.is_dir():
        raise ConfigError(f"query: there is no results folder {str(results)!r}; give one with --results")
    newest: dict[tuple[str, ...], RunFolder] = {}
    broken, twice = [], []
    for folder in _folders(results):
        try:
            run = read_run(folder)
            _row(run)
            for name in TABLES:
                run.table(name)
        except StoreError as error:
            broken.append(str(error))
            continue
        if run.same in newest:
            twice.append(f"{newest[run.same].path} holds the same run as {folder} and is not counted again")
        newest[run.same] = run
    found = sorted(newest.values(), key=lambda run: run.path)
    if not found:
        why = f" ({broken[0]})" if broken else _instead(results)
        raise ConfigError(f"query: {results} holds no run{why}")
    return found, broken, twice


def _instead(results: Path) -> str:
    """Return what to do about a folder without runs: give the folder above, or run something."""
    if is_run(results):
        return f": it is itself a run; give {results.parent.parent}"
    if runs_below(results):
        return f": it is the folder of one scenario; give {results.parent}"
    return f"; sim run makes one{_of_studies(results)}"


def _of_studies(results: Path) -> str:
    """Return where the results of studies are, in whose folder there may be no run."""
    folders = sorted({path.parent for path in results.glob("*/*.csv")})
    if not folders and not Store(results).root.is_dir():
        return ""
    tables = (
        f"; here: {', '.join(str(one) for one in folders[:_SHOWN])}" if folders else " in the folder of --out"
    )
    return f". Studies keep no run folders, their tables are CSV files{tables}"


def ask(runs: Sequence[RunFolder], sql: str) -> tuple[list[str], Rows]:
    """Answer one question.

    Parameters
    ----------
    runs : sequence of RunFolder
        The runs that the tables show.
    sql : str
        One statement that selects.

    Returns
    -------
    names : list of str
        Columns.
    rows : list of tuple

    Raises
    ------
    ConfigError
        The statement is wrong, more than one, or would do more than select.
    StoreError
        A file turned out to be corrupted.
    """
    import duckdb

    try:
        opened = _database(runs)
    except duckdb.Error as error:
        raise StoreError(f"query: {_line(error)}") from None
    with closing(opened) as database:
        try:
            statements = database.extract_statements(sql)
        except duckdb.Error as error:
            raise ConfigError(f"query: {_line(error)}") from None
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            # The database looks for the values of a PIVOT by making a type of its own.
            if len(statements) == 1 and statements[0].type.name == "MULTI":
                raise ConfigError(
                    "query: name the values of the pivot: pivot ... on COLUMN in ('VALUE', 'VALUE') using ..."
                )
            raise ConfigError("query: write one statement that selects; results cannot be changed")
        try:
            answer = database.execute(statements[0])
            names = [column[0] for column in answer.description or ()]
            return names, answer.fetchall()
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            raise StoreError(f"query: {_line(error)}") from None
        except duckdb.Error as error:
            raise ConfigError(f"query: {_line(error)}") from None


def _folders(results: Path) -> Iterator[Path]:
    for scenario in sorted(results.iterdir()):
        if scenario.is_dir() and not scenario.name.startswith("."):
            yield from runs_below(scenario)


def _database(runs: Sequence[RunFolder]) -> duckdb.DuckDBPyConnection:
    """Return a database that shows the runs and can reach nothing else."""
    import duckdb

    settings = {"threads": 1, "autoinstall_known_extensions": False, "autoload_known_extensions": False}
    database = duckdb.connect(":memory:", config=settings)  # type: ignore[arg-type]
    declared = ", ".join(f"{name} {kind}" for name, kind in RUNS.items())
    database.execute(f"CREATE TABLE runs ({declared})")
    marks = ", ".join("?" * len(RUNS))
    database.executemany(f"INSERT INTO runs VALUES ({marks})", [_row(run) for run in runs])
    paths = []
    for name in TABLES:
        files = [str((run.path / f"{name}.parquet").resolve()) for run in runs]
        paths += files
        keys = ", ".join(f"('{quoted(f)}', '{quoted(run.run)}')" for f, run in zip(files, runs, strict=True))
        columns = ", ".join(f't."{column.name}"' for column in COLUMNS[name])
        listed = ", ".join(f"'{quoted(file)}'" for file in files)
        database.execute(
            f"CREATE VIEW {name} AS SELECT k.run, {columns} "
            f"FROM read_parquet([{listed}], filename=true, union_by_name=true) t "
            f"JOIN (VALUES {keys}) k(filename, run) USING (filename)"
        )
    allowed = ", ".join(f"'{quoted(path)}'" for path in paths)
    database.execute(f"SET allowed_paths = [{allowed}]")
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")
    return database


def _row(run: RunFolder) -> list[Any]:
    manifest, dates = run.manifest, run.block("calendar")
    values = {
        "run": run.run,
        "scenario": run.name,
        "start": dates.get("start"),
        "days": dates.get("days"),
        "adversary": run.block("adversary").get("kind"),
        "border_model": run.block("border").get("model"),
        "levers": _sizes(run),
        "folder": str(run.path),
    }
    return [values[name] if name in values else manifest.get(name) for name in RUNS]


def _sizes(run: RunFolder) -> dict[str, float]:
    """Return the size of every lever of a run, zeros included."""
    levers = run.block("levers").items()
    return {
        name: float(lever["size"]) for name, lever in levers if isinstance(lever, dict) and "size" in lever
    }


def _line(error: Exception) -> str:
    """Return what the database says in one line, with the nearest name of ours."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    first = lines[0] if lines else type(error).__name__
    hints = [line for line in lines[1:] if line.startswith(("Did you mean", "Candidate"))]
    if hints and "does not exist" in first:
        words = first.split()
        wanted = next((words[i + 3] for i, w in enumerate(words) if w == "Table"), "")
        near = nearest(wanted, ("runs", *TABLES)) if wanted else ""
        return f"{first}{near or f' ({hints[0]})'}; tables: runs, {', '.join(TABLES)}"
    if 'Referenced column "' in first:
        names = {column.name for table in TABLES for column in COLUMNS[table]}
        if now := now_called(first.split('"')[1], names):
            return f"{first} (now called {now!r})"
    return f"{first} ({hints[0]})" if hints else first
