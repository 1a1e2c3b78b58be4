"""Nurture: leads that enter by themselves, what is sent to them, and their review [P7]."""
