"""Backups of a deployment: the ``places`` they go to, the ``runner`` of the schedule with its
``worker`` process, and the commands (``cli``). What a backup is: ``storage.backups``.
"""
