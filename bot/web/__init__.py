"""The public side: signed calls and web forms through which leads come from outside.

Knows HTTP and the reception; no platform, and nothing of selling.
"""
