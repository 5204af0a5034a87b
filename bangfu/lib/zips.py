"""Whether a zip may be unpacked, by what it says of itself. Source: trust.md P14."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence

MAX_UNPACKED = 300 << 20
MAX_RATIO = 100
_SMALL = 1 << 20  # parts this small may be as repetitive as they like


def unpacks_too_much(parts: Sequence[zipfile.ZipInfo]) -> bool:
    """More than 300 MB unpacked, or a large part, or the whole, packed more than hundredfold."""
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    huge = any(part.file_size > _SMALL and part.file_size > MAX_RATIO * max(part.compress_size, 1) for part in parts)
    return unpacked > MAX_UNPACKED or huge or (unpacked > _SMALL and unpacked > MAX_RATIO * packed)
