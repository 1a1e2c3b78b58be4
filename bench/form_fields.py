"""Every form and how much it asks: the fields shown, folded and required.

Usage: python -m bench.form_fields

Opens the forms as a test would: every account presses every button it is shown and calls every
route with values of all kinds. A form that comes in several sizes is listed at its largest. Slack
and the web chat show the fields shown; a guided chat on DingTalk asks for them, and its form card
has the folded ones, too.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from handlers.core.replies import Reply
from handlers.core.ui import Form
from handlers.routes import ROUTES
from storage.database.encryption import Fields
from storage.database.keyring import new_key, parse_keyring
from tests.databases import Databases
from tests.forms import shown_fields
from tests.handlers.test_hostile import FRIDAY, IDS, something_of_everything
from tests.office import Office, buttons_of, open_office

ASKED_BY = ("ada", "max", "robin")
MOST_PRESSED = 400


def forms_of(office: Office) -> dict[str, Form]:
    """The largest form of each action that people come to."""
    found: dict[str, Form] = {}

    def note(reply: Reply) -> Reply:
        if form := reply.form:
            known = found.get(form.action)
            if known is None or len(shown_fields(form)) > len(shown_fields(known)):
                found[form.action] = form
        return reply

    readers = [name for name, route in ROUTES.items() if not route.changes and not route.slow]
    for account in ASKED_BY:
        for action in readers:
            for value in (None, "", *IDS):
                note(office.ask(account, action, pressed=value))
        _press_everything(office, account, note)
    return found


def _press_everything(office: Office, account: str, note: Callable[[Reply], Reply]) -> None:
    waiting = list(office.inbox(account))
    pressed: set[tuple[str, str]] = set()
    while waiting and len(pressed) < MOST_PRESSED:
        for button in buttons_of(waiting.pop()):
            wish = (button.action, button.value)
            if wish not in pressed:
                pressed.add(wish)
                reply = office.ask(account, button.action, pressed=button.value)
                note(reply)
                waiting += [card for card in (reply.card, reply.update) if card]


def table(forms: Mapping[str, Form]) -> str:
    """The forms, the longest first."""
    lines = ["| form | shown | folded | required | DingTalk card |", "|---|---|---|---|---|"]
    for form in sorted(forms.values(), key=lambda one: (-len(shown_fields(one)), one.action)):
        shown, whole = len(shown_fields(form)), len(form.fields)
        required = sum(field.required for field in form.fields)
        lines.append(f"| {form.action} | {shown} | {whole - shown} | {required} | {whole} |")
    return "\n".join(lines)


def main() -> int:
    with TemporaryDirectory() as folder:
        databases, fields = Databases(Path(folder)), Fields(parse_keyring(new_key()))
        with (
            databases.lent_new("sqlite", Path(folder)) as database,
            open_office(database, fields, FRIDAY, public_url="https://offers.example") as office,
        ):
            something_of_everything(office)
            print(table(forms_of(office)))
        databases.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
