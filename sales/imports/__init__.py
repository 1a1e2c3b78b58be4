"""Leads from a file: what is read, what its columns mean, and what becomes of each row [P3].

Pure: bytes come in, and what is to be stored comes out.
"""
