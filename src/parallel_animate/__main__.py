"""``python -m parallel_animate`` is the command ``parallel-animate``."""

import sys

from parallel_animate.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
