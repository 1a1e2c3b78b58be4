"""How much a form may ask at once. ``Office`` checks every form that any test is shown."""

from handlers.core.ui import Field, Form

MOST_SHOWN = 6


def shown_fields(form: Form) -> list[Field]:
    """The fields that are not folded."""
    return [field for field in form.fields if not field.folded]
