"""What CBP published of the fiscal year: whole, or not in the record."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.core.errors import TableError
from sim.core.shipped import conf_folder
from sim.measures import official
from sim.study.calibration.record import observed_year


@pytest.fixture
def shortened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the record without the last month of fiscal year 2022."""
    path = tmp_path / "official" / "cbp_fentanyl.csv"
    path.parent.mkdir()
    lines = (conf_folder() / "official" / path.name).read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "2022-09" not in line))
    monkeypatch.setattr(official, "conf_folder", lambda: tmp_path)
    official.official_figures.cache_clear()
    yield path
    official.official_figures.cache_clear()


def test_a_year_that_is_not_whole_has_no_figure(shortened: Path) -> None:
    assert official.official_year("seizure_events", "ports") is None
    assert official.official_places("seizure_events") == ["ports", "between_ports"]
    assert official.official_places("delivered_pure_kg") == []


def test_nothing_is_fitted_to_a_part_of_a_year(shortened: Path) -> None:
    with pytest.raises(
        TableError, match="fiscal year 2022 is not whole in the record; it lacks 1 month from 2022-09"
    ):
        observed_year(2022)
