"""``/target``: what teams and people want to reach in a quarter, and how far they are [P22]."""
