"""Keep copies of CBP's live wait-time feed, one every so often, for a later rebuild of the lanes."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from threading import Event

from sim.core.errors import ChokepointError, TableError
from sim.data.feed import parse_ports
from sim.store.files import write_text

FEED_URL = "https://bwt.cbp.gov/api/bwtnew"
TIMEOUT_S = 30.0
AGENT = "chokepoint (research on border queues)"


def fetch(url: str = FEED_URL, timeout_s: float = TIMEOUT_S) -> str:
    """Return one copy of the feed.

    Raises
    ------
    TableError
        The address does not answer, answers with an error, or sends something else.
    """
    request = urllib.request.Request(url, headers={"User-Agent": AGENT, "Accept": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:
            text = answer.read().decode("utf-8-sig")
    except (urllib.error.URLError, HTTPException, OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "reason", None) or error
        raise TableError(f"{url}: no copy of the feed ({reason})") from None
    parse_ports(text, url)
    return text


def record_feed(
    folder: Path,
    every_s: float,
    stop: Event,
    announce: Callable[[str], None] = lambda line: None,
    source: Callable[[], str] = fetch,
) -> int:
    """Save a copy of the feed every ``every_s`` seconds until ``stop`` is set.

    Parameters
    ----------
    folder : Path
        Made if it does not exist; files are named by their UTC time.
    every_s : float
        Seconds between two attempts.
    stop : threading.Event
        Ends the recording, also in the middle of a pause.
    announce : callable
        Gets one line a copy and one line a failed attempt.
    source : callable
        Returns the text of one copy.

    Returns
    -------
    int
        Copies saved.

    Raises
    ------
    ChokepointError
        ``every_s`` is not above 0, the folder cannot be written, or the very first attempt fails;
        a later failure is told and tried again.
    """
    if not every_s > 0:
        raise ChokepointError(f"record-feed: the pause must be above 0 seconds, not {every_s:g}")
    saved = attempts = 0
    while not stop.is_set():
        attempts += 1
        try:
            text = source()
        except TableError as error:
            if attempts == 1:
                raise
            announce(str(error))
        else:
            path = folder / f"bwt_{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
            write_text(path, text, "choose another folder with --to")
            saved += 1
            announce(f"saved {path.name} ({saved} so far)")
        stop.wait(every_s)
    return saved
