"""TODO digests"""
