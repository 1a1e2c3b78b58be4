"""TODO response_clocks"""
