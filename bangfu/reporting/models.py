"""The tables of reports, split by subject. Reporting reads all modules and writes only these."""

from bangfu.reporting.simulation.models import Finding, Row, Scenario, Side

__all__ = ["Finding", "Row", "Scenario", "Side"]
