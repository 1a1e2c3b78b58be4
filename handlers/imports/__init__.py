"""``/import``: leads from a file, checked before anything is stored, with undo.

``actions`` receives the file and the choices, ``forms`` asks what its columns mean, ``jobs`` runs
the phases page by page, ``cards`` shows the progress and result, ``error_report`` returns the rows
that were not imported.
"""
