"""E-mail as one more way to reach people: notices go out, nothing comes in."""
