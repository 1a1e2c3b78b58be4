"""``/discovery``: what a customer needs and why [P9].

Recorded as SPIN notes with pain points, budget and decision makers.
"""
