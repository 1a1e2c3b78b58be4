"""Weekly reports: filled in for each seller, submitted by them, and reminded of once."""
