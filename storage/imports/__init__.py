"""Files of leads: their rows, and the leads that were made of them."""

from storage.imports.jobs import CONTENT, ImportRepository
from storage.imports.leads import ImportedLeadRepository

__all__ = ["CONTENT", "ImportRepository", "ImportedLeadRepository"]
