"""``python -m tests.tools.mirror DATA OUT``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.tools.mirror.build import build

build(Path(sys.argv[1]), Path(sys.argv[2]))
