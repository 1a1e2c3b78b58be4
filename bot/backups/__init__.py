"""Backups of a deployment: the ``destinations`` they go to, the ``runner`` of the schedule with its
``worker`` process, and the commands (``cli``). What a backup is: ``storage.backups``.
"""
