"""``/discovery``: what a customer needs and why, as SPIN notes with pain points, budget and
decision makers [P9]."""
