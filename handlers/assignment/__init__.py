"""Assignment: offers a lead to a person, and to the next one when they decline or do not answer."""
