"""TODO public_web"""
