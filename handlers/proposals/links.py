"""Private links to a proposal's page: each made for one person, stored as a hash."""

import ipaddress
import secrets
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from handlers.core.context import Context
from sales.errors import NoPublicAddress
from sales.proposals import Link, Proposal, hash_of

PREVIEW = timedelta(days=1)
"""Lifetime of a preview link for colleagues; another is one press away."""
_TOKEN_BYTES = 16


def new_link(proposal: Proposal, context: Context, *, preview: bool) -> str:
    """Create a link and return its address, shown only this once; raises NoPublicAddress.

    All links of a customer end on the same day, however often one is created.
    """
    if not context.public_url:
        raise NoPublicAddress(setting="PUBLIC_URL")
    token = secrets.token_hex(_TOKEN_BYTES)
    context.proposals.add_link(
        Link(
            proposal_id=proposal.id,
            token_hash=hash_of(token),
            preview=preview,
            made_by=context.actor.id,
            made_at=context.now,
            expires_at=context.now + PREVIEW if preview else _ends(proposal, context),
        )
    )
    return f"{context.public_url}/p/{token}"


def reach_of(url: str) -> Literal["machine", "network", "everybody"]:
    """Who can open an address: this machine, its own network, or everybody, as far as it tells."""
    host = (urlsplit(url).hostname or "").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if host == "localhost" or host.endswith(".localhost"):
            return "machine"
        inside = "." not in host or host.endswith((".local", ".lan", ".internal", ".home.arpa"))
        return "network" if inside else "everybody"
    if address.is_loopback or address.is_unspecified:
        return "machine"
    return "network" if address.is_private or address.is_link_local else "everybody"


def _ends(proposal: Proposal, context: Context) -> datetime:
    running = [
        link for link in context.proposals.links(proposal.id) if not link.is_over(context.now)
    ]
    if running:
        return running[0].expires_at
    return context.now + timedelta(days=context.playbook.proposals.link_days)
