"""How people want to be notified, when notices are delivered, and how they are bundled."""
