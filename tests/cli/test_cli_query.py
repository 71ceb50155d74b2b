"""``sim query``: answers, and everything that it must refuse."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from sim.cli.main import main
from sim.store.columns import COLUMNS
from sim.store.manifest import write_manifest
from sim.store.parquet import write_table
from sim.store.query import RUNS, TABLES
from tests.fixtures.written_runs import outcomes, write_run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Return a results folder with two runs whose other tables are empty, and a secret beside it."""
    root = tmp_path / "results"
    for name, shift in (("baseline", 0.0), ("scanning", -200.0)):
        folder = write_run(root / name / "2026-01-01_00000000", outcomes(shift), seed=2**63)
        for table in TABLES:
            if table != "measures":
                empty = {c.name: np.array([]) for c in COLUMNS[table]}
                write_table(folder / f"{table}.parquet", table, empty)
        told = json.loads((folder / "manifest.json").read_text())
        write_manifest(folder, told, ["config.yaml", *(f"{table}.parquet" for table in TABLES)])
    (tmp_path / "secret.csv").write_text("a\n1\n")
    return root


def ask(results: Path, sql: str, *flags: str) -> int:
    return main(["query", sql, "--results", str(results), *flags])


def test_runs_and_measures_are_joined_by_run(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = (
        "select r.scenario, r.seed, r.days, sum(m.value) / count(distinct m.replication) as kg "
        "from measures m join runs r using (run) where measure = 'delivered_pure_kg' group by all order by 1"
    )
    assert ask(results, sql, "--csv") == 0
    first, second = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (first["scenario"], first["seed"], first["days"]) == ("baseline", str(2**63), "365")
    expected = np.mean([outcomes()["delivered_pure_kg"](0, r) for r in range(12)])
    assert float(first["kg"]) == pytest.approx(expected)
    assert float(second["kg"]) == pytest.approx(expected - 200.0, abs=4.0)


def test_the_table_is_aligned_and_empty_answers_are_answers(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(results, "select run, replications from runs order by run") == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["run", "replications"]
    assert first.split() == ["baseline/2026-01-01_00000000", "12"]
    assert len(first) == len(second)
    assert ask(results, 'select 1 as "[wait]"') == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["[wait]"]
    assert ask(results, "select * from border_months", "--csv") == 0
    assert capsys.readouterr().out.splitlines() == [
        ",".join(["run", *(c.name for c in COLUMNS["border_months"])])
    ]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("selct 1", 'syntax error at or near "selct"'),
        ("select * from measurs", "(did you mean 'measures'?); tables: runs, measures"),
        ("select valu from measures", '"value"'),
        ("select diverted from border_months", "now called 'reneged'"),
        ("select 1; select 2", "one statement that selects"),
        ("", "one statement that selects"),
        ("create table x as select 1", "one statement that selects"),
        ("drop view measures", "one statement that selects"),
        ("insert into runs (run) values ('x')", "one statement that selects"),
        ("copy (select 1) to 'stolen.csv'", "one statement that selects"),
        ("set enable_external_access = true", "one statement that selects"),
        ("attach 'other.db'", "one statement that selects"),
        ("install httpfs", "one statement that selects"),
        ("select * from read_csv('{secret}')", "file system operations are disabled"),
        ("select * from read_text('{secret}')", "file system operations are disabled"),
        ("select * from glob('{secret}')", "file system operations are disabled"),
        ("select * from '{secret}'", "file system operations are disabled"),
    ],
)
def test_a_mistake_or_a_trespass_is_one_line(
    sql: str, expected: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(results.parent.rglob("*"))
    assert ask(results, sql.format(secret=results.parent / "secret.csv")) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert expected in err
    assert sorted(results.parent.rglob("*")) == before


def test_a_results_folder_without_runs_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(tmp_path / "nowhere", "select 1") == 2
    assert ask(tmp_path, "select 1") == 2
    err = capsys.readouterr().err
    assert "there is no results folder" in err
    assert "holds no run; sim run makes one" in err


def test_a_results_folder_of_studies_says_where_their_tables_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".store").mkdir()
    assert ask(tmp_path, "select 1") == 2
    assert "Studies keep no run folders, their tables are CSV files in the folder of --out" in (
        capsys.readouterr().err
    )
    (tmp_path / "effect").mkdir()
    (tmp_path / "effect" / "effects.csv").write_text("scenario\n")
    write_manifest(tmp_path / "effect", {"command": "sim study effect"}, ["effects.csv"])
    assert ask(tmp_path, "select 1") == 2
    err = capsys.readouterr().err
    assert f"their tables are CSV files; here: {tmp_path / 'effect'}\n" in err
    assert err.count("\n") == 1


