"""The ``.env`` file: changes some of its settings and keeps every other line as it is.

The file holds secrets: it is readable by its owner alone, and replaced as a whole, so that no
interruption leaves half of it.
"""

import io
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from storage.database.private_files import write_new

_LINE: Final = re.compile(r"\A[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:@%+=,-]*")
_PRIVATE: Final = 0o600


class EnvFileUnreadable(ValueError):
    """The file is there and cannot be read or written; the message is the system's reason."""


class EnvFile:
    """The settings of one ``.env`` file. A link is followed: what it points to is replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._text = _read(path)

    def values(self) -> dict[str, str]:
        """The settings as the process reads them; of a name given twice, the last."""
        read = dotenv_values(stream=io.StringIO(self._text), interpolate=False)
        return {name: value or "" for name, value in read.items()}

    def write(self, changes: Mapping[str, str]) -> list[str]:
        """Put these settings into the file; returns the names of those that differed.

        A setting stays on its line; a new one is added at the end. The file becomes private even
        when nothing changes. Raises EnvFileUnreadable.
        """
        before = self.values()
        different = {name: v for name, v in changes.items() if before.get(name) != v}
        text = _changed(self._text, different)
        try:
            if different:
                replace_privately(self.path.resolve(), text)
            elif self.path.exists():
                self.path.chmod(_PRIVATE)
        except OSError as error:
            raise EnvFileUnreadable(f"{self.path}: {error.strerror}") from error
        self._text = text
        return list(different)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise EnvFileUnreadable(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EnvFileUnreadable(f"{path}: not UTF-8") from error


def _changed(text: str, changes: Mapping[str, str]) -> str:
    """The text with each setting on the last line that names it, where it counts.

    A value that goes over several lines is not one that we write; its name's line is replaced by a
    new one at the end, which counts, so that nothing of it has to be understood.
    """
    lines = text.removesuffix("\n").split("\n") if text else []
    places = {match[1]: number for number, line in enumerate(lines) if (match := _LINE.match(line))}
    added = []
    for name, value in changes.items():
        written = f"{name}={_quoted(value)}"
        place = places.get(name)
        if place is not None and _is_whole(lines[place], name):
            lines[place] = written
        else:
            added.append(written)
    return "".join(f"{line}\n" for line in [*lines, *added])


def _is_whole(line: str, name: str) -> bool:
    """Whether the line alone holds the setting: no quote stays open."""
    value = line.partition("=")[2].strip()
    if value[:1] not in ("'", '"'):
        return True
    read = dotenv_values(stream=io.StringIO(f"{line}\n"), interpolate=False)
    return read.get(name) is not None


def _quoted(value: str) -> str:
    """A value as python-dotenv reads it back, without interpolation of ``$``."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def replace_privately(path: Path, text: str) -> None:
    """Put a file that only its owner can read in the place of what was there, or nothing at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        write_new(beside, [text.encode()])
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
