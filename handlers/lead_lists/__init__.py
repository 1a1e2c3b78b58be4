"""Lists of leads: what people ask for in a line or a form, shown page by page."""
