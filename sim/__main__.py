"""``python -m sim`` is the command ``sim``."""

import os
import sys

if __name__ == "__main__":
    # Python puts the working folder first, where a file ``random.py`` or ``numpy.py`` of the user would stand
    # in for the real one. It comes last, unless this package itself was found there.
    if not sys.flags.safe_path and sys.path[0] != os.path.dirname(os.path.dirname(__file__)):
        sys.path.append(sys.path.pop(0))
    from sim.cli.main import main

    sys.exit(main())
