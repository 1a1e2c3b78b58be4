"""TODO assignment"""
