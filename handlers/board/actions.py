"""``/pipeline``: the person's day and where their leads are; leaders see the whole team."""

from handlers.board.cards import board_card
from handlers.board.day import PARTS, day_of
from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.lead_lists.actions import listed_by_words
from handlers.lead_lists.cards import list_card
from handlers.lead_lists.service import ListPlace
from handlers.opportunities.cards import opportunities_section
from handlers.reminders.ledger import board_section
from handlers.targets.cards import targets_section
from handlers.tasks import actions as tasks
from sales.permissions import may


def open_home(context: Context) -> Reply:
    """The bot's home page on platforms that have one. Shows the board, or the task list for people
    who have no leads."""
    return open_board(context) if may(context.actor, "board.open") else tasks.open_command(context)


def open_board(context: Context) -> Reply:
    """The board: overdue leads first, then today and the week ahead, then the pipeline.

    Typed with filters, the leads they list instead: ``看板 逾期``.
    """
    if listed := listed_by_words(context.request.text, context):
        return listed
    below = (
        *opportunities_section(context),
        *targets_section(context),
        *board_section(context),
    )
    return Reply(card=board_card(day_of(context), below, context))


def open_overdue(context: Context) -> Reply:
    """Button on boards of earlier versions: the list of overdue leads."""
    return Reply(card=list_card(ListPlace(query=PARTS[0].query), context))
