"""Lengths, typography and wording that hold for every text we send."""

import email
import email.policy
import re
import unicodedata
from dataclasses import replace
from typing import get_args

import pytest
from jinja2 import Environment
from PIL import ImageFont
from warn.app.chat import ground_of
from warn.digest import compose
from warn.digest.charts import composite, road_map, sparkline, timeline
from warn.digest.drawing import bars
from warn.digest.frame import SLIM, WIDE
from warn.digest.languages import environment, spoken, words
from warn.digest.mail import mail_bytes
from warn.digest.raster import rasterise
from warn.digest.roads import Status, status_words
from warn.digest.text import JOINER, units, visible
from warn.model import Level, Message, Placeholder

from tests.digest import world
from tests.digest.test_golden import KINDS

NOTICES = [kind for kind in KINDS if not kind.startswith("digest")]
BOTH = [(kind, lang) for kind in KINDS for lang in ("fr", "en")]
FORBIDDEN = re.compile(
    r"(?i)\bsi[eè]ge\b|about to fall|sur le point de tomber|djihadistes?|terroristes?|jihadists?"
)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("kind", NOTICES)
def test_an_immediate_message_fits_a_lock_screen_and_a_small_phone(
    kind: str, lang: str, env: Environment
) -> None:
    (part,) = KINDS[kind](env, "telegram", lang).parts
    text = visible(part)
    first = text.split("\n")[0].removeprefix("EXERCICE - ").removeprefix("EXERCISE - ")
    assert units(text.removeprefix("EXERCICE - ").removeprefix("EXERCISE - ")) <= 600
    assert units(first) <= 60
    assert "JNIM" not in first


@pytest.mark.parametrize(("kind", "lang"), BOTH)
def test_a_mail_has_a_short_subject_and_plain_lines_of_68_columns(
    kind: str, lang: str, env: Environment
) -> None:
    message = KINDS[kind](env, "email", lang)
    assert 0 < len(message.subject) <= 70
    assert all(len(line) <= 68 for line in message.text.split("\n") if "://" not in line)
    assert len(message.html.encode()) <= 60_000
    assert f'lang="{lang}"' in message.html
    assert "http" not in "".join(re.findall(r"<img[^>]*>", message.html))


@pytest.mark.parametrize(("kind", "lang"), BOTH)
def test_our_own_voice_uses_neither_sides_words(kind: str, lang: str, env: Environment) -> None:
    assert not FORBIDDEN.search(KINDS[kind](env, "email", lang).text)


@pytest.mark.parametrize("kind", KINDS)
def test_french_signs_keep_their_no_break_spaces(kind: str, env: Environment) -> None:
    text = KINDS[kind](env, "email", "fr").text
    assert not re.search(r"[ \u202f][:;?!%»]", text)
    assert not re.search(r"« ", text)
    assert not re.search(r"\d (?:FCFA|jours?|h)\b", text)


@pytest.mark.parametrize("kind", KINDS)
def test_a_french_text_has_no_english_left_in_it(kind: str, env: Environment) -> None:
    text = KINDS[kind](env, "email", "fr").text
    assert not re.search(r"\b(the|of|and|since|unknown|level|alert open|roads)\b", text)


def test_without_a_french_catalogue_every_text_is_english(env: Environment) -> None:
    bare = environment(world.shipped_templates(), {})
    assert "Independent service" in KINDS["alert"](bare, "telegram", "fr").text
    assert KINDS["alert"](bare, "telegram", "bm").lang == "en"
    assert KINDS["alert"](env, "telegram", "bm").lang == "fr"


def test_a_language_is_there_once_it_has_a_catalogue_and_falls_back_for_the_rest() -> None:
    po = (
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Why: "\nmsgstr "Mun na : "\n'
    )
    env = environment(
        world.shipped_templates(), {**world.shipped_catalogues(), "bm/LC_MESSAGES/messages.po": po}
    )
    assert spoken(env) == ("fr", "en", "bm")
    message = KINDS["alert"](env, "telegram", "bm")
    assert message.lang == "bm"
    assert "Mun na" in message.text
    assert "Attendu" in message.text
    assert "Attendu\u00a0:" in message.text, "what falls back on French is set as French is"
    assert ground_of(world.geography_of_tests(), env).languages == spoken(env), "and the bot offers it"


def test_a_long_edition_is_split_between_lines_and_every_part_can_be_parsed(env: Environment) -> None:
    many = tuple(
        replace(
            world.OCTOBER[0], number=n, state=replace(world.OCTOBER[0].state, by=(("corridor", f"c{n:02}"),))
        )
        for n in range(60)
    )
    message = compose.compose_digest(env, world.facts(alerts=many), world.daily("telegram"))
    assert len(message.parts) > 1
    for part in message.parts:
        assert units(visible(part)) <= 4096
        assert part.count("<b>") == part.count("</b>")
        assert len(re.findall(r"</?(?!b>)\w+", part)) == 0


