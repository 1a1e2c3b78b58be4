"""``/library``: what the company knows how to say; find it, write it, decide on it [P12] [P21]."""
