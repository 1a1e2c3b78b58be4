"""Leads from a file: how it is read, what its columns mean, and the outcome of each row [P3].

Pure: bytes come in, and what is to be stored comes out.
"""
