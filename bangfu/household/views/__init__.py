"""Pages of rosters and files: plain functions, one domain call each."""
