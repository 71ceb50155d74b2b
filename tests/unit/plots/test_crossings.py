"""The map and the heat maps: right places, right averages, nothing fetched, no seizure beside a crossing."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from sim.core.errors import TableError
from sim.plots.crossings import hourly, spots_of, weighted_mean
from sim.plots.crossings_map import CIRCLE_MAX_PX, STRETCH, crossings_map
from sim.plots.labels import LabelBox, around, box_of, place_labels
from sim.plots.outline import LAT, LON, read_outline
from sim.plots.wait_heatmap import ranked_weekdays, waits_by_hour, waits_by_week
from tests.fixtures import synthetic_run
from tests.fixtures.synthetic_run import INFO, table

OUTLINE = Path(__file__).parents[3] / "conf" / "border_outline.csv"


def the_map() -> go.Figure:
    geography = synthetic_run.locations(), read_outline(OUTLINE)
    measures = synthetic_run.measures(runs=3)
    return crossings_map(synthetic_run.border_months(), geography, measures, INFO, synthetic_run.official())


def test_crossings_lie_on_the_border() -> None:
    outline = read_outline(OUTLINE)
    border = outline["line"] == "border"
    lon, lat = outline["lon"][border], outline["lat"][border]
    places = synthetic_run.locations()
    for name, x, y in zip(places["crossing_id"], places["lon"], places["lat"], strict=True):
        step = np.linspace(0, 1, 50)[:, None]
        on_x, on_y = lon[:-1] + step * np.diff(lon), lat[:-1] + step * np.diff(lat)
        # 0.1 degree is the ten kilometres that the outline claims.
        assert np.hypot((on_x - x) * STRETCH, on_y - y).min() < 0.1, name


def test_the_outline_names_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "outline.csv"
    path.write_text("# origin\nline,lon\nborder,1\n")
    with pytest.raises(TableError, match="column 'lat' is missing"):
        read_outline(path)


def test_the_map_keeps_its_shape_and_fetches_nothing() -> None:
    figure = the_map()
    axis = figure.layout.yaxis
    assert (axis.scaleanchor, axis.scaleratio) == ("x", pytest.approx(1 / STRETCH))
    assert (tuple(figure.layout.xaxis.range), tuple(axis.range)) == (LON, LAT)
    assert {trace.type for trace in figure.data} == {"scatter", "bar"}
    assert "http" not in json.dumps(figure.to_plotly_json(), default=str)


def test_circles_have_areas_by_trips() -> None:
    figure = the_map()
    circles = [trace for trace in figure.data if trace.marker.colorbar.title.text]
    spots = spots_of(synthetic_run.border_months(), synthetic_run.locations(), "passenger", 1.0)
    area = np.array(circles[0].marker.size) ** 2
    trips = np.array([spot.trips for spot in spots])
    assert area.max() == pytest.approx(CIRCLE_MAX_PX**2)
    # The smallest are drawn at a size that can still be seen.
    big = trips > trips.max() / 50
    assert area[big] / area.max() == pytest.approx(trips[big] / trips.max())


def test_crossings_at_one_place_are_summed_and_waits_weighted() -> None:
    columns = ("crossing_id", "crossing", "office", "mode", "trips", "wait_min")
    months = table(
        columns,
        [
            ("1", "Nogales - A", "tucson", "passenger", 300.0, 10.0),
            ("1", "Nogales - A", "tucson", "passenger", 100.0, 30.0),
            ("2", "Nogales - B", "tucson", "passenger", 100.0, 65.0),
            ("3", "Far", "tucson", "passenger", 10.0, float("nan")),
            ("4", "Nowhere", "tucson", "passenger", 10.0, 5.0),
        ],
    )
    places = table(
        ("crossing_id", "lon", "lat"), [("1", -110.94, 31.33), ("2", -110.94, 31.33), ("3", -109.0, 31.3)]
    )
    first, second = spots_of(months, places, "passenger", 2.0)
    assert (first.town, first.trips, first.wait_min) == ("Nogales", 1000.0, 25.0)
    assert len(first.lines) == 2
    assert np.isnan(second.wait_min)


def test_seizures_are_shown_by_field_office_alone() -> None:
    figure = the_map()
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert len(bars) == 4
    assert all(bar.customdata is None and bar.hoverinfo == "skip" for bar in bars)
    for trace in figure.data:
        words = " ".join(
            str(v) for part in (trace.text, trace.customdata) if part is not None for v in np.ravel(part)
        )
        assert "seiz" not in words.lower()
        assert "event" not in words.lower()


def test_a_run_without_a_border_is_drawn() -> None:
    months = {name: values[:0] for name, values in synthetic_run.border_months().items()}
    hours = {name: values[:0] for name, values in synthetic_run.border_hours().items()}
    geography = synthetic_run.locations(), read_outline(OUTLINE)
    crossings_map(months, geography, synthetic_run.measures(runs=2), INFO)
    waits_by_hour(hours, INFO)
    waits_by_week(hours, INFO)


def test_labels_keep_off_each_other_off_circles_and_inside() -> None:
    rng = np.random.default_rng(2)
    circles = [(float(x), float(y), float(r)) for x, y, r in rng.uniform((0, 0, 3), (600, 300, 25), (25, 3))]
    texts = [f"Crossing {i}" if i % 5 else "" for i in range(25)]
    frame = LabelBox(0, 0, 600, 300)
    positions = place_labels(texts, circles, frame)
    boxes = [
        (i, box_of(text, *circle, position))
        for i, (text, circle, position) in enumerate(zip(texts, circles, positions, strict=True))
        if position
    ]
    assert len(boxes) > 5
    assert all(position is None for text, position in zip(texts, positions, strict=True) if not text)
    for (_, a), (_, b) in combinations(boxes, 2):
        assert not a.meets(b)
    for i, box in boxes:
        assert frame.left <= box.left
        assert box.right <= frame.right
        assert not any(box.meets(around(*circle)) for j, circle in enumerate(circles) if j != i)


def test_a_label_crosses_a_line_only_where_it_must() -> None:
    frame, circle = LabelBox(0, 0, 400, 200), (200.0, 100.0, 5.0)
    above = LabelBox(0, 108, 400, 110)
    assert place_labels(["Crossing"], [circle], frame) == ["top center"]
    assert place_labels(["Crossing"], [circle], frame, [above]) == ["bottom center"]
    assert place_labels(["Crossing"], [circle], frame, [frame]) == ["top center"]


def hours(rows: list[tuple[object, ...]]) -> dict[str, np.ndarray]:
    return table(("crossing", "mode", "lane_class", "hour_of_week", "trips_per_h", "wait_min"), rows)


def test_lane_classes_are_averaged_by_trips_and_closed_hours_stay_empty() -> None:
    week = hourly(
        hours(
            [
                ("A", "passenger", "standard", 24, 30.0, 40.0),
                ("A", "passenger", "sentri", 24, 10.0, 4.0),
                ("A", "passenger", "standard", 25, 0.0, float("nan")),
                ("A", "commercial", "standard", 26, 9.0, 99.0),
            ]
        ),
        "passenger",
    )
    assert week["A"][1, 0] == pytest.approx(31.0)
    assert np.isfinite(week["A"]).sum() == 1


def test_the_ranking_is_by_wait_and_over_weekdays_only() -> None:
    rows: list[tuple[object, ...]] = []
    for hour in range(168):
        weekend = hour >= 120
        rows.append(("Slow on Sundays", "passenger", "standard", hour, 5.0, 300.0 if weekend else 10.0))
        rows.append(("Slow at work", "passenger", "standard", hour, 5.0, 0.0 if weekend else 20.0))
    ranked = ranked_weekdays(hours(rows), "passenger")
    assert [name for name, *_ in ranked] == ["Slow at work", "Slow on Sundays"]
    assert ranked[1][1] == pytest.approx(np.full(24, 10.0))


def test_weighted_mean_of_nothing_is_nothing() -> None:
    assert np.isnan(weighted_mean(np.array([np.nan, 3.0]), np.array([1.0, 0.0])))


@pytest.mark.parametrize("draw", [waits_by_hour, waits_by_week])
def test_a_choice_shows_one_heat_map_and_the_first_is_seen(draw: object) -> None:
    figure = draw(synthetic_run.border_hours(), INFO)  # type: ignore[operator]
    menu = figure.layout.updatemenus[0]
    shown = [button.args[0]["visible"] for button in menu.buttons]
    assert len(shown) == len(figure.data)
    assert all(sum(choice) == 1 for choice in shown)
    assert [trace.visible for trace in figure.data] == shown[menu.active]
    assert len({trace.zmax for trace in figure.data}) == 1


def test_a_choice_on_the_map_leaves_the_outline_and_the_bars() -> None:
    figure = the_map()
    for button in figure.layout.updatemenus[0].buttons:
        visible, traces = button.args[0]["visible"], button.args[1]
        assert len(visible) == len(traces)
        touched = {figure.data[i].type for i in traces}
        assert touched == {"scatter"}
        assert sum(visible) == 3
        assert all(figure.data[i].x is not None for i in traces)
