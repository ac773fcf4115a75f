"""Faults that readers met once, each told as what they read now."""

from dataclasses import replace

import pytest
from jinja2 import Environment
from warn.app.timeline import WORDS
from warn.digest import compose
from warn.digest.facts import AlertFacts, Facts
from warn.digest.languages import words
from warn.digest.mail import list_name, mail_bytes
from warn.digest.pages import alert_page
from warn.digest.roads import road_words, roads
from warn.digest.spoken import why
from warn.digest.telling import figure, told
from warn.model import Evidence, Level, Observation
from warn.sources import SOURCES
from warn.sources.generic import listing, source_of
from warn.study import explain_words, table

from tests.app.running import ROOT
from tests.digest import world


def mail(env: Environment, known: Facts, lang: str = "fr", day: str = "2025-10-08T06:00") -> str:
    return compose.compose_digest(env, known, world.daily("email", lang, day)).text.replace("\u00a0", " ")


def flat(text: str) -> str:
    return " ".join(text.split())


def chat(env: Environment, known: Facts, day: str = "2025-10-08T06:00") -> str:
    return compose.compose_digest(env, known, world.daily("telegram", "fr", day)).text.replace("\u00a0", " ")


def ended() -> AlertFacts:
    """The convoy alert, closed with nothing left to count."""
    proof = Evidence(0.0, 0.0, 0.0, 0.0, {"tension": 1, "alert": 2, "crisis": 4}, days=14)
    rule = replace(
        world.CONVOYS,
        message={"fr": "{{ value }} attaques en 14 jours (seuil : {{ threshold }}). Source : {{ origins }}."},
    )
    state = replace(
        world.OCTOBER[1].state, status="closed", level=Level.CALM, changed_at=world.at("2025-10-08")
    )
    gone = world.move("convoy-attacks", "2025-10-08", "closed", 0, 2, proof)
    return replace(world.OCTOBER[1], state=state, text=rule, evidence=proof, history=(gone,))


def test_advice_is_that_of_the_gravest_open_alert_for_each_kind_of_reader(env: Environment) -> None:
    text = flat(mail(env, world.october()))
    assert "Habitants : reportez ce qui peut l'être" in text
    assert "ONG : gardez votre carburant pour l'essentiel" in text
    assert "rien de particulier" not in text


def test_only_where_no_open_rule_has_advice_is_there_nothing_in_particular(env: Environment) -> None:
    known = world.facts(alerts=(world.OCTOBER[2],))
    assert "Habitants : rien de particulier." in mail(env, known)


def test_a_measure_of_the_authorities_is_their_version_too_and_says_who_tells_it(env: Environment) -> None:
    measure = world.event(
        "government_measure",
        "2025-10-07",
        "Bamako",
        12.64,
        -8.0,
        origins=("L'Essor",),
        title="Prix contrôlés",
    )
    known = world.october()
    with_measure = replace(known, observations=(*known.observations[:3], measure))
    assert "Les autorités : 7 octobre, Bamako : « Prix contrôlés » (L'Essor)." in chat(env, with_measure)
    assert "Les autorités : 7 octobre, Bamako : « Prix contrôlés » [" in flat(mail(env, with_measure))
    none = replace(known, observations=())
    assert "aucune déclaration ni mesure relevée depuis 14 jours" in flat(mail(env, none))


def test_a_sentence_after_a_full_stop_begins_with_a_capital(env: Environment) -> None:
    rule = replace(world.SHORTAGE, message={"fr": "pénurie constatée à Bamako.", "en": "a shortage."})
    known = world.facts(alerts=(replace(world.OCTOBER[0], text=rule),))
    assert ". Pénurie constatée à Bamako." in chat(env, known)


def test_a_closed_alert_says_by_which_test_and_never_prints_a_question_mark(env: Environment) -> None:
    text = flat(mail(env, world.facts(alerts=(ended(),))))
    assert "Critère de fin : attaques de convois : 0 pendant 14 jours." in text
    assert "?" not in text.split("INDICATEURS")[0]


def test_what_is_not_known_is_left_out_of_a_rules_sentence(env: Environment) -> None:
    unread = Evidence(None, None, None, 1.0, {"tension": 1, "alert": 2, "crisis": 4}, days=14)
    lost = replace(ended(), state=world.OCTOBER[1].state, evidence=unread)
    message = compose.compose_alert(
        env, world.facts(alerts=(lost,)), replace(lost, history=()), world.variant()
    )
    assert "?" not in message.text
    assert "Source" not in message.text


