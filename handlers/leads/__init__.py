"""TODO leads"""
