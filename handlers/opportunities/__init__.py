"""TODO opportunities"""
