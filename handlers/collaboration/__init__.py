"""TODO collaboration"""
