"""TODO discussion"""
