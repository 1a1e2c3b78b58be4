"""Which newcomers are let in without an admin, and in which role."""

from collections.abc import Collection
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from sales.people import Role
from sales.playbook.vocabulary import NameOf, Rules, misfit

LONGEST_NAME = 80


class Admission(Rules):
    """A rule that lets in a newcomer who meets all of its conditions.

    ``mail_domain`` of the e-mail that the platform vouches for, ``group`` (handle or name of a user
    group of Slack's), ``department`` (name or id of a department of DingTalk's). They get ``role``
    in ``team``; without a team, the one of ``Newcomers``. No rule makes an admin.
    """

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    mail_domain: Annotated[str, Field(max_length=253)] = ""
    group: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    department: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    role: Role = Role.REP
    team: Annotated[str, NameOf("team")] = ""

    @field_validator("mail_domain")
    @classmethod
    def _a_domain(cls, typed: str) -> str:
        domain = typed.strip().lower().removeprefix("@")
        if domain and ("." not in domain.strip(".") or set(domain) & set("@ /\\*,;")):
            raise misfit("mail_domain", f"mail_domain: {typed} is no domain, as in sample.example")
        return domain

    @field_validator("group", "department")
    @classmethod
    def _without_sign(cls, typed: str) -> str:
        return typed.strip().removeprefix("@")

    @field_validator("role")
    @classmethod
    def _no_admin(cls, role: Role) -> Role:
        return no_admin(role)

    @model_validator(mode="after")
    def _asks_something(self) -> "Admission":
        if not (self.mail_domain or self.group or self.department):
            raise misfit(
                "lets_everybody_in",
                f"{self.name}: give a mail_domain, a group or a department",
            )
        return self

    def fits(self, email: str, groups: Collection[str], departments: Collection[str]) -> bool:
        """Whether the account meets the conditions.

        ``groups`` and ``departments`` are names, handles and ids, as the platform writes them.
        """
        return (
            (not self.mail_domain or email.lower().rpartition("@")[2] == self.mail_domain)
            and (not self.group or _among(self.group, groups))
            and (not self.department or _among(self.department, departments))
        )


class Newcomers(Rules):
    """Rules for newcomers.

    ``rules`` are tried from the top; a newcomer whom none lets in waits for an admin. ``role`` and
    ``team`` are what the admin's button gives; without a team, the first there is.
    """

    rules: tuple[Admission, ...] = ()
    role: Role = Role.REP
    team: Annotated[str, NameOf("team")] = ""

    @field_validator("role")
    @classmethod
    def _no_admin(cls, role: Role) -> Role:
        return no_admin(role)


def no_admin(role: Role) -> Role:
    """Refuse the role admin: nobody becomes one by a rule."""
    if role is Role.ADMIN:
        raise misfit("no_admin", "role: no rule makes an admin; /people does")
    return role


def _among(wanted: str, names: Collection[str]) -> bool:
    return wanted.casefold() in {name.casefold().removeprefix("@") for name in names}
