"""The public web pages: intake forms, signed calls from other systems, and proposal pages."""
