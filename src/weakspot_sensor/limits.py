"""Every bound of the sensor in one place: what it reads, keeps and sends is finite whatever it meets."""

from __future__ import annotations

TEXT_CHARACTERS = 1024
"""Longest string in a report."""
SHORT_CHARACTERS = 256
"""Longest string where a report names a part of the device."""
ITEMS = 50_000
"""Most software items in a report."""
PATHS_PER_ITEM = 20
INTERFACES = 256
ADDRESSES_PER_INTERFACE = 64
KERNELS = 64

PACKAGE_DATABASE_BYTES = 128 * 1024 * 1024
FILE_LIST_BYTES = 32 * 1024 * 1024
METADATA_BYTES = 64 * 1024
MANIFEST_BYTES = 1024 * 1024
SMALL_FILE_BYTES = 64 * 1024
FOLDER_ENTRIES = 50_000
GLOB_RESULTS = 1_000
NODE_MODULES_DEPTH = 8

COMMAND_SECONDS = 30.0
COMMAND_BYTES = 64 * 1024 * 1024

SPOOL_REPORTS = 200
SPOOL_BYTES = 32 * 1024 * 1024
REFUSED_REPORTS = 10
STATE_BYTES = 64 * 1024 * 1024

ANSWER_BYTES = 256 * 1024
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
