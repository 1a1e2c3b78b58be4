"""The outbox: messages written with the change they report, and their delivery."""
