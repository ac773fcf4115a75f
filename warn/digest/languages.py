"""The words of every language, and the one template environment that speaks them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import DictLoader, Environment, StrictUndefined, pass_eval_context, select_autoescape
from jinja2.nodes import EvalContext
from markupsafe import Markup

from warn.digest.text import bare, item, wrap
from warn.digest.typography import FILTERS, number, typeset

FALLBACK = ("fr", "en")
"""A text missing in one language is taken from the next: bm -> fr -> en (English stands in the templates)."""


@dataclass(frozen=True, slots=True)
class Words:
    """One language: `lang` names it, `_` and `ngettext` speak it and fill named gaps."""

    lang: str
    catalogue: NullTranslations

    def _(self, message: str, /, **gaps: Any) -> str:
        return typeset(fill(self.catalogue.gettext(message), gaps), self.lang)

    def ngettext(self, one: str, many: str, n: float, /, **gaps: Any) -> str:
        """French has one plural from 2 on (`1,5 litre`), English from anything but 1; the catalogue decides."""
        whole = int(n) if self.lang != "en" or n == int(n) else 2
        shown = number(n, self.lang)
        return typeset(fill(self.catalogue.ngettext(one, many, whole), {"n": shown, **gaps}), self.lang)


def environment(templates: Mapping[str, str], catalogues: Mapping[str, str]) -> Environment:
    """One environment for mail, Telegram, charts and page.

    `templates`: name below `templates/` ("email/digest.html") -> text. `catalogues`: name below
    `templates/locale/` ("fr/LC_MESSAGES/messages.po") -> text; several catalogues of one language are merged.
    Names that end in .txt are plain text, all others are escaped.
    """
    env = Environment(
        loader=DictLoader(dict(templates)),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    env.filters.update(FILTERS)
    env.filters.update({"wrap": wrap, "item": item, "bare": bare})
    env.globals["languages"] = _languages(catalogues)
    return env


def words(env: Environment, lang: str) -> Words:
    """The words of a language, or of the first one we have in its place; never an error, whatever was asked for."""
    known = cast("Mapping[str, Words]", env.globals["languages"])
    for candidate in (lang, lang.partition("-")[0], *FALLBACK):
        if candidate in known:
            return known[candidate]
    return Words("en", NullTranslations())


def spoken(env: Environment) -> tuple[str, ...]:
    """The languages in which there is any text at all, French first."""
    known = cast("Mapping[str, Words]", env.globals["languages"])
    return (*(lang for lang in FALLBACK if lang in known), *sorted(set(known) - set(FALLBACK)))


def render(env: Environment, name: str, lang: str, **context: Any) -> str:
    """A template in one language; `_`, `ngettext` and `lang` are there as in any gettext template."""
    spoken = words(env, lang)
    return env.get_template(name).render(
        _=_escaping(spoken._),
        ngettext=_escaping(spoken.ngettext),
        lang=spoken.lang,
        typeset=typeset,
        **context,
    )


def pick(texts: Mapping[str, str], lang: str) -> str:
    """A rule's own text in this language, else along the fallback, else in any it has."""
    for candidate in (lang, *FALLBACK):
        if texts.get(candidate):
            return texts[candidate]
    return next((text for text in texts.values() if text), "")


def fill(text: str, gaps: Mapping[str, Any]) -> str:
    """`%(name)s` replaced; a text without gaps may hold a bare percent sign."""
    return text % gaps if gaps else text


def _escaping(speak: Callable[..., str]) -> Callable[..., str]:
    """The same words inside markup: the translation is trusted, what fills its gaps is not."""

    @pass_eval_context
    def spoken(context: EvalContext, *args: Any, **gaps: Any) -> str:
        if not context.autoescape:
            return speak(*args, **gaps)
        safe = {name: Markup.escape(gap) if isinstance(gap, str) else gap for name, gap in gaps.items()}
        return Markup(speak(*args, **safe))  # noqa: S704  # gaps are escaped above

    return spoken


def _languages(catalogues: Mapping[str, str]) -> dict[str, Words]:
    """Every language with a catalogue, each falling back on the others in order; English needs none."""
    order = [*FALLBACK, *sorted({_language(name) for name in catalogues} - set(FALLBACK))]
    languages: dict[str, Words] = {"en": Words("en", _chain("en", catalogues, {}))}
    for lang in [code for code in order if code != "en"]:
        if any(_language(name) == lang for name in catalogues):
            languages[lang] = Words(lang, _chain(lang, catalogues, languages))
    return languages


def _chain(lang: str, catalogues: Mapping[str, str], others: Mapping[str, Words]) -> NullTranslations:
    own = [_compiled(text, lang) for name, text in sorted(catalogues.items()) if _language(name) == lang]
    fallback = next((others[code].catalogue for code in FALLBACK if code in others and code != lang), None)
    links = [*own, *([fallback] if fallback else [])] or [NullTranslations()]
    for link, following in pairwise(links):
        link.add_fallback(following)
    return links[0]


def _compiled(po: str, lang: str) -> Translations:
    catalogue = read_po(io.StringIO(po), locale=lang if lang in {"fr", "en"} else None, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def _language(name: str) -> str:
    return name.replace("\\", "/").partition("/")[0].removesuffix(".po")
