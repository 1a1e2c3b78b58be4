"""Acting on several leads at once: chosen from a list, previewed, carried out, undone."""