EVIL = (
    "</b><script>alert(1)</script> & \u202ereverse\u0007\r\nBcc: all@example.com\u200b http://evil.example/x "
    "/stop @channel " + "x" * 500
)


def hostile(evil: str = EVIL) -> tuple[object, ...]:
    bad = replace(
        world.ATTACKS[3], title=evil, place=evil, origins=(evil,), url="javascript:alert(1)", attributes={}
    )
    rule = replace(world.CONVOYS, title={"fr": evil, "en": evil})
    proof = world.evidence(1, 1, (bad,), place=evil, corridor=evil, origins=(evil,), grade=evil)
    alert = replace(world.OCTOBER[1], text=rule, evidence=proof)
    known = world.facts(
        alerts=(alert,),
        observations=(bad,),
        sources=(replace(world.SOURCES[1], title=evil),),
        rules={rule.id: rule},
    )
    return known, alert


@pytest.mark.parametrize("before", ["", "{", "{{{READER-LINKS-", "\u200b{\u200b"])
@pytest.mark.parametrize(("channel", "links"), [("telegram", 0), ("email", 2)])
def test_nothing_from_outside_can_ask_for_a_readers_token(
    channel: str, links: int, before: str, env: Environment
) -> None:
    known, alert = hostile(before + Placeholder[:1] + "\u200b" + Placeholder[1:] + Placeholder)
    bulletin = compose.compose_digest(env, known, world.daily(channel))  # type: ignore[arg-type]  # as built above
    assert "READER-LINKS" in bulletin.text, "the headline is there"
    told = compose.compose_alert(env, known, alert, world.variant(channel))  # type: ignore[arg-type]  # as above
    for message in (bulletin, told):
        assert message.text.count(Placeholder) == message.html.count(Placeholder) == links
        assert Placeholder not in "".join(message.parts) + message.subject


@pytest.mark.parametrize("channel", ["telegram", "email"])
def test_hostile_names_and_headlines_break_neither_text_nor_markup_nor_header(
    channel: str, env: Environment
) -> None:
    known, alert = hostile()
    messages: list[Message] = [
        compose.compose_digest(env, known, world.daily(channel)),  # type: ignore[arg-type]  # as built above
        compose.compose_alert(env, known, alert, world.variant(channel)),  # type: ignore[arg-type]  # as above
    ]
    for message in messages:
        shown = "\n".join(message.parts) + message.html
        everything = shown + message.text + message.subject
        assert "<script" not in shown
        assert not re.search(r"""href=["']?javascript""", shown)
        assert "http://evil" not in everything
        assert "\r" not in everything
        assert not [
            c for c in everything if unicodedata.category(c) in {"Cc", "Cf"} and c not in f"\n{JOINER}"
        ]
        raw = mail_bytes(message, "Alertes <a@example.org>", world.at("2025-10-08"), "<warn.example.org>")
        assert email.message_from_bytes(raw)["Bcc"] is None


def test_only_origins_of_grade_c_or_better_are_linked(env: Environment) -> None:
    message = compose.compose_digest(env, world.october(), world.daily())
    assert "pressafrik.com/x_a295852.html" in message.text
    assert "sewt.info/node" not in message.text
    assert f"sewt.{JOINER}info" in message.text


