"""What customers did."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Batch, Notice


@dataclass(frozen=True, slots=True)
class CustomerReturned(Notice):
    """Somebody whom we have as a lead wrote again from outside."""

    kind: ClassVar[str] = "customer_returned"
    urgent: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    enquiry_id: int


@dataclass(frozen=True, slots=True)
class CustomerSignalled(Notice):
    """A customer did something that the owner should know at once."""

    kind: ClassVar[str] = "customer_signalled"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    signal_id: int


@dataclass(frozen=True, slots=True)
class OpportunityFound(Notice):
    """A customer may buy again."""

    kind: ClassVar[str] = "opportunity_found"
    batch: ClassVar[Batch | None] = None
    opportunity_id: int


@dataclass(frozen=True, slots=True)
class SigningReported(Notice):
    """An e-signature service told what became of a contract."""

    kind: ClassVar[str] = "signing_reported"
    urgent: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    signing_id: int
