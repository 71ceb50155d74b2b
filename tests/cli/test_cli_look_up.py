"""``sim list``, ``sim show``, ``sim open``: what there is, told quickly, and where a wrong word belongs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import chokepoint as ck
from sim.cli import open as opened
from sim.cli.main import main
from sim.core.shipped import compose_tree
from sim.report import inventory
from sim.scenario import load_scenario

ROOT = Path(__file__).parents[2]
KINDS = ("lever", "scenario", "outcome", "adversary")
LIGHT = [
    "list levers",
    "list",
    "show lever scanning",
    "show outcome leads",
    "show scenario hsi_strategy",
    "nothing",
]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def _said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(words) == code
    out, err = capsys.readouterr()
    if code:
        assert (out, err.count("\n")) == ("", 1)
        return err
    assert err == ""
    return out


def _json(capsys: pytest.CaptureFixture[str], *words: str):
    return json.loads(_said(capsys, *words, "--json"))


@pytest.mark.parametrize("kind", ["levers", "scenarios", "outcomes", "adversaries"])
def test_a_list_has_the_rows_that_python_has(kind, capsys):
    assert _json(capsys, "list", kind) == getattr(ck, kind)().rows()
    text = _said(capsys, "list", kind)
    assert all(row["name"] in text for row in getattr(ck, kind)())


def test_the_outcomes_are_those_that_the_model_validates(capsys):
    from sim.measures.registry import registry

    declared = {
        name: {**info.model_dump(include={*inventory.OUTCOME_FIELDS, "headline"}), "good": info.good or ""}
        for name, info in registry().items()
    }
    rows = {row.pop("name"): row for row in inventory.outcome_rows()}
    assert rows == declared


def test_without_a_word_the_lists_are_counted(capsys, tmp_path):
    counts = _json(capsys, "list", "--results", str(tmp_path / "none"))
    assert counts["levers"] == len(ck.levers())
    assert counts["outcomes"] == len(ck.outcomes())
    assert counts["studies"] > 10
    assert counts["runs"] == 0
    assert "sim list adversaries" in _said(capsys, "list")


def test_no_run_is_one_line(capsys, tmp_path):
    assert "no results folder" in _said(capsys, "list", "runs", "--results", str(tmp_path / "none"), code=2)


def test_a_lever_is_shown_with_every_number_and_its_source(capsys):
    found = _json(capsys, "show", "lever", "scanning")
    assert (found["kind"], found["name"], found["max_size"], found["unit"]) == (
        "lever",
        "scanning",
        153,
        "scanner",
    )
    assert {move["dial"] for move in found["moves"]} >= {"border.scanning.share.passenger"}
    assert all(set(each) >= {"name", "value", "unit", "low", "high", "fact", "source", "status"}
               for each in found["numbers"])  # fmt: skip
    text = _said(capsys, "show", "lever", "scanning")
    for expected in ("0 to 153", "scanner", "F-5.13", "official", "sim run levers.scanning.size=153"):
        assert expected in text


@pytest.mark.parametrize("row", inventory.lever_rows(), ids=lambda row: row["name"])
def test_the_example_of_a_lever_is_accepted(row):
    settings = [word.split("=") for word in inventory.lever_details(row["name"])["example"].split()[2:]]
    changes = {key: value if value.count("-") else float(value) for key, value in settings}
    assert load_scenario(compose_tree(changes=changes))


def test_a_scenario_is_held_against_another(capsys):
    against_year = _json(capsys, "show", "scenario", "scanning")
    assert {one["key"]: (one["against"], one["value"]) for one in against_year["differences"]} == {
        "calendar.days": (365, 1095),
        "levers.scanning.size": (0, 153),
    }
    found = _json(capsys, "show", "scenario", "scanning", "--against", "baseline_3y")
    assert [one["key"] for one in found["differences"]] == ["levers.scanning.size"]
    assert "the same as baseline" in _said(capsys, "show", "baseline")


def test_a_name_of_one_thing_needs_no_kind(capsys):
    assert _json(capsys, "show", "hsi_strategy")["kind"] == "scenario"
    assert _json(capsys, "show", "leads")["kind"] == "outcome"
    assert _json(capsys, "show", "logit")["kind"] == "adversary"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["show", "scanning"], "is a lever: sim show lever scanning, and a scenario: sim show scenario sc"),
        (["show", "lever", "leads"], "leads is an outcome: sim show outcome leads"),
        (["show", "lever", "scaning"], "unknown lever 'scaning' (did you mean 'scanning'?)"),
        (["show", "scning"], "(did you mean 'scanning'?)"),
        (["show", "effect"], "effect is a study: sim study effect --help"),
        (["show", "run"], "run is a command: sim run --help"),
        (["show", "lever"], "sim list levers has their names"),
        (["show", "policy", "logit"], "unknown kind 'policy'"),
        (["show", "leads", "--against", "baseline"], "--against goes with a scenario"),
        (["show", "surge", "surge", "surge"], "one thing at a time"),
        (["show", "scenario", "surge", "--against", "leads"], "leads is an outcome"),
        (["list", "lever"], "(did you mean 'levers'?)"),
        (["list", "logit"], "logit is an adversary: sim show adversary logit"),
        (["list", "--config-dir", "nowhere"], "not found"),
        (["hsi_strategy"], "hsi_strategy is no command but a scenario: sim show scenario hsi_strategy"),
        (["seed=2"], "a setting comes after run: sim run seed=2"),
        (["lst"], "(did you mean 'list'?)"),
        (["port_stafing"], "(did you mean 'port_staffing'?)"),
    ],
)  # fmt: skip
def test_a_word_that_is_wrong_here_is_one_line_that_says_where_it_belongs(words, expected, capsys):
    assert expected in _said(capsys, *words, code=2)


def test_files_of_ones_own_are_listed_and_shown(capsys, tmp_path):
    for group in ("scenario", "lever"):
        (tmp_path / group).mkdir()
    (tmp_path / "scenario" / "mine.yaml").write_text("# Mine.\nname: mine\nlevers:\n  tool: {size: 3}\n")
    lever = (ROOT / "conf" / "lever" / "cyber.yaml").read_text()
    (tmp_path / "lever" / "tool.yaml").write_text(lever.replace("unit: takedown a year", "unit: thing"))
    flags = ["--config-dir", str(tmp_path)]
    assert {"name": "mine", "days": 365, "levers": "tool 3", "description": "Mine."} in _json(
        capsys, "list", "scenarios", *flags
    )
    assert "tool" in {row["name"] for row in _json(capsys, "list", "levers", *flags)}
    assert _json(capsys, "show", "tool", *flags)["unit"] == "thing"
    (only,) = _json(capsys, "show", "mine", *flags)["differences"]
    assert only == {"key": "levers.tool.size", "against": 0, "value": 3}


@pytest.mark.parametrize(
    ("group", "text", "expected"),
    [
        ("scenario", b"- a list\n", "a list or a single value"),
        ("scenario", b"levers: [scanning]\n", "levers: a list or a single value"),
        ("scenario", b"levers: {\n", "not valid YAML"),
        ("scenario", b"# \xe9\nname: mine\n", "not UTF-8"),
        ("lever", b"moves: 3\n", "moves: a list or a single value"),
    ],
)
def test_a_file_of_ones_own_that_is_wrong_is_one_line_with_its_path(group, text, expected, capsys, tmp_path):
    (tmp_path / group).mkdir()
    (tmp_path / group / "mine.yaml").write_bytes(text)
    err = _said(capsys, "show", group, "mine", "--config-dir", str(tmp_path), code=2)
    assert expected in err
    assert "mine.yaml" in err


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_wider_than_the_screen(width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    calls = [["list", kind] for kind in ("levers", "scenarios", "outcomes", "adversaries", "studies")]
    rows = inventory.lever_rows, inventory.scenario_rows, inventory.outcome_rows, inventory.adversary_rows
    calls += [["show", kind, row["name"]] for kind, of in zip(KINDS, rows, strict=True) for row in of()]
    for call in [["list"], *calls]:
        wide = [
            line for line in _said(capsys, *call).splitlines() if len(line) > width and "sim " not in line
        ]
        assert not wide, (call, wide)


@pytest.mark.parametrize("words", LIGHT)
def test_an_answer_loads_nothing_heavy(words):
    heavy = {"numpy", "pydantic", "hydra", "duckdb", "plotly", "rich", "scipy", "numba"}
    code = (
        "import sys, sim.cli.names as n; n._made = lambda folders: {'commands': {'study': {'words': {}}}};"
        f"from sim.cli.main import main; main({words.split()!r});"
        f"found = {heavy!r} & set(sys.modules); sys.exit(str(found) if found else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _page(folder: Path, age_s: float) -> Path:
    folder.mkdir(parents=True)
    page = folder / "index.html"
    page.write_text("<h1>page</h1>")
    (folder / "manifest.json").write_text("{}")
    os.utime(page, (time.time() - age_s,) * 2)
    return page


def test_the_page_of_the_newest_or_of_the_named_run(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(opened, "_on_desktop", lambda: False)
    old = _page(tmp_path / "baseline" / "2026-01-01_aaaa", 300)
    new = _page(tmp_path / "baseline" / "2026-01-02_bbbb", 200)
    study = _page(tmp_path / "effect" / "cccc", 100)
    _page(tmp_path / ".sweeps" / "x", 0)
    (tmp_path / "bare" / "2026-01-03_dddd").mkdir(parents=True)
    flags = ["--results", str(tmp_path)]
    for name, page in {
        "": study, "baseline": new, "baseline/2026-01-01_aaaa": old, "aaaa": old, "2026-01-02_bbbb": new,
        "effect": study, str(old.parent): old, str(tmp_path / "baseline"): new, str(old): old,
    }.items():  # fmt: skip
        assert _said(capsys, "open", *([name] if name else []), *flags).strip() == str(page.resolve())
    assert _json(capsys, "open", *flags) == {"page": str(study.resolve()), "opened": False}
    assert "bare has no page" in _said(capsys, "open", "bare", *flags, code=2)
    assert "did you mean 'baseline'" in _said(capsys, "open", "basline", *flags, code=2)
    assert "logit is an adversary" in _said(capsys, "open", "logit", *flags, code=2)
    assert "baseline is a scenario" in _said(capsys, "list", "baseline", *flags, code=2)
    assert "a run: sim open effect" in _said(capsys, "show", "effect", *flags, code=2)
    assert "holds no page" in _said(capsys, "open", "--results", str(tmp_path / "none"), code=2)


def test_on_a_desktop_the_browser_is_asked(capsys, tmp_path, monkeypatch):
    page = _page(tmp_path / "baseline" / "2026-01-01_aaaa", 1)
    asked = []
    monkeypatch.setattr("webbrowser.open", lambda address: not asked.append(address))
    monkeypatch.setattr(opened, "_on_desktop", lambda: True)
    assert _json(capsys, "open", "--results", str(tmp_path))["opened"] is True
    assert asked == [page.resolve().as_uri()]
    assert _json(capsys, "open", "--print", "--results", str(tmp_path))["opened"] is False
    assert len(asked) == 1
