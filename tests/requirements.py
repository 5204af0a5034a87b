"""`python -m tests.requirements`: say loudly what the suite will leave out; fail when BANGFU_REQUIRE names it."""

from __future__ import annotations

import os
import sys

from tests.browser import CHROMIUM
from tests.postgres import binaries


def main() -> int:
    missing = [name for name, found in (("postgres", binaries()), ("chromium", CHROMIUM)) if not found]
    required = [name for name in os.environ.get("BANGFU_REQUIRE", "").split(",") if name]
    for name in missing:
        print(f"*** {name} is not on this machine: its tests are LEFT OUT. ***", file=sys.stderr)  # noqa: T201
    failed = [name for name in required if name in missing]
    if failed:
        print(f"BANGFU_REQUIRE asks for {', '.join(failed)}: failing.", file=sys.stderr)  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
