"""How much a form may ask at once. ``Office`` checks every form that any test is shown."""

from collections.abc import Mapping

from handlers.core.ui import Field, Form

MOST_SHOWN = 6
LONG_FORMS: Mapping[str, tuple[int, str]] = {
    "lead.create": (17, "a lead of a message shows all that was read from it"),
    "lead.update": (17, "who changes a lead sees what is known of it"),
    "lead_list.find": (29, "every filter that is set is shown"),
    "report.find": (13, "every filter that is set is shown"),
    "people.save": (11, "an admin sees all that is known of a person"),
    "people.create": (11, "an admin enters a person once"),
    "playbook.change": (20, "the parts of one rule belong together"),
    "discovery.save": (8, "four questions of the conversation, then what they led to"),
    "proposal.save": (10, "what the page for the customer is composed of"),
    "followup.create": (7, "what was read from a line is shown whole"),
    "followup.update": (7, "what was logged is shown whole to be corrected"),
    "quiet.save": (8, "a person's own settings, changed once"),
    "stage.move": (12, "criteria of the stage, the sum, and the terms of a deal that are known"),
    "import.map": (40, "one column of the file each"),
    "import.decide": (12, "what holds for a whole file, asked once"),
    "import.give": (40, "one unknown owner of the file each"),
    "merge.save": (20, "one field each in which two leads differ"),
    "deal.save": (12, "the terms of a deal, prefilled from the last one"),
}
"""The forms that may show more: how many fields, and why."""


def shown_fields(form: Form) -> list[Field]:
    """The fields that are not folded."""
    return [field for field in form.fields if not field.folded]


def form_problems(form: Form) -> list[str]:
    """What is wrong with how much a form asks."""
    most, _ = LONG_FORMS.get(form.action, (MOST_SHOWN, ""))
    shown = len(shown_fields(form))
    return [f"{form.action}: shows {shown} fields, {most} at most"] if shown > most else []
