"""Acting on several leads: every role, act and owner; nobody acts on or reads others' leads."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from handlers.notices import Composer
from sales.assignments import OfferState
from sales.bulk_acts import BY_ROLE, BulkKind
from sales.notices import BulkActReady, BulkActTold, BulkActUnderWay
from tests.office import Office
from tests.rights.test_matrix import NOW, OWNERS, SEES, Scene, do_due_work, scene

__all__ = ["scene"]

DECIDES: Mapping[str, frozenset[str]] = {**SEES, "dana": frozenset({"dana"})}
"""Dana only works on the lead that was shared with her."""
SELLERS = ("ada", "max", "wes", "robin", "dana", "kim")
OTHERS = ("sam", "fay", "gone", "waiting", "refused", "guest")
TYPED = {"reason": "price", "day": "2024-03-12"}


def answered(office: Office) -> None:
    """Everybody has taken their leads: nobody is being asked any more."""
    with office.world.new_uow() as uow:
        for row in office.rows("offer"):
            offer = uow.offers.get(row["id"])
            uow.offers.save(replace(offer, state=OfferState.ACCEPTED, answered_at=NOW))
        uow.commit()


def taken(office: Office, act_id: int) -> set[int]:
    rows = [row for row in office.rows("bulk_lead") if row["act_id"] == act_id]
    return {row["lead_id"] for row in rows if not row["left_out"]}


def previews(scene: Scene, actor: str, kind: BulkKind) -> None:
    """Everything is asked for: as a list, and by the numbers of everybody's leads."""
    office, numbers = scene.office, ",".join(str(one.lead.id) for one in scene.planted)
    reason = "busy" if kind is BulkKind.POOL else "price"
    receiver = office.people.get(actor, office.people["max"])
    typed = {**TYPED, "reason": reason, "person": str(receiver.id)}
    words = [one.lead.need for one in scene.planted][:3]
    queries = [("is=all", ""), ("is=all", numbers), *((f"text={word}", "") for word in words)]
    for query, leads in queries:
        state = {"query": query, "leads": leads, "kind": kind.value}
        reply = office.ask(actor, "bulk.preview", state=state, values=typed)
        scene.assert_no_word(actor, reply, (kind, query))
        reply = office.ask(actor, "bulk.choose", pressed=query)
        scene.assert_no_word(actor, reply, (kind, query))
        values = {"kind": kind.value, "leads": tuple(f"LX{one}" for one in leads.split(","))}
        reply = office.ask(actor, "bulk.act", state={"query": query}, values=values)
        scene.assert_no_word(actor, reply, (kind, query))


@pytest.mark.in_turn
@pytest.mark.parametrize("actor", SELLERS)
def test_only_what_one_decides_on(scene: Scene, actor: str) -> None:
    office, ids = scene.office, {one.owner: one.lead.id for one in scene.planted}
    answered(office)
    mine = {ids[owner] for owner in OWNERS if owner in DECIDES[actor]}
    before = scene.foreign_state(actor)
    for kind in BulkKind:
        former = {row["id"] for row in office.rows("bulk_act")}
        previews(scene, actor, kind)
        new = [row["id"] for row in office.rows("bulk_act") if row["id"] not in former]
        assert bool(new) == (kind in BY_ROLE[office.people[actor].role]), kind
        assert all(taken(office, act) <= mine for act in new), kind
        if kind is BulkKind.LOST:
            lost = new[0]
            assert taken(office, lost) == mine
    office.ask(actor, "bulk.confirm", pressed=str(lost))
    do_due_work(office)
    closed = {row["id"] for row in office.rows("lead") if row["stage"] == "lost"}
    assert closed == mine
    assert scene.foreign_state(actor) == before
    reads_only_ones_own(scene, actor, lost)
    office.ask(actor, "bulk.undo", pressed=str(lost))
    do_due_work(office)
    assert not [row for row in office.rows("lead") if row["stage"] == "lost"]
    assert scene.foreign_state(actor) == before
    reads_only_ones_own(scene, actor, lost)


def reads_only_ones_own(scene: Scene, actor: str, act_id: int) -> None:
    """Whoever opens the act or is notified of it."""
    office = scene.office
    composer = Composer(office.world.new_uow, replace(office.world.contexts, now=lambda: NOW))
    for reader, person in office.people.items():
        for kind in (BulkActUnderWay, BulkActReady, BulkActTold):
            for run in (1, 2):
                for again in (False, True):
                    card = composer(kind(act_id, run), person.id, again=again)
                    scene.assert_no_word(reader, card, (actor, kind, run))
        for action in ("bulk.show", "bulk.left", "bulk.left_page"):
            scene.assert_no_word(reader, office.ask(reader, action, pressed=str(act_id)), actor)


@pytest.mark.in_turn
@pytest.mark.parametrize("actor", OTHERS)
def test_others_do_nothing(scene: Scene, actor: str) -> None:
    for kind in BulkKind:
        previews(scene, actor, kind)
    assert scene.office.rows("bulk_act") == []


@pytest.mark.in_turn
@pytest.mark.parametrize("actor", ["max", "wes", "robin", "dana", "kim", "sam"])
def test_nobody_confirms_what_another_previewed(scene: Scene, actor: str) -> None:
    office = scene.office
    previews(scene, "ada", BulkKind.LOST)
    for row in office.rows("bulk_act"):
        for action in ("bulk.confirm", "bulk.drop", "bulk.undo", "bulk.show", "bulk.left"):
            reply = office.ask(actor, action, pressed=str(row["id"]))
            scene.assert_no_word(actor, reply, action)
            assert reply.card is None
            assert reply.update is None
    assert {row["state"] for row in office.rows("bulk_act")} == {"previewed"}
