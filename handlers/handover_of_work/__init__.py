"""Handing over the leads and tasks of somebody who leaves, sells no more or cannot be reached."""
