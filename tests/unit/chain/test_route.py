"""Route classes: every office by mode, then what has no port; shares are those of the baseline loads."""

from __future__ import annotations

import math

import pytest

from sim.chain.route import RouteClass, RouteSettings, baseline_shares, route_classes
from sim.scenario import load_scenario
from tests.fixtures.composed import composed

SETTINGS = RouteSettings(
    loads_per_year={"laredo": 300.0, "between_ports": 80.0, "mail": 20.0},
    mode_share={"passenger": 0.6, "commercial": 0.3},
    drift_sd=0.0,
    drift_memory=0.0,
)


def test_an_office_has_a_route_per_mode_and_what_has_no_port_is_one_route() -> None:
    assert route_classes(SETTINGS) == [
        RouteClass("laredo.passenger", "laredo", "laredo", "passenger"),
        RouteClass("laredo.commercial", "laredo", "laredo", "commercial"),
        RouteClass("between_ports", "between_ports", "", ""),
        RouteClass("mail", "mail", "", ""),
    ]


def test_modes_split_the_loads_of_an_office_whatever_their_shares_add_up_to() -> None:
    """Of 400 loads, 300 go by the office: two thirds of them by car, one third by truck."""
    assert baseline_shares(SETTINGS) == pytest.approx([0.5, 0.25, 0.2, 0.05])


def test_a_place_without_loads_has_a_route_without_share() -> None:
    empty = SETTINGS.model_copy(update={"loads_per_year": {"laredo": 0.0, "mail": 20.0}})
    assert baseline_shares(empty) == [0.0, 0.0, 1.0]


def test_the_shipped_routes_are_those_of_four_offices_and_add_up_to_one() -> None:
    route = load_scenario(composed()).settings.chain.route
    assert len(route_classes(route)) == 4 * 3 + 2
    assert math.fsum(baseline_shares(route)) == pytest.approx(1.0, abs=1e-15)
