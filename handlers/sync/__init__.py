"""The weekly sync between departments: the agenda, and when it is posted [P24]."""
