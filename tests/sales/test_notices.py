"""Notices as the outbox stores them."""

import pytest

from sales.notices import (
    NOTICES,
    Batch,
    KeptNotices,
    LeadOffered,
    Notice,
    PoolBrief,
    RecordCall,
    notice_from_dict,
    notice_to_dict,
)
from sales.people import Person, Role

STORED = """
    access_answered access_asked access_ended account_linked admin_made announcement_withheld
    automation_acted
    bot_week bulk_act_ready bulk_act_told bulk_act_under_way bulk_reveal card_changed
    channel_refused clock_calls customer_returned customer_signalled customers_probed
    deal_announced digest_details digest_ready
    entered_nurture followup_overdue honours_posted identity_claimed import_ready import_under_way
    item_decided item_proposed kept_notices lead_moved lead_offered lead_pooled lead_shown
    lead_unclaimed leads_imported
    leads_merged leads_pooled let_in look_again loss_review_asked newcomer_asks newcomer_joined
    opportunity_found permission_missing person_erased person_unreachable pool_brief
    pool_return_near proposal_answered proposal_mail_failed record_call
    remarks_made reminder_due review_details review_ready
    sharing_announced sharing_ended signing_reported step_in_calendar sync_due task_answered
    task_given
    task_overdue view_post_ended view_posted weekly_report_due weekly_report_late
    weekly_reports_missing who_are_you win_taken_back work_handed_over
"""


class TestKinds:
    def test_no_kind_changes_since_outboxes_hold_them(self) -> None:
        assert sorted(NOTICES) == STORED.split()

    @pytest.mark.parametrize("notice", [LeadOffered(3), RecordCall(4, late_minutes=7)])
    def test_what_is_stored_comes_back(self, notice: Notice) -> None:
        assert notice_from_dict(notice.kind, notice_to_dict(notice)) == notice

    def test_each_says_how_it_reaches_people(self) -> None:
        offered, record = LeadOffered(3), RecordCall(4)
        assert (offered.urgent, offered.by_mail, offered.batch) == (True, True, Batch.OFFERS)
        assert (record.urgent, record.by_mail, record.batch) == (False, False, None)
        assert KeptNotices((1,)).at_once


class TestReaders:
    def test_some_are_for_a_few_roles_at_work(self) -> None:
        def person(role: Role, *, active: bool = True) -> Person:
            return Person(name="Robin Sample", role=role, team_id=1, active=active)

        brief = PoolBrief(team_id=1, since=0, until=1)
        assert brief.is_for(person(Role.MANAGER))
        assert not brief.is_for(person(Role.MANAGER, active=False))
        assert not brief.is_for(person(Role.REP))
        assert LeadOffered(3).is_for(person(Role.REP, active=False))
