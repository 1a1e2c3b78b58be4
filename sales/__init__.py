"""The rules of selling: pure decisions, no I/O, no clock, no chat client."""
