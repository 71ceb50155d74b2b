"""What a comparison says and draws: sentences from verdicts, figures from tables."""

from __future__ import annotations

import numpy as np
import pytest

from sim.plots.difference_months import cumulated, spread
from sim.plots.forest import forest, scaled
from sim.report.theme import Table
from sim.study.compare import sentences
from tests.fixtures.written_runs import MONTHS

MARGINS = {
    "outcome": np.array(["Delivered", "Delivered", "Seized", "Seized"]),
    "run": np.array(["cyber", "baseline", "cyber", "baseline"]),
    "change": np.array([-4.0, 0.2, 300.0, 0.0]),
    "low": np.array([-6.0, -0.5, 200.0, -2.0]),
    "high": np.array([-2.0, 0.9, 400.0, 2.0]),
    "parameter_low": np.array([-7.0, np.nan, np.nan, np.nan]),
    "parameter_high": np.array([-1.0, np.nan, np.nan, np.nan]),
    "text": np.array(["-200 kg", "+10 kg", "+6,000 events", "0 events"]),
    "verdict": np.array(["better", "no difference that matters", "more", "cannot tell yet"]),
    "input": np.zeros(4, dtype=bool),
}


def test_the_forest_tells_every_row_and_what_a_margin_is() -> None:
    figure = forest(MARGINS, "What differs", "Simulated: 12 replications.", left_out=3)
    meta = figure.layout.meta
    assert meta["title"] == "What differs"
    for expected in ("margins", "12 replications", "95 %", "3 more rows"):
        assert expected in meta["footer"]
    for expected in MARGINS["text"]:
        assert str(expected) in meta["alt"]
    assert float(scaled(1.0)) == 1.0
    assert float(scaled(-1000.0)) == pytest.approx(-float(scaled(1000.0)))
    names = [trace.name for trace in figure.data if trace.name]
    assert names == ["baseline", "cyber"]


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        (
            [0, 1, 2, 3],
            "2 runs against the reference: Delivered, cyber, -200 kg; of 4 differences 2 have "
            "a clear sign, 1 does not matter, 1 is open",
        ),
        (
            [0, 1],
            "Delivered, 2 runs against the reference: clearest is cyber, -200 kg; of 2 differences 1 has",
        ),
        ([3], "Seized, baseline against the reference: cannot tell yet, 0 events"),
        ([0, 2], "cyber against the reference: Delivered, -200 kg; of 2 differences 2 have"),
        ([1, 2], "2 runs against the reference: Seized, cyber, +6,000 events; of 2 differences 1 has"),
        (
            [1, 3],
            "baseline against the reference: of 2 differences 0 have a clear sign, 1 does not matter, 1 is",
        ),
    ],
)
def test_the_sentence_names_its_one_outcome_and_its_clearest_finding(at: list[int], sentence: str) -> None:
    rows = {name: column[at] for name, column in MARGINS.items()}
    assert sentences.differences(rows).startswith(sentence)


def test_what_a_programme_costs_is_no_finding() -> None:
    rows = {**MARGINS, "input": np.array([False, False, True, True])}
    assert sentences.differences(rows).startswith(
        "Delivered, 2 runs against the reference: clearest is cyber, -200 kg; of 2 "
    )
    assert "is not counted above" in forest(rows, "", "Simulated.").layout.meta["footer"]
    alone = {name: column[2:] for name, column in rows.items()}
    assert "of 2 differences 1 has a clear sign" in sentences.differences(alone)


@pytest.mark.parametrize("count", [2, 5, 6])
def test_the_forest_has_room_for_its_legend_and_for_what_stands_beside(count: int) -> None:
    runs = [f"port_staffing={500 * i} chemical_outreach=0.5 cyber=1" for i in range(count)]
    rows = {
        "outcome": np.repeat(["Fentanyl delivered", "Programme cost"], count),
        "run": np.array(runs * 2),
        "text": np.array(["-408,000 USD 2022"] * 2 * count),
        "verdict": np.array(["no difference that matters"] * 2 * count),
        **{
            name: np.zeros(2 * count) for name in ("change", "low", "high", "parameter_low", "parameter_high")
        },
    }
    layout = forest(rows, "", "Simulated.").layout
    # 12 px of the fallback font: 7 px a character, 8 px a bold one; 20 px a line of the legend.
    assert layout.margin.r >= 8 * len("no difference that matters") + 7 * len("-408,000 USD 2022")
    assert layout.margin.t - layout.meta["head_px"] >= 20 * count
    assert layout.legend.entrywidth >= 7 * len(runs[-1])