@pytest.mark.parametrize("kind", ["new", "raised", "eased"])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_subject_drops_a_phrase_and_never_half_of_one(kind: str, lang: str, env: Environment) -> None:
    long = replace(
        world.SHORTAGE,
        title={"fr": "Pénurie de carburant et de gaz en ville", "en": "Shortage of fuel and gas in the city"},
    )
    moved = {"new": world.OCTOBER[0], "raised": world.SEPTEMBER, "eased": world.OCTOBER[1]}[kind]
    known = world.facts(alerts=(replace(moved, text=long),), exercise=True)
    subject = compose.compose_digest(env, known, world.daily("email", lang)).subject
    assert len(subject) <= 70
    assert "…" not in subject


def test_a_group_is_not_named_in_a_subject(env: Environment) -> None:
    message = compose.compose_digest(env, world.facts(alerts=(world.OCTOBER[2],)), world.daily("email"))
    assert "JNIM" not in message.subject


def test_values_of_attributes_are_printed_in_the_readers_language(env: Environment) -> None:
    known = world.october()
    raw = tuple(
        replace(o, attributes={"product": "petrol"}) if o.attributes.get("product") else o
        for o in known.observations
    )
    spoken = replace(
        known, observations=raw, words={"product": {"petrol": {"fr": "essence", "en": "petrol"}}}
    )
    assert "Prix plafond du carburant, essence :" in flat(mail(env, spoken))
    assert "petrol" not in mail(env, spoken)
    assert "petrol:" in flat(mail(env, spoken, "en"))


def test_a_place_with_a_french_word_in_it_is_said_in_the_readers_language(env: Environment) -> None:
    """Where the folder of rules says how; French stays as it was written, but for its capital."""
    both = {"Kayes et Nioro": {"fr": "Kayes et Nioro", "en": "Kayes and Nioro"}}
    proof = world.evidence(1, 1, world.AUTUMN[:1], place="Kayes et Nioro")
    rule = replace(world.BLOCKADE, message=dict.fromkeys(("fr", "en"), "{{ place }}."))
    alert = replace(world.OCTOBER[2], text=rule, evidence=proof)
    bare = replace(world.AUTUMN[0], title="", attributes={}, place="Kayes et Nioro", precision="region")
    known = world.facts(alerts=(alert,), observations=(bare,), words={"place": both})
    for lang, name in (("fr", "Kayes et Nioro"), ("en", "Kayes and Nioro")):
        assert why(known, alert, words(env, lang)) == f"{name}."
        assert f", {name} (" in told(bare, known, words(env, lang))


def test_a_road_is_under_an_announced_blockade_while_an_alert_on_it_is_open() -> None:
    proof = world.evidence(1, 1, world.AUTUMN[:1], place="Kayes et Nioro")
    rule = replace(world.BLOCKADE, indicators=("blockade_declared",))
    open_still = replace(world.OCTOBER[2], text=rule, evidence=proof)
    held = roads(world.facts(alerts=(open_still,), observations=()))
    assert {r.corridor.id for r in held if r.status == "announced"} >= {"kayes"}
    assert not [r for r in roads(world.facts(observations=())) if r.status == "announced"]


def test_a_standstill_belongs_to_every_road_it_names_and_lasts_a_month(env: Environment) -> None:
    stopped = world.event(
        "convoy_disruption", "2025-09-10", "Zégoua-Kadiana", 10.48, -5.65, title="Environ 1 000 citernes à l'arrêt",
        attributes={"title_en": "About 1,000 tankers at a standstill"},
    )  # fmt: skip
    seen = {r.corridor.id: r for r in roads(world.facts(observations=(stopped,)))}
    assert [r.status for r in seen.values()].count("disrupted") == 2
    assert "perturbée" in {road_words(words(env, "fr"), r) for r in seen.values()}
    later = roads(world.facts("2025-10-12T06:00", observations=(stopped,)))
    assert not [r for r in later if r.status == "disrupted"]


def test_a_curators_words_are_told_as_ours_in_both_languages(env: Environment) -> None:
    known = world.october()
    burned = next(o for o in known.observations if o.key.startswith("2025-10-06"))
    assert (
        told(burned, known, words(env, "fr"))
        == "6\u00a0octobre\u00a0: citernes brûlées dans la zone de Sikasso"
    )
    assert told(burned, known, words(env, "en")) == "6 October: tankers burned in the Sikasso area"


