"""Made-up tables in the layout of a replication, for tests of the figures.

The crossings and the official seizures are real; every simulated number is drawn from a seeded
generator around plausible means, so that a picture of them looks like a picture of a run.
"""

from __future__ import annotations

import numpy as np

from sim.plots.frame import RunInfo
from sim.plots.headline import HeadlineRow

MONTHS = [f"{2021 + (m + 9) // 12}-{(m + 9) % 12 + 1:02d}" for m in range(12)]
LB_PER_KG = 2.20462

# crossing_id, name, office, lon, lat, then million cars, trucks and pedestrians a year
CROSSINGS = (
    ("250401", "San Ysidro", "san_diego", -117.029, 32.543, 14.6, 0.0, 6.3),
    ("250409", "Cross Border Express", "san_diego", -116.974, 32.548, 0.0, 0.0, 2.0),
    ("250601", "Otay Mesa - Passenger", "san_diego", -116.939, 32.55, 6.9, 0.0, 3.1),
    ("250602", "Otay Mesa - Commercial", "san_diego", -116.939, 32.55, 0.0, 1.03, 0.0),
    ("250501", "Tecate", "san_diego", -116.626, 32.576, 1.0, 0.06, 0.6),
    ("250302", "Calexico - West", "san_diego", -115.388, 32.673, 3.6, 0.0, 3.3),
    ("250301", "Calexico - East", "san_diego", -115.388, 32.673, 3.2, 0.42, 0.2),
    ("250201", "Andrade", "san_diego", -114.728, 32.718, 0.6, 0.0, 0.9),
    ("260801", "San Luis", "tucson", -114.782, 32.485, 3.2, 0.03, 2.4),
    ("260201", "Lukeville", "tucson", -112.817, 31.88, 0.4, 0.0, 0.05),
    ("260401", "Nogales - DeConcini", "tucson", -110.943, 31.333, 1.6, 0.0, 2.6),
    ("260402", "Nogales - Mariposa", "tucson", -110.943, 31.333, 2.3, 0.39, 0.1),
    ("260301", "Naco", "tucson", -109.948, 31.334, 0.3, 0.0, 0.05),
    ("260101", "Douglas", "tucson", -109.56, 31.334, 1.6, 0.02, 0.7),
    ("240601", "Columbus", "el_paso", -107.628, 31.784, 0.4, 0.02, 0.3),
    ("240801", "Santa Teresa", "el_paso", -106.679, 31.784, 0.7, 0.16, 0.1),
    ("240202", "El Paso - Paso Del Norte", "el_paso", -106.487, 31.7477, 2.9, 0.0, 3.9),
    ("240204", "El Paso - Stanton", "el_paso", -106.4827, 31.7482, 1.1, 0.0, 0.0),
    ("240201", "El Paso - Bridge of the Americas", "el_paso", -106.4516, 31.7645, 3.4, 0.1, 0.4),
    ("240203", "El Paso - Ysleta", "el_paso", -106.3379, 31.671, 3.2, 0.6, 0.9),
    ("240401", "Tornillo", "el_paso", -106.148, 31.4329, 0.5, 0.01, 0.05),
    ("240301", "Presidio", "el_paso", -104.3951, 29.5619, 0.6, 0.01, 0.05),
    ("230201", "Del Rio", "laredo", -100.9275, 29.3269, 1.4, 0.08, 0.07),
    ("230301", "Eagle Pass - Bridge I", "laredo", -100.5117, 28.7055, 1.2, 0.0, 0.5),
    ("230302", "Eagle Pass - Bridge II", "laredo", -100.5105, 28.6977, 1.4, 0.2, 0.0),
    ("230403", "Laredo - Colombia", "laredo", -99.7456, 27.6998, 0.4, 0.5, 0.0),
    ("230404", "Laredo - World Trade Bridge", "laredo", -99.5369, 27.5972, 0.0, 2.2, 0.0),
    ("230401", "Laredo - Bridge I", "laredo", -99.5075, 27.4995, 1.1, 0.0, 2.3),
    ("230402", "Laredo - Bridge II", "laredo", -99.5027, 27.5004, 3.4, 0.0, 0.0),
    ("231001", "Roma", "laredo", -99.019, 26.4039, 0.7, 0.01, 0.2),
    ("230701", "Rio Grande City", "laredo", -98.8024, 26.3659, 0.4, 0.03, 0.03),
    ("230501", "Hidalgo", "laredo", -98.2719, 26.0954, 2.3, 0.0, 1.6),
    ("230502", "Pharr", "laredo", -98.2052, 26.0669, 1.4, 0.66, 0.0),
    ("230901", "Progreso", "laredo", -97.95, 26.0623, 0.9, 0.05, 0.9),
    ("535503", "Brownsville - Los Indios", "laredo", -97.7389, 26.0292, 0.5, 0.03, 0.0),
    ("535504", "Brownsville - Gateway", "laredo", -97.4975, 25.8989, 1.3, 0.0, 1.5),
    ("535502", "Brownsville - Veterans", "laredo", -97.4761, 25.8838, 1.7, 0.2, 0.0),
)
CLASSES = {
    "passenger": ("standard", "ready", "sentri"),
    "commercial": ("standard", "fast"),
    "pedestrian": ("standard",),
}
EVENTS = {"san_diego": 469, "tucson": 250, "el_paso": 100, "laredo": 35, "between_ports": 349, "mail": 60}
POUNDS = {
    "san_diego": 6700.6,
    "tucson": 4483.7,
    "el_paso": 320.5,
    "laredo": 281.8,
    "between_ports": 2199.6,
    "mail": 90.0,
}

