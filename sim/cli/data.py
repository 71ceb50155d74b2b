"""``sim data``: from official files to the tables of ``conf/``, and copies of CBP's live feed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.errors import OneLineParser, finite
from sim.core.errors import ConfigError
from sim.core.shipped import conf_folder, in_checkout

if TYPE_CHECKING:
    from sim.data.official import RebuildReport

HOUR_S = 3600.0


def command(arguments: list[str]) -> int:
    """Run a subcommand of ``sim data``; return the exit code, 1 where the work is done in part."""
    given = _parser().parse_args(arguments)
    if "out" in given and given.out is None:
        raise ConfigError("data: an installed Chokepoint is not written to; name a folder with --out DIR")
    return int(given.work(given))


def _parser() -> OneLineParser:
    parser = OneLineParser(prog="sim data", description="Rebuild the tables of conf/ from official files.")
    parsers = parser.add_subparsers(metavar="TABLES", required=True)
    border = parsers.add_parser("border", help="crossings, volumes and lanes of conf/border")
    border.add_argument("--bts", type=_file, required=True, help="BTS Border Crossing Entry Data, CSV")
    border.add_argument("--texas", type=_file, help="monthly northbound counts by Texas bridge, CSV")
    border.add_argument("--lanes", type=_file, help="lanes open by hour, CSV")
    border.add_argument(
        "--delays", type=_file, help="reported delays by hour, CSV; needs --lanes; with --texas, the fit too"
    )
    border.add_argument("--feed", type=_folder, help="folder of copies of CBP's wait-time feed")
    _add_out(border, "border")
    border.set_defaults(work=_border)
    demand = parsers.add_parser("demand", help="calibrate demand.csv to the counts again")
    _add_out(demand, "border")
    demand.set_defaults(work=_demand)
    seizures = parsers.add_parser("seizures", help="fentanyl seizures of conf/official")
    seizures.add_argument("--cbp", type=_file, required=True, help="CBP drug seizure statistics, CSV")
    _add_out(seizures, "official")
    seizures.set_defaults(work=_seizures)
    feed = parsers.add_parser("record-feed", help="keep copies of CBP's wait-time feed from now on")
    feed.add_argument("--to", type=Path, required=True, metavar="DIR", help="folder of the copies")
    feed.add_argument("--every", type=finite, default=HOUR_S, metavar="SECONDS", help="pause (an hour)")
    feed.set_defaults(work=_record_feed)
    return parser


def _add_out(parser: argparse.ArgumentParser, folder: str) -> None:
    default = conf_folder() / folder if in_checkout() else None
    told = f"default: {default}" if default else "needed: an installed Chokepoint is not written to"
    parser.add_argument("--out", type=Path, default=default, metavar="DIR", help=told)


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text}: there is no such file")
    return path


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text}: there is no such folder")
    return path


def _border(given: argparse.Namespace) -> int:
    from sim.data.border_tables import BORDER_TABLES, rebuild_border, rebuild_profile
    from sim.data.fit_tables import rebuild_fit
    from sim.data.official import drafting

    if given.delays is not None and given.lanes is None:
        raise ConfigError("data border: --delays needs --lanes of the same hours")
    # All tables of the command are replaced together, or none is.
    with drafting(given.out, BORDER_TABLES) as draft:
        reports = [rebuild_border(given.bts, given.texas, given.lanes, given.feed, draft)]
        if given.delays is not None:
            reports.append(rebuild_profile(given.delays, given.lanes, draft))
            if given.texas is not None:
                reports.append(rebuild_fit(given.bts, given.texas, given.lanes, given.delays, draft / "fit"))
    return max(_print(report.moved(draft, given.out)) for report in reports)


def _demand(given: argparse.Namespace) -> int:
    from sim.study.demand import rebuild_demand

    print(f"wrote {rebuild_demand(given.out, print)}")
    return 0


def _seizures(given: argparse.Namespace) -> int:
    from sim.data.seizures import rebuild_seizures

    return _print(rebuild_seizures(given.cbp, given.out))


def _print(report: RebuildReport) -> int:
    for line in report.lines:
        print(line)
    for path in report.files:
        print(f"wrote {path}")
    return int(report.partly)


def _record_feed(given: argparse.Namespace) -> int:
    import signal
    from threading import Event

    from sim.data.feed_copies import record_feed

    stop = Event()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    print("recording until Ctrl-C")
    try:
        saved = record_feed(given.to, given.every, stop, print)
    finally:
        signal.signal(signal.SIGINT, before)
    print(f"{saved} {'copy' if saved == 1 else 'copies'} in {given.to}")
    return 0
