"""The database itself: engine, schema, encryption and keys, retention. Knows no subject."""
