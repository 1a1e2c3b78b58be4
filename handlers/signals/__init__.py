"""TODO signals"""
