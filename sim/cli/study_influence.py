"""``sim study parameters`` and ``sim study influence``: the pages of numbers in ``docs/``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.study_options import add_options, add_results, check_least, replications_of
from sim.core.errors import StoreError

if TYPE_CHECKING:
    from sim.cli.errors import OneLineParser


def add_numbers(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add both studies to the parser of ``sim study``."""
    table = parsers.add_parser(
        "parameters",
        help="page of every number with its range and source",
        description="Write the page of parameters from the records of a configuration.",
    )
    table.add_argument("overrides", nargs="*", metavar="key=value", help="changes, as in sim run")
    table.add_argument("--out", type=Path, default=Path("docs/parameters.md"), help="(docs/parameters.md)")
    table.set_defaults(work=_parameters)
    screen = parsers.add_parser(
        "influence",
        help="assumptions in the order of their influence, one at a time",
        description="Set each assumed number to both ends of its range, one at a time, without queues.",
    )
    screen.add_argument("overrides", nargs="*", metavar="key=value", help="changes, as in sim run")
    add_options(screen, 4, "years of each variant")
    add_results(screen)
    screen.add_argument("--out", type=Path, default=Path("docs/assumptions.md"), help="(docs/assumptions.md)")
    screen.set_defaults(work=_influence)


def _parameters(given: argparse.Namespace) -> int:
    from sim.cli.run import scenario_of
    from sim.study.parameters import parameter_page

    _write(given.out, parameter_page(scenario_of(given.overrides).evidence))
    return 0


def _influence(given: argparse.Namespace) -> int:
    from sim.cli.run import scenario_of
    from sim.cli.screen import Screen
    from sim.study.influence import active_and_off, screen
    from sim.study.parameters import influence_page

    check_least(given, "influence", replications=2)
    scenario = scenario_of(given.overrides)
    replications = replications_of(given)
    rows, off = active_and_off(scenario)
    with Screen("influence") as bar:
        found, central = bar.interruptible(lambda: screen(scenario, rows, replications, bar.progress))
    how = (
        f"{len(rows) + len(off)} assumptions, {len(off)} of them in parts that are switched off; scenario "
        f"{scenario.name}, adversary {scenario.settings.adversary.kind}, {given.replications} replications "
        f"of each variant, seed {given.seed}."
    )
    _write(given.out, influence_page(found, off, list(central), how))
    for rank, one in enumerate((one for one in found[:10] if one.swing), start=1):
        print(f"{rank:3}  {one.row.path:70} {100 * one.at_low[0]:+7.1f} % {100 * one.at_high[0]:+7.1f} %")
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StoreError(f"{path}: cannot write here ({reason}); choose another file with --out") from error
    print(f"wrote {path}")


PAGES = (_parameters, _influence)
"""Studies that write one page in place of a folder."""
