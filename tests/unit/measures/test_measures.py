"""Measures count what the postings say, and nothing else."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.border.waits import wait_quantile
from sim.core.calendar import Calendar
from sim.measures.border import officer_costs
from sim.measures.flows import measure_flows
from sim.measures.registry import registry
from sim.measures.replication import monthly_mean

MONTHS = ("2021-10", "2021-11")
POSTINGS = [
    ("2021-10", "load.tucson.passenger", "seized.port.tucson.passenger", "fentanyl_mg", 2_000_000, 2),
    ("2021-10", "load.tucson.passenger", "seized.port.tucson.passenger", "gross_mg", 9_071_847, 2),
    ("2021-10", "seen.field_operations", "recorded.field_operations.tucson", "gross_mg", 9_071_847, 2),
    ("2021-11", "load.tucson.passenger", "us.wholesale", "fentanyl_mg", 6_000_000, 5),
    ("2021-11", "load.between_ports", "seized.between_ports", "gross_mg", 453_592, 1),
    ("2021-11", "seen.border_patrol", "recorded.border_patrol.between_ports", "gross_mg", 453_592, 1),
    ("2021-10", "seen.partner", "recorded.partner.gateway", "precursor_mg", 25_000_000, 1),
    ("2021-10", "transit.sea", "seized.gateway", "precursor_mg", 25_000_000, 1),
    ("2021-11", "treasury", "programme.port_staffing", "usd_cents", 12_345, 30),
    ("2021-11", "raised.outreach_tip", "leads.open", "lead", 3, 3),
    ("2021-11", "seen.investigations", "recorded.investigations.outreach_tip", "lead", 3, 3),
    ("2021-10", "leads.open", "cases.open.partner", "lead", 3, 3),
    ("2021-11", "leads.open", "leads.stale", "lead", 5, 5),
    ("2021-11", "cases.open.partner", "cases.closed.partner", "lead", 2, 2),
    ("2021-11", "cases.open.partner", "cases.failed.partner", "lead", 1, 1),
    ("2021-11", "cases.closed.partner", "disruptions.lab.took_effect", "lead", 1, 1),
    ("2021-11", "cases.closed.partner", "disruptions.lab.already_down", "lead", 1, 1),
    ("2021-11", "struck", "disruptions.online.took_effect", "lead", 1, 1),
    ("2021-11", "struck", "disruptions.online.already_down", "lead", 2, 2),
    ("2021-10", "dealers", "southbound.arms", "firearm", 50, 10),
    ("2021-10", "southbound.arms", "seized.arms", "firearm", 5, 1),
    ("2021-10", "southbound.arms", "arms.cjng", "firearm", 45, 9),
    ("2021-11", "seen.field_operations", "recorded.field_operations.arms", "firearm", 5, 1),
    ("2021-11", "channel.crypto", "frozen.crypto", "usd_cents", 900, 1),
    ("2021-11", "frozen.crypto", "forfeited.crypto", "usd_cents", 400, 1),
    ("2021-11", "channel.trade", "seized.trade", "usd_cents", 100, 1),
    ("2021-11", "seen.finance", "recorded.finance.trade", "usd_cents", 100, 1),
    ("2021-10", "origin.asia_china", "transit.sea", "precursor_mg", 100_000_000, 4),
    ("2021-10", "labs.cjng", "consumed.cjng", "precursor_mg", 30_000_000, 3),
    ("2021-10", "produced.cjng", "stock.cjng.product", "fentanyl_mg", 20_000_000, 3),
    ("2021-10", "capital.cjng", "paid.asia_china", "usd_cents", 4_000_000, 4),
    ("2021-10", "capital.cjng", "paid.couriers", "usd_cents", 300_000, 3),
    ("2021-10", "packed", "load.tucson.passenger", "gross_mg", 9_999_999, 10),
    ("2021-10", "duty.base.laredo", "use.primary.laredo", "officer_h", 700, 31),
    ("2021-10", "duty.added.laredo", "use.primary.laredo", "officer_h", 40, 31),
    ("2021-11", "duty.added.tucson", "use.idle.tucson", "officer_h", 5, 2),
    ("2021-11", "asked.outbound", "unmet.outbound", "officer_h", 9, 3),
    ("2021-10", "screened.laredo.passenger", "passed.laredo.passenger", "alarm", 6, 6),
    ("2021-10", "screened.laredo.passenger", "alarm.scanner.laredo.passenger", "alarm", 3, 3),
    ("2021-10", "screened.tucson.commercial", "alarm.scanner.tucson.commercial", "alarm", 1, 1),
    ("2021-10", "alarm.scanner.laredo.passenger", "found.scanner.laredo.passenger", "alarm", 1, 1),
    ("2021-10", "alarm.scanner.laredo.passenger", "cleared.scanner.laredo.passenger", "alarm", 1, 1),
    ("2021-10", "alarm.scanner.laredo.passenger", "overlooked.scanner.laredo.passenger", "alarm", 1, 1),
    ("2021-10", "alarm.scanner.tucson.commercial", "found.scanner.tucson.commercial", "alarm", 1, 1),
]


def postings() -> dict[str, np.ndarray]:
    names = ("month", "from_account", "to_account", "commodity", "amount", "count")
    return dict(zip(names, (np.array(c) for c in zip(*POSTINGS, strict=True)), strict=True))


@pytest.mark.parametrize(
    ("measure", "place", "expected"),
    [
        ("seized_pure_kg", "tucson.passenger", [2.0, 0.0]),
        ("delivered_pure_kg", "all", [0.0, 6.0]),
        ("seizure_events", "tucson", [2.0, 0.0]),
        ("seizure_events", "ports", [2.0, 0.0]),
        ("seizure_events", "all", [2.0, 1.0]),
        ("seized_gross_lb", "tucson", [20.0, 0.0]),
        ("seized_gross_lb", "between_ports", [0.0, 1.0]),
        ("precursor_stopped_kg", "gateway", [25.0, 0.0]),
        ("programme_cost_usd", "port_staffing", [0.0, 123.45]),
        ("leads", "outreach_tip", [0.0, 3.0]),
        ("interdiction_share", "all", [1.0, 0.0]),
        ("precursor_lost_kg", "gateway", [25.0, 0.0]),
        ("leads_stale", "all", [0.0, 5.0]),
        ("cases_opened", "partner", [3.0, 0.0]),
        ("cases_closed", "partner", [0.0, 2.0]),
        ("cases_failed", "all", [0.0, 1.0]),
        ("targets_struck", "lab", [0.0, 2.0]),
        ("disruptions", "lab", [0.0, 1.0]),
        ("takedowns", "all", [0.0, 3.0]),
        ("takedowns_effective", "all", [0.0, 1.0]),
        ("firearms_sent", "all", [50.0, 0.0]),
        ("firearms_delivered", "cjng", [45.0, 0.0]),
        ("firearms_lost", "all", [5.0, 0.0]),
        ("firearms_seized", "all", [0.0, 5.0]),
        ("cash_seized_usd", "trade", [0.0, 1.0]),
        ("cash_lost_usd", "trade", [0.0, 1.0]),
        ("cash_frozen_usd", "crypto", [0.0, 9.0]),
        ("cash_forfeited_usd", "all", [0.0, 4.0]),
        ("inputs_paid_usd", "all", [43_000.0, 0.0]),
        # 25 kg and 2 kg x 1.5 at 400 USD/kg, two loads at 300 USD; one more load in November
        ("replacement_cost_usd", "all", [11_800.0, 300.0]),
        ("adversary_profit_usd", "all", [0.0, 0.0]),
        ("officer_hours", "all", [740.0, 5.0]),
        ("officer_hours", "laredo", [740.0, 0.0]),
        ("officer_hours", "primary", [740.0, 0.0]),
        ("officer_hours", "idle", [0.0, 5.0]),
        ("officer_hours_added", "all", [40.0, 5.0]),
        ("outbound_hours_unmet", "all", [0.0, 9.0]),
        ("loads_screened", "all", [10.0, 0.0]),
        ("loads_screened", "passenger", [9.0, 0.0]),
        ("loads_without_alarm", "passenger", [6.0, 0.0]),
        ("loads_alarmed", "scanner", [4.0, 0.0]),
        ("loads_alarmed", "scanner.passenger", [3.0, 0.0]),
        ("alarms_found", "passenger", [1.0, 0.0]),
        ("alarms_cleared", "scanner", [1.0, 0.0]),
        ("alarms_overlooked", "scanner.passenger", [1.0, 0.0]),
    ],
)
def test_flows(measure: str, place: str, expected: list[float]) -> None:
    assert measure_flows(postings(), MONTHS)[measure, place] == pytest.approx(expected, rel=1e-5)


def test_detection_is_what_was_found_of_what_came() -> None:
    rows = measure_flows(postings(), MONTHS)
    assert rows["detection_share", "all"][0] == pytest.approx(0.2)
    assert rows["detection_share", "commercial"][0] == 1.0
    assert np.isnan(rows["detection_share", "all"][1]), "nothing came: no share, not a share of 0"
    assert ("detection_share", "scanner") not in rows


def test_screening_is_told_by_no_office() -> None:
    rows = measure_flows(postings(), MONTHS)
    told = {place for measure, place in rows if measure.startswith(("loads_a", "loads_w", "alarms", "detec"))}
    assert told == {"all", "passenger", "commercial", "scanner", "scanner.passenger", "scanner.commercial"}


def test_officer_hours_have_one_price() -> None:
    costs = officer_costs(measure_flows(postings(), MONTHS), 150.0)
    assert costs["officer_cost_usd", "laredo"].tolist() == [740 * 150.0, 0.0]
    assert costs["officer_cost_added_usd", "all"].tolist() == [40 * 150.0, 5 * 150.0]
    assert {name for name, _ in costs} <= set(registry())


def test_every_flow_is_declared() -> None:
    assert {name for name, _ in measure_flows(postings(), MONTHS)} <= set(registry())


def test_wait_quantile_reads_counts_by_minute() -> None:
    bins = np.array([[10, 0, 10, 0], [0, 0, 0, 0]])
    everybody = bins.sum(axis=1)
    median = wait_quantile(bins, 0.5, everybody)
    assert median[0] == pytest.approx(1.0)
    assert np.isnan(median[1])
    assert wait_quantile(bins, 0.75, everybody)[0] == pytest.approx(2.5)


def test_who_is_served_at_once_waits_no_part_of_a_minute() -> None:
    bins = np.array([[60, 20, 20]])
    delayed = np.array([50])
    assert wait_quantile(bins, 0.5, delayed)[0] == 0.0
    # Ten of those who waited did so for less than a minute, evenly spread.
    assert wait_quantile(bins, 0.55, delayed)[0] == pytest.approx(0.5)
    assert wait_quantile(bins, 0.7, delayed)[0] == pytest.approx(1.5)
    assert wait_quantile(bins, 0.7, np.array([100]))[0] == pytest.approx(1.5)


def test_monthly_mean_leaves_out_the_warm_up() -> None:
    calendar = Calendar(date(2021, 10, 1), 61, 10)
    times = np.array([0.0, 11 * 24.0, 12 * 24.0, 45 * 24.0])
    values = np.array([99.0, 1.0, 3.0, 7.0])
    assert monthly_mean((times, values), calendar) == pytest.approx([2.0, 7.0])


def test_lane_classes_add_up_to_their_mode() -> None:
    from types import SimpleNamespace

    from sim.border.state import GROUP_SUM, STATION_SUM
    from sim.measures.border import measure_border

    month = np.zeros((3, 1), GROUP_SUM)
    month["trips"][:, 0], month["busy_h"][:, 0], month["lane_h"][:, 0] = [10, 30, 5], [1, 6, 0.5], [4, 8, 1]
    month["delayed"][:, 0] = [10, 30, 5]
    bins = np.zeros((3, 1, 241), dtype=np.int64)
    bins[0, 0, 70], bins[1, 0, 5], bins[2, 0, 0] = 10, 30, 5
    station = np.zeros((2, 1), STATION_SUM)
    station["wait_h"][:, 0], station["busy_h"][:, 0] = [1.0, 2.0], [0.5, 0.0]
    groups = [("passenger", "standard"), ("passenger", "sentri"), ("commercial", "fast")]
    outcome = SimpleNamespace(
        border=SimpleNamespace(month=month, wait_bins=bins, station=station),
        tables=SimpleNamespace(
            groups=[SimpleNamespace(mode=mode, lane_class=kind) for mode, kind in groups],
            stations=[SimpleNamespace(mode="passenger"), SimpleNamespace(mode="commercial")],
        ),
    )
    rows = measure_border(outcome, {"passenger": 2.0, "commercial": 1.0})  # type: ignore[arg-type]
    assert rows["trips", "passenger.sentri"].tolist() == [30]
    assert rows["share_over_60", "passenger"].tolist() == [0.25]
    assert rows["share_over_60", "passenger.standard"].tolist() == [1.0]
    assert rows["wait_p50_min", "passenger"][0] == pytest.approx(5 + 20 / 30)
    assert rows["wait_p90_min", "passenger"][0] == pytest.approx(70.6)
    assert rows["utilization", "passenger"][0] == pytest.approx(7 / 12)
    assert rows["utilization", "commercial.fast"].tolist() == [0.5]
    assert rows["secondary_minutes", "passenger"].tolist() == [90.0]
    assert rows["secondary_minutes", "all"].tolist() == [210.0]
    assert {name for name, _ in rows} <= set(registry())
