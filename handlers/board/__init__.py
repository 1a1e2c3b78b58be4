"""A person's day: what presses first, and the pipeline by stage below it."""
