"""The monthly review of a team or the company: its cards, its file, and when it is posted [P20]."""
