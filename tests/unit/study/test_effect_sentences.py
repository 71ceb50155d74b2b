"""What a study of effects says and draws: sentences from verdicts, figures from tables."""

from __future__ import annotations

import numpy as np
import pytest

from sim.plots.displacement import displacement_flow
from sim.plots.effects import delivered_by_adversary, seized_against_delivered
from sim.report.scenarios import looks
from sim.study.effect import sentences


def test_figures_state_unit_interval_and_source() -> None:
    rows = {
        "scenario": np.array(["scanning", "scanning"]), "adversary": np.array(["none", "worst_case"]),
        "change": np.array([-10.0, 5.0]), "low": np.array([-12.0, -1.0]), "high": np.array([-8.0, 11.0]),
        "parameter_low": np.array([np.nan, -3.0]), "parameter_high": np.array([np.nan, 9.0]),
        "percent": np.array([-1.0, 0.5]), "verdict": np.array(["less", "cannot tell"]),
    }  # fmt: skip
    figure = delivered_by_adversary(rows, "What it does", "Simulated: 12 pairs.")
    assert figure.layout.meta["title"] == "What it does"
    assert "depends on how traffickers adapt" in sentences.delivered(rows, "a year")
    for expected in ("kilograms pure", "95 %", "parameter sets", "12 pairs"):
        assert expected in figure.layout.meta["footer"]
    same = {"verdict": rows["verdict"], "seized_verdict": rows["verdict"]}
    assert sentences.seizures_mislead(same).startswith(
        "Seizures point the wrong way in the case in which the fentanyl"
    )


def test_scenarios_look_the_same_here_and_in_a_comparison() -> None:
    names = ["scanning", "targeting", "port_staffing", "cyber", "southbound", "investigators", "hsi_strategy"]
    rows = {
        "scenario": np.array(names),
        "adversary": np.array(["none"] * 7),
        "verdict": np.array(["less"] * 7),
    }
    for name in ("delivered", "seized"):
        rows |= {f"{name}{end}": np.arange(7.0) for end in ("", "_low", "_high")}
    drawn = seized_against_delivered(rows, "", "Simulated.").data
    rows["change"] = np.arange(-70.0, 0.0, 10.0)
    title = sentences.delivered(rows, "a year")
    assert title == "7 of 7 scenarios clearly change the fentanyl delivered, Scanning most: -70 kg a year"
    rows["verdict"] = np.array(["no difference that matters"] * 5 + ["cannot tell", "less"])
    title = sentences.delivered(rows, "a year")
    assert (
        title == "1 of 7 scenarios clearly changes the fentanyl delivered, HSI strategy most: -10 kg a year"
    )
    rows["verdict"][6] = "cannot tell"
    title = sentences.delivered(rows, "a year")
    assert title == "7 scenarios: none clearly changes the fentanyl delivered"
    worn = looks(names)
    assert [(dot.marker.color, dot.marker.symbol) for dot in drawn] == [worn[name] for name in names]
    assert len({(dot.marker.color, dot.marker.symbol) for dot in drawn}) == 7
    assert drawn[0].name == "Scanning", "with one adversary the scenario alone tells them apart"


def test_a_title_over_ways_of_adapting_counts_scenarios_that_hold_in_all_of_them() -> None:
    names, changes = ("scanning", "cyber", "surge"), (-90.0, -70.0, -200.0, -5.0, -40.0, -44.0)
    rows = {
        "scenario": np.repeat(names, 2), "adversary": np.array(["none", "logit"] * 3),
        "change": np.array(changes),
    }  # fmt: skip

    def title(verdicts: list[str]) -> str:
        return sentences.delivered({**rows, "verdict": np.array(verdicts)}, "a year")

    clear = "clearly {} the fentanyl delivered against every adversary tried, "
    both = title(["less", "less", "less", "cannot tell", "less", "less"])
    assert both == "2 of 3 scenarios " + clear.format("change") + "most Scanning -90 to -70 kg a year"
    one = title(["less", "more", "less", "cannot tell", "less", "less"])
    assert one == "1 of 3 scenarios " + clear.format("changes") + "Surge -44 to -40 kg a year"
    none = title(["less", "more", "less", "cannot tell", "more", "less"])
    assert none == "3 scenarios: none clearly changes the fentanyl delivered against every adversary tried"


MOVED = {
    "scenario": np.array(["scanning"] * 4), "adversary": np.array(["logit"] * 4),
    "place": np.array(["mail", "tucson", "between_ports", "all"]),
    "direct_kg": np.array([0.0, -80.0, 0.0, -80.0]), "moved_kg": np.array([90.0, -20.0, 40.0, 110.0]),
    "low": np.array([-5.0, -30.0, 30.0, 20.0]), "high": np.array([185.0, -10.0, 50.0, 200.0]),
    "verdict": np.array(["cannot tell", "less", "more", "more"]),
}  # fmt: skip


def test_the_figure_of_displacement_draws_places_in_order_and_their_sum_last() -> None:
    figure = displacement_flow(MOVED, "What moves", "Simulated: 12 pairs.")
    assert figure.layout.meta["title"] == "What moves"
    assert list(figure.layout.yaxis.ticktext) == ["Tucson", "Between ports", "Mail", "<b>All places</b>"]
    assert figure.data[-3].x == (30.0,), "the last circle is the sum of all places"
    assert figure.data[-3].error_x.array == (90.0,), "with an interval of its own"
    assert "Between ports: +0 kg frozen, +40 kg adapting" in figure.layout.meta["alt"]


@pytest.mark.parametrize(
    ("verdicts", "one", "two"),
    [
        (
            ["cannot tell", "less", "more", "more"],
            "Scanning: adaptation moves the flow most away from Tucson and towards between ports",
            "In 2 of 2 cases adaptation brings flow to between ports most of all",
        ),
        (["cannot tell"] * 3 + ["more"], "Scanning: cannot tell", "2 cases: cannot tell"),
        (["no difference that matters"] * 3 + ["more"], "Scanning: adaptation moves no flow", "2 cases: "),
        (
            ["cannot tell", "less", "cannot tell", "more"],
            "Scanning: adaptation moves",
            "2 cases: adaptation takes",
        ),
    ],
)
def test_the_sentence_on_displacement_names_only_what_is_clear(
    verdicts: list[str], one: str, two: str
) -> None:
    rows = {**MOVED, "verdict": np.array(verdicts)}
    assert sentences.displacement(rows).startswith(one)
    both = {name: np.concatenate([column, column]) for name, column in rows.items()}
    both["adversary"] = np.array(["logit"] * 4 + ["bandit"] * 4)
    assert sentences.displacement(both).startswith(two)


def test_the_words_beside_a_row_have_room() -> None:
    rows = {
        "scenario": np.array(["scanning"]), "adversary": np.array(["none"]), "change": np.array([-1040.0]),
        "low": np.array([-2730.0]), "high": np.array([2250.0]), "parameter_low": np.array([np.nan]),
        "parameter_high": np.array([np.nan]), "percent": np.array([-12.4]),
        "verdict": np.array(["cannot tell"]),
    }  # fmt: skip
    figure = delivered_by_adversary(rows, "", "Simulated.")
    seen = figure.layout.annotations[0].text.replace("<b>", "").replace("</b>", "")
    assert figure.layout.margin.r > 6.2 * len(seen), "a sign of 12 px is up to 6 px wide"
