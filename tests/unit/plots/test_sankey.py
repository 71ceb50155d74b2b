"""The mass flow: every kilogram of the postings is drawn once, in its own station, where it can be read."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from sim.plots.flows import Flows, fold, kind_of, station_of
from sim.plots.sankey import GAP_PX, INNER_PX, LABEL_PX, layers, place, px_per_kg, sankey
from tests.fixtures import synthetic_run
from tests.fixtures.synthetic_run import INFO, table


def post(*rows: tuple[str, str, str, float], replication: int = 0) -> dict[str, np.ndarray]:
    columns = ("replication", "month", "from_account", "to_account", "commodity", "amount", "count")
    return table(
        columns, [(replication, "2021-10", a, b, what, round(kg * 1e6), 1) for a, b, what, kg in rows]
    )


SMALL = post(
    ("origin.asia_china", "transit.sea", "precursor_mg", 100.0),
    ("transit.sea", "seized.gateway", "precursor_mg", 10.0),
    ("transit.sea", "stock.cjng.precursor", "precursor_mg", 90.0),
    ("stock.cjng.precursor", "labs.cjng", "precursor_mg", 80.0),
    ("labs.cjng", "consumed.cjng", "precursor_mg", 75.0),
    ("produced.cjng", "stock.cjng.product", "fentanyl_mg", 50.0),
    ("stock.cjng.product", "load.tucson.passenger", "fentanyl_mg", 40.0),
    ("load.tucson.passenger", "seized.port.tucson.passenger", "fentanyl_mg", 4.0),
    ("load.tucson.passenger", "us.wholesale", "fentanyl_mg", 36.0),
    ("us.wholesale", "consumption", "fentanyl_mg", 30.0),
    ("buyers", "proceeds.cjng", "usd_cents", 9.0),
    ("packed", "load.tucson.passenger", "gross_mg", 400.0),
)


def test_kilograms_land_in_their_stations() -> None:
    flows = fold(SMALL)
    assert flows.out_of("origin:asia_china") == pytest.approx([100.0])
    assert flows.into("precursor_seized:gateway") == pytest.approx([10.0])
    assert flows.into("product:cjng") == pytest.approx([80.0])
    assert flows.used["product:cjng"] == pytest.approx([75.0])
    assert flows.through("product:cjng") == pytest.approx([50.0])
    assert flows.into("seized:passenger") == pytest.approx([4.0])
    assert flows.into("street:us") == pytest.approx([30.0])
    assert {key[2] for key in flows.links} == {"precursor_mg", "fentanyl_mg"}


def test_a_return_is_netted() -> None:
    flows = fold(
        post(("origin.a", "transit.b", "precursor_mg", 9.0), ("transit.b", "origin.a", "precursor_mg", 2.0))
    )
    assert flows.links["origin:a", "transit:b", "precursor_mg"] == pytest.approx([7.0])


def test_an_unknown_account_is_left_out_and_an_empty_ledger_is_drawn_empty() -> None:
    assert fold(post(("origin.a", "newroom.b", "precursor_mg", 9.0))).links == {}
    figure = sankey(post(("buyers", "treasury", "usd_cents", 1.0)), INFO)
    assert "0 kg" in figure.layout.meta["alt"]


@pytest.mark.parametrize(
    "account",
    ["load.san_diego.commercial", "seized.port.san_diego.commercial", "seized.between_ports", "load.mail"],
)
def test_no_station_is_finer_than_a_route_class(account: str) -> None:
    assert len(station_of(account, "fentanyl_mg").split(":")[1].split(".")) == 1


def test_links_add_up_to_the_postings() -> None:
    postings = synthetic_run.postings(runs=3)
    flows = fold(postings)
    total = defaultdict(float)
    for source, _, what, amount in zip(
        *(postings[c] for c in ("from_account", "to_account", "commodity", "amount")), strict=True
    ):
        if what == "precursor_mg" and source.startswith("origin."):
            total["sent"] += amount / 1e6 / 3
    sent = sum(flows.out_of(s).mean() for s in flows.stations if kind_of(s) == "origin")
    assert sent == pytest.approx(total["sent"])


def drawn() -> tuple[Flows, float]:
    flows = fold(synthetic_run.postings(runs=3))
    return flows, px_per_kg(flows)


def test_stations_and_their_labels_do_not_overlap() -> None:
    flows, scale = drawn()
    columns = defaultdict(list)
    for node in place(flows, scale):
        bar = max(flows.into(node.station).mean(), flows.out_of(node.station).mean()) * scale
        half = max(bar, LABEL_PX) / 2
        columns[node.x].append((node.y * INNER_PX - half, node.y * INNER_PX + half))
    for spans in columns.values():
        spans.sort()
        assert spans[0][0] >= -1e-6
        assert spans[-1][1] <= INNER_PX + 1e-6
        assert all(b[0] - a[1] >= GAP_PX - 1e-6 for a, b in pairwise(spans))


def test_the_library_arrives_at_our_scale() -> None:
    """The drawing library fits its fullest layer; our padding makes that the scale of the labels."""
    flows, scale = drawn()
    pad = sankey(synthetic_run.postings(runs=3), INFO).data[0].node.pad
    sizes = {s: max(flows.into(s).mean(), flows.out_of(s).mean()) for s in flows.stations}
    theirs = min(
        (INNER_PX - (len(layer) - 1) * pad) / sum(sizes[s] for s in layer) for layer in layers(flows)
    )
    assert theirs == pytest.approx(scale, rel=1e-6)


def test_the_alternative_tells_the_numbers_and_the_footer_the_runs_drawn() -> None:
    meta = sankey(synthetic_run.postings(runs=3), INFO).layout.meta
    assert "Reaching the street" in meta["alt"]
    assert "Seized: between ports" in meta["alt"]
    assert "3 replications" in meta["footer"]
    assert "no interval" in sankey(SMALL, INFO).layout.meta["footer"]
