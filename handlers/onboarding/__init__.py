"""The way from an empty bot to a company's: what is done, and what is left to do."""