def test_the_record_of_a_sweep_is_no_run(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = results / "sweeps" / "dose_12345678"
    record.mkdir(parents=True)
    (record / "points.csv").write_text("number,label,scenario,folder\n")
    write_manifest(record, {"sweep": ["dose"], "points": 0}, ["points.csv"])
    assert ask(results, "select count(*) as runs from runs", "--csv") == 0
    assert capsys.readouterr() == ("runs\n2\n", "")


def test_a_corrupted_file_is_named_and_its_run_left_out(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = results / "scanning" / "2026-01-01_00000000" / "measures.parquet"
    broken.write_bytes(broken.read_bytes()[:-50])
    assert ask(results, "select count(*) as runs from runs", "--csv") == 1
    out, err = capsys.readouterr()
    assert out == "runs\n1\n"
    assert err == f"sim: left out: {broken}: the file is corrupted; run this scenario again\n"


@pytest.mark.parametrize("table", TABLES)
def test_a_file_with_one_bit_changed_is_named_whatever_is_asked(
    table: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = results / "scanning" / "2026-01-01_00000000" / f"{table}.parquet"
    content = bytearray(broken.read_bytes())
    for at in range(8, len(content) - 8, max(1, len(content) // 8)):
        content[at] ^= 1
        broken.write_bytes(content)
        content[at] ^= 1
        assert ask(results, "select count(distinct run) as runs from measures", "--csv") == 1
        out, err = capsys.readouterr()
        assert (out, err) == (
            "runs\n1\n",
            f"sim: left out: {broken}: the file is corrupted; run this scenario again\n",
        )


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("config.yaml", None, "config.yaml: cannot be read"),
        ("config.yaml", b"calendar: [\n", "config.yaml: the file is corrupted"),
        ("config.yaml", b"\xff\xfe", "config.yaml: the file is corrupted"),
        ("manifest.json", None, "it has no manifest.json"),
        ("manifest.json", b"{", "not a readable manifest"),
        ("manifest.json", b"[1]", "not the manifest of a run"),
        ("evidence.parquet", None, "evidence.parquet: cannot be read"),
    ],
)
def test_a_run_that_is_not_whole_is_named_and_the_others_are_shown(
    name: str, content: bytes | None, expected: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = results / "scanning" / "2026-01-01_00000000" / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert ask(results, "select scenario from runs", "--csv") == 1
    out, err = capsys.readouterr()
    assert out == "scenario\nbaseline\n"
    assert err.startswith(f"sim: left out: {path.parent}")
    assert err.count("\n") == 1
    assert expected in err


@pytest.mark.parametrize(
    ("key", "value"), [("files", []), ("name", None), ("seed", "one"), ("overrides", 3), ("seed", -1)]
)
def test_a_manifest_with_a_value_of_another_kind_is_one_line(
    key: str, value: object, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = results / "scanning" / "2026-01-01_00000000" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    assert ask(results, "select scenario from runs", "--csv") == 1
    out, err = capsys.readouterr()
    assert out == "scenario\nbaseline\n"
    assert err.startswith(f"sim: left out: {path}: not the manifest of a run, {key} cannot be ")
    assert err.count("\n") == 1


def test_a_configuration_that_is_no_yaml_is_named_even_when_its_hash_is_right(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = results / "scanning" / "2026-01-01_00000000"
    (folder / "config.yaml").write_text("calendar: [\n")
    told = json.loads((folder / "manifest.json").read_text())
    write_manifest(folder, told, sorted(told["files"]))
    assert ask(results, "select scenario from runs", "--csv") == 1
    out, err = capsys.readouterr()
    assert out == "scenario\nbaseline\n"
    assert err == f"sim: left out: {folder / 'config.yaml'}: not valid YAML; run this scenario again\n"


def test_a_run_that_was_made_twice_counts_once(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = results / "scanning" / "2026-01-01_00000000"
    again = results / "scanning" / "2026-01-02_00000000"
    shutil.copytree(first, again)
    assert ask(results, "select run from runs order by run", "--csv") == 0
    out, err = capsys.readouterr()
    assert out.split() == ["run", "baseline/2026-01-01_00000000", "scanning/2026-01-02_00000000"]
    assert err == f"sim: {first} holds the same run as {again} and is not counted again\n"


def test_the_table_cuts_no_value_short(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 300
    sql = (
        f"select '{long}' as a, '{long}' as b, 4312110.0::double as usd, 0.25 as share, 1e300::double as far"
    )
    assert ask(results, sql) == 0
    values = capsys.readouterr().out.splitlines()[1].split()
    assert values == [long, long, "4312110", "0.25", "1e+300"]


def test_the_folder_of_a_scenario_or_run_says_which_folder_to_give(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (results / "baseline", results / "baseline" / "2026-01-01_00000000"):
        assert ask(folder, "select 1") == 2
        assert capsys.readouterr().err.endswith(f"; give {results}\n")


def test_the_page_documents_every_table_and_column() -> None:
    text = (ROOT / "docs" / "query.md").read_text(encoding="utf-8")
    assert [name for name in ("runs", *TABLES) if f"## {name}" not in text] == []
    named = {*RUNS, *(column.name for table in TABLES for column in COLUMNS[table])}
    assert [name for name in sorted(named) if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    "sql",
    [
        "pivot runs on scenario in ('baseline', 'scanning') using count(*)",
        "from runs select run",
        "table runs",
        "summarize runs",
        "describe runs",
        "show tables",
        "unpivot (select run, seed from runs) on seed",
        "with a as (from runs) from a",
        "values (1)",
        "/* a word before */ select 1;",
    ],
)
def test_every_spelling_of_a_question_is_answered(
    sql: str, results: Path, capsys: pytest.CaptureFixture[str]
):
    assert ask(results, sql) == 0
    out, err = capsys.readouterr()
    assert out
    assert not err


@pytest.mark.parametrize(
    "sql",
    [
        "pivot runs on scenario using count(*)",
        "from (pivot runs on scenario using count(*))",
        "with p as (pivot runs on scenario using count(*)) from p",
    ],
)
def test_a_pivot_without_its_values_is_told_how(sql: str, results: Path, capsys: pytest.CaptureFixture[str]):
    assert ask(results, sql) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "name the values of the pivot: pivot ... on COLUMN in (" in err
