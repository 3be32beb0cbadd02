"""`python -m weakspot_sensor`, the console script and the zipapp start here."""

from __future__ import annotations

import sys

from weakspot_sensor.cli import main

if __name__ == "__main__":
    sys.exit(main())
