"""Colours stay apart for every reader, names and orders are the same everywhere, footers say it all."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import plotly.graph_objects as go
import pytest

from sim.report import numbers, theme
from sim.report.frame import FOOTER, Edges, Frame, footer, frame
from tests.fixtures.synthetic_run import INFO

# Linear RGB matrices of complete deficiencies: Machado, Oliveira and Fernandes (2009), table 1, severity 1.0.
DEFICIENCIES = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# CIE 1976 difference that is plain at a glance; about 2.3 is the smallest that can be seen.
PLAIN = 15.0


def lab(hex_colour: str, deficiency: str) -> np.ndarray:
    rgb = np.array([int(hex_colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(DEFICIENCIES[deficiency] @ linear, 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]],
    )
    ratio = to_xyz @ seen / np.array([0.9505, 1.0, 1.089])
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def closest(colours: dict[str, str]) -> tuple[float, str]:
    found = []
    for deficiency in DEFICIENCIES:
        for (a, first), (b, second) in combinations(colours.items(), 2):
            distance = float(np.linalg.norm(lab(first, deficiency) - lab(second, deficiency)))
            found.append((distance, f"{a} and {b}, {deficiency}"))
    return min(found)


@pytest.mark.parametrize(
    "colours",
    [
        {p: theme.colour(p) for p in (*theme.OFFICES, "between_ports", "mail", "ports")},
        {"precursor": theme.PRECURSOR, "fentanyl": theme.FENTANYL, "seized": theme.SEIZED},
        {"latent": theme.LATENT, "observed": theme.OBSERVED, "official": theme.OFFICIAL},
        theme.SCENARIOS,
    ],
    ids=["places", "substances", "layers", "scenarios"],
)
def test_colours_that_meet_stay_apart_for_every_reader(colours: dict[str, str]) -> None:
    distance, pair = closest(colours)
    assert distance > PLAIN, pair


def test_the_distance_refuses_red_beside_green() -> None:
    distance, _ = closest({"red": "#c0392b", "green": "#5d7a1f"})
    assert distance < PLAIN


def test_the_scale_of_waits_darkens_steadily() -> None:
    for deficiency in DEFICIENCIES:
        for first, second in pairwise(lab(colour, deficiency) for _, colour in theme.WAIT_SCALE):
            assert first[0] > second[0]
            assert np.linalg.norm(first - second) > PLAIN


def test_a_route_class_wears_the_colour_and_rank_of_its_office() -> None:
    assert theme.colour("tucson.pedestrian") == theme.colour("tucson")
    shuffled = ["mail", "laredo", "san_diego.commercial", "san_diego.passenger", "between_ports", "zebra"]
    assert theme.ordered(shuffled) == [
        "san_diego.passenger",
        "san_diego.commercial",
        "laredo",
        "between_ports",
        "mail",
        "zebra",
    ]


def test_labels_are_words() -> None:
    assert theme.label("san_diego.commercial") == "San Diego, trucks"
    assert theme.label("parcel_via_us") == "Parcel via US"
    assert theme.label("pedestrian") == "Pedestrians"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (11787.0, "11,800"),
        (854, "854"),
        (37.4, "37"),
        (4.04, "4.0"),
        (0.0291, "0.029"),
        (float("nan"), "n/a"),
    ],
)
def test_short_numbers(value: float, words: str) -> None:
    assert numbers.short(value) == words


def test_bracket_shows_an_interval_only_where_there_is_one() -> None:
    assert numbers.bracket(120, 100, 140, "kg") == "120 kg [100\N{EN DASH}140]"
    assert numbers.bracket(120, float("nan"), float("nan"), "kg") == "120 kg"


def test_the_footer_says_unit_count_assumptions_and_source() -> None:
    text = footer(INFO.sentence, "kg", "Bars: 95 % prediction interval.")
    for part in ("Unit: kg.", "20 replications", "41 assumed values", "CBP", "seed 7", "3fa94c17", "95 %"):
        assert part in text
    assert "3 further parameter sets in the table" in footer(replace(INFO, parameter_sets=3).sentence, "kg")
    assert "1 replication of the central parameter set" in footer(
        replace(INFO, replications=1).sentence, "kg"
    )


def test_a_framed_figure_carries_its_words_and_leaves_the_plot_its_height() -> None:
    words = Frame("slug", "Title", "How to read it", "kg", "In words", plot_px=300)
    figure = frame(go.Figure(), words, INFO.sentence, Edges(top=20, bottom=40))
    layout = figure.layout
    assert (layout.meta["slug"], layout.meta["alt"], layout.meta["title"]) == ("slug", "In words", "Title")
    assert layout.height - layout.margin.t - layout.margin.b == 300
    assert [note.name for note in layout.annotations] == [FOOTER]
