"""A file of answers is taken as it reads, whatever YAML makes of its words."""

from pathlib import Path

import pytest

from bot.setup.answers import BadAnswers, read_answers


@pytest.mark.parametrize(
    ("line", "name", "read"),
    [
        ("country: NO", "country", "NO"),
        ("admin: 13800138000", "admin", "13800138000"),
        ("admin: +8613800138000", "admin", "+8613800138000"),
        ("admin: 013800138000", "admin", "013800138000"),
        ("channel: 2026-11-28", "channel", "2026-11-28"),
        ("teams: [1, 2]", "teams", ("1", "2")),
        ("teams: on", "teams", ("on",)),
        ("teams:", "teams", ()),
        ("leads:", "leads", None),
        ("people:", "people", ()),
        ("slack:", "admin", ""),
        ("", "admin", ""),
        ("\ufeffadmin: zoe@sample.example", "admin", "zoe@sample.example"),
    ],
)
def test_words_stay_as_they_are(tmp_path: Path, line: str, name: str, read: object) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(line + "\n", encoding="utf-8")
    assert getattr(read_answers(file), name) == read


@pytest.mark.parametrize("text", ["- a", "words", "admin: [a"])
def test_what_is_no_answers_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadAnswers):
        read_answers(file)
