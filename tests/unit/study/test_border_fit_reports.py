"""Tables of the fit that a user may bring: what is refused, by name and in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.border.traffic import class_rates
from sim.core.errors import TableError
from sim.core.shipped import conf_folder
from sim.study.border_fit.reports import load_problems

GROUP = "230201,passenger,standard"
NAMED = GROUP.replace(",", " ")
Change = Callable[[list[str]], list[str]]


def tables(folder: Path, name: str, change: Change) -> Path:
    """Return a folder with the shipped tables of the fit, the rows of one of them changed."""
    for path in (conf_folder() / "border" / "fit").glob("*.csv"):
        head, *rows = path.read_text().splitlines()
        (folder / path.name).write_text("\n".join([head, *(change(rows) if path.name == name else rows), ""]))
    return folder


def field(place: int, text: str) -> Change:
    """Return a change of one field of the first row."""

    def change(rows: list[str]) -> list[str]:
        cells = rows[0].split(",")
        cells[place] = text
        return [",".join(cells), *rows[1:]]

    return change


def hours(text: str) -> Change:
    """Return a change of all hours of one group."""

    def change(rows: list[str]) -> list[str]:
        return [
            ",".join([*row.split(",")[:4], *[text] * 24]) if row.startswith(f"{GROUP},") else row
            for row in rows
        ]

    return change


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("delays.csv", field(4, "abc"), "delays.csv:2, h00: 'abc' is not a number"),
        ("delays.csv", field(4, "-500"), "delays.csv:2, h00: '-500' must be a number of at least 0"),
        ("delays.csv", field(4, "inf"), "delays.csv:2, h00: 'inf' is not a number"),
        ("delays.csv", field(4, "nan"), "delays.csv:2, h00: 'nan' is not a number"),
        ("delays.csv", field(3, "holiday"), "delays.csv:2: unknown 'holiday'; allowed: weekday, saturday"),
        ("delays.csv", field(2, "senti"), "delays.csv:2: unknown 'senti'"),
        ("delays.csv", hours(""), f"delays.csv: {NAMED} reports no delay in any hour"),
        ("delays.csv", lambda rows: [rows[0], *rows], f"delays.csv:3: {NAMED} weekday is listed twice"),
        ("lanes.csv", field(4, ""), "lanes.csv:2, h00: '' is not a number"),
        ("lanes.csv", lambda rows: rows[1:], "lanes.csv: no row for 230201 "),
        ("lanes.csv", hours("0"), f"delays.csv: {NAMED} reports delays but opens no lane in any hour"),
        ("places.csv", field(3, "many"), "places.csv:2, entries_per_day: 'many' is not a number"),
        ("places.csv", field(3, "0"), "places.csv:2: entries_per_day must be above 0"),
        ("places.csv", field(4, "0"), "places.csv:2: size_cars_per_day must be above 0"),
    ],
)
def test_a_wrong_table_costs_one_line(name: str, change: Change, expected: str, tmp_path: Path) -> None:
    with pytest.raises(TableError) as error:
        load_problems(tables(tmp_path, name, change), class_rates())
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_hours_without_a_report_stay_unknown(tmp_path: Path) -> None:
    whole = load_problems(conf_folder() / "border" / "fit", class_rates())
    (fewer,) = [
        problem
        for problem in load_problems(tables(tmp_path, "delays.csv", field(4, "")), class_rates())
        if problem.name == "passenger.general"
    ]
    (before,) = [problem for problem in whole if problem.name == "passenger.general"]
    assert (before.weight > 0).sum() - (fewer.weight > 0).sum() == 1
