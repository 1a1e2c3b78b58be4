"""``/objection``: what a customer says against buying, and what we agreed to answer [P12]."""
