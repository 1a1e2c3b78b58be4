"""The audit log as admins meet it: the commands (``cli``) and the check in the background."""
