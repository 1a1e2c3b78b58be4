"""What developers run: the environment, the locks, what is in them."""
