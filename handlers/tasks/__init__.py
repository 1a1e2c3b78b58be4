"""Tasks of other departments on a lead: list, accept, do, and pass them on."""
