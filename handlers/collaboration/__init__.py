"""Colleagues who work on a lead together with its owner, and requests to do so."""
