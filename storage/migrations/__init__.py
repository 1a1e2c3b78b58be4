"""The history of the schema, oldest first, in ``versions``; run by ``storage.database.schema``."""
