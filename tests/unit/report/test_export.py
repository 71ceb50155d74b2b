"""PNG and SVG copies: written where a browser is found, one line where none is, and never a failure."""

from __future__ import annotations

from pathlib import Path

import plotly.graph_objects as go
import pytest

from sim.report.export import HOW, _still, find_browser, write_images
from sim.report.frame import Frame, frame
from tests.fixtures.synthetic_run import INFO


def figure() -> go.Figure:
    traces = [go.Bar(x=[1], y=[2]), go.Scatter(x=[1, 2], y=[2, 3])]
    return frame(go.Figure(traces), Frame("bars", "T", "S", "kg", "alt", plot_px=120), INFO)


def test_without_a_browser_one_line_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert write_images([figure()], tmp_path / "figures") == HOW
    assert "apt install chromium" in HOW
    assert "\n" not in HOW
    assert not (tmp_path / "figures").exists()


def test_a_named_browser_wins_over_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("mine", "chromium"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    assert find_browser() == str(tmp_path / "chromium")
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "mine"))
    assert find_browser() == str(tmp_path / "mine")
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "absent"))
    assert find_browser() is None


def test_a_browser_that_dies_costs_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = tmp_path / "chromium"
    browser.write_text("#!/bin/sh\nexit 1\n")
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER_PATH", str(browser))
    note = write_images([figure()], tmp_path / "figures")
    assert note is not None
    assert note.startswith("no PNG")
    assert "\n" not in note


def test_a_picture_has_no_player() -> None:
    moving = figure()
    moving.frames = [go.Frame(data=[go.Bar(x=[1], y=[3])])]
    moving.update_layout(sliders=[{"steps": []}], updatemenus=[{"type": "buttons"}])
    drawn = _still(moving)
    assert not {"sliders", "updatemenus"} & set(drawn["layout"])
    assert "frames" not in drawn
    assert moving.layout.sliders
    chosen = figure()
    chosen.update_layout(updatemenus=[{"type": "dropdown"}])
    assert _still(chosen)["layout"]["updatemenus"]


def test_a_browser_draws(tmp_path: Path) -> None:
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    assert write_images([figure()], tmp_path) is None
    assert (tmp_path / "bars.png").read_bytes().startswith(b"\x89PNG")
    drawn = (tmp_path / "bars.svg").read_bytes()
    assert drawn.startswith(b"<svg")
    assert b"file:" not in drawn
    assert write_images([figure()], tmp_path / "again") is None
    assert (tmp_path / "again" / "bars.svg").read_bytes() == drawn
