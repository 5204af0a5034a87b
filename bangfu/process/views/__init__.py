"""Pages of cases: home and lists, one case, its acts, campaigns."""
