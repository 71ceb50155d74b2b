"""The declared columns of every table that is written: name, type, unit and meaning.

This is the schema and the documentation in one place. A table with another set of columns is
refused before it reaches the disk. No table joins a real crossing, lane or hour with a load, an
alarm or a detection: border tables hold lawful traffic, the others stop at the route class.
"""

from __future__ import annotations

from sim.core.errors import StoreError
from sim.core.tables import Column, Table, typed

_LANE_GROUP = (
    Column("crossing_id", "str", "", "number of the crossing in the traffic tables"),
    Column("crossing", "str", "", "name of the crossing"),
    Column("office", "str", "", "field office: san_diego, tucson, el_paso or laredo"),
    Column("mode", "str", "", "passenger, commercial or pedestrian"),
    Column("lane_class", "str", "", "standard, ready, sentri or fast"),
)

COLUMNS: dict[str, tuple[Column, ...]] = {
    "measures": (
        Column("replication", "int32", "", "number of the replication, from 0"),
        Column("parameter_set", "int32", "", "0 is the central set; others are drawn from the evidence"),
        Column("month", "str", "", "YYYY-MM"),
        Column("measure", "str", "", "name in conf/measures.yaml, which gives the unit"),
        Column(
            "place",
            "str",
            "",
            "all, an office, a route class, a source, a cluster, a mode, a lane class or a use",
        ),
        Column("layer", "str", "", "latent (the whole truth) or observed (what an agency would see)"),
        Column("value", "float64", "of the measure", "value in this month"),
    ),
    "border_hours": (
        *_LANE_GROUP,
        Column("hour_of_week", "int32", "h", "0 is Monday 00:00, local wall clock"),
        Column("lanes", "float64", "lanes", "mean number of open lanes"),
        Column("trips_per_h", "float64", "1/h", "mean crossings that join the queue"),
        Column("reneged_per_h", "float64", "1/h", "mean drivers who renege (leave the queue unserved)"),
        Column("wait_min", "float64", "min", "mean wait before primary inspection"),
        Column("queue", "float64", "vehicles", "mean number waiting at the full hour"),
    ),
    "border_months": (
        *_LANE_GROUP,
        Column("month", "str", "", "YYYY-MM"),
        Column("trips", "float64", "1", "crossings"),
        Column("reneged", "float64", "1", "drivers who reneged"),
        Column("wait_min", "float64", "min", "mean wait before primary inspection"),
        Column("wait_p50_min", "float64", "min", "median wait"),
        Column("wait_p90_min", "float64", "min", "90 % quantile of the wait"),
        Column("share_over_60", "float64", "1", "share of crossings that waited over 60 minutes"),
        Column("lane_h", "float64", "h", "open lane-hours"),
        Column("busy_h", "float64", "h", "lane-hours spent in inspection"),
    ),
    "postings": (
        Column("replication", "int32", "", "number of the replication, from 0"),
        Column("month", "str", "", "YYYY-MM"),
        Column("from_account", "str", "", "account that gives"),
        Column("to_account", "str", "", "account that takes"),
        Column(
            "commodity",
            "str",
            "",
            "precursor_mg, fentanyl_mg, gross_mg, usd_cents, lead, firearm, officer_h or alarm",
        ),
        Column("amount", "int64", "of the commodity", "sum of the month"),
        Column("count", "int64", "1", "number of postings"),
    ),
    "evidence": (
        Column("path", "str", "", "configuration path of the number"),
        Column("value", "float64", "of the row", "value that the run used"),
        Column("unit", "str", "", "unit of value, low and high"),
        Column("low", "float64", "of the row", "lower end of the evidence range, empty when none is given"),
        Column("high", "float64", "of the row", "upper end of the evidence range"),
        Column("fact", "str", "", "row of conf/facts.csv or the name of the source"),
        Column("status", "str", "", "official, measured, literature, derived, calibrated, assumed, override"),
        Column("reason", "str", "", "why an assumed value was chosen, or what an override replaced"),
    ),
    "single_crossing_hours": (
        Column("hour_of_week", "int32", "h", "0 is Monday 00:00, or midnight where all days are alike"),
        Column("lanes", "float64", "lanes", "open lanes"),
        Column("trips_per_h", "float64", "1/h", "mean crossings that join the queue"),
        Column("reneged_per_h", "float64", "1/h", "mean drivers who renege (leave the queue unserved)"),
        Column("wait_min", "float64", "min", "mean wait before primary inspection"),
        Column("wait_min_low", "float64", "min", "lower end of its 95 % interval, empty when none is known"),
        Column("wait_min_high", "float64", "min", "upper end"),
        Column("delayed_share", "float64", "1", "share of crossings that wait at all"),
        Column("delayed_share_low", "float64", "1", "lower end of its 95 % interval"),
        Column("delayed_share_high", "float64", "1", "upper end"),
        Column("queue", "float64", "vehicles", "mean number waiting at the end of the hour"),
        Column("queue_low", "float64", "vehicles", "lower end of its 95 % interval"),
        Column("queue_high", "float64", "vehicles", "upper end"),
        Column("utilization", "float64", "1", "share of open lane-hours spent in inspection"),
    ),
    "single_crossing_frontier": (
        Column("scanned_share", "float64", "1", "share of vehicles that was to be scanned"),
        Column("reached_share", "float64", "1", "share that scanners could do, mean over those who came"),
        Column("staffing_added", "int64", "lanes", "lanes added at every open hour"),
        Column("wait_min", "float64", "min", "mean wait before primary inspection"),
        Column("wait_min_low", "float64", "min", "lower end of its 95 % interval, empty when none is known"),
        Column("wait_min_high", "float64", "min", "upper end"),
        Column("detection_share", "float64", "1", "share of loads found"),
        Column("detection_share_low", "float64", "1", "lower end of its 95 % interval"),
        Column("detection_share_high", "float64", "1", "upper end"),
        Column("lawful_referrals_per_day", "float64", "1/d", "lawful travellers sent to secondary"),
        Column("lawful_referrals_per_day_low", "float64", "1/d", "lower end of its 95 % interval"),
        Column("lawful_referrals_per_day_high", "float64", "1/d", "upper end"),
    ),
    "single_crossing_outcomes": (
        Column("outcome", "str", "", "outcome of a crossing that a user invented"),
        Column("unit", "str", "", "unit of mean, low and high"),
        Column("layer", "str", "", "latent (the whole truth) or observed (what an officer would see)"),
        Column("mean", "float64", "of the row", "mean over replications, or ratio of sums"),
        Column("low", "float64", "of the row", "lower end of the 95 % interval, empty when none is known"),
        Column("high", "float64", "of the row", "upper end"),
    ),
}

REPLICATION_TABLES = ("measures", "border_hours", "border_months", "postings")


def checked(name: str, table: Table) -> Table:
    """Return a table in the declared order and types.

    Parameters
    ----------
    name : str
        A key of ``COLUMNS``.
    table : dict of str to ndarray
        Columns of equal length.

    Raises
    ------
    StoreError
        A column is missing, unknown or of another length.
    """
    declared = COLUMNS[name]
    names = [column.name for column in declared]
    if set(names) != set(table):
        missing, extra = sorted(set(names) - set(table)), sorted(set(table) - set(names))
        raise StoreError(f"table {name}: missing columns {missing}, undeclared columns {extra}")
    out = {column.name: typed(column, table[column.name]) for column in declared}
    if len({len(values) for values in out.values()}) > 1:
        lengths = {key: len(values) for key, values in out.items()}
        raise StoreError(f"table {name}: columns differ in length {lengths}")
    return out
