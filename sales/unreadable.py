"""A stored text that cannot be decrypted, as far as the rules need to know of it."""


class UnreadableText(str):  # noqa: SLOT000 - a str has no slots that can be filled
    """Stands for a stored text whose key is missing; as text it says so, in plain words.

    ``sealed`` is what is stored. Saved again, it stays what it was: the key may come back.
    """

    sealed: bytes

    def __new__(cls, words: str, sealed: bytes) -> "UnreadableText":
        text = super().__new__(cls, words)
        text.sealed = sealed
        return text
