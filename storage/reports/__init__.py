"""Reports: the figures, the conditions behind them, and the deals that are stuck."""
