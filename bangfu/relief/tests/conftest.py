"""The cast of a case serves applications too."""

from bangfu.process.tests.conftest import at_stage, place, send  # noqa: F401
