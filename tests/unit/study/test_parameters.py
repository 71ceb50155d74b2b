"""Every number of a scenario, as a table and as the page in ``docs/``."""

from __future__ import annotations

import pytest

from sim.scenario import load_scenario
from sim.study.parameters import COLUMNS, parameters, parameters_page
from tests.architecture import rules
from tests.fixtures.composed import composed


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(composed())


def test_every_number_has_a_row_and_nothing_is_simulated(scenario):
    result = parameters(scenario)
    table = result.table("parameters")
    assert list(table["path"]) == [row.path for row in scenario.evidence]
    assert table["low"].dtype == float
    assert table.columns == COLUMNS
    assumed = int((table["status"] == "assumed").sum())
    assert f"{assumed} assumed" in result.verdict
    assert result.provenance.sentence.startswith(f"Read from the configuration: {len(table)} numbers of")
    assert "seed" not in result.provenance.sentence
    assert result.verdict in result._repr_html_()


def test_the_shipped_page_is_that_of_the_shipped_numbers(scenario):
    page = (rules.ROOT / "docs" / "parameters.md").read_text(encoding="utf-8")
    assert page == parameters_page(parameters(scenario)), "run: sim study parameters --out docs/parameters.md"
