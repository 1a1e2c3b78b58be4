"""The company's logo on the proposals' page: a picture file that the settings name.

Only pictures that hold no script: an SVG can, so it is refused.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

MOST: Final = 512_000
"""Most bytes of a logo: customers load it on their phones."""
_KINDS: Final = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"WEBP", 8, "image/webp"),
)


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture with its media type, found by its first bytes and not by its name."""

    content: bytes
    media_type: str


def read_logo(path: Path) -> Logo:
    """Read a logo. Raises ValueError, which says what is wrong with the file."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST + 1)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    if len(content) > MOST:
        raise ValueError(f"is larger than {MOST // 1000} kB")
    for mark, at, media_type in _KINDS:
        if content[at : at + len(mark)] == mark:
            return Logo(content, media_type)
    raise ValueError("is no PNG, JPEG or WebP picture (an SVG may hold scripts)")
