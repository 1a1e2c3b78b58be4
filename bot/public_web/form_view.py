"""View model of a public form: fields in the visitor's language, and what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.core.field_limits import LONGEST as LONGEST_PARSED
from handlers.core.labels import enum_options, term_options
from handlers.core.language import Language
from handlers.core.ui import Option
from handlers.leads.forms import LONGEST
from sales.contacts import example_phone
from sales.intake import FormField, PublicForm
from sales.leads import Timeframe
from sales.playbook import Playbook

LANGUAGES: Mapping[str, str] = {"en": "English", "zh_CN": "中文"}
"""Each by its own name, so that people who cannot read the page find their language."""
_LONGEST_ANYWHERE = 254
_AUTOCOMPLETE: Mapping[FormField, str] = {
    "customer": "organization",
    "contact": "name",
    "title": "organization-title",
    "phone": "tel",
    "email": "email",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    name: str
    label: str
    kind: str
    value: str
    error: str
    required: bool
    example: str
    longest: int
    autocomplete: str
    options: tuple[Option, ...]
    first_wrong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """A form to draw. ``notice`` is an error that belongs to no field in particular."""

    lang: str
    title: str
    intro: str
    consent: str
    privacy_url: str
    fields: tuple[FieldView, ...]
    notice: str
    ticket: str
    detail: str
    other_lang: str
    other_language: str
    words: Mapping[str, str]


def draw_form(
    form: PublicForm,
    playbook: Playbook,
    language: Language,
    *,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    notice: str,
    ticket: str,
) -> FormView:
    """Build the view; ``typed`` and ``errors`` by field name, both empty for a fresh form."""
    locale = language.locale
    other = next(listed for listed in LANGUAGES if listed != locale)
    wrong = [name for name in form.fields if name in errors]
    return FormView(
        lang=locale.replace("_", "-"),
        title=form.title.of(locale) or language.text("visitor.title"),
        intro=form.intro.of(locale) or language.text("visitor.intro"),
        consent=form.consent.of(locale) or language.text("visitor.consent"),
        privacy_url=form.privacy_url,
        fields=tuple(
            _field(
                name, form, playbook, language,
                value=typed.get(name, ""), error=errors.get(name, ""), first=wrong[:1] == [name],
            )
            for name in form.fields
        ),
        notice=notice,
        ticket=ticket,
        detail=typed.get("source_detail", ""),
        other_lang=other.replace("_", "-"),
        other_language=LANGUAGES[other],
        words={
            "send": language.text("visitor.send"),
            "choose": language.text("visitor.choose"),
            "required": language.text("visitor.required"),
            "reach": language.text("visitor.reach") if _needs_either(form) else "",
            "privacy": language.text("visitor.privacy"),
            "trap": language.text("visitor.trap"),
            "wrong": language.text("visitor.wrong", n=len(errors)) if errors else "",
        },
    )  # fmt: skip


def _needs_either(form: PublicForm) -> bool:
    return {"phone", "email"} <= set(form.fields)


def _field(
    name: FormField,
    form: PublicForm,
    playbook: Playbook,
    language: Language,
    *,
    value: str,
    error: str,
    first: bool,
) -> FieldView:
    options = _options(name, playbook, language)
    only_reach = name in ("phone", "email") and not _needs_either(form)
    kinds = {"phone": "tel", "email": "email", "need": "long"}
    return FieldView(
        name=name,
        label=language.text(f"visitor.field_{name}"),
        kind="choice" if options else kinds.get(name, "text"),
        value=value,
        error=error,
        required=name == "customer" or only_reach,
        example="" if options else _example(name, language),
        longest=LONGEST.get(name) or LONGEST_PARSED.get(name, _LONGEST_ANYWHERE),
        autocomplete=_AUTOCOMPLETE.get(name, "off"),
        options=options,
        first_wrong=first,
    )


def _example(name: FormField, language: Language) -> str:
    if name == "phone":
        return example_phone(language.countries.home)
    return language.text(f"visitor.example_{name}")


def _options(name: FormField, playbook: Playbook, language: Language) -> tuple[Option, ...]:
    words = playbook.vocabulary
    match name:
        case "industry":
            return term_options(words.industries, language)
        case "region":
            return term_options(words.regions, language)
        case "product":
            return term_options(words.products, language)
        case "timeframe":
            return enum_options((t for t in Timeframe if t is not Timeframe.UNKNOWN), language)
        case _:
            return ()