INFO = RunInfo(
    scenario="baseline",
    replications=20,
    parameter_sets=0,
    seed=7,
    version="0.1.0",
    config_hash="3fa94c17d20b",
    assumptions=41,
    adversary="logit",
    window="October 2021 to September 2022",
    source="CBP Drug Seizure Statistics FY2022; BTS Border Crossing Entry Data",
)


def table(columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> dict[str, np.ndarray]:
    """Return rows as a dict of columns, strings as objects."""
    out = {}
    for name, values in zip(columns, zip(*rows, strict=True), strict=True):
        out[name] = np.array(values, dtype=object if isinstance(values[0], str) else None)
    return out


def measures(runs: int = 20, seed: int = 1, months: list[str] = MONTHS) -> dict[str, np.ndarray]:
    """Return a long table of measures with seizures a little off the official ones."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    for run in range(runs):
        for i, month in enumerate(months):
            season = 1 + 0.18 * np.sin(i)

            def add(
                name: str, place: str, layer: str, value: float, run: int = run, month: str = month
            ) -> None:
                rows.append((run, 0, month, name, place, layer, float(value)))

            shipped = 520 * season * rng.lognormal(0, 0.05)
            seized = 0.12 * shipped * rng.lognormal(0, 0.15)
            for name, value in (("shipped", shipped), ("seized", seized), ("delivered", shipped - seized)):
                add(f"{name}_pure_kg", "all", "latent", value)
            add("loads_sent", "all", "latent", rng.poisson(800 * season))
            events = {p: rng.poisson(EVENTS[p] * season / 12 * 1.03) for p in EVENTS}
            pounds = {p: POUNDS[p] / EVENTS[p] * events[p] * rng.lognormal(0, 0.25) for p in EVENTS}
            for name, values in (("seizure_events", events), ("seized_gross_lb", pounds)):
                for place, value in values.items():
                    add(name, place, "observed", value)
                add(name, "ports", "observed", sum(list(values.values())[:4]))
                add(name, "all", "observed", sum(values.values()))
    return table(("replication", "parameter_set", "month", "measure", "place", "layer", "value"), rows)


def official(months: list[str] = MONTHS) -> dict[str, np.ndarray]:
    """Return official monthly series: the year's figures of FY2022 with a made-up season."""
    rows: list[tuple[object, ...]] = []
    for i, month in enumerate(months):
        season = (1 + 0.25 * np.sin(i + 0.7)) / 12
        for name, figures in (("seizure_events", EVENTS), ("seized_gross_lb", POUNDS)):
            known = {p: v for p, v in figures.items() if p != "mail"}
            rows += [(name, place, month, value * season) for place, value in known.items()]
            rows.append((name, "ports", month, (sum(known.values()) - known["between_ports"]) * season))
            rows.append((name, "all", month, sum(known.values()) * season))
    return table(("measure", "place", "month", "value"), rows)


def locations() -> dict[str, np.ndarray]:
    """Return the place of each crossing, degrees."""
    return table(("crossing_id", "lon", "lat"), [(c[0], c[3], c[4]) for c in CROSSINGS])


def _groups() -> list[tuple[str, str, str, str, str, float, float]]:
    rng = np.random.default_rng(5)
    groups = []
    for cid, name, office, _, _, *millions in CROSSINGS:
        for (mode, classes), million in zip(CLASSES.items(), millions, strict=True):
            wait = rng.gamma(2.0, 16.0) if mode == "passenger" else rng.gamma(1.5, 12.0)
            for lane_class in classes if million else ():
                slow = 0.35 if lane_class in ("sentri", "fast") else 1.0
                groups.append(
                    (cid, name, office, mode, lane_class, 1e6 * million / len(classes), wait * slow)
                )
    return groups


def border_months(months: list[str] = MONTHS) -> dict[str, np.ndarray]:
    """Return trips and waits a lane group and month."""
    rng = np.random.default_rng(6)
    rows: list[tuple[object, ...]] = []
    for cid, name, office, mode, lane_class, trips, wait in _groups():
        for month in months:
            mean = wait * rng.lognormal(0, 0.1)
            here = trips / 12
            rows.append(
                (
                    cid,
                    name,
                    office,
                    mode,
                    lane_class,
                    month,
                    here,
                    0.02 * here,
                    mean,
                    mean,
                    2 * mean,
                    0.1,
                    900.0,
                    700.0,
                )
            )
    names = (
        "crossing_id",
        "crossing",
        "office",
        "mode",
        "lane_class",
        "month",
        "trips",
        "diverted",
        "wait_min",
    )
    return table((*names, "wait_p50_min", "wait_p90_min", "share_over_60", "lane_h", "busy_h"), rows)


def border_hours() -> dict[str, np.ndarray]:
    """Return lanes, trips and waits a lane group and hour of the week; some crossings close at night."""
    rng = np.random.default_rng(7)
    rows: list[tuple[object, ...]] = []
    for cid, name, office, mode, lane_class, trips, wait in _groups():
        closes = mode == "commercial" or int(cid[-1]) % 3 == 0
        for hour in range(168):
            clock = hour % 24
            shut = closes and not 6 <= clock < 22
            peak = np.exp(-((clock - 7) ** 2) / 14) + 0.8 * np.exp(-((clock - 16) ** 2) / 18)
            busy = 1.25 if hour >= 120 and mode == "passenger" else 1.0
            here = 0.0 if shut else trips / 8760 * (0.35 + 1.4 * peak) * busy
            mean = float("nan") if shut else wait * (0.25 + 1.5 * peak) * busy * rng.lognormal(0, 0.05)
            rows.append(
                (
                    cid,
                    name,
                    office,
                    mode,
                    lane_class,
                    hour,
                    2.0,
                    here,
                    0.02 * here,
                    mean,
                    0.0 if shut else 9.0,
                )
            )
    names = ("crossing_id", "crossing", "office", "mode", "lane_class", "hour_of_week", "lanes")
    return table((*names, "trips_per_h", "diverted_per_h", "wait_min", "queue"), rows)


def postings(runs: int = 20, seed: int = 3, months: list[str] = MONTHS) -> dict[str, np.ndarray]:
    """Return mass moved between accounts a month, as a ledger would sum it."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    lanes = {
        "sea_container": {"asia_china": 300, "asia_india": 45, "central_america": 30},
        "air_cargo": {"asia_china": 60, "asia_india": 15},
        "parcel_via_us": {"asia_china": 85, "asia_india": 10},
        "southbound_truck": {"us_domestic": 55},
    }
    checks = {
        "sea_container": "gateway",
        "air_cargo": "gateway",
        "parcel_via_us": "parcel",
        "southbound_truck": "southbound",
    }
    shares = {"sinaloa": 0.5, "cjng": 0.35, "independents": 0.15}
    routes = {
        "san_diego.passenger": 0.40,
        "san_diego.commercial": 0.05,
        "san_diego.pedestrian": 0.03,
        "tucson.passenger": 0.24,
        "tucson.pedestrian": 0.02,
        "el_paso.passenger": 0.04,
        "laredo.passenger": 0.03,
        "laredo.commercial": 0.02,
        "between_ports": 0.14,
        "mail": 0.03,
    }
    for run in range(runs):
        for month in months:

            def post(
                source: str, target: str, commodity: str, kg: float, run: int = run, month: str = month
            ) -> None:
                rows.append((run, month, source, target, commodity, round(kg * 1e6), 3))

            arrived = 0.0
            for lane, sources in lanes.items():
                for source, kg in sources.items():
                    sent = kg * rng.lognormal(0, 0.1)
                    caught = 0.06 * sent * rng.lognormal(0, 0.3)
                    post(f"origin.{source}", f"transit.{lane}", "precursor_mg", sent)
                    post(f"transit.{lane}", f"seized.{checks[lane]}", "precursor_mg", caught)
                    arrived += sent - caught
                    for cluster, share in shares.items():
                        post(
                            f"transit.{lane}",
                            f"stock.{cluster}.precursor",
                            "precursor_mg",
                            (sent - caught) * share,
                        )
            for cluster, share in shares.items():
                used = arrived * share * 0.97
                made = used / 1.0
                post(f"stock.{cluster}.precursor", f"consumed.{cluster}", "precursor_mg", used)
                post(f"produced.{cluster}", f"stock.{cluster}.product", "fentanyl_mg", made)
                for route, part in routes.items():
                    load = made * part
                    caught = load * (0.1 if "." in route else 0.15) * rng.lognormal(0, 0.4)
                    office, _, _ = route.partition(".")
                    where = f"seized.port.{route}" if "." in route else f"seized.{office}"
                    post(f"stock.{cluster}.product", f"load.{route}", "fentanyl_mg", load)
                    post(f"load.{route}", where, "fentanyl_mg", caught)
                    post(f"load.{route}", "us.wholesale", "fentanyl_mg", load - caught)
                    post("us.wholesale", "consumption", "fentanyl_mg", (load - caught) * 0.96)
                    post("us.wholesale", "seized.interior", "fentanyl_mg", (load - caught) * 0.03)
                    post("buyers", f"proceeds.{cluster}", "usd_cents", load)
    return table(("replication", "month", "from_account", "to_account", "commodity", "amount", "count"), rows)


HEADLINE = (
    HeadlineRow("Fentanyl delivered", "kg pure", 5480.0, 5310.0, 5650.0, 1400.0, 18900.0, None),
    HeadlineRow("Interdiction share", "share of mass", 0.12, 0.11, 0.13, 0.03, 0.44, None),
    HeadlineRow("Seizures at land ports", "events", 871.0, 812.0, 931.0, 790.0, 955.0, 854.0),
    HeadlineRow("Seized at land ports", "lb gross", 12010.0, 10100.0, 13900.0, 9600.0, 14700.0, 11786.6),
    HeadlineRow("Mean wait, passenger vehicles", "min", 37.4, 37.1, 37.7, 29.0, 48.0, None),
)
CAVEATS = (
    "Detection share and flow trade off: seizures fit a small flow that is often caught and a large one.",
    "No source publishes precursor kilograms by origin; the shares of the sources are assumptions.",
)
FILES = (
    ("measures.parquet", "outcomes by replication, month and place, latent and observed"),
    ("border_hours.parquet", "lanes, trips and waits by lane group and hour of the week"),
    ("evidence.csv", "every number of the configuration with its source and range"),
)
