"""What every test shares: settled random examples, the browser, and the official files where they are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

settings.register_profile("settled", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "settled"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium; skip without one, or fail where CI promises one."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        reason = "no Chromium: PNG export is not tested (Debian and Ubuntu: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def official_files() -> Path:
    """Return the folder of official source files (``CHOKEPOINT_OFFICIAL_FILES``); skip where it is absent."""
    folder = Path(os.environ.get("CHOKEPOINT_OFFICIAL_FILES", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(
            f"no official files at {folder}: set CHOKEPOINT_OFFICIAL_FILES to rebuild tables from them"
        )
    return folder
