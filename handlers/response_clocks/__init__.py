"""Response clocks: start, stop, satisfy and escalate them."""
