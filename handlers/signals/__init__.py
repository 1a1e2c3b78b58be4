"""Signals: what customers do by themselves."""
