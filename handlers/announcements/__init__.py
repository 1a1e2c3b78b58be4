"""Announcements: wins and deal events in a team's channel, and the rep's celebration."""
