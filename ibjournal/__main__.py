"""``python -m ibjournal``."""

from __future__ import annotations

import sys

from ibjournal.cli import main

if __name__ == "__main__":
    sys.exit(main())
