"""A lead as a card: what is known, why it is yours, what to do next."""
