"""Tables of imports: files of leads, and which leads came from which row."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from storage.database.types import Instant, SealedBytes, SealedJSON, SealedText
from storage.tables.base import metadata

import_job = Table(
    "import_job",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("name", SealedText("import_job.name"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("encoding", String(20), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("choices", SealedJSON("import_job.choices"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("run", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    # Row numbers and their problems; none of the file's text.
    Column("tally", JSON, nullable=False),
    # Names of the sheets that hold a list; owners and words of the file that are not here.
    Column("sheets", SealedJSON("import_job.sheets")),
    Column("unknown", SealedJSON("import_job.unknown")),
    # Ids of people and keys of terms that the import itself added.
    Column("made", JSON),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("forget_at", Instant, nullable=False, index=True),
)


# Page 0 is the header; page -1 the whole file, until it is parsed.
import_page = Table(
    "import_page",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job_id", ForeignKey("import_job.id"), nullable=False),
    Column("number", Integer, nullable=False),
    # Sealed: rows hold contacts.
    Column("content", SealedBytes("import_page.content"), nullable=False),
    UniqueConstraint("job_id", "number"),
)


# Contacts claimed by the rows processed so far in a run, by blind index.
import_claim = Table(
    "import_claim",
    metadata,
    Column("job_id", ForeignKey("import_job.id"), primary_key=True),
    Column("contact", String(64), primary_key=True),
)


imported = Table(
    "imported",
    metadata,
    Column("lead_id", ForeignKey("lead.id"), primary_key=True),
    Column("job_id", ForeignKey("import_job.id"), nullable=False),
    Column("row", Integer, nullable=False),
    # The file's name for an owner who is not here; empty for all others.
    Column("owner", SealedText("imported.owner")),
    # Whether the file says when the lead was created; without, it is new in no week.
    Column("dated", Boolean),
    Index(None, "job_id", "row"),
)
