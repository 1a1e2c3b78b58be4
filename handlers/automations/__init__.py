"""Automations: rules that act on events, with every run on record and open to being overruled."""
