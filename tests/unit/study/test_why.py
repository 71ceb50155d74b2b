"""Why two runs differ: flips summed by mechanism, the sentence on their sum, the command."""

from __future__ import annotations

import numpy as np
import pytest

from sim.cli.main import main
from sim.core.errors import ConfigError
from sim.plots import why as plots
from sim.report import theme
from sim.run.plan import Replications
from sim.scenario import load_scenario
from sim.study.fates import ABSENT, LOAD, MECHANISMS, ChangedFate
from sim.study.why import explain, sentence, summed, why
from tests.fixtures.composed import SHORT, composed
from tests.fixtures.killing_jobs import KillingScenario


def _scenario(**changes):
    return load_scenario(composed(**{**SHORT, **changes}))


def test_the_study_sums_over_pairs_and_names_what_came_first():
    before, after = _scenario(), _scenario(**{"levers.port_staffing.size": 3000})
    done = []
    found = explain(before, after, Replications(2, 3, workers=1), done.append)
    assert [now.done for now in done] == [0, 1, 2]
    assert found.effect_kg.shape == (2,)
    total = np.sum([found.by_mechanism[name] for name in MECHANISMS], axis=0)
    assert np.allclose(total, found.effect_kg)
    assert sum(changed_fate.delivered_kg for changed_fate in found.changed_fates) == pytest.approx(
        found.effect_kg.mean()
    )
    assert len(found.first) == 2
    assert all(
        changed_fate.before != changed_fate.after or changed_fate.mechanism == "load_size"
        for changed_fate in found.changed_fates
    )
    assert any(
        changed_fate.before == ABSENT[LOAD]
        for changed_fate in found.changed_fates
        if changed_fate.mechanism == "supply"
    )


def test_a_worker_that_dies_costs_nothing(tmp_path):
    before, after = _scenario(), _scenario(**{"levers.port_staffing.size": 3000})
    alone = explain(before, after, Replications(2, 3, workers=1))
    deadly = KillingScenario(after.settings, after.values, after.evidence, tmp_path)
    found = explain(before, deadly, Replications(2, 3, workers=2))
    assert (tmp_path / "killed").exists()
    assert found.changed_fates == alone.changed_fates
    assert np.array_equal(found.effect_kg, alone.effect_kg)


BARS = {
    "mechanism": np.array(["displacement", "scanning", "all"], dtype=object),
    "meaning": np.array([MECHANISMS["displacement"], "scanner", "all"], dtype=object),
    "kg": np.array([-30.0, 5.0, -25.0]),
    "low": np.array([-40.0, 1.0, -35.0]),
    "high": np.array([-20.0, 9.0, -15.0]),
    "loads": np.array([120.0, 14.0, 134.0]),
    "verdict": np.array(["less", "cannot tell", "less"], dtype=object),
}


def test_the_figure_says_its_total_and_its_bars_in_words():
    figure = plots.why(BARS, "What flipped", "Made up.", "a year")
    meta = figure.layout.meta
    assert meta["title"] == "What flipped"
    assert "-25 kg [-35 to -15]" in meta["subtitle"]
    assert "loads that changed route class -30" in meta["alt"]
    assert "not the effect of moving" in meta["subtitle"]
    assert "Made up." in meta["footer"]
    assert list(figure.data[0].x) == [-30.0, 5.0]
    assert list(figure.data[0].marker.color) == [theme.OBSERVED, theme.MUTED]


@pytest.mark.parametrize(
    ("kg", "verdict", "expected"),
    [
        (-25.0, "less", "Surge delivers 25.0 kg less a year than baseline"),
        (-0.0171, "cannot tell", "Surge: cannot tell whether more or less is delivered than in baseline"),
        (0.0, "no difference", "Surge: no difference from baseline in what is delivered"),
        (
            2.0,
            "undefined",
            "Surge delivers 2.00 kg more a year than baseline in one pair of runs, which tells no interval",
        ),
    ],
)
def test_a_sentence_claims_no_more_than_its_interval(kg, verdict, expected):
    assert sentence({"kg": kg, "verdict": verdict}, ("baseline", "surge"), "a year") == expected


def test_from_python_tables_and_verdict_are_those_of_the_figure():
    before, after = _scenario(), _scenario(**{"levers.port_staffing.size": 3000, "name": "staffed"})
    found = why(before, after, Replications(2, 3, workers=1))
    rows = found.table("mechanisms").rows()
    *parts, whole = rows
    assert whole["mechanism"] == "all"
    assert sum(row["kg"] for row in parts) == pytest.approx(whole["kg"])
    assert sum(found.table("flips")["delivered_kg"]) == pytest.approx(whole["kg"])
    assert {row["verdict"] for row in rows} <= {"more", "less", "no difference", "cannot tell"}
    figure = found.plot.why()
    assert f"{figure.layout.meta['title']}." == found.verdict
    assert "2 pairs of runs, without queues" in figure.layout.meta["footer"]
    assert "scenarios baseline and staffed" in found.provenance.sentence
    assert "examined by added officers" in found._repr_html_()


def test_scenarios_of_other_dates_and_no_replication_are_one_line():
    with pytest.raises(ConfigError, match=r"study why: baseline runs 61 days from .* only runs of the same"):
        why(_scenario(), _scenario(**{"calendar.days": 30}), Replications(2, 3, workers=1))


RUNS = ("calendar.days=28", "calendar.warmup_days=7", "border.model=instant")


def _study(folder, *words):
    return main(["study", "why", "baseline", *words, *RUNS, "--workers", "1", "--out", str(folder)])


def test_the_command_tells_intervals_assumptions_and_what_is_not_recorded(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sim.report.folder.write_images", lambda figures, folder: None)
    assert _study(tmp_path, "port_staffing", "--replications", "2") == 0
    out = capsys.readouterr().out
    total = next(line for line in out.splitlines() if line.startswith("all "))
    assert "[" in total
    assert "first recorded difference of pair 0: 2021-10" in out
    assert "not orders, consignments or takedowns" in out
    page = (tmp_path / "why.html").read_text(encoding="utf-8")
    assert "2 pairs of runs, without queues" in page
    assert "assumed values" in page


def test_two_runs_that_do_not_differ_are_one_line(tmp_path, capsys):
    assert _study(tmp_path, "baseline", "--replications", "2") == 0
    out = capsys.readouterr().out
    assert "no load and no case has another fate in 2 pairs of runs" in out
    assert len(out.splitlines()) == 3, "the line, where it comes from, the manifest"
    assert not (tmp_path / "why.html").exists()


@pytest.mark.parametrize(("days", "share"), [(61, 1.0), (366, 1.0), (1095, 1.0 / 3.0)])
def test_more_than_a_year_is_given_a_year_like_every_outcome(days: int, share: float) -> None:
    months = [f"2022-{1 + i:02d}" for i in range(3)]
    changed_fates = [
        ChangedFate(LOAD, month, "vehicle", "delivered", "seized", "timing", 1.0, -6.0) for month in months
    ]
    found = summed(("baseline", "surge"), [changed_fates, changed_fates], days)
    assert found.effect_kg == pytest.approx(np.full(2, -18.0 * share))
    assert found.by_mechanism["timing"] == pytest.approx(found.effect_kg)
    # Months stay what they are: a third of a month's loads would be no load.
    assert [
        (changed_fate.month, changed_fate.count, changed_fate.delivered_kg)
        for changed_fate in found.changed_fates
    ] == [(month, 1.0, -6.0) for month in months]
    assert found.per_year == pytest.approx(share)
