"""Read a customer's message as a lead: who wrote, for which company, and what they need."""

from sales.capture.message import LONG_ENOUGH, LONGEST, Captured, read_message

__all__ = ["LONGEST", "LONG_ENOUGH", "Captured", "read_message"]
