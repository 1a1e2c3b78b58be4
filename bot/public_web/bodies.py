"""Reading a body no further than it may be long."""

from typing import Final

from starlette.requests import Request

MOST: Final = 1_000_000
"""Bytes of one request, like everywhere else."""


class TooLong(Exception):
    """The body is, or says it is, longer than allowed."""


async def read_body(request: Request, most: int = MOST) -> bytes:
    """All of it; raises TooLong before more than ``most`` bytes are kept.

    Starlette's own middleware does this too, but answers in plain text by itself.
    """
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdecimal() and (len(told) > 12 or int(told) > most):
        raise TooLong
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLong
    return bytes(body)
