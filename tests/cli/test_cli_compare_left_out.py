"""``sim compare`` leaves nothing out without a word: lost files, failed points, silent outcomes."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from sim.cli.main import main
from sim.store.manifest import write_manifest
from tests.fixtures.written_runs import NAME, outcomes, write_run, write_three


@pytest.fixture(autouse=True)
def no_png(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.report.comparison_page.write_images", lambda figures, folder: None)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Return a results folder with three runs."""
    return write_three(tmp_path / "results")


def runs_compared(folder: Path) -> list[str]:
    with (folder / "differences.csv").open(encoding="utf-8") as file:
        return list(dict.fromkeys(row["run"] for row in csv.DictReader(file)))


def write_sweep(results: Path, points: str = "", **about: object) -> Path:
    """Write the record of a sweep of the runs that are there; return its folder."""
    sweep = results / "sweeps" / "dose_12345678"
    sweep.mkdir(parents=True)
    names = [path.relative_to(results) for path in sorted(results.glob("*/2026*"))]
    lines = [f"{i},point {i},{name.parent},{name}" for i, name in enumerate(names)]
    (sweep / "points.csv").write_text(
        points or "\n".join(["number,label,scenario,folder", *lines]) + "\n", encoding="utf-8"
    )
    write_manifest(sweep, {"sweep": ["dose"], "points": len(names), **about}, ["points.csv"])
    return sweep


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("config.yaml", None, "config.yaml: cannot be read"),
        ("config.yaml", b"calendar: [\n", "config.yaml: the file is corrupted"),
        ("manifest.json", None, "it has no manifest.json"),
        ("manifest.json", b'{"files": []}', "not the manifest of a run"),
    ],
)
def test_a_run_that_is_not_whole_is_left_out_by_name(
    name: str, content: bytes | None, expected: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = results / "scanning" / NAME.format(1, "bbbbbbbb") / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    out = results.parent / "out"
    assert main(["compare", str(results / "*" / "*"), "--out", str(out)]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"sim: left out: {path.parent}")
    assert err.count("\n") == 1
    assert expected in err
    assert runs_compared(out) == ["cyber"]


@pytest.mark.parametrize("name", ["config.yaml", "manifest.json"])
def test_a_run_whose_levers_are_unknown_does_not_come_first_in_a_pattern(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, size in enumerate((50.0, 0.0, 100.0)):
        config = {"levers": {"scanning": {"size": size}}}
        write_run(tmp_path / "dose" / NAME.format(1, f"{number:08d}"), outcomes(-size), config=config)
    broken = tmp_path / "dose" / NAME.format(1, "00000000")
    (broken / name).unlink()
    assert main(["compare", str(tmp_path / "dose" / "*"), "--out", str(tmp_path / "out")]) == 1
    out, err = capsys.readouterr()
    assert err.startswith(f"sim: left out: {broken}")
    assert f"1 run against dose ({tmp_path / 'dose' / NAME.format(1, '00000001')}): " in out


def test_a_scenario_does_not_fall_back_on_an_older_run(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newest = write_run(results / "cyber" / NAME.format(2, "dddddddd"), outcomes(-500.0))
    (newest / "manifest.json").unlink()
    words = [str(results / name) for name in ("baseline", "scanning", "cyber")]
    assert main(["compare", *words, "--out", str(results.parent / "out")]) == 1
    assert str(newest) in capsys.readouterr().err
    assert runs_compared(results.parent / "out") == ["scanning"]


def test_a_configuration_that_is_no_yaml_is_one_line_in_a_sweep(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = write_sweep(results)
    folder = results / "scanning" / NAME.format(1, "bbbbbbbb")
    (folder / "config.yaml").write_text("calendar: [\n")
    told = json.loads((folder / "manifest.json").read_text())
    write_manifest(folder, told, sorted(told["files"]))
    assert main(["compare", str(sweep)]) == 1
    err = capsys.readouterr().err
    assert err == f"sim: left out: {folder / 'config.yaml'}: not valid YAML; run this scenario again\n"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: b"\n".join(text.splitlines()[:3]) + b"\n",
        lambda text: text.replace(b"point 1", b"point \xff"),
        lambda text: text.replace(b"number", b"nummer"),
        lambda text: b"",
    ],
    ids=["cut", "no text", "no number", "empty"],
)
def test_the_table_of_a_sweep_must_be_as_it_was_written(
    spoil, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_sweep(results) / "points.csv"
    path.write_bytes(spoil(path.read_bytes()))
    assert main(["compare", str(path.parent)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"sim: {path}: the file is not as it was written; run the sweep again\n"


@pytest.mark.parametrize("content", [None, "{", "[]", '{"files": []}', '{"sweep": ["dose"]}'])
def test_a_sweep_without_its_manifest_is_one_line(
    content: str | None, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_sweep(results) / "manifest.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    assert main(["compare", str(path.parent)]) == 2
    assert capsys.readouterr().err == f"sim: {path}: not the manifest of a sweep; run the sweep again\n"


def test_points_of_a_sweep_that_failed_are_named(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failed = {f"[levers.scanning.size=9] dose, replication {r}": f"reason {r}" for r in (0, 1)}
    sweep = write_sweep(results, failed={**failed, "[seed=2] dose, replication 0": "too large"})
    assert main(["compare", str(sweep)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"sim: left out: {sweep / 'points.csv'}: {point} failed ({why}); run the sweep again"
        for point, why in (("[levers.scanning.size=9] dose", "reason 0"), ("[seed=2] dose", "too large"))
    ]


def test_a_sweep_whose_first_point_failed_has_no_reference(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points = "number,label,scenario,folder\n" + "".join(
        f"{i},point {i},{path.parent.name},{path.relative_to(results)}\n"
        for i, path in enumerate(sorted(results.glob("*/2026*")), start=1)
    )
    sweep = write_sweep(results, points, failed={"[point 0] dose, replication 0": "too large"})
    assert main(["compare", str(sweep)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"sim: {sweep / 'points.csv'}: its first point has no results; run the sweep again")
    assert "name another with against" in err
    reference = str(min(results.glob("*/2026*")))
    assert main(["compare", str(sweep), "--against", reference]) == 1


def test_a_run_of_which_only_the_manifest_is_left_is_named(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(results / name) for name in ("baseline", "scanning")]
    (run,) = (results / "scanning").glob("2026*")
    for path in run.iterdir():
        if path.name != "manifest.json":
            path.unlink()
    assert main(["compare", *words, str(results / "baseline")]) != 0
    assert f"{run / 'measures.parquet'}: cannot be read" in capsys.readouterr().err


def test_an_outcome_that_no_run_reports_is_named(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(results / name) for name in ("baseline", "scanning")]
    chosen = ["--outcomes", "wait_min,delivered_pure_kg", "--out", str(results.parent / "out")]
    assert main(["compare", *words, *chosen]) == 0
    assert "no run reports wait_min\n" in capsys.readouterr().out
    assert "no run reports wait_min" in (results.parent / "out" / "index.html").read_text()
    assert main(["compare", *words, "--outcomes", "Fentanyl delivered,seizure_events"]) == 0
    assert "no run reports" not in capsys.readouterr().out


@pytest.mark.parametrize("count", [6, 9])
def test_runs_that_differ_in_more_than_levers_are_told_however_many_there_are(
    count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = []
    for number in range(count + 1):
        config = {
            "levers": {"scanning": {"size": number}},
            "adversary": {"kind": "logit" if number == 2 else "none"},
            "border": {"model": "queue" if number > 3 else "instant"},
        }
        folder = tmp_path / f"run_{number}" / NAME.format(1, f"{number:08d}")
        words.append(str(write_run(folder, outcomes(-number), config=config)))
    assert main(["compare", *words, "--out", str(tmp_path / "out")]) == 0
    out = capsys.readouterr().out
    assert "adversary.kind none -> logit" in out
    assert "border.model instant -> queue" in out
    page = (tmp_path / "out" / "index.html").read_text()
    if count > 6:
        assert "run_2 differs in adversary.kind none -&gt; logit" in page
        assert "run_4, run_5, run_6 and 3 more differ in border.model instant -&gt; queue" in page
        assert "levers.scanning.size" not in out


def test_entries_that_every_run_has_its_own_of_are_told_without_their_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        str(
            write_run(
                tmp_path / f"run_{i}" / NAME.format(1, f"{i:08d}"), outcomes(-i), config={"chain": {"x": i}}
            )
        )
        for i in range(9)
    ]
    assert main(["compare", *words]) == 0
    assert "8 runs differ in chain, in 8 ways\n" in capsys.readouterr().out


def test_the_same_run_in_two_folders_is_one_run(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = results / "scanning" / NAME.format(1, "bbbbbbbb")
    again = results / "scanning" / NAME.format(2, "bbbbbbbb")
    shutil.copytree(first, again)
    out = results.parent / "out"
    words = ["compare", str(results / "baseline"), str(first)]
    assert main([*words, "--out", str(out)]) == 0
    alone = (out / "differences.csv").read_bytes()
    capsys.readouterr()
    assert main([*words, str(again), "--out", str(out)]) == 0
    assert f"{again} holds the same run as {first} and is not counted again\n" in capsys.readouterr().out
    assert (out / "differences.csv").read_bytes() == alone
    assert main(["compare", str(first), str(again)]) == 2
    assert "is the only run named" in capsys.readouterr().err


def test_the_nearest_folder_is_one_with_runs(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (results / "comparisons").mkdir()
    assert main(["compare", str(results / "baseline"), "--against", str(results / "comparison")]) == 2
    assert "comparisons" not in capsys.readouterr().err
    assert main(["compare", str(results / "baseline"), "--against", str(results / "scannin")]) == 2
    assert "(did you mean 'scanning'?)" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["5%", "nan", "inf"])
def test_a_precision_that_is_no_number_of_margins_says_what_it_is_in(
    word: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(results / "baseline"), str(results / "cyber"), "--precision", word]) == 2
    err = capsys.readouterr().err
    assert "it is in margins, such as 1" in err
    assert err.count("\n") == 1
