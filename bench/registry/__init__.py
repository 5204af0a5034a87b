"""The same rule set over the same generated registry on several engines: ours, OpenFisca, plain Python, Spark."""
