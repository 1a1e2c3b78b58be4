"""A form with several kinds of field and a card with a button, for tests of the flows."""

from handlers.core.ui import (
    Button,
    Card,
    Checklist,
    Choice,
    DateTime,
    Fact,
    Form,
    LeadPick,
    LongText,
    Option,
    Text,
)

FORM = Form(
    "lead.create",
    "Log a lead",
    (
        Text(name="customer", label="Customer", required=True),
        LongText(name="need", label="Need"),
        Choice(
            name="source", label="Source", options=(Option("web", "Web"), Option("fair", "Fair"))
        ),
        Checklist(name="bant", label="BANT", options=(Option("b", "Budget"), Option("n", "Need"))),
        DateTime(name="visit", label="Visit"),
        LeadPick(name="parent", label="Parent", options=()),
    ),
    "Save",
    "Cancel",
    state={"from": "test"},
)
CARD = Card(
    "LX001 Sample Works", (Fact("Stage", "new"),), buttons=(Button("lead.log", "Log", "7"),)
)
