"""TODO merging"""
