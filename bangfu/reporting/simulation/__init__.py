"""测算: the rules in force beside others, over every household, before anybody adopts them; and standing work lists."""
