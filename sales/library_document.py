"""The library as a document, for files: every item in the languages it has.

Knows the shape only; reading and writing a file is done elsewhere.
"""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from sales.contacts import mask_contacts
from sales.library import Content, Item, ItemKind, Tags, Wording
from sales.playbook.terms import Rules

Short = Annotated[str, Field(max_length=300)]


class DocumentWords(Rules):
    """An item in one language; see ``sales.library.Wording``."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    text: Annotated[str, Field(max_length=3000)] = ""
    customer: Short = ""
    result: Short = ""
    average: Short = ""


class DocumentItem(Rules):
    """One item. Contacts in it are masked when it is read."""

    kind: ItemKind
    en: DocumentWords | None = None
    zh_CN: DocumentWords | None = None  # noqa: N815 - as the locale is written
    industry: Short = ""
    product: Short = ""
    stage: Short = ""
    objection: Short = ""
    basic: Annotated[Decimal, Field(ge=0)] | None = None
    advanced: Annotated[Decimal, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _some_words(self) -> "DocumentItem":
        if self.en is None and self.zh_CN is None:
            raise ValueError("an item needs words in en or zh_CN")
        return self

    @property
    def content(self) -> Content:
        words = {
            locale: Wording(**{name: mask_contacts(text) for name, text in one})
            for locale, one in (("en", self.en), ("zh_CN", self.zh_CN))
            if one is not None
        }
        tags = Tags(
            industry=self.industry,
            product=self.product,
            stage=self.stage,
            objection=self.objection,
        )
        return Content(words=words, tags=tags, basic=self.basic, advanced=self.advanced)

    @classmethod
    def of(cls, item: Item) -> "DocumentItem":
        content = item.content
        words = {
            locale: DocumentWords(
                title=one.title,
                text=one.text,
                customer=one.customer,
                result=one.result,
                average=one.average,
            )
            for locale, one in content.words.items()
        }
        tags = content.tags
        return cls(
            kind=item.kind,
            en=words.get("en"),
            zh_CN=words.get("zh_CN"),
            industry=tags.industry,
            product=tags.product,
            stage=tags.stage,
            objection=tags.objection,
            basic=content.basic,
            advanced=content.advanced,
        )


class LibraryDocument(Rules):
    items: tuple[DocumentItem, ...] = ()
