"""A scratch installation under the temporary folder: its own database, keys and files; gone afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch() -> Iterator[Path]:
    """Set Django up on an empty, migrated database of its own. Once a process."""
    folder = Path(tempfile.mkdtemp(prefix="bangfu-bench-"))
    for name in [name for name in os.environ if name.startswith("BANGFU_") or name == "DATABASE_URL"]:
        del os.environ[name]
    os.environ["BANGFU_VAR"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "bangfu.config.settings"
    try:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