def test_mail_bytes_are_seven_bit_stable_and_keep_the_readers_token_whole(env: Environment) -> None:
    message = compose.compose_digest(env, world.october(), world.daily(), b"\x89PNG not really")
    at = world.at("2025-10-08T06:00")
    raw = mail_bytes(message, "Alertes Bamako é <alertes@example.org>", at, "Bulletin <b.example.org>")
    assert raw == mail_bytes(
        message, "Alertes Bamako é <alertes@example.org>", at, "Bulletin <b.example.org>"
    )
    raw.decode("ascii")
    assert raw.count(Placeholder.encode()) == 4
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert parsed["Subject"] == message.subject
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["To"] is None
    kinds = [part.get_content_type() for part in parsed.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    plain = parsed.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n").strip() == message.text.strip()
    html = parsed.get_body(("html",))
    assert html is not None
    assert html.get_content().replace("\r\n", "\n").strip() == message.html.strip()


def test_a_reader_of_text_only_gets_neither_html_nor_picture(env: Environment) -> None:
    message = compose.compose_digest(env, world.october(), world.daily(text_only=True), b"png")
    assert (message.html, message.picture) == ("", None)
    raw = mail_bytes(message, "a@example.org", world.at("2025-10-08"), "<l.example.org>")
    assert email.message_from_bytes(raw).get_content_type() == "text/plain"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_picture_is_small_stable_and_fits_its_frame(lang: str, env: Environment) -> None:
    svg = composite(env, world.october(), lang)
    assert svg == composite(env, world.october(), lang)
    png = rasterise(svg, world.FONTS)
    assert png == rasterise(svg, world.FONTS)
    assert png.startswith(b"\x89PNG")
    assert len(png) <= 35_000


def test_a_picture_shows_missing_data_as_a_gap_and_never_as_zero(env: Environment) -> None:
    watched = sparkline(env, world.quiet(), "convoy_attack", "fr")
    blind = sparkline(env, world.unclear(), "convoy_attack", "fr")
    assert "polyline" in watched
    assert "polyline" not in blind
    assert sparkline(env, world.quiet(), "no_such_indicator", "fr") == ""


def test_a_picture_without_sources_says_that_nothing_is_known_instead_of_showing_calm(
    env: Environment,
) -> None:
    calm, blind = composite(env, world.quiet(), "fr"), composite(env, world.unclear(), "fr")
    assert "rien de signalé" in calm
    assert "Aucune alerte pendant ces semaines." in calm
    assert "rien de signalé" not in blind
    assert "Aucune alerte" not in blind
    assert "inconnu, faute de sources" in blind
    assert "Inconnu, faute de sources." in blind


def test_the_map_shows_coarse_places_only_and_says_how_exact_it_is(env: Environment) -> None:
    near = replace(world.ATTACKS[0], lat=13.5712, lon=-8.0334)
    nearer = replace(world.ATTACKS[0], lat=13.6099, lon=-7.9601)
    one = road_map(env, world.facts(observations=(near,)), "fr")
    other = road_map(env, world.facts(observations=(nearer,)), "fr")
    assert one == other
    assert "Segments droits entre les villes" in one
    assert "100 km" in one


def test_the_timeline_of_a_quiet_time_says_so(env: Environment) -> None:
    assert "Aucune alerte pendant ces semaines." in timeline(env, world.quiet(), "fr")
    assert "Attaques de convois" in timeline(env, world.october(), "fr")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_timeline_has_a_form_for_a_phone_and_stays_readable_in_a_mail_there(
    lang: str, env: Environment
) -> None:
    """At 360 pixels no name is smaller than 8 of them, and none lies on a bar or beyond the edge."""
    known = world.october()
    slim = bars(known, words(env, lang), SLIM)
    assert all(bar.x + bar.width <= SLIM for row in slim.rows for bar in row.bars)
    assert all(row.title_y < row.y + 2 for row in slim.rows)
    assert all(12 + 7.2 * len(row.title) < SLIM for row in slim.rows)
    assert f'width="{SLIM}"' in timeline(env, known, lang, SLIM)
    (zoom,) = re.findall(r"scale\(([\d.]+)\)", composite(env, known, lang))
    assert 12 * float(zoom) * 330 / WIDE >= 8


def test_the_legend_of_the_map_fits_its_frame(env: Environment) -> None:
    """Its longest words fit into either column."""
    font = ImageFont.truetype(next(path for path in world.FONTS if path.endswith("DejaVuSans.ttf")), 12)
    said = [status_words(words(env, lang), status) for lang in ("fr", "en") for status in get_args(Status)]
    longest = max(font.getlength(text) for text in said)
    drawn = road_map(env, world.october(), "fr")
    first, second = sorted({float(x) for x in re.findall(r'<line x1="([\d.]+)"', drawn)})
    assert first + 40 + longest <= second
    assert 12 + second + 40 + longest <= WIDE


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_bulletin_in_a_chat_is_one_message_wherever_that_can_be(lang: str, env: Environment) -> None:
    """Of what is unchanged the least grave are named by their titles alone; nothing else is lost."""
    new, _, same = world.OCTOBER
    more = "un mot de plus"
    long = dict.fromkeys(("fr", "en"), f"{{{{ value }}}} {f'{more} ' * 10}.")
    many = tuple(
        replace(
            same,
            state=replace(same.state, rule=f"rule-{n:02}", level=Level(1 + n % 3)),
            text=replace(same.text, id=f"rule-{n:02}", message=long),
        )
        for n in range(15)
    )
    known = replace(world.october(), alerts=(new, *many))
    (one,) = compose.compose_digest(env, known, world.daily("telegram", lang)).parts
    shown = visible(one)
    assert units(shown) <= 4096
    told = [line for line in shown.split("\n") if line.startswith(("1/4", "2/4", "3/4"))]
    assert [line[0] for line in told] == ["3", *"333332222211111"], "every alert is there"
    reasons = [more in line for line in told[1:]]
    assert reasons == sorted(reasons, reverse=True), "the gravest keep their reason"
    assert 0 < sum(reasons) < 15
