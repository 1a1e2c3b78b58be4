"""Files of leads: their rows, and the leads that were made of them."""

from storage.imports.jobs import CONTENT, ImportRows
from storage.imports.leads import ImportedLeadRows

__all__ = ["CONTENT", "ImportRows", "ImportedLeadRows"]
