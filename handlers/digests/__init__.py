"""The weekly digest of a team: its figures, the records behind them, and the notice statistics."""
