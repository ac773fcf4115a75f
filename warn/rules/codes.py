# ruff: noqa: E501  # a table of sentences is read best with one to a line
"""Every code of a fault, explained: for `warn rules check --explain` and for the docs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from warn.rules.slip_codes import SLIPS, Explained

EXPLAINED: Final[Mapping[str, Explained]] = MappingProxyType(
    {
        **SLIPS,
        "unknown-key": Explained(
            ("a key the language does not know", "Nothing is overlooked in silence: a misspelt key would switch a protection off."),
            ("une clé que le langage ne connaît pas", "Rien n'est ignoré en silence : une clé mal écrite désactiverait une protection."),
            "ove: 14d",
            "over: 14d",
        ),
        "missing-key": Explained(
            ("a key that must be there", "The rule cannot be read without it."),
            ("une clé obligatoire absente", "La règle ne peut pas être lue sans elle."),
            "rules:\n  - id: stations\n    family: supply\n    measure: {count: convoy_attack, over: 14d}\n    rises_to: {alert: 2}",
            'title: {fr: "Stations", en: "Stations"}',
        ),
        "duration": Explained(
            ("a length of time that cannot be read", "A number and a unit: w, d, h, m. French 'j' is 'd'."),
            ("une durée illisible", "Un nombre et une unité : w, d, h, m. Le « j » français est « d »."),
            "over: 14j",
            "over: 14d",
        ),
        "unknown-level": Explained(
            ("a level that does not exist", "There are four: watch, tension, alert, crisis."),
            ("un niveau qui n'existe pas", "Il y en a quatre : watch, tension, alert, crisis."),
            "rises_to: {alerte: 2}",
            "rises_to: {alert: 2}",
        ),
        "not-allowed": Explained(
            ("a word outside a fixed list", "The message lists what is."),
            ("un mot hors d'une liste fermée", "Le message donne ce qui l'est."),
            "mode: direct",
            "mode: live",
        ),
        "measure": Explained(
            ("no measure, or more than one", "A rule measures exactly one thing; ratio takes two measures inside it."),
            ("aucune mesure, ou plusieurs", "Une règle mesure une seule chose ; ratio en prend deux à l'intérieur."),
            "measure: {cont: convoy_attack, over: 14d}",
            "measure: {count: convoy_attack, over: 14d}",
        ),
        "not-true-or-false": Explained(
            ("neither true nor false", "YAML's words are true and false."),
            ("ni true ni false", "Les mots de YAML sont true et false."),
            "core: oui",
            "core: true",
        ),
        "not-a-number": Explained(
            ("not a number", "Digits, with a point before decimals."),
            ("pas un nombre", "Des chiffres, avec un point avant les décimales."),
            "clears_at: zéro",
            "clears_at: 0",
        ),
        "out-of-range": Explained(
            ("a number out of range", "The message says which numbers are taken."),
            ("un nombre hors limites", "Le message dit quels nombres sont admis."),
            "near: {corridors: all, km: -5}",
            "near: {corridors: all, km: 35}",
        ),
        "not-a-name": Explained(
            ("not a name", "Names are permanent and stand in addresses: lower-case letters, digits, hyphens."),
            ("pas un nom", "Les noms sont permanents et figurent dans des adresses : minuscules, chiffres, traits d'union."),
            "id: Écoles fermées",
            "id: ecoles-fermees",
        ),
        "not-a-grade": Explained(
            ("not a grade", "The Admiralty code: A to E for the source, 1 to 5 for the report, better first. F and 6 mean that nothing is known of either."),
            ("pas une cote", "Le code de l'Amirauté : A à E pour la source, 1 à 5 pour l'information, le meilleur d'abord. F et 6 disent qu'on n'en sait rien."),
            "confirmed_by: {grade: 2B}",
            "confirmed_by: {grade: B2}",
        ),
        "length": Explained(
            ("too short or too long", "The message says how long it may be."),
            ("trop court ou trop long", "Le message dit quelle longueur est admise."),
            'title: {fr: "", en: "Stations"}',
            'title: {fr: "Stations", en: "Stations"}',
        ),
        "not-text": Explained(
            ("not a text", "Put it between straight quotes."),
            ("pas un texte", "Mettez-le entre guillemets droits."),
            "why: [plafond, prix]",
            'why: "plafond, prix"',
        ),
        "not-a-date": Explained(
            ("not a date", "Year, month, day: 2025-10-07."),
            ("pas une date", "Année, mois, jour : 2025-10-07."),
            "reviewed_on: 7/10/2025",
            "reviewed_on: 2025-10-07",
        ),
        "not-a-list": Explained(
            ("not a list", "Write [one, two]."),
            ("pas une liste", "Écrivez [un, deux]."),
            "keep_open_while: {a: b}",
            "keep_open_while: [station-fuel]",
        ),
        "not-a-map": Explained(
            ("not a set of 'name: value'", "Write {name: value}."),
            ("pas une suite de « nom: valeur »", "Écrivez {nom: valeur}."),
            "rises_to: 2",
            "rises_to: {alert: 2}",
        ),
        "duplicate-id": Explained(
            ("an id used twice", "An alert is known by its rule's id; two rules with one id would be one alert."),
            ("un identifiant en double", "Une alerte est connue par l'identifiant de sa règle ; deux règles du même nom seraient une seule alerte."),
            "id: station-fuel",
            "id: stations",
        ),
        "unknown-indicator": Explained(
            ("an indicator that nothing observes", "The rule would stay unknown for ever. Indicators are listed in rules/indicators.yaml; adding one takes an entry there."),
            ("un indicateur que rien n'observe", "La règle resterait inconnue pour toujours. Les indicateurs sont dans rules/indicators.yaml ; en ajouter un prend une entrée."),
            "mean: station_fuel",
            "mean: station_has_fuel",
        ),
        "named-twice": Explained(
            ("a name that stands twice in a list", "Nothing counts for more by being named again; reports would be counted double."),
            ("un nom écrit deux fois dans une liste", "Rien ne compte davantage d'être répété ; ses faits compteraient double."),
            "count: [convoy_attack, convoy_attack]",
            "count: [convoy_attack, convoy_disruption]",
        ),
        "unknown-attribute": Explained(
            ("an attribute that nothing says", "A report must have it to count; where none does, the rule stays silent for ever. What each indicator's reports say stands under attributes: in indicators.yaml."),
            ("un attribut que rien ne porte", "Un fait doit le porter pour compter ; si aucun ne le fait, la règle se tait pour toujours. Ce que portent les faits d'un indicateur est sous attributes: dans indicators.yaml."),
            "measure: {latest: fuel_price_informal, where: {prodcut: petrol}}\nrises_to: {alert: 1000}",
            "measure: {latest: fuel_price_informal, where: {product: petrol}}\nrises_to: {alert: 1000}",
        ),
        "filters-exclude": Explained(
            ("filters that nothing passes", "A report must be near the place and lie in the region; where the two do not meet, none ever counts."),
            ("des filtres que rien ne passe", "Un fait doit être près du lieu et dans la région ; s'ils ne se touchent pas, aucun ne compte jamais."),
            "measure: {count: convoy_attack, near: {place: Bamako, km: 20}, in: [Gao], over: 14d}",
            "measure: {count: convoy_attack, near: {place: Gao, km: 20}, in: [Gao], over: 14d}",
        ),
        "context-only": Explained(
            ("an indicator that is never counted", "Official statements appear beside the facts and count for none."),
            ("un indicateur jamais compté", "Les déclarations officielles paraissent à côté des faits et ne comptent pour aucun."),
            "count: official_statement",
            "count: convoy_attack",
        ),
        "indicator-kind": Explained(
            ("a measure that does not suit its indicator", "Events are counted, levels are averaged, dates approach."),
            ("une mesure qui ne convient pas à l'indicateur", "On compte des événements, on moyenne des grandeurs, on s'approche d'une date."),
            "mean: convoy_attack",
            "count: convoy_attack",
        ),
        "unknown-place": Explained(
            ("a place the folder does not know", "Areas are in places.yaml, towns in gazetteer.csv, roads in corridors.geojson."),
            ("un lieu que le dossier ne connaît pas", "Les zones sont dans places.yaml, les villes dans gazetteer.csv, les routes dans corridors.geojson."),
            "near: road",
            "near: roads",
        ),
        "unknown-rule": Explained(
            ("a rule that does not exist", "An alert kept open by a rule that does not exist would close too early."),
            ("une règle qui n'existe pas", "Une alerte maintenue par une règle inexistante se fermerait trop tôt."),
            "keep_open_while: [stations-fuel]",
            "keep_open_while: [station-fuel]",
        ),
        "cycle": Explained(
            ("rules that wait for one another", "Each would have to be judged before the other; no order is right."),
            ("des règles qui s'attendent", "Chacune devrait être jugée avant l'autre ; aucun ordre n'est juste."),
            "keep_open_while: [stations]",
            "keep_open_while: [station-fuel]",
        ),
        "window-shorter-than-cadence": Explained(
            ("a window shorter than the time between readings", "The window would be empty most of the time, and the rule unknown."),
            ("une fenêtre plus courte que le temps entre deux relevés", "La fenêtre serait vide presque toujours, et la règle inconnue."),
            "mean: tankers_arrived, over: 2d",
            "mean: tankers_arrived, over: 14d",
        ),
        "stale-shorter-than-cadence": Explained(
            ("stale sooner than the next reading can come", "The alert would turn blind between two ordinary readings, and readers would be told so in vain."),
            ("périmé avant que le relevé suivant puisse arriver", "L'alerte serait aveugle entre deux relevés ordinaires, et on l'annoncerait pour rien."),
            "measure: {latest: tankers_arrived}\nstale_after: 2d",
            "measure: {latest: tankers_arrived}\nstale_after: 14d",
        ),
        "ladder": Explained(
            ("no ladder, or two", "A rule rises or falls, not both."),
            ("aucune échelle, ou deux", "Une règle monte ou descend, pas les deux."),
            "rises_to: {alert: 2}\nfalls_to: {alert: 0.35}",
            "rises_to: {tension: 1, alert: 2}",
        ),
        "non-monotone": Explained(
            ("numbers out of order", "A higher level must be harder to reach than the one below it."),
            ("des nombres dans le désordre", "Un niveau plus haut doit être plus difficile à atteindre que le précédent."),
            "rises_to: {tension: 3, alert: 2}",
            "rises_to: {tension: 2, alert: 3}",
        ),
        "unreachable-level": Explained(
            ("a level that can never be reached", "The measure cannot take that number: a share ends at 1, a state is 0 or 1."),
            ("un niveau impossible à atteindre", "La mesure ne peut pas prendre ce nombre : une part finit à 1, un état vaut 0 ou 1."),
            "measure: {state: {on: school_closure, off: school_reopening}}\nrises_to: {alert: 2}",
            "measure: {state: {on: school_closure, off: school_reopening}}\nrises_to: {alert: 1}",
        ),
        "always-reached": Explained(
            ("a level that is always reached", "An alert that can never close is read by nobody."),
            ("un niveau toujours atteint", "Une alerte qui ne peut jamais se fermer n'est lue de personne."),
            "rises_to: {watch: 0}",
            "rises_to: {watch: 1}",
        ),
        "clears-at-side": Explained(
            ("clears_at on the alarm side", "The alert would close while a level is still met, and open again at once."),
            ("clears_at du côté de l'alerte", "L'alerte se fermerait alors qu'un niveau est encore atteint, et se rouvrirait aussitôt."),
            "falls_to: {tension: 0.60, alert: 0.35}\nclears_at: 0.30",
            "clears_at: 0.70",
        ),
        "eases-after": Explained(
            ("eases_after longer than clears_after", "The alert would close before it could ease."),
            ("eases_after plus long que clears_after", "L'alerte se fermerait avant de pouvoir s'alléger."),
            "eases_after: 7d\nclears_after: 48h",
            "eases_after: 48h\nclears_after: 7d",
        ),
        "change-alone": Explained(
            ("a change without an absolute partner", "After a lasting shock the new price is the norm and the change is zero: the rule falls silent while things stay bad."),
            ("une évolution sans partenaire absolu", "Après un choc durable, le nouveau prix est la norme et l'évolution nulle : la règle se tait alors que rien n'est réglé."),
            "measure: {change: food_price}",
            "a second rule: measure: {latest: food_price}",
        ),
        "origins-from-one-source": Explained(
            ("several origins asked of one publisher", "They can never come; a grade set by a curator can."),
            ("plusieurs origines demandées à un seul éditeur", "Elles ne viendront jamais ; une cote donnée par un curateur, si."),
            "measure: {count: fire_detection, over: 7d, confirmed_by: {origins: 2}}",
            "measure: {count: fire_detection, over: 7d, confirmed_by: {grade: B2}}",
        ),
        "field-needs-approval": Explained(
            ("field reports alone", "Field reports can be forged. Alone they need a person's agreement (mode: approve) or stop at tension."),
            ("des relevés de terrain seuls", "Ils se falsifient. Seuls, il leur faut l'accord d'une personne (mode: approve) ou s'arrêter à tension."),
            "measure: {mean: station_has_fuel, near: city, over: 48h, min_reports: 5}\nfalls_to: {alert: 0.35}\nmode: live",
            "measure: {mean: station_has_fuel, near: city, over: 48h, min_reports: 5}\nfalls_to: {alert: 0.35}\nmode: approve",
        ),
        "missing-language": Explained(
            ("a text in one language only", "Half of the readers would get nothing."),
            ("un texte dans une seule langue", "La moitié des lecteurs n'auraient rien."),
            'title: {fr: "Écoles"}',
            'title: {fr: "Écoles", en: "Schools"}',
        ),
        "message-variable": Explained(
            ("a variable the measure does not give", "Readers would see a question mark in the middle of the sentence."),
            ("une variable que la mesure ne donne pas", "Les lecteurs verraient un point d'interrogation au milieu de la phrase."),
            'fr: "axe {{ corridor }}"',
            "by: [corridor]",
        ),
        "template": Explained(
            ("more of a template language than texts need", "Loops, calls and reaching inside values are refused and never run: a text prints, compares, and chooses."),
            ("plus de langage qu'un texte n'en demande", "Boucles, appels et accès internes sont refusés et jamais exécutés : un texte affiche, compare et choisit."),
            "{% for i in value %}",
            '{{ value }} {{ value | plural("attaque", "attaques") }}',
        ),
        "single-braces": Explained(
            ("a variable between single braces", "Only two braces on each side make a variable; with one, readers see the word and its braces."),
            ("une variable entre accolades simples", "Seules deux accolades de chaque côté font une variable ; avec une, les lecteurs voient le mot et ses accolades."),
            'fr: "seuil : { threshold }"',
            'fr: "seuil : {{ threshold }}"',
        ),
        "no-value": Explained(
            ("a key without a value", "It would mean the same as no key at all, which is hardly what its author meant."),
            ("une clé sans valeur", "Elle voudrait dire la même chose que pas de clé du tout, ce qui n'est guère ce qu'on a voulu."),
            "clears_at:",
            "clears_at: 1",
        ),
        "placeholder": Explained(
            ("dots where a text belongs", "A rule to start from has dots in the place of texts; in an alert readers would be told '...' to do."),
            ("des points à la place d'un texte", "Une règle à compléter a des points à la place des textes ; dans une alerte, le conseil serait « ... »."),
            'why: "..."',
            'why: "Two confirmed attacks preceded each of the shortages of 2025."',
        ),
        "hard-plural": Explained(
            ("a plural that also stands for one", "'1 attaques' is the first thing a reader notices."),
            ("un pluriel même pour un", "« 1 attaques » est la première chose qu'on remarque."),
            "{{ value }} attaques",
            '{{ value }} {{ value | plural("attaque", "attaques") }}',
        ),
        "countdown": Explained(
            ("a duration in what is expected", "A warning can start a run on stations; a date makes it certain. Effects are told with their mechanism and likelihood."),
            ("une durée dans ce qui est attendu", "Une alerte peut provoquer une ruée ; une date la rend certaine. Un effet se dit avec son mécanisme et sa vraisemblance."),
            'expect: {fr: "pénurie dans 10 jours"}',
            'expect: {fr: "livraisons irrégulières dans les semaines à venir"}',
        ),
        "wording": Explained(
            ("a word our own voice never uses", "Claims are attributed, neither side's words are ours, nothing frightens or calls for stocks. The list is rules/wording.yaml."),
            ("un mot que notre voix n'emploie jamais", "Toute affirmation est attribuée, les mots d'aucun camp ne sont les nôtres, rien n'effraie ni ne pousse aux réserves. La liste est rules/wording.yaml."),
            'title: {fr: "Blocus de Kayes"}',
            'title: {fr: "Blocus annoncé par le JNIM"}',
        ),
        "no-message": Explained(
            ("a rule without a message", "Readers get the title and the numbers, but no sentence."),
            ("une règle sans message", "Les lecteurs ont le titre et les nombres, mais pas de phrase."),
            "message: {}",
            'message: {fr: "{{ value }}", en: "{{ value }}"}',
        ),
        "no-scenario": Explained(
            ("a rule that no scenario tests", "A scenario says what happens and what must be told when; it is the example and the test at once."),
            ("une règle qu'aucun scénario n'éprouve", "Un scénario dit ce qui arrive et ce qui doit être dit quand ; c'est l'exemple et l'épreuve à la fois."),
        ),
        "advice-unreviewed": Explained(
            ("advice nobody has reviewed", "People act on it; somebody who knows the place reads it over first."),
            ("des conseils que personne n'a relus", "Des gens les suivent ; quelqu'un qui connaît les lieux les relit d'abord."),
            'advice:\n  fr: {residents: "...", ngo: "...", press: "..."}\n  en: {residents: "...", ngo: "...", press: "..."}',
            'advice:\n  fr: {residents: "...", ngo: "...", press: "..."}\n  en: {residents: "...", ngo: "...", press: "..."}\n  reviewed_by: "sécurité ONG"\n  reviewed_on: 2025-10-01',
        ),
        "geography": Explained(
            ("a fault in the files of places and roads", "area.yaml, places.yaml, gazetteer.csv and the .geojson files say where things are; without them nothing is near anything. The shipped files show the form."),
            ("une faute dans les fichiers de lieux et de routes", "area.yaml, places.yaml, gazetteer.csv et les .geojson disent où sont les choses ; sans eux, rien n'est près de rien. Les fichiers livrés montrent la forme."),
        ),
        "lexicon": Explained(
            ("a fault in the words that headlines are read by", "Every name used in lexicon.yaml must stand under its words:; a name that does not would never match anything."),
            ("une faute dans les mots qui servent à lire les titres", "Tout nom employé dans lexicon.yaml doit figurer sous words: ; un nom absent ne reconnaîtrait jamais rien."),
        ),
        "unknown-source": Explained(
            ("a source that does not exist", "A scenario polls a source by its id; 'warn sources' lists them."),
            ("une source qui n'existe pas", "Un scénario interroge une source par son identifiant ; « warn sources » les donne."),
        ),
    }
)  # fmt: skip
