"""TODO followups"""
