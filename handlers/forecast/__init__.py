"""The forecast: what is expected of open deals, and what that makes of a quarter [P22]."""