def test_labels_at_the_ends_of_lines_stand_apart_and_on_the_figure() -> None:
    ends = [0.0, -99.0, -100.0, -99.5, -100.0]
    places = spread(ends, (-106.0, 6.0))
    assert places[0] == 0.0
    ordered = sorted(places, reverse=True)
    assert min(-np.diff(ordered)) >= 112.0 * 15 / 420
    assert min(places) >= -106.0


def months(run: str, *verdicts: str) -> Table:
    """Return what has added up of one run: 2 kg less in the last month."""
    middle = np.linspace(0.0, -2.0, len(verdicts))
    return {
        "run": np.full(len(verdicts), run),
        "month": np.array(MONTHS[: len(verdicts)]),
        "mean": middle,
        "low": middle - 1.0,
        "high": middle + 1.0,
        "verdict": np.array(verdicts),
    }


@pytest.mark.parametrize(
    ("verdicts", "since"),
    [
        (["cannot tell", "less", "cannot tell", "less"], 3),
        (["cannot tell", "less", "cannot tell"], None),
        (["less"], 0),
        (["no difference", "less", "less"], 1),
    ],
)
def test_a_difference_is_clear_from_the_month_from_which_it_stays_so(
    verdicts: list[str], since: int | None
) -> None:
    assert sentences.clear_since(verdicts) == since


def test_the_sentence_on_one_run_over_time_says_how_much_and_since_when() -> None:
    rows = months("cyber", "cannot tell", "less", "cannot tell", "less")
    told = sentences.over_time(rows, {"cyber": "better"})
    assert told == "Fentanyl delivered: cyber 2.0 kg less by the end, clear from 2022-01 on"
    # A month's band knows neither evidence nor margin: it may leave out zero where the table cannot tell.
    assert sentences.over_time(rows, {"cyber": "cannot tell yet"}) == (
        "Fentanyl delivered: cyber, cannot tell by the end"
    )
    meta = cumulated(rows, {"cyber": "better"}, told, "Simulated: 12 replications.").layout.meta
    assert meta["title"] == told
    assert "cyber, better: -2.0 kg by the end, interval -3.0 to -1.0." in meta["alt"]
    assert "pointwise" in meta["footer"]


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        (("better", "cannot tell yet"), "1 better, 1 cannot tell"),
        (("no difference that matters", "cannot tell"), "1 cannot tell, 1 no difference that matters"),
        (("cannot tell", "cannot tell yet"), "2 cannot tell"),
    ],
)
def test_the_sentence_on_runs_over_time_gives_the_verdicts_of_the_table(
    verdicts: tuple[str, str], told: str
) -> None:
    both = [months(run, "cannot tell", "less") for run in ("cyber", "surge")]
    rows = {name: np.concatenate([one[name] for one in both]) for name in both[0]}
    by_run = dict(zip(("cyber", "surge"), verdicts, strict=True))
    assert sentences.over_time(rows, by_run).endswith(f"2 runs against the reference: {told}")
    figure = cumulated(rows, by_run, "", "Simulated.")
    assert [trace.name for trace in figure.data if trace.name] == ["surge", "cyber"]


CELLS = {
    "x": np.array([0.0, 1000.0, 2000.0]),
    "y": np.array([0.0, 0.5, 0.5]),
    "change": np.array([0.0, -130.0, -400.0]),
    "text": np.array(["4,070", "-130", "-400"]),
    "verdict": np.array(["base", "better", "cannot tell yet"]),
}
KEYS = ("Port staffing", "Chemical outreach")


def test_the_sentence_on_a_map_names_the_largest_clear_difference_however_large_another_looks() -> None:
    assert sentences.sweep(CELLS, "Fentanyl delivered", " kg pure", KEYS, "a year") == (
        "Fentanyl delivered: up to 130 kg pure less a year, at port staffing 1,000 and chemical outreach 0.5"
    )
    vague = {**CELLS, "verdict": np.array(["base", "cannot tell", "no difference that matters"])}
    assert sentences.sweep(vague, "Seizures", "", KEYS, "a year") == (
        "Seizures: no cell has a clear difference from the base"
    )


@pytest.mark.parametrize(
    ("verdict", "told"), [("better", "Less delivered: cyber, 60"), ("cannot tell", "No run")]
)
def test_the_ladder_counts_only_runs_whose_verdict_is_clear(verdict: str, told: str) -> None:
    """An interval that leaves out zero within the margin is no step of the ladder."""
    rows = {
        "run": np.array(["cyber"]),
        "cost": np.array([2e8]),
        "change": np.array([-60.0]),
        "verdict": np.array([verdict]),
    }
    assert sentences.ladder(rows).startswith(told)
