"""Asks for the daily backup; the process takes it."""
