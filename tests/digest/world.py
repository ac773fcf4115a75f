"""Facts of autumn 2025 as the pipeline would hand them over, on a small fixed folder of rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment
from warn.digest.facts import AlertFacts, Correction, Facts, Record, Situation, SourceState
from warn.digest.languages import environment
from warn.digest.variants import Variant
from warn.geo import FILES, Geography, geography
from warn.indicators import Indicators, indicators
from warn.model import AlertState, Evidence, Level, Observation, RuleText, Transition

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
RULES = Path(__file__).parent / "rules"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shipped_templates() -> dict[str, str]:
    return {
        path.relative_to(TEMPLATES).as_posix(): path.read_text(encoding="utf-8")
        for folder in ("email", "telegram", "charts")
        for path in sorted((TEMPLATES / folder).rglob("*"))
        if path.suffix in {".html", ".txt", ".svg", ".css"}
    }


def shipped_catalogues() -> dict[str, str]:
    return {
        path.relative_to(TEMPLATES / "locale").as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((TEMPLATES / "locale").rglob("*.po"))
    }


def shipped_environment() -> Environment:
    return environment(shipped_templates(), shipped_catalogues())


def geography_of_tests() -> Geography:
    return geography(
        {name: (RULES / name).read_text(encoding="utf-8") for name in FILES if (RULES / name).exists()}
    )


def indicators_of_tests() -> Indicators:
    return indicators((RULES / "indicators.yaml").read_text(encoding="utf-8"))


FONTS = tuple(str(path) for path in sorted((TEMPLATES / "charts" / "fonts").glob("*.ttf")))

CONVOYS = RuleText(
    id="convoy-attacks",
    title={"fr": "Attaques de convois", "en": "Attacks on convoys"},
    family="supply",
    message={
        "fr": "{{ value }} {{ value | plural('convoi attaqué', 'convois attaqués') }} en 14 jours (seuil : "
        "{{ threshold }}).",
        "en": "{{ value }} {{ value | plural('convoy', 'convoys') }} attacked in 14 days (threshold: {{ threshold }}).",
    },
    expect={
        "fr": "livraisons irrégulières dans les semaines à venir",
        "en": "irregular deliveries in the coming weeks",
    },
    advice={
        "fr": {
            "resident": "regroupez vos trajets, évitez l'axe Kayes-Bamako, ne gardez pas d'essence à la maison "
            "(incendie).",
            "ngo": "comptez votre carburant en jours, reportez les missions vers Kayes.",
            "press": "attribuez les bilans, donnez-les en fourchette.",
        },
        "en": {
            "resident": "combine trips, avoid the Kayes-Bamako road, keep no petrol at home (fire risk).",
            "ngo": "count your fuel in days, postpone missions towards Kayes.",
            "press": "attribute figures, give them as ranges.",
        },
    },
    core=True,
    thresholds={"tension": 1, "alert": 2, "crisis": 4},
    clears_after_s=14 * 86400.0,
    indicators=("convoy_attack",),
)
SHORTAGE = RuleText(
    id="fuel-shortage",
    title={"fr": "Pénurie de carburant", "en": "Fuel shortage"},
    family="supply",
    message={
        "fr": "{{ value }} {{ value | plural('signalement', 'signalements') }} de pénurie à Bamako en 3 jours "
        "(seuil : {{ threshold }}).",
        "en": "{{ value }} {{ value | plural('report', 'reports') }} of shortage in Bamako in 3 days (threshold: "
        "{{ threshold }}).",
    },
    expect={"fr": "stations fermées et longues files.", "en": "closed stations and long queues."},
    advice={
        "fr": {
            "resident": "reportez ce qui peut l'être, partagez les trajets. Pas d'essence à la maison (incendie).",
            "ngo": "gardez votre carburant pour l'essentiel, ne roulez pas avec les convois de citernes.",
            "press": "ni le nombre de stations fermées ni le volume livré ne sont établis.",
        },
        "en": {
            "resident": "put off what can wait, share trips. No petrol at home (fire risk).",
            "ngo": "keep your fuel for what is essential, do not travel with tanker convoys.",
            "press": "neither the number of closed stations nor the volume delivered is established.",
        },
    },
    certainty="observed",
    core=True,
    thresholds={"alert": 1},
    clears_after_s=3 * 86400.0,
    indicators=("fuel_shortage_report",),
)
BLOCKADE = RuleText(
    id="blockade-declared",
    title={"fr": "Blocus annoncé par le JNIM", "en": "Blockade announced by JNIM"},
    family="supply",
    message={"fr": "annonce d'une partie au conflit.", "en": "announcement by a party to the conflict."},
    expect={},
    advice={},
    certainty="possible",
    thresholds={"tension": 1},
    clears_after_s=28 * 86400.0,
    indicators=("blockade_declared",),
)


def event(indicator: str, day: str, place: str, lat: float, lon: float, **more: Any) -> Observation:
    occurred = at(day)
    base = Observation(
        indicator=indicator,
        occurred_at=occurred,
        known_at=occurred + timedelta(days=1),
        place=place,
        lat=lat,
        lon=lon,
        precision="town",
        grade="B2",
        source="file",
        origins=("RFI",),
        url="https://fr.allafrica.com/stories/202509150560.html",
        key=f"{day}-{indicator}-{place}",
    )
    return replace(base, **more)


AUTUMN = (
    event("blockade_declared", "2025-09-03", "Nioro", 15.23, -9.59, origins=("News RIM",),
          title="Blocus de Kayes et Nioro annoncé", url="https://news-rim.com/2025/09/04/x"),
    event("convoy_disruption", "2025-09-10", "Kadiana", 10.79, -6.55, origins=("DW",), value=1000.0,
          title="Environ 1 000 citernes signalées à l'arrêt", url="https://amp.dw.com/fr/x/a-74022752"),
    event("convoy_attack", "2025-09-13", "Kolokani", 13.57, -8.03, title="Convoi attaqué entre Didiéni et Kolokani"),
    event("convoy_attack", "2025-09-14", "Lakamané", 14.5, -9.9, low=20.0, high=40.0, value=30.0,
          title="Citernes brûlées entre Kaniéra et Lakamané", origins=("RFI", "Reuters")),
    event("convoy_attack", "2025-09-19", "Négala", 12.87, -8.45, title="Convoi attaqué", origins=("AFP",),
          url="https://www.afp.com/x"),
    event("abduction", "2025-10-03", "Ségou", 13.44, -6.26, grade="D3", origins=("sewt.info",),
          url="https://sewt.info/node/18767"),
    event("convoy_attack", "2025-10-06", "Sikasso", 11.32, -5.67, title="Citernes brûlées dans la zone de Sikasso",
          attributes={"title_en": "Tankers burned in the Sikasso area"}, origins=("PressAfrik",),
          url="https://www.pressafrik.com/x_a295852.html"),
    event("fuel_shortage_report", "2025-10-07", "Bamako", 12.64, -8.0, origins=("PressAfrik",),
          title="Beaucoup de stations fermées, très longues files", url="https://www.pressafrik.com/x_a295852.html"),
    event("official_statement", "2025-10-07", "Bamako", 12.64, -8.0, origins=("Gouvernement",), grade="C3",
          title="Escortes de convois et contrôles des prix en station étendus", url="https://particle.news/story/x"),
    event("fuel_price_official", "2025-09-26", "Bamako", 12.64, -8.0, value=775.0,
          attributes={"product": "essence"}, origins=("L'Essor",), url="https://www.lessor.ml/x"),
    event("fuel_price_official", "2025-10-07", "Bamako", 12.64, -8.0, value=775.0,
          attributes={"product": "essence"}, origins=("L'Essor",), url="https://www.lessor.ml/x"),
)  # fmt: skip


def evidence(value: float, threshold: float, counted: tuple[Observation, ...] = (), **more: Any) -> Evidence:
    base = Evidence(
        value, value, value, threshold, {"tension": 1, "alert": 2, "crisis": 4}, unit="count",
        counted=tuple(o.ref for o in counted), origins=tuple(sorted({x for o in counted for x in o.origins})),
        grade="B2", days=14,
    )  # fmt: skip
    return replace(base, **more)


def move(rule: str, when: str, kind: Any, level: int, before: int, proof: Evidence) -> Transition:
    return Transition(rule, (), at(when), kind, Level(level), Level(before), proof)


def state(rule: str, level: int, opened: str, since: str, **more: Any) -> AlertState:
    base = AlertState(
        rule, status="open", level=Level(level), opened_at=at(opened), since=at(since), peak=Level(level),
        changed_at=at(since),
    )  # fmt: skip
    return replace(base, **more)


ATTACKS = tuple(o for o in AUTUMN if o.indicator == "convoy_attack")
TWO = evidence(2, 2, ATTACKS[:2])
ONE = evidence(1, 1, ATTACKS[3:4], origins=("PressAfrik",))

SEPTEMBER = AlertFacts(
    state("convoy-attacks", 3, "2025-09-14", "2025-09-15"),
    CONVOYS,
    number=12,
    revision=2,
    evidence=TWO,
    history=(
        move("convoy-attacks", "2025-09-14", "opened", 2, 0, evidence(1, 1, ATTACKS[:1])),
        move("convoy-attacks", "2025-09-15", "raised", 3, 2, TWO),
    ),
)
OCTOBER = (
    AlertFacts(
        state("fuel-shortage", 3, "2025-10-08", "2025-10-08"),
        SHORTAGE,
        number=19,
        evidence=evidence(1, 1, tuple(o for o in AUTUMN if o.indicator == "fuel_shortage_report"),
                          thresholds={"alert": 1}, days=3),
        history=(move("fuel-shortage", "2025-10-08", "opened", 3, 0, ONE),),
    ),
    AlertFacts(
        state("convoy-attacks", 2, "2025-09-14", "2025-09-30", peak=Level.ALERT),
        CONVOYS,
        number=12,
        revision=5,
        evidence=ONE,
        history=(
            *SEPTEMBER.history,
            move("convoy-attacks", "2025-09-30", "eased", 2, 3, ONE),
            move("convoy-attacks", "2025-10-07T12:00", "updated", 2, 2, ONE),
        ),
    ),
    AlertFacts(
        state("blockade-declared", 2, "2025-09-04", "2025-09-04"),
        BLOCKADE,
        number=11,
        evidence=evidence(1, 1, AUTUMN[:1], thresholds={"tension": 1}, days=None),
        history=(move("blockade-declared", "2025-09-04", "opened", 2, 0, ONE),),
    ),
)  # fmt: skip
SOURCES = (
    SourceState("feeds", "Presse (flux)", 3600.0, at("2025-10-08T05:40"), indicators=("convoy_attack",)),
    SourceState("kobo", "Relevés de terrain", 86400.0),
)
RECORD = Record(at("2025-07-10"), at("2025-10-07"), False, 1, 0, 1, 0, 15.0)
SHOWN = ("convoy_attack", "fuel_price_official", "fuel_price_informal", "station_has_fuel", "fuel_queue_hours",
         "tankers_arrived", "power_hours")  # fmt: skip


def facts(now: str = "2025-10-08T06:00", **more: Any) -> Facts:
    moment = at(now)
    base = Facts(
        now=moment,
        base="https://alertes.example.org",
        geography=geography_of_tests(),
        indicators=indicators_of_tests(),
        since=moment - timedelta(days=1),
        previous=Situation(Level.TENSION, moment - timedelta(days=1)),
        rules={rule.id: rule for rule in (CONVOYS, SHORTAGE, BLOCKADE)},
        readings={"convoy-attacks": ONE},
        watched={name: ((at("2025-07-01"), moment),) for name in ("convoy_attack", "fuel_shortage_report")},
        observations=tuple(o for o in AUTUMN if o.known_at <= moment),
        indicators_shown=SHOWN,
        sources=SOURCES,
        record=RECORD,
    )
    return replace(base, **more)


def september(**more: Any) -> Facts:
    return facts(
        "2025-09-15T06:00",
        alerts=(SEPTEMBER,),
        readings={"convoy-attacks": TWO, "fuel-shortage": evidence(0, 1)},
        **more,
    )


def october(**more: Any) -> Facts:
    return facts(alerts=OCTOBER, **more)


def quiet(**more: Any) -> Facts:
    """12 August 2025: we looked, and there was nothing."""
    calm = Situation(Level.CALM, at("2025-08-11T06:00"))
    known = {"convoy-attacks": evidence(0, 1)}
    read = (replace(SOURCES[0], good_at=at("2025-08-12T05:40")), SOURCES[1])
    return facts("2025-08-12T06:00", previous=calm, readings=known, sources=read, record=None, **more)


def unclear(**more: Any) -> Facts:
    """The same morning with no source read for a day and a half."""
    stale = (replace(SOURCES[0], good_at=at("2025-08-10T18:00")), SOURCES[1])
    return replace(
        quiet(), unknown_rules=frozenset({"convoy-attacks"}), readings={}, watched={}, sources=stale, **more
    )


def variant(channel: Any = "telegram", lang: str = "fr", **more: Any) -> Variant:
    base = Variant(channel=channel, lang=lang, kind="resident")
    return replace(base, **more)


def daily(channel: str = "email", lang: str = "fr", now: str = "2025-10-08T06:00", **more: Any) -> Variant:
    moment = at(now)
    return variant(
        channel,
        lang,
        **{"edition": "daily", "edition_at": moment, "next_at": moment + timedelta(days=1), **more},
    )


CORRECTION = Correction(
    at("2025-10-31T06:00"),
    16,
    said={"fr": "essence hors stations jusqu'à 2 000 FCFA le litre, soit 2,8 fois le prix officiel de 725.",
          "en": "petrol outside stations up to 2,000 CFA francs a litre, 2.8 times the official price of 725."},
    so={"fr": "725 est le plafond du gasoil ; celui de l'essence est 775. Le rapport est de 2,6.",
        "en": "725 is the ceiling for diesel; for petrol it is 775. The ratio is 2.6."},
    cause={"fr": "une dépêche donnait 725, reprise sans la comparer au plafond publié fin septembre (L'Essor).",
           "en": "an agency report gave 725 and we did not check it against the ceiling published in September."},
)  # fmt: skip
