"""Follow-ups: contacts with customers, and the next step that each one plans."""