def test_an_event_without_words_is_told_in_the_singular(env: Environment) -> None:
    bare = replace(world.ATTACKS[0], title="", attributes={}, place="Zone de Kolokani", precision="region")
    known = world.facts(observations=(bare,))
    assert told(bare, known, words(env, "fr")) == (
        "13\u00a0septembre, zone de Kolokani (lieu approximatif)\u00a0: une attaque de convoi"
    )


def test_a_figure_that_nobody_reported_says_how_it_was_worked_out(env: Environment) -> None:
    price = world.event(
        "fuel_price_informal", "2025-10-07", "Bamako", 12.64, -8.0, value=2325.0,
        attributes={"product": "petrol", "derived": "3 x 775"},
    )  # fmt: skip
    known = world.facts(observations=(price,), indicators_shown=("fuel_price_informal",))
    assert "2 325 FCFA le litre (calculé : 3 x 775)" in flat(mail(env, known))
    assert "2,325 CFA francs a litre (worked out: 3 x 775)" in flat(mail(env, known, "en"))
    assert figure(price, known, words(env, "fr")).endswith("(calculé\u00a0: 3 x 775)")


@pytest.mark.parametrize("count", ["unknown", "disputed"])
def test_a_count_that_nobody_knows_is_never_printed(count: str, env: Environment) -> None:
    came = world.event(
        "convoy_disruption", "2025-10-07", "Bamako", 12.64, -8.0, value=300.0, attributes={"count": count}
    )
    assert figure(came, world.october(), words(env, "fr")) == ""
    assert figure(replace(came, attributes={}), world.october(), words(env, "fr")).startswith("300")


def test_a_page_published_later_is_marked_in_an_exercise_and_nowhere_else(env: Environment) -> None:
    known = world.october()
    late = tuple(
        replace(o, attributes={**o.attributes, "page_date": "2025-12-03"}) for o in known.observations
    )
    marked = flat(mail(env, replace(known, observations=late, exercise=True)))
    assert "page publiée après cette date, le 3 décembre" in marked
    assert "publiée après cette date" not in flat(mail(env, replace(known, observations=late)))


def test_what_a_party_published_of_itself_is_named_without_a_link(env: Environment) -> None:
    known = world.october()
    claim = tuple(
        replace(o, origins=("JNIM",), url="https://a.example/x", attributes={"claim": "JNIM"})
        if o.indicator == "convoy_attack"
        else o
        for o in known.observations
    )
    assert "] JNIM, 7/10 (nommé, sans lien)" in flat(mail(env, replace(known, observations=claim)))


def test_accounts_that_differ_are_told_as_a_range(env: Environment) -> None:
    rfi = world.event(
        "convoy_attack", "2025-10-01", "Kolokani", 13.57, -8.03, low=20.0, high=20.0, value=20.0
    )
    reuters = replace(rfi, origins=("Reuters",), low=40.0, high=40.0, value=40.0, key="other")
    text = flat(mail(env, world.october(observations=(rfi, reuters))))
    assert "(bilans de 20 à 40 selon les sources)" in text


def test_the_record_is_one_sentence_that_agrees_with_its_number(env: Environment) -> None:
    one = replace(world.RECORD, hits=1, misses=0, lead_days=(22.0,))
    assert "précédée d'une alerte de niveau 3 ou plus, 22 jours avant." in flat(
        mail(env, world.october(record=one))
    )
    many = replace(world.RECORD, impacts=3, hits=2, misses=1, lead_days=(16.0, 30.0))
    text = flat(mail(env, world.october(record=many)))
    assert (
        "3 pénuries ou crises constatées ; précédées d'une alerte de niveau 3 ou plus : 2 (16 et 30 jours avant"
        in text
    )
    assert "manquées : 1." in text


def test_an_end_does_not_send_people_back_to_their_habits_while_something_graver_is_open(
    env: Environment,
) -> None:
    over = replace(ended(), state=replace(ended().state, peak=Level.ALERT))
    known = world.facts(alerts=(over, world.OCTOBER[0]))
    assert "reprenez vos habitudes" not in compose.compose_all_clear(env, known, over, world.variant()).text
    assert "reportez ce qui peut l'être" in compose.compose_all_clear(env, known, over, world.variant()).text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("warn", "<warn.example.org>"),
        ("Réseau d’alerte\r\nBamako", "<r-seau-d-alerte-bamako.example.org>"),
        ("Bulletin <b.example.net>", "<b.example.net>"),
    ],
)
def test_a_list_is_named_in_angle_brackets_whatever_the_operator_is_called(name: str, expected: str) -> None:
    assert list_name(name, "Alertes <a@example.org>") == expected


