"""Facts into messages: one function per kind of text. All pure: equal facts give equal bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import css_inline
from jinja2 import Environment

from warn.digest import endings, notices, sight
from warn.digest.edition import Edition, edition
from warn.digest.entries import shorter
from warn.digest.facts import AlertFacts, Correction, Facts
from warn.digest.languages import render, words
from warn.digest.notice import Notice, buttons, mail_subject
from warn.digest.phrases import SHAPES, chat, city
from warn.digest.pictures import alt_text
from warn.digest.text import parts, visible
from warn.digest.variants import Variant
from warn.model import Level, Message, Placeholder

TELEGRAM: Final = 4096
_INLINER: Final = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


def compose_alert(
    env: Environment, facts: Facts, alert: AlertFacts, variant: Variant, also: Sequence[AlertFacts] = ()
) -> Message:
    """An opening, raise, ease or reminder; `also` are other alerts that moved in the same tick."""
    w = words(env, variant.lang)
    return _message(env, facts, notices.alert(facts, alert, variant, w, also), variant, str(alert.number))


def compose_update(env: Environment, facts: Facts, alert: AlertFacts, variant: Variant) -> Message:
    """The same level with new evidence: takes the place of the message sent at `alert.state.since`."""
    w = words(env, variant.lang)
    return _message(env, facts, notices.update(facts, alert, variant, w), variant, str(alert.number))


def compose_superseded(env: Environment, facts: Facts, alert: AlertFacts, variant: Variant) -> Message:
    """What the earlier message becomes once the alert has moved on; says which level and when."""
    return _message(env, facts, notices.superseded(facts, alert, words(env, variant.lang)), variant)


def compose_all_clear(env: Environment, facts: Facts, alert: AlertFacts, variant: Variant) -> Message:
    """The end of an alert, naming what stays open."""
    return _message(
        env, facts, endings.all_clear(facts, alert, words(env, variant.lang), variant.kind), variant
    )


def compose_correction(
    env: Environment,
    facts: Facts,
    alert: AlertFacts,
    variant: Variant,
    correction: Correction | None = None,
) -> Message:
    """What we said and what is so; built from the two newest transitions where nobody wrote a text."""
    notice = endings.correction(facts, alert, words(env, variant.lang), correction)
    return _message(env, facts, notice, variant)


def compose_blind(env: Environment, facts: Facts, alerts: Sequence[AlertFacts], variant: Variant) -> Message:
    """We no longer know: one message for all alerts that turned blind (or lapsed) in one tick.

    With no alert at all: the whole service reads nothing.
    """
    return _message(env, facts, sight.blind(facts, alerts, words(env, variant.lang)), variant)


def compose_sighted(
    env: Environment, facts: Facts, alerts: Sequence[AlertFacts], variant: Variant
) -> Message:
    """We know again; the time between is not reconstructed."""
    return _message(env, facts, sight.sighted(facts, alerts, words(env, variant.lang)), variant)


def compose_person(
    env: Environment, facts: Facts, text: str, variant: Variant, *, level: int, drill: bool = False
) -> Message:
    """Words of an administrator, marked as written by a person; with `drill` a marked test of every channel."""
    notice = notices.person(facts, text, words(env, variant.lang), Level(level), drill=drill)
    return _message(env, facts, notice, variant)


def compose_digest(env: Environment, facts: Facts, variant: Variant, picture: bytes | None = None) -> Message:
    """The daily, evening or weekly edition in the order of readers.md; `picture` is left out for text only."""
    w = words(env, variant.lang)
    told = edition(facts, variant, w)
    shown = None if variant.text_only else picture
    alt = alt_text(facts, w) if shown else ""
    if variant.channel == "telegram":
        texts = _digest_parts(env, facts, told, variant)
        return Message(
            kind="digest",
            lang=w.lang,
            text=visible("\n\n".join(texts)) + "\n",
            subject=told.subject,
            parts=texts,
            picture=shown,
            alt=alt,
            silent=told.level is None or told.level < Level.ALERT,
            exercise=facts.exercise,
        )
    context = {"e": told, "city": city(facts, w.lang), "picture": shown is not None, "alt": alt}
    html = render(env, "email/digest.html", w.lang, title=told.subject, **context)
    return Message(
        kind="digest",
        lang=w.lang,
        text=_tidy(render(env, "email/digest.txt", w.lang, **context)),
        subject=told.subject,
        html="" if variant.text_only else _inlined(html),
        picture=shown,
        alt=alt,
        exercise=facts.exercise,
    )


def compose_letter(
    env: Environment, kind: str, lang: str, subject: str, context: Mapping[str, object]
) -> Message:
    """A mail to one reader about their subscription, from the templates of that name."""
    html = render(env, f"email/{kind}.html", lang, title=subject, **context)
    text = render(env, f"email/{kind}.txt", lang, title=subject, **context)
    return Message(kind=kind, lang=lang, text=_tidy(text), subject=subject, html=_inlined(html))


def telegram_body(message: Message, *, edits: bool = False) -> bytes:
    """The JSON a Telegram parcel carries: parts, buttons, silent, edits. Parts are in Telegram's HTML."""
    said = {
        "parts": list(message.parts),
        "buttons": [list(button) for button in message.buttons],
        "silent": message.silent,
        "edits": edits,
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def _digest_parts(env: Environment, facts: Facts, told: Edition, variant: Variant) -> tuple[str, ...]:
    """One message wherever it fits: of what is unchanged the least grave are then named by level and title alone."""
    found = _chat_parts(env, facts, told, variant)
    for brief in shorter(told.groups) if len(found) > 1 else ():
        found = _chat_parts(env, facts, replace(told, groups=brief), variant)
        if len(found) == 1:
            break
    return found


def _chat_parts(env: Environment, facts: Facts, told: Edition, variant: Variant) -> tuple[str, ...]:
    label = {"resident": 0, "ngo": 1, "press": 2}[variant.kind]
    markup = render(
        env,
        "telegram/digest.html",
        variant.lang,
        e=told,
        city=city(facts, variant.lang),
        advice=told.todo[label][1],
    )
    blocks = [block.strip("\n").split("\n") for block in _tidy(_chat(markup)).split("\n\n") if block.strip()]
    return parts(blocks, TELEGRAM)


def _message(env: Environment, facts: Facts, notice: Notice, variant: Variant, episode: str = "") -> Message:
    w = words(env, variant.lang)
    notice_view = {
        "notice": _view(notice, facts, w._("EXERCISE")),
        "preferences": f"{facts.base}/r/{Placeholder}",
        "unsubscribe": f"{facts.base}/u/{Placeholder}",
        "shape": SHAPES[notice.level],
        "chat": chat(facts, variant),
    }
    shown = _chat(render(env, "telegram/notice.html", w.lang, **notice_view)).strip()
    mail = variant.channel == "email"
    subject = mail_subject(notice, facts, w)
    html = render(env, "email/notice.html", w.lang, title=subject, **notice_view) if mail else ""
    text = render(env, "email/notice.txt", w.lang, **notice_view) if mail else shown
    return Message(
        kind=notice.kind,
        lang=w.lang,
        text=_tidy(text if mail else visible(shown)),
        subject=subject,
        html=_inlined(html) if html and not variant.text_only else "",
        parts=() if mail else (shown,),
        buttons=buttons(notice, facts, w, episode, group=variant.group),
        silent=notice.silent,
        exercise=facts.exercise,
    )


def _chat(markup: str) -> str:
    """Telegram's own escapes only: quotes need none, for no text of ours stands inside an attribute."""
    return markup.replace("&#39;", "'").replace("&#34;", '"')


def _view(notice: Notice, facts: Facts, mark: str) -> dict[str, object]:
    return {
        "head": notice.head,
        "stamp": notice.stamp,
        "lines": notice.lines,
        "foot": notice.foot,
        "address": notice.address,
        "last": notice.last,
        "level": notice.level,
        "exercise": facts.exercise,
        "mark": f"{mark} - " if facts.exercise else "",
    }


def _inlined(html: str) -> str:
    """Styles where mail programs read them. Lines stay short: no relay may have to fold them."""
    return _INLINER.inline(html)


def _tidy(text: str) -> str:
    """No trailing blanks, never two empty lines in a row, one line end at the end."""
    lines = [line.rstrip(" ") for line in text.strip("\n").split("\n")]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(kept) + "\n"
