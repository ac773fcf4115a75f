"""Keeps the tables of the documents equal to what the program does.

`python -m tests.docs` tells which documents are stale (exit status 1), with `--write` it rewrites them. A block stands
between `<!-- generated: NAME -->` and `<!-- end -->`; NAME is a key of BLOCKS.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from typer.main import get_command
from warn.app import build, folders, knowing, study
from warn.cli import program
from warn.errors import WarnError
from warn.pipeline.knowledge import Knowledge
from warn.rules.codes import EXPLAINED
from warn.rules.filters import Filtered
from warn.rules.measures import MEASURES
from warn.rules.rule import Rule, Timing
from warn.rules.say import say
from warn.settings import Settings
from warn.source import Source
from warn.sources.feeds import SOURCE as FEEDS
from warn.sources.feeds import listing

from tests.docs_record import record, timeline

ROOT = Path(__file__).parents[1]
RULES = ROOT / "rules"
SCHEMA = RULES / "schema.json"
BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"))

MEANINGS = {  # where the field itself says nothing
    "WARN_RULES": "Folder of rules; default: `./rules`, else the packaged copy.",
    "WARN_TEMPLATES": "Folder of templates; default: `./templates`, else the packaged copy.",
    "WARN_VAR": "Folder for the database, the secret and the replay.",
    "WARN_DATABASE": "SQLAlchemy address; default: SQLite in `WARN_VAR`.",
    "WARN_LANG": "Language of a reader who has not chosen.",
    "WARN_OPERATOR": "Who runs this; stands in every message.",
    "WARN_CONTACT": "Page or address for the servers that are asked, sent with each request.",
    "WARN_SECRET": "Seals contacts and signs links; to change it put the new one first: `new,old`, then `warn secrets rotate`.",
    "WARN_LOG_LEVEL": "How much the log says.",
    "WARN_EMAIL__HOST": "SMTP relay; without it no mail leaves.",
    "WARN_EMAIL__PORT": "Its port.",
    "WARN_EMAIL__USERNAME": "Where the relay asks for one.",
    "WARN_EMAIL__PASSWORD": "Likewise.",
    "WARN_EMAIL__SENDER": "From header: `Alertes Bamako <alertes@example.org>`.",
    "WARN_EMAIL__REPLY_TO": "Where answers go.",
    "WARN_EMAIL__BOUNCE_DOMAIN": "Domain of return addresses, one per reader, by which bounces are known.",
    "WARN_EMAIL__CONNECTIONS": "Connections to the relay at once.",
    "WARN_EMAIL__SECURITY": "`starttls`, `tls` (port 465) or `none` (only to a relay on this machine).",
    "WARN_TELEGRAM__TOKEN": "From @BotFather; without it the bot stays off.",
    "WARN_TELEGRAM__BASE_URL": "Another Bot API server.",
    "WARN_TELEGRAM__ADMINS": "Numeric ids of administrators, with commas.",
    "WARN_TELEGRAM__GROUPS": 'Others whom a rule may `escalate` to, by name: `{"direction": [123456789]}`.',
    "WARN_FILE__FOLDER": "Every message also as a file in this folder.",
    "WARN_WEB__HOST": "Where the page listens; `0.0.0.0` in a container.",
    "WARN_WEB__PORT": "On which port.",
    "WARN_WEB__ADDRESS": "How readers reach the page; stands in every message. Unless set, it has the port of the page.",
    "WARN_SOURCE__ON": "Ids of sources to start that are off by default.",
    "WARN_SOURCE__OFF": "Ids of sources to leave out; wins over ON.",
    "WARN_SOURCE__FILES": "Folder of observation files that is watched.",
    "WARN_SOURCE__EIA_KEY": "Free key of the EIA; with it Brent comes from the origin.",
    "WARN_SOURCE__FIRMS_KEY": "Free map key of NASA FIRMS; with it fires come by area instead of whole files.",
    "WARN_SOURCE__UCDP_TOKEN": "Token of the UCDP API.",
    "WARN_SOURCE__RELIEFWEB_APPNAME": "Name that ReliefWeb gave you for its API.",
    "WARN_SOURCE__ACLED_USERNAME": "Account at ACLED; its rows are never republished.",
    "WARN_SOURCE__ACLED_PASSWORD": "Its password.",
    "WARN_SOURCE__KEYS": "Keys of sources described in YAML; `WARN_SOURCE__KEY_HAPI=...` sets a single one.",
    "WARN_SOURCE__WEBHOOK_SECRET": "Shared secret of those who push observations to us.",
    "WARN_SOURCE__KOBO_URL": "Server of the KoBo forms.",
    "WARN_SOURCE__KOBO_TOKEN": "Its token.",
    "WARN_SOURCE__ODK_URL": "Server of the ODK forms.",
    "WARN_SOURCE__ODK_USER": "Account there that may read submissions.",
    "WARN_SOURCE__ODK_PASSWORD": "Its password.",
    "WARN_SOURCE__ALLOW_PRIVATE": "Sources may lie on this machine or its network (off: a guard against redirects).",
}


@cache
def known() -> Knowledge:
    """The shipped rules folder, whatever the environment says."""
    return knowing.knowledge_of(folders.rules_texts(RULES))


def settings() -> Settings:
    return Settings(_env_file=None, rules=RULES)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(head)
    lines = [heads, ["---"] * len(heads), *[[_cell(cell) for cell in row] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("\n", " ")


def duration(span: timedelta) -> str:
    """72 h and 3 d are one and the same: the largest unit that divides it."""
    for unit, word in UNITS:
        if span and not span % unit:
            return f"{span // unit} {word}"
    return "none" if not span else f"{span.total_seconds():g} s"


def sources() -> str:
    rows = [
        (f"`{s.id}`", _title(s), _brings(s), _asked(s), duration(s.lag), _key(s), s.terms)
        for s in knowing.every_source(known().files).values()
    ]
    return table(("id", "what", "indicators", "asked every", "speaks late by", "key", "terms"), rows)


def sources_short() -> str:
    rows = [
        (f"`{s.id}`", _title(s), _asked(s), _key(s)) for s in knowing.every_source(known().files).values()
    ]
    return table(("source", "what", "asked every", "key"), rows)


def _title(source: Source) -> str:
    return f"[{source.title}]({source.homepage})" if source.homepage else source.title


def _brings(source: Source) -> str:
    if not source.indicators:
        return "any"
    if set(FEEDS.indicators) <= set(source.indicators):
        return f"{len(source.indicators)} (what the reader of texts finds)"
    return ", ".join(f"`{name}`" for name in source.indicators)


def _key(source: Source) -> str:
    parts = [
        f"needs {_settings_named(source.needs)}",
        f"better with {_settings_named(source.uses)}",
        source.off_by_default,
    ]
    return (
        "; ".join(part for part in parts if not part.endswith("with ") and part not in ("", "needs "))
        or "none"
    )


def _settings_named(names: Iterable[str]) -> str:
    """Those that an operator sets; the others are made by the program."""
    real = {row[0] for row in variables()}
    shown = [f"`{build.variable(name)}`" for name in names]
    return ", ".join(one for one in shown if one in real or "__KEY_" in one)


def _asked(source: Source) -> str:
    return "pushed to us" if source.pushed else duration(source.every)


def feeds() -> str:
    rows = [
        (f"`{feed.id}`", feed.outlet, feed.lang, feed.grade, "yes" if feed.core else "", feed.off)
        for feed in listing.load(known().files["feeds.yaml"])
    ]
    return table(("feed", "outlet", "language", "grade", "core", "not read because"), rows)


def indicators() -> str:
    rows = []
    for one in known().indicators:
        marks = [word for word in ("relief", "field_only", "one_origin") if getattr(one, word)]
        marks += [] if one.counts else ["context only"]
        low, high = one.range
        rows.append((
            f"`{one.id}`", one.title["en"], one.family, one.kind, one.unit, f"{low:g} to {high:g}",
            duration(one.expected_every) if one.expected_every else "", duration(one.stale_after), ", ".join(marks),
        ))  # fmt: skip
    heads = ("indicator", "what", "family", "kind", "unit", "believable", "due every", "stale after", "marks")
    return table(heads, rows)


def rules() -> str:
    facts = known()
    rows = [
        (
            f"`{one.rule.id}`",
            one.rule.title["en"],
            one.rule.mode,
            say(one.rule, "en", facts.indicators, facts.geography, facts.rules.titles()),
        )
        for one in sorted(facts.rules, key=lambda one: one.rule.id)
    ]
    return table(("rule", "title", "mode", "in a sentence"), rows)


def measures() -> str:
    rows = [
        (f"`{kind}`", " ".join((cls.__doc__ or "").split()), f"`{cls.example}`")
        for kind, cls in MEASURES.items()
    ]
    return table(("measure", "what it gives", "example"), rows)


def measure_keys() -> str:
    """Keys that measures of reports share, then those of one measure alone."""
    shared = set(Filtered.model_fields)
    rows = [("every measure of reports", *row) for row in _fields(Filtered)]
    for kind, cls in MEASURES.items():
        rows += [(f"`{kind}`", *row) for row in _fields(cls, without=shared | {kind, f"{kind}_"})]
    return table(("measure", "key", "meaning"), rows)


def rule_keys() -> str:
    first = [(*row, "") for row in _fields(Rule, without=set(Timing.model_fields))]
    return table(
        ("key", "meaning", "may stand in `defaults`"), [*first, *[(*row, "yes") for row in _fields(Timing)]]
    )


def _fields(model: type[BaseModel], without: Iterable[str] = ()) -> list[tuple[str, str]]:
    return [
        (f"`{field.alias or name}`", field.description or "")
        for name, field in model.model_fields.items()
        if name not in set(without)
    ]


def faults() -> str:
    parts = []
    for code, one in EXPLAINED.items():
        title, why = one.english
        parts += [f"### {code}\n", f"{title[0].upper()}{title[1:]}. {why}\n"]
        parts += [
            f"{word}:\n\n```text\n{text}\n```\n"
            for word, text in (("Wrong", one.wrong), ("Right", one.right))
            if text
        ]
    return "\n" + "\n".join(parts)


def commands() -> str:
    return "\n" + "\n".join(_commands(get_command(program()), "warn"))


def _commands(command: Any, name: str) -> Iterable[str]:
    yield f"### {name}\n"
    yield re.sub(r"\[/?bold\]", "`", (command.help or "").strip()) + "\n"
    rows = [
        _parameter(one) for one in command.params if one.name != "help" and not getattr(one, "hidden", False)
    ]
    if rows:
        yield table(("argument or option", "meaning"), rows)
    for sub, child in getattr(command, "commands", {}).items():
        yield from _commands(child, f"{name} {sub}")


def _parameter(one: Any) -> tuple[str, str]:
    flags = [*one.opts, *one.secondary_opts]
    dashed = flags[0].startswith("-")
    shown = ", ".join(f"`{flag}`" for flag in flags) if dashed else f"`{one.metavar or one.name.upper()}`"
    default = one.default if isinstance(one.default, str | int) and not isinstance(one.default, bool) else ""
    return shown, (one.help or "") + (f" Default: `{default}`." if default != "" else "")


def env() -> str:
    return table(("variable", "default", "meaning"), variables())


def variables() -> list[tuple[str, str, str]]:
    """Every setting: its name in the environment, its default, what it is for."""
    return list(_variables(Settings, "WARN_"))


def _variables(model: type[BaseModel], prefix: str) -> Iterable[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        variable, default = f"{prefix}{name.upper()}", field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            yield from _variables(type(default), f"{variable}__")
            continue
        yield f"`{variable}`", _default(default), field.description or MEANINGS.get(variable, "")


def _default(value: object) -> str:
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return f"`{plain}`" if plain not in (None, "", (), {}) else ""


BLOCKS: Mapping[str, Callable[[], str]] = {
    "sources": sources,
    "sources-short": sources_short,
    "feeds": feeds,
    "indicators": indicators,
    "rules": rules,
    "measures": measures,
    "measure-keys": measure_keys,
    "rule-keys": rule_keys,
    "faults": faults,
    "commands": commands,
    "settings": env,
    "record": lambda: record(RULES),
    "timeline": lambda: timeline(RULES),
}


def documents() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def current(text: str) -> str:
    """The document with every block as the program has it now."""
    return BLOCK.sub(lambda found: found[1] + BLOCKS[found["name"]]() + found[3], text)


def expected() -> dict[Path, str]:
    """Every document that holds a block, and the schema for editors, as they should be."""
    texts = {path: path.read_text(encoding="utf-8") for path in documents()}
    found = {path: current(text) for path, text in texts.items() if BLOCK.search(text)}
    return {**found, SCHEMA: study.schema(settings(), write=False)}


def main(arguments: list[str]) -> int:
    stale = 0
    for path, text in expected().items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if "--write" in arguments:
            path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{'rewritten' if '--write' in arguments else 'stale'}: {path.relative_to(ROOT)}\n")
    if stale and "--write" not in arguments:
        sys.stdout.write("Run `make docs` and commit what it writes.\n")
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except WarnError as error:
        sys.exit(f"The documents cannot be checked. {error}")
