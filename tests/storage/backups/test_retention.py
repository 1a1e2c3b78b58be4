"""Kept are 7 days, 5 weeks and 12 months, and whatever those need."""

from datetime import UTC, datetime, timedelta

from storage.backups.manifests import Kind, is_id, new_id, taken_at
from storage.backups.retention import superfluous

START = datetime(2025, 1, 6, 2, 30, tzinfo=UTC)


class TestSuperfluous:
    def test_after_two_years_of_days(self) -> None:
        bases: dict[str, str] = {}
        full = ""
        for day in range(730):
            kind: Kind = "changes" if day % 7 else "full"
            name = new_id(kind, START + timedelta(days=day))
            full = name if kind == "full" else full
            bases[name] = "" if kind == "full" else full
            for gone in superfluous(bases, bases):
                del bases[gone]
        assert all(not base or base in bases for base in bases.values())
        days = sorted(taken_at(one) for one in bases)
        assert [(days[-1] - one).days for one in days[-7:]] == [6, 5, 4, 3, 2, 1, 0]
        months = {(taken_at(one).year, taken_at(one).month) for one in bases}
        assert len(months) >= 12
        assert len(bases) <= 2 * (7 + 5 + 12)

    def test_never_what_is_newer_than_the_last_verified_one(self) -> None:
        bases = {new_id("full", START + timedelta(days=day)): "" for day in range(40)}
        names = sorted(bases)
        assert superfluous(bases, []) == []
        gone = superfluous(bases, names[:20])
        assert not set(gone) & set(names[19:])
        assert gone

    def test_a_backup_taken_after_a_mishap_leaves_the_one_from_before(self) -> None:
        nightly, after = new_id("full", START), new_id("full", START + timedelta(hours=12))
        assert superfluous({nightly: "", after: ""}, [nightly, after]) == []
        later = new_id("full", START + timedelta(hours=36))
        every = dict.fromkeys((nightly, after, later), "")
        assert superfluous(every, every) == [nightly]

    def test_needs_an_id_that_is_one(self) -> None:
        assert is_id(new_id("full", START))
        for text in ("", "backup", "20261399T000000Z-full-00000000", "../20260101T000000Z"):
            assert not is_id(text)
