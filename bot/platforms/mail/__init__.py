"""E-mail as another channel to people: it sends notices and receives nothing."""
