"""Tells SQLite's planner what a company is like after ten years, whatever is in the database now.

Without figures it takes a team's leads for ten rows, since it knows that the index is on one
column, and reads all of them instead of the few that are open. Figures of its own (``ANALYZE``)
come from one moment and change plans when they are taken again; fixed ones give everybody the plans
that are tested, which also suit a small database. PostgreSQL keeps its own figures up to date.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

_STATISTICS: Final[Mapping[str, Mapping[str | None, str]]] = {
    "lead": {
        None: "200000",
        "ix_lead_closed_contact": "198000 2 1",
        "ix_lead_closed_created": "198000 2 1",
        "ix_lead_closed_customer": "198000 2 1",
        "ix_lead_closed_of_owner": "198000 6500 2200 2 1 1 1 1 1 1 1 1",
        "ix_lead_closed_of_owner_when": "198000 6500 1 1",
        "ix_lead_closed_of_team": "198000 99000 33000 2 1 1 1",
        "ix_lead_closed_since": "198000 2 1",
        "ix_lead_closed_when": "198000 2 1",
        "ix_lead_closed_worth": "198000 2000 1",
        "ix_lead_contract_index": "200000 1",
        "ix_lead_customer_head": "200000 10",
        "ix_lead_deal": "60000 1",
        "ix_lead_email_domain_index": "200000 5",
        "ix_lead_expected": "60000 60 20 1",
        "ix_lead_hot": "50 1",
        "ix_lead_open_of_owner": "2000 65 2",
        "ix_lead_open_of_team": "2000 1000 4",
        "ix_lead_origin_id": "200000 2",
        "ix_lead_owner_id_id": "200000 6500 1",
        "ix_lead_pooled": "100 1",
        "ix_lead_team_id_closed_at_stage_owner_id_amount": "200000 100000 1 1 1 1",
        "ix_lead_team_id_created_at_owner_id": "200000 100000 2 1",
        "ix_lead_won_worth": "60000 1000 1",
        "sqlite_autoindex_lead_1": "200000 1",
        "sqlite_autoindex_lead_2": "200000 1",
    },
    "stage_interval": {
        "ix_stage_interval_lead_id_entered_at_stage": "900000 5 1 1",
        "ix_stage_interval_stage_entered_at": "900000 100000 2",
        "ix_stage_interval_stage_left_at_entered_at_lead_id": "900000 100000 2 1 1",
    },
    "followup": {
        "ix_followup_at": "800000 2",
        "ix_followup_closed_at_next_at_at_lead_id": "800000 2 2 1 1",
        "ix_followup_lead_id_at": "800000 4 1",
        "ix_followup_waiting": "2000 2 2 1 1",
    },
    "clock": {
        "ix_clock_due_at": "200000 2",
        "ix_clock_lead_id_id": "200000 1 1",
        "ix_clock_waiting": "250 1 1",
        "ix_clock_waiting_due": "250 1",
    },
    "task": {
        "ix_task_assignee_id_lead_id": "60000 2000 1",
        "ix_task_created_at": "60000 2",
        "ix_task_lead_id": "60000 1",
        "ix_task_open": "300 1",
        "ix_task_open_of": "300 10 1",
    },
    "offer": {"ix_offer_lead_id": "200000 1", "ix_offer_open": "20 1"},
    "objection": {"ix_objection_lead_id": "50000 1"},
    "message": {
        "ix_message_about": "2000 50 1",
        "ix_message_kept": "100 5",
        "ix_message_state_created_at": "50000 12000 1",
        "ix_message_waiting": "20 2 1",
        "sqlite_autoindex_message_1": "50000 1",
    },
    "opportunity": {
        None: "20000",
        "ix_opportunity_lead_id": "20000 1",
        "ix_opportunity_made_id": "20000 2",
        "ix_opportunity_open": "100 1",
        "ix_opportunity_quarter": "20000 500",
    },
    "pool_stay": {
        "ix_pool_stay_lead_id": "20000 1",
        "ix_pool_stay_left_to_left_at": "20000 600 1",
        "ix_pool_stay_open": "100 1",
        "ix_pool_stay_team_id_entered_at": "20000 10000 1",
    },
    "reminder": {
        "ix_reminder_followup_id_person_id_due_at": "120000 1 1 1",
        "ix_reminder_person_id_due_at": "120000 4000 1",
    },
    "share": {"sqlite_autoindex_share_1": "90000 25 1"},
    "person": {None: "40"},
    "team": {None: "4"},
}
"""By table and index as in ``sqlite_stat1``: its rows, and how many of them have the same first
column, the same first two, and so on; None for the table itself. From ``bench.company``, and for
what that does not have a guess."""


def store_statistics(connection: Connection) -> None:
    """Store the statistics; SQLite reads them when it opens the database."""
    # There is no other way to create the table of statistics than to take some.
    connection.exec_driver_sql("ANALYZE team")
    for table, entries in _STATISTICS.items():
        connection.exec_driver_sql("DELETE FROM sqlite_stat1 WHERE tbl = ?", (table,))
        for index, entry in entries.items():
            connection.exec_driver_sql(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", (table, index, entry)
            )


def indexes_with_statistics(table: str) -> frozenset[str]:
    """Return the indexes of a table that have statistics; empty for a table without any."""
    return frozenset(index for index in _STATISTICS.get(table, ()) if index)
