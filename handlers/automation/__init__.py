"""Automations at work: they hear what happens, act, say why, and let people overrule them."""
