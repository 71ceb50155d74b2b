"""``sim run`` on the made-up world: ``python -m tests.cli.run_made_up FLAGS OVERRIDES``."""

import sys

from sim.cli import run
from sim.cli.main import in_one_line
from tests.cli.made_up_world import load_scenario, simulate

if __name__ == "__main__":
    sys.exit(in_one_line(lambda: run.command(sys.argv[1:], load_scenario, simulate)))
