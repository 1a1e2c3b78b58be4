"""``/import``: leads from a file, looked through before anything is stored, and taken back.

``taking`` gets the file, ``choosing`` asks what its columns mean, ``working`` does the phases
page by page, ``card`` shows how it stands, ``leftovers`` gives back the rows that were not taken.
"""
