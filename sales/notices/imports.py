"""How far an import is, and what came of it."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Batch, Notice


@dataclass(frozen=True, slots=True)
class ImportUnderWay(Notice):
    """A long phase of an import began: its card shows how far it is."""

    kind: ClassVar[str] = "import_under_way"
    batch: ClassVar[Batch | None] = None
    import_id: int
    run: int


@dataclass(frozen=True, slots=True)
class ImportReady(Notice):
    """A phase of an import is over, and its person is to decide or to know."""

    kind: ClassVar[str] = "import_ready"
    batch: ClassVar[Batch | None] = None
    import_id: int
    run: int


@dataclass(frozen=True, slots=True)
class LeadsImported(Notice):
    """Somebody got leads by an import: one word for all of them."""

    kind: ClassVar[str] = "leads_imported"
    import_id: int


@dataclass(frozen=True, slots=True)
class LeadsPooled(Notice):
    """To a leader: an import left leads without an owner in the pool; one word for all."""

    kind: ClassVar[str] = "leads_pooled"
    import_id: int
