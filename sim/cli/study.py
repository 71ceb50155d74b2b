"""``sim study``: questions that need many scenarios, or many fits."""

from __future__ import annotations

from sim.cli.errors import OneLineParser
from sim.cli.study_decisions import add_decisions
from sim.cli.study_effects import add_effects
from sim.cli.study_fits import add_fits
from sim.cli.study_options import obey
from sim.cli.study_sensitivity import add_sensitivity
from sim.cli.study_show import folder_of


def command(arguments: list[str]) -> int:
    """Run one study; return the exit code.

    Raises
    ------
    StoreError
        Its results could not be written, which is found out before anything is simulated.
    """
    from sim.store.files import check_out

    given = _parser().parse_args(arguments)
    given.command = arguments
    for words in ("words", "overrides"):
        if words in given:
            setattr(given, words, obey(given, getattr(given, words)))
    if "study" in given and given.out is None:
        given.out = folder_of(given)
    page = getattr(given, "page", "")
    if page and given.out is None:
        given.out = given.results / page
    if "out" in given:
        check_out(given.out, bool(page))
    return int(given.work(given))


def _parser() -> OneLineParser:
    parser = OneLineParser(prog="sim study", description="Questions that need many scenarios.")
    parsers = parser.add_subparsers(metavar="STUDY", required=True)
    add_fits(parsers)
    add_effects(parsers)
    add_sensitivity(parsers)
    add_decisions(parsers)
    for name, study in parsers.choices.items():
        study.set_defaults(asked=name, default=study.get_default)
    return parser
