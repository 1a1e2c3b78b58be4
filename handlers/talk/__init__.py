"""The talk about a lead: what the colleagues on it say to each other [P12]."""
