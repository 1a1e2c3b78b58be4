"""A part of the company's vocabulary, as files spell it."""

from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz, process

from sales.imports.columns import plain
from sales.playbook import Term

_ALIKE: Final = 88.0
_LONGEST: Final = 200
"""Characters of a cell; what is longer is no term."""


class Words:
    """Finds terms by their key or their label in either language. A file repeats itself, so
    what was found is remembered while it is read."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._spelled = {plain(name) for term in terms for name in (term.key, term.en, term.zh)}
        self._terms = {_bare(name): term for term in terms for name in (term.key, term.en, term.zh)}
        self._found: dict[str, Term | None] = {}

    def spells(self, text: str) -> bool:
        """Whether a text is a term's own spelling, but for case and signs."""
        return plain(text) in self._spelled

    def nearest(self, text: str) -> Term | None:
        """The term that a text means: one that is equal, or so like it that only signs or a
        slip of the pen differ; None for none, and for two that are equally near."""
        if len(text) > _LONGEST:
            return None
        if text not in self._found:
            self._found[text] = self._look_up(_bare(text))
        return self._found[text]

    def key(self, text: str) -> str:
        term = self.nearest(text)
        return term.key if term else ""

    def _look_up(self, wanted: str) -> Term | None:
        if not wanted or wanted in self._terms:
            return self._terms.get(wanted)
        near = process.extract(
            wanted, self._terms.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=2
        )
        found = {self._terms[name].key: self._terms[name] for name, score, _ in near
                 if score == near[0][1]}  # fmt: skip
        return next(iter(found.values())) if len(found) == 1 else None


def _bare(text: str) -> str:
    return plain(text).replace(" ", "")