def test_a_long_line_of_any_letters_is_quoted_within_76_columns(env: Environment) -> None:
    message = compose.compose_digest(env, world.october(), world.daily(text_only=True))
    raw = mail_bytes(message, "a@example.org", world.at("2025-10-08"), "warn")
    free = [line for line in raw.split(b"\r\n") if b"READER-LINKS" not in line]
    assert max(map(len, free)) <= 76


def test_the_page_of_an_alert_gives_the_message_its_reports_and_its_history(env: Environment) -> None:
    page = alert_page(world.october(), world.OCTOBER[1], words(env, "fr"))
    assert page.notice.head.startswith("ABAISSÉE") or "TENSION 2/4" in page.notice.head
    assert page.counted[0].url
    assert page.counted[0].grade == "B2"
    assert [what for _, what in page.history][-1].startswith("ouverte à 2/4")
    assert "Niveau 3" in page.change


def test_a_party_is_no_origin_of_a_count_that_others_confirmed(env: Environment) -> None:
    def said_by(who: str, place: str, **more: object) -> Observation:
        return world.event(
            "convoy_attack", "2025-10-06", place, 13.5, -8.0, origins=(who,), attributes=dict(more)
        )

    claim, report = said_by("JNIM", "Kolokani", claim="JNIM"), said_by("Bellingcat", "Diéma")

    def told_of(*rows: Observation) -> tuple[str, str]:
        origins = tuple(sorted(name for row in rows for name in row.origins))
        proof = world.evidence(float(len(rows)), 1.0, rows, origins=origins)
        rule = replace(world.CONVOYS, message={"fr": "{{ value }} attaques. Source : {{ origins }}."})
        about = replace(world.OCTOBER[1], text=rule, evidence=proof)
        known = world.facts(alerts=(about,), observations=rows)
        return flat(why(known, about, words(env, "fr")).replace("\u00a0", " ")), flat(mail(env, known))

    source, text = told_of(claim, report)
    assert source.endswith("Source : Bellingcat.")
    assert "; 1 origine." in text
    source, text = told_of(claim)
    assert source.endswith("Source : JNIM.")
    assert "1 origine" not in text


@pytest.mark.parametrize("exercise", [False, True])
@pytest.mark.parametrize(
    ("title", "head"),
    [
        ("Pénurie de carburant", "FIN D'ALERTE - Pénurie de carburant, Bamako"),
        ("Blocus annoncé par le JNIM", "FIN D'ALERTE - Carburant et routes, Bamako"),
        (
            "Attaques de convois de citernes sur les routes de Bamako",
            "FIN D'ALERTE - Attaques de convois de citernes…",
        ),
    ],
)
def test_an_all_clear_names_the_alert_that_ended_unless_its_title_names_a_group(
    title: str, head: str, exercise: bool, env: Environment
) -> None:
    gone = ended()
    gone = replace(gone, text=replace(gone.text, title={"fr": title}))
    known = world.facts(alerts=(gone,), exercise=exercise)
    sent = compose.compose_all_clear(env, known, gone, world.variant("email"))
    assert sent.text.split("\n")[0].removeprefix("EXERCICE - ") == head
    assert head.removeprefix("FIN D'ALERTE - ").split()[0].casefold() in sent.subject
    assert sent.subject.endswith(", fin d'alerte")
    assert len(sent.subject) <= 70


def test_every_source_has_its_name_and_its_terms_in_french() -> None:
    described = listing.load((ROOT / "rules/sources.yaml").read_text(encoding="utf-8"))
    sources = [*SOURCES.values(), *map(source_of, described)]
    whole = "".join(world.shipped_catalogues().values())
    said = [text for source in sources for text in (source.title, source.terms)]
    assert [text for text in said if f'msgid "{text}"\nmsgstr "' not in whole] == []


def test_readings_that_return_are_called_the_same_wherever_they_are_told() -> None:
    whole = "".join(world.shipped_catalogues().values())
    for lang, said in (("fr", "nouvelles revenues"), ("en", "news again")):
        assert WORDS[lang]["sighted"] == said
    assert explain_words.words_in("fr")["sighted"] == table.words_in("fr")["sighted"] == "nouvelles revenues"
    assert 'msgid "news again, at %(level)s/4"\nmsgstr "nouvelles revenues, à %(level)s/4"' in whole
    assert 'msgid "news again"\nmsgstr "nouvelles revenues"' in whole
