"""TODO database"""
