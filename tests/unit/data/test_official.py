"""The committed tables are what the official files give, byte by byte (where those files are present)."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import pytest

from sim.border.crossing import MODES, load_crossings
from sim.data.border_tables import rebuild_border, rebuild_profile, shipped_tables
from sim.data.counts import read_texas
from sim.data.placement import load_rules
from sim.data.seizures import rebuild_seizures
from sim.measures.official import fiscal_months

ROOT = Path(__file__).parents[3]
OFFICIAL = Path(os.environ.get("CHOKEPOINT_OFFICIAL_FILES", ROOT.parent / "shared" / "data"))
BORDER = OFFICIAL / "border"
BTS = BORDER / "bts_border_crossing_us_mexico.csv.gz"
TEXAS = BORDER / "texas_bridge_monthly.csv.gz"
LANES = BORDER / "lanes_open_by_hour.csv.gz"
DELAYS = BORDER / "delay_by_hour.csv.gz"
SEIZURES = OFFICIAL / "seizures" / "cbp_drug_seizures_fy2019_fy2022.csv"

pytestmark = pytest.mark.skipif(
    not BTS.is_file(),
    reason=f"the official files are not in {OFFICIAL}; CHOKEPOINT_OFFICIAL_FILES can name another folder",
)
OFFICES = {"25": "san_diego", "26": "tucson", "24": "el_paso", "23": "laredo"}


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("border")
    for name in ("crossings.csv", "rules.csv", "demand.csv", "traffic.yaml"):
        shutil.copy(shipped_tables() / name, out)
    rebuild_profile(DELAYS, LANES, out)
    rebuild_border(BTS, TEXAS, LANES, None, out)
    return out


@pytest.mark.parametrize(
    "name", ["crossings.csv", "rules.csv", "lanes.csv", "volumes.csv", "delay_profile.csv"]
)
def test_the_committed_table_is_the_rebuilt_one(rebuilt: Path, name: str) -> None:
    assert (rebuilt / name).read_bytes() == (shipped_tables() / name).read_bytes()


def test_the_committed_seizures_are_the_rebuilt_ones(tmp_path: Path) -> None:
    path = rebuild_seizures(SEIZURES, tmp_path).files[0]
    assert path.read_bytes() == (ROOT / "conf" / "official" / path.name).read_bytes()


def test_fentanyl_at_land_ports_is_cbps_total() -> None:
    with (ROOT / "conf" / "official" / "cbp_fentanyl.csv").open() as file:
        rows = [
            r for r in csv.DictReader(file) if r["fiscal_year"] == "2022" and r["component"] == "field_office"
        ]
    assert sum(int(row["events"]) for row in rows) == 854
    assert round(sum(float(row["gross_lb"]) for row in rows)) == 11_787


def test_the_register_agrees_with_the_feed() -> None:
    with (BORDER / "poe_lanes.csv").open() as file:
        feed = {row["cbp_port_number"].lower(): row for row in csv.DictReader(file)}
    crossings = load_crossings(shipped_tables() / "crossings.csv")
    assumed = {
        (r.place, r.mode) for r in load_rules(shipped_tables() / "rules.csv") if r.rule == "assumed_lanes"
    }
    assert len(crossings) == 45
    assert {c.crossing_id for c in crossings} == set(feed)
    for c in crossings:
        row = feed[c.crossing_id]
        assert c.bts_port_code == row["bts_port_code"]
        assert c.office == OFFICES[c.bts_port_code[:2]]
        assert (c.lat_deg, c.lon_deg) == (float(row["lat"]), float(row["lon"]))
        for mode, prefix, booths in zip(MODES, ("pv", "cv", "ped"), c.lanes_max, strict=True):
            stated = [row[f"{prefix}_max_{when}"] for when in ("2025", "20220629", "20221017", "20231110")]
            stated += [row[f"{prefix}_max_simul_open"], *_all_stated(row[f"{prefix}_all_2025"])]
            most = max((int(float(text)) for text in stated if text), default=0)
            assert booths == most or (most == 0 and (c.crossing_id, mode) in assumed), (c.name, mode)


def _all_stated(text: str) -> list[str]:
    """Return the maxima of a history such as ``14x7095;N/Ax2;6x1``."""
    return [part.split("x")[0] for part in text.split(";") if part and not part.startswith("N/A")]


def test_texas_bridges_and_crossings_correspond_one_to_one() -> None:
    crossings = [c for c in load_crossings(shipped_tables() / "crossings.csv") if c.texas_bridge]
    outside = {r.place for r in load_rules(shipped_tables() / "rules.csv") if r.rule == "outside"}
    texas = read_texas(TEXAS)
    busy = {bridge for (bridge, _), series in texas.items() if any(series.get(m) for m in fiscal_months())}
    named = [c.texas_bridge for c in crossings]
    assert len(named) == len(set(named)) == 25
    assert busy - set(named) <= outside
    assert set(named) <= busy


def test_totals_are_those_of_bts() -> None:
    with (shipped_tables() / "volumes.csv").open() as file:
        rows = list(csv.DictReader(file))
    totals = {m: sum(int(r[k]) for r in rows if r["mode"] == m for k in fiscal_months()) for m in MODES}
    assert totals["passenger"] == pytest.approx(70.3e6, rel=0.005)
    assert totals["commercial"] == pytest.approx(7.2e6, rel=0.01)
    assert totals["pedestrian"] == pytest.approx(35.5e6, rel=0.01)
