"""Tables, repositories, the unit of work, the outbox and backups. Knows ``sales`` only."""
