"""``/target``: quarterly targets of teams and people, and their progress [P22]."""
