"""An example of every key of a rule, for the docs and `warn rules check --explain KEY`; the tests load each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "id": "id: convoy-attacks-north",
        "title": 'title: {fr: "Attaques de convois", en: "Attacks on convoys"}',
        "family": "family: supply",
        "why": 'why: "Two in a month is what no ordinary month has shown."',
        "core": "core: true",
        "sudden": "sudden: true",
        "measure": "measure: {count: convoy_attack, near: roads, over: 28d}",
        "by": "by: [corridor]",
        "rises_to": "rises_to: {tension: 1, alert: 2, crisis: 6}",
        "falls_to": "falls_to: {tension: 0.60, alert: 0.35, crisis: 0.15}",
        "clears_at": "clears_at: 0",
        "clears_after": "clears_after: 14d",
        "eases_after": "eases_after: 48h",
        "lapses_after": "lapses_after: 21d",
        "holds_for": "holds_for: {tension: 6h, alert: 12h}",
        "stale_after": "stale_after: 7d",
        "valid_for": "valid_for: 7d",
        "certainty": "certainty: likely",
        "mode": "mode: approve",
        "keep_open_while": "keep_open_while: [station-fuel]",
        "inhibits": "inhibits: [convoy-attacks]",
        "escalate": "escalate: [{after: 24h, unless: acknowledged, to: admins}]",
        "repeat_every": "repeat_every: {every: 24h, backoff: 2, at_most: 7d}",
        "expect": (
            "expect:\n"
            '  fr: "livraisons irrégulières dans les semaines à venir"\n'
            '  en: "irregular deliveries in the coming weeks"'
        ),
        "message": (
            "message:\n"
            "  fr: \"{{ value }} {{ value | plural('attaque', 'attaques') }} (seuil : {{ threshold }}).\"\n"
            "  en: \"{{ value }} {{ value | plural('attack', 'attacks') }} (threshold: {{ threshold }}).\""
        ),
        "advice": (
            "advice:\n"
            '  fr: {residents: "regroupez vos trajets.", ngo: "comptez en jours.", press: "attribuez."}\n'
            '  en: {residents: "combine trips.", ngo: "count in days.", press: "attribute."}\n'
            '  reviewed_by: "security desk"\n'
            "  reviewed_on: 2025-10-01"
        ),
    }
)

INNER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "in": "{count: fuel_shortage_report, in: [Kayes, Sikasso], over: 14d}",
        "near": "{count: convoy_attack, near: {corridor: kayes, km: 35}, over: 28d}",
        "place": "{count: attack_military, near: {place: Kati, km: 15}, over: 7d}",
        "corridors": "{count: convoy_attack, near: {corridors: [kayes, sikasso], km: 35}, over: 28d}",
        "min_grade": "{latest: power_hours, near: city, min_grade: C3}",
        "min_origins": "{count: fuel_shortage_report, near: city, over: 14d, min_origins: 2}",
        "unconfirmed": "{count: convoy_attack, over: 28d, confirmed_by: {origins: 2, grade: B2}, unconfirmed: tension}",
    }
)
"""An example of keys inside a measure that the measures' own examples do not show."""
