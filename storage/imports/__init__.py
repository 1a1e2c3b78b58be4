"""Imports of lead files: their rows, and the leads made from them."""

from storage.imports.jobs import CONTENT, ImportRepository
from storage.imports.leads import ImportedLeadRepository

__all__ = ["CONTENT", "ImportRepository", "ImportedLeadRepository"]
