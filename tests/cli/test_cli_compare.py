"""``sim compare``: mistakes in one line, verdicts of known differences, the reference, the page."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from pathlib import Path

import pytest

from sim.cli.main import main
from sim.store.manifest import write_manifest
from tests.fixtures.written_runs import CALENDAR, NAME, outcomes, write_run, write_three


@pytest.fixture(autouse=True)
def no_png_and_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.report.comparison_page.write_images", lambda figures, folder: None)
    monkeypatch.delenv("COLUMNS", raising=False)  # parallel tests have one


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Return a results folder with three runs, two of them with further parameter sets."""
    return write_three(tmp_path / "results", sets=3)


def table(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    with (folder / "differences.csv").open(encoding="utf-8") as file:
        return {(row["run"], row["outcome"]): row for row in csv.DictReader(file)}


def test_known_differences_get_their_verdicts(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = results.parent / "out"
    words = [str(results / name) for name in ("baseline", "scanning", "cyber")]
    assert main(["compare", *words, "--out", str(out)]) == 0
    rows = table(out)
    less, same = rows["scanning", "delivered_pure_kg"], rows["cyber", "delivered_pure_kg"]
    assert (less["verdict"], same["verdict"]) == ("better", "no difference that matters")
    assert float(less["difference"]) == pytest.approx(-200.0, abs=4.0 / 12**0.5)
    assert float(less["low"]) < float(less["difference"]) < float(less["high"]) < 0.0
    assert float(less["parameter_low"]) <= float(less["parameter_high"]) < 0.0
    assert same["parameter_low"] == "nan"
    assert float(less["variance_saved"]) > 1000.0
    assert rows["scanning", "programme_cost_usd"]["verdict"] == "worse"
    assert rows["scanning", "seizure_events"]["verdict"] == "no difference that matters"
    shown = capsys.readouterr().out
    assert "2 runs against baseline" in shown
    assert "USD for one pure kg less delivered" in shown
    record = json.loads((out / "compare.json").read_text())
    assert record["replications"] == list(range(12))
    page = (out / "index.html").read_text()
    for slug in ("differences", "difference_over_time", "scenario_ladder"):
        assert f'<figure id="{slug}"' in page
    assert "7 assumed values" in page


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_a_narrow_terminal_keeps_every_interval_and_verdict(
    columns: int, results: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["compare", *(str(results / name) for name in ("baseline", "scanning", "cyber"))]
    assert main(words) == 0
    whole = capsys.readouterr().out
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(words) == 0
    narrow = capsys.readouterr().out
    head = narrow.splitlines()[1]
    shown = narrow[narrow.index(head) : narrow.index("no room for")].splitlines()
    assert max(map(len, shown)) <= columns
    assert "pairing saves" in whole.splitlines()[1]
    assert "pairing saves" not in head
    assert "no room for pairing saves" in narrow
    for name in ("outcome", "run", "difference", "Monte Carlo 95 %", "verdict"):
        assert name in head
    rows = table(next((results / "compare").iterdir()))
    assert len(rows) == 6
    for row in rows.values():
        assert row["verdict"].split()[-1] in narrow
        assert row["unit"].split()[-1] in narrow
    assert all(interval in narrow for interval in _intervals(whole))


def _intervals(shown: str) -> list[str]:
    """Return the column of simultaneous intervals of a whole table."""
    _, head, *rows = shown.splitlines()
    start, end = head.index("difference") + len("difference"), head.index("Monte Carlo 95 %") + 16
    found = [row[start:end].strip() for row in rows[:6]]
    assert all(interval.startswith("[") for interval in found)
    return found


def test_a_figure_says_what_the_table_says_however_small(results: Path) -> None:
    tiny = write_run(results / "tiny" / NAME.format(1, "dddddddd"), outcomes(-0.238, noise=0.0))
    out = results.parent / "out"
    assert main(["compare", str(results / "baseline"), str(tiny), "--out", str(out)]) == 0
    page = (out / "index.html").read_text()
    figure = page[page.index('<figure id="differences"') :]
    assert "-0.238 kg pure" in figure[: figure.index("</figure>")]


def test_one_difference_that_chance_hides_names_the_replications_to_add(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noisy = write_run(results / "noisy" / NAME.format(1, "dddddddd"), outcomes(8.0, noise=400.0))
    out = results.parent / "out"
    chosen = ["--outcomes", "delivered_pure_kg", "--out", str(out)]
    assert main(["compare", str(results / "baseline"), str(noisy), *chosen]) == 0
    row = table(out)["noisy", "delivered_pure_kg"]
    assert row["verdict"] == "cannot tell yet"
    assert float(row["missing_replications"]) > 100.0
    assert "cannot tell yet: about" in capsys.readouterr().out


def test_the_same_runs_give_the_same_bytes(results: Path, tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        words = [str(results / "baseline"), str(results / "scanning"), "--out", str(tmp_path / name)]
        assert main(["compare", *words]) == 0
        files = sorted((tmp_path / name).iterdir())
        written.append({path.name: path.read_bytes() for path in files if path.is_file()})
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "the following arguments are required: RUN"),
        (["{r}/baseline"], "is the only run named; name a reference and at least one more run"),
        (["{r}/baseline", "{r}/baseline"], "is the only run named"),
        (["{r}/baseline", "{r}/scaning"], "there is no folder"),
        (["{r}/baseline", "{r}/scaning"], "(did you mean 'scanning'?)"),
        (["{r}/baseline", "{r}/nothing*"], "no run matches"),
        (["{r}/baseline", "{r}"], "is no run, no scenario's folder of runs and no sweep"),
        (["{r}/baseline", "{r}/scanning", "--outcomes", "delivered_pur_kg"], "did you mean"),
        (["{r}/baseline", "{r}/scanning", "--outcomes", ","], "outcomes names no outcome"),
        (["{r}/baseline", "{r}/scanning", "--outcomes", "wait_min"], "no run reports wait_min"),
        (["{r}/baseline", "--against", "{r}/*"], "against must name one run"),
        (["{r}/baseline", "{r}/scanning", "--budget", "9"], "budget belongs to precision"),
        (["{r}/baseline", "{r}/scanning", "--precision", "0"], "precision must be above 0"),
        (["{r}/baseline", "{r}/scanning", "--precision", "1", "--budget", "1"], "budget must be at"),
        (["{r}/baseline", "{r}/scanning", "--precison", "1"], "unrecognized arguments"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(
    words: list[str], expected: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *(word.format(r=results) for word in words)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert expected in err


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"seed": 2}, "has seed 2, the reference"),
        ({"seed": 2}, "run one again with seed=1"),
        ({"config": {"calendar": {**CALENDAR, "days": 90}}}, "run it again with calendar.days=365"),
        ({"replications": (0,)}, "has 1 replication: no interval, at least 2 are needed"),
        ({"replications": (20, 21)}, "the runs share 0 replications"),
    ],
)
def test_runs_that_share_no_draws_or_dates_are_refused(
    changed: dict[str, object], expected: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_run(results / "other" / NAME.format(1, "eeeeeeee"), outcomes(1.0), **changed)  # type: ignore[arg-type]
    assert main(["compare", str(results / "baseline"), str(other)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert expected in err


def test_another_model_version_is_refused_and_the_line_says_how_to_mend_it(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = results / "scanning" / NAME.format(1, "bbbbbbbb") / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "model_version": "f" * 64}))
    assert main(["compare", str(results / "baseline"), str(results / "scanning")]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "is from model version ffffffff" in err
    assert f"run {path.parent} again" in err


def test_missing_replications_are_named(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = write_run(results / "few" / NAME.format(1, "eeeeeeee"), outcomes(1.0), (0, 1, 2, 5))
    assert main(["compare", str(results / "baseline"), str(few)]) == 0
    out = capsys.readouterr().out
    assert "4 replications with common random numbers" in out
    assert "few lacks replications 3 to 4, 6 to 11" in out
    assert "intervals: Bonferroni" in out


def test_a_corrupted_table_is_named_and_left_out_and_the_exit_code_tells(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = results / "scanning" / NAME.format(1, "bbbbbbbb") / "measures.parquet"
    broken.write_bytes(broken.read_bytes()[:-100])
    assert (
        main(["compare", str(results / "baseline"), str(results / "scanning"), str(results / "cyber")]) == 1
    )
    out, err = capsys.readouterr()
    assert err == f"sim: left out: {broken}: the file is corrupted; run this scenario again\n"
    assert "1 run against baseline" in out
    assert main(["compare", str(results / "baseline"), str(results / "scanning")]) == 2
    assert "is corrupted" in capsys.readouterr().err


@pytest.mark.parametrize("hashes", [(9, 5, 1), (1, 5, 9)])
def test_a_pattern_takes_the_run_without_levers_as_reference_whatever_its_hash(
    tmp_path: Path, hashes: tuple[int, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for size, number in zip((0.0, 80.0, 1000.0), hashes, strict=True):
        config = {"name": "dose", "levers": {"port_staffing": {"size": size}}}
        folder = tmp_path / "results" / "dose" / NAME.format(1, 8 * str(number))
        write_run(folder, outcomes(-size), config=config)
    words = [str(tmp_path / "results" / "dose" / "*"), "--out", str(tmp_path / "out")]
    assert main(["compare", *words]) == 0
    shown = capsys.readouterr().out
    assert "2 runs against dose (" in shown
    base = tmp_path / "results" / "dose" / NAME.format(1, 8 * str(hashes[0]))
    note = f"the reference is dose ({base}), the first of {words[0]}; name another with against"
    assert note in shown
    assert note in (tmp_path / "out" / "index.html").read_text()
    assert [run for run, outcome in table(tmp_path / "out") if outcome == "seizure_events"] == [
        "dose (port_staffing=80)", "dose (port_staffing=1000)",
    ]  # fmt: skip
    assert main(["compare", *words, "--against", str(base)]) == 0
    assert "the reference is" not in capsys.readouterr().out


def test_a_pattern_of_scenarios_goes_by_their_one_order(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(results / "a_new_one" / NAME.format(1, "eeeeeeee"), outcomes(3.0))
    assert main(["compare", str(results / "*"), "--out", str(results.parent / "out")]) == 0
    assert "3 runs against baseline (" in capsys.readouterr().out
    runs = list(dict.fromkeys(run for run, _ in table(results.parent / "out")))
    assert runs == ["scanning", "cyber", "a_new_one"]


@pytest.mark.parametrize(
    "words",
    [
        ["{r}/scanning", "{r}/baseline", "{r}/cyber"],
        ["{r}/baseline", "{r}/cyber", "--against", "{r}/scanning"],
        ["{r}/scannin*", "{r}/baseline", "{r}/cyber"],
        ["{r}/lost", "{r}/baseline", "{r}/cyber"],
    ],
)
def test_a_reference_that_cannot_be_read_is_refused_and_no_other_takes_its_place(
    words: list[str], results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = results / "scanning" / NAME.format(1, "bbbbbbbb") / "measures.parquet"
    broken.write_bytes(broken.read_bytes()[:-100])
    (write_run(results / "lost" / NAME.format(1, "eeeeeeee"), outcomes()) / "measures.parquet").unlink()
    assert main(["compare", *(word.format(r=results) for word in words)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "measures.parquet: " in err
    assert "it is the reference of this comparison" in err


def test_a_pattern_takes_the_newest_run_of_each_scenario(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(results / "cyber" / NAME.format(2, "11111111"), outcomes(-500.0))
    assert main(["compare", str(results / "*"), "--against", str(results / "baseline")]) == 0
    assert "2 runs against baseline" in capsys.readouterr().out
    found = next((results / "compare").iterdir())
    assert float(table(found)["cyber", "delivered_pure_kg"]["difference"]) < -400.0


def test_a_sweep_is_compared_point_by_point_under_its_labels(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = results / "sweeps" / "dose_12345678"
    sweep.mkdir(parents=True)
    names = [path.relative_to(results) for path in sorted(results.glob("*/2026*"))]
    lines = [f"{i},point {i},{name.parent},{name}" for i, name in enumerate(names)]
    (sweep / "points.csv").write_text("\n".join(["number,label,scenario,folder", *lines, "3,lost,x,"]) + "\n")
    write_manifest(sweep, {"sweep": ["dose"], "points": len(names)}, ["points.csv"])
    assert main(["compare", str(sweep)]) == 1
    out, err = capsys.readouterr()
    assert "2 runs against point 0" in out
    assert f"the reference is point 0 ({results / names[0]}), the first of {sweep}" in out
    assert "point 3 (lost) has no results; run the sweep again" in err
    assert main(["compare", str(results / "*"), "--against", str(results / "baseline")]) == 0


def test_a_sweep_of_two_levers_opens_with_a_map(tmp_path: Path) -> None:
    sweep = tmp_path / "sweeps" / "dose_12345678"
    sweep.mkdir(parents=True)
    lines = ["number,label,scenario,folder"]
    for number, (officers, share) in enumerate(((0, 0), (0, 1), (500, 0), (500, 1))):
        levers = {"port_staffing": {"size": officers}, "chemical_outreach": {"size": share}}
        run = write_run(
            tmp_path / "dose" / f"2026-01-01_{number:08d}", outcomes(-officers), config={"levers": levers}
        )
        label = f"levers.port_staffing.size={officers} levers.chemical_outreach.size={share}"
        lines.append(f"{number},{label},dose,{run.relative_to(tmp_path)}")
    (sweep / "points.csv").write_text("\n".join(lines) + "\n")
    write_manifest(sweep, {"sweep": ["dose"], "points": 4}, ["points.csv"])
    assert main(["compare", str(sweep), "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "index.html").read_text()
    assert 0 < page.find('<figure id="sweep_delivered_pure_kg"') < page.find('<figure id="differences"')
    assert "no map, for want of a clear difference from the base: seizure events, programme cost" in page
    assert set(table(tmp_path / "out")) >= {("port_staffing=500 chemical_outreach=1", "delivered_pure_kg")}


def test_of_many_runs_those_that_change_most_are_followed_over_time(tmp_path: Path) -> None:
    shifts = (0, -1, -600, 500, -400, 300, -200, 100, 2)
    runs = [
        str(write_run(tmp_path / f"run_{number}" / NAME.format(1, "aaaaaaaa"), outcomes(shift)))
        for number, shift in enumerate(shifts)
    ]
    assert main(["compare", *runs, "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "index.html").read_text()
    figure = page[page.index('<figure id="difference_over_time"') :]
    figure = figure[: figure.index("</figure>")]
    assert "Of 8 runs the 6 that change most are shown." in figure
    assert [f"run_{number}" in figure for number in range(1, 9)] == [False, *[True] * 6, False]


def test_a_folder_that_cannot_be_written_is_one_line(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (results.parent / "taken").write_text("a file", encoding="utf-8")
    words = [str(results / "baseline"), str(results / "scanning"), "--out", str(results.parent / "taken")]
    assert main(["compare", *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_page_is_drawn_by_a_browser_without_a_complaint(
    results: Path, chromium: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert main(["compare", str(results / "baseline"), str(results / "scanning"), "--out", str(out)]) == 0
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=8000", "--dump-dom"]
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(
        [chromium, *flags, f"file://{out / 'index.html'}"], capture_output=True, text=True, timeout=120,
        check=True, env=environment,
    )  # fmt: skip
    assert done.stdout.count('class="main-svg"') >= 3
