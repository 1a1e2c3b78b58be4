"""TODO people"""
