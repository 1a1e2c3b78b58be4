"""The lead's card, composed of the sections of every subject, and its history."""
