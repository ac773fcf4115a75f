# ruff: noqa: E501  # a table of sentences is read best with one to a line
"""What an explanation of a code is, and those of the slips that any YAML file may have (warn/documents/slips.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Explained:
    """(title, why) in English and French; a wrong and a right example, the same in both."""

    english: tuple[str, str]
    french: tuple[str, str]
    wrong: str = ""
    right: str = ""


SLIPS: Final[Mapping[str, Explained]] = MappingProxyType(
    {
        "too-long": Explained(
            ("a file larger than 1 MB", "A rules folder is read by people; a file this large is a mistake or an attack, and is not parsed at all."),
            ("un fichier de plus de 1 Mo", "Un dossier de règles se lit ; un fichier si gros est une erreur ou une attaque, et n'est pas analysé."),
        ),
        "long-line": Explained(
            ("a line longer than 20,000 characters", "Usually a quote that was never closed, or a file of another kind."),
            ("une ligne de plus de 20 000 caractères", "C'est souvent un guillemet jamais fermé, ou un fichier d'un autre genre."),
        ),
        "encoding": Explained(
            ("a character that is not UTF-8", "Accents saved in an old encoding come out wrong in messages; the file must be UTF-8."),
            ("un caractère qui n'est pas en UTF-8", "Des accents enregistrés dans un vieux codage sortent faux dans les messages ; le fichier doit être en UTF-8."),
        ),
        "control-character": Explained(
            ("an invisible control character", "It often comes along when text is copied from a PDF; nobody sees it, and programs stumble over it."),
            ("un caractère de contrôle invisible", "Il vient souvent d'un texte copié d'un PDF ; personne ne le voit, les programmes trébuchent."),
        ),
        "tab": Explained(
            ("a tab in the indentation", "YAML allows only spaces there, because a tab has another width for everyone."),
            ("une tabulation dans le retrait", "YAML n'y admet que des espaces, car une tabulation n'a pas la même largeur pour tous."),
            "rules:\n\t- id: stations",
            "rules:\n  - id: stations",
        ),
        "no-break-space": Explained(
            ("a no-break space after a key or in the indentation", "Alt+Space on many French keyboards types it; it looks like a space and is none to YAML. Inside texts it is welcome."),
            ("une espace insécable après une clé ou dans le retrait", "Alt+Espace la tape sur bien des claviers ; elle ressemble à une espace et n'en est pas une pour YAML. Dans les textes, elle est bienvenue."),
            "clears_at:\u00a00",
            "clears_at: 0",
        ),
        "curly-quotes": Explained(
            ("curly quotes around a text", "Word processors make them; YAML knows only straight ones, so a comma inside would cut the text."),
            ("des guillemets courbes autour d'un texte", "Les traitements de texte les posent ; YAML ne connaît que les droits, et une virgule couperait le texte."),
            "title: {fr: “Stations, Bamako”, en: ...}",
            'title: {fr: "Stations, Bamako", en: ...}',
        ),
        "unquoted-colon": Explained(
            ("a colon inside a text without quotes", "A colon followed by a space separates key and value; a text that contains one needs quotes."),
            ("un deux-points dans un texte sans guillemets", "Un deux-points suivi d'une espace sépare clé et valeur ; un texte qui en contient demande des guillemets."),
            "why: Prix : plafonné",
            'why: "Prix : plafonné"',
        ),
        "unquoted-comma": Explained(
            ("a comma inside { } in a text without quotes", "Between { } a comma separates entries; a text that contains one needs quotes."),
            ("une virgule entre { } dans un texte sans guillemets", "Entre { }, la virgule sépare les éléments ; un texte qui en contient demande des guillemets."),
            "title: {fr: Prix, eau, en: Price}",
            'title: {fr: "Prix, eau", en: "Price"}',
        ),
        "unquoted-template": Explained(
            ("a text beginning with {{ without quotes", "{ opens a set in YAML; a text that begins with it needs quotes."),
            ("un texte qui commence par {{ sans guillemets", "{ ouvre une suite en YAML ; un texte qui commence ainsi demande des guillemets."),
            "fr: {{ value }} attaques",
            'fr: "{{ value }} attaques"',
        ),
        "quote-needed": Explained(
            ("a text beginning with a reserved character", "@ ` % * & ! and a few more mean something to YAML at the beginning of a text."),
            ("un texte qui commence par un caractère réservé", "@ ` % * & ! et quelques autres ont un sens pour YAML en tête d'un texte."),
            "why: @rédaction",
            'why: "@rédaction"',
        ),
        "apostrophe": Explained(
            ("an apostrophe inside a text in apostrophes", "The text ends there. French is full of apostrophes: use double quotes."),
            ("une apostrophe dans un texte entre apostrophes", "Le texte s'y termine. Le français en est plein : employez des guillemets doubles."),
            "why: 'l'essence'",
            "why: \"l'essence\"",
        ),
        "quote-inside": Explained(
            ("words after the closing quote", "The text ended at the quote; what follows has no place."),
            ("des mots après le guillemet fermant", "Le texte s'est terminé au guillemet ; la suite n'a pas de place."),
            'why: "les "citernes" arrivent"',
            'why: "les « citernes » arrivent"',
        ),
        "unclosed-quote": Explained(
            ("a quote that is never closed", "Everything to the end of the file would belong to this text."),
            ("un guillemet jamais fermé", "Tout le reste du fichier appartiendrait à ce texte."),
            'why: "plafond',
            'why: "plafond"',
        ),
        "lone-quote": Explained(
            ("a quote mark without its partner", "A text that ends with a quote mark which nothing opened is printed with it; most often the first one was forgotten."),
            ("un guillemet sans son pendant", "Un texte qui finit par un guillemet que rien n'ouvre est imprimé avec lui ; le plus souvent, le premier a été oublié."),
            'why: plafond"',
            'why: "plafond"',
        ),
        "unclosed-bracket": Explained(
            ("a { or [ that is never closed", "What follows would belong inside."),
            ("une accolade ou un crochet jamais fermé", "La suite se trouverait à l'intérieur."),
            "rises_to: {alert: 2",
            "rises_to: {alert: 2}",
        ),
        "bracket": Explained(
            ("a comma or a closing bracket is missing", "Entries between brackets are separated by commas, { closes with } and [ with ]."),
            ("il manque une virgule ou une fermeture", "Entre accolades ou crochets, des virgules séparent ; { se ferme par } et [ par ]."),
            "keep_open_while: [station-fuel}",
            "keep_open_while: [station-fuel]",
        ),
        "extra-bracket": Explained(
            ("a closing bracket too many", "It closes nothing."),
            ("une fermeture de trop", "Elle ne ferme rien."),
            "rises_to: {alert: 2}}",
            "rises_to: {alert: 2}",
        ),
        "missing-space": Explained(
            ("no space after the colon of a key", "Without the space YAML reads one long word."),
            ("pas d'espace après le deux-points d'une clé", "Sans l'espace, YAML lit un seul long mot."),
            "clears_at:0.70",
            "clears_at: 0.70",
        ),
        "missing-colon": Explained(
            ("a key without a colon", "Every key is followed by a colon and a space."),
            ("une clé sans deux-points", "Chaque clé est suivie d'un deux-points et d'une espace."),
            "clears_at 0.70",
            "clears_at: 0.70",
        ),
        "indentation": Explained(
            ("a line that does not line up", "Lines that belong together begin in the same column."),
            ("une ligne mal alignée", "Les lignes d'un même ensemble commencent dans la même colonne."),
            "  - id: stations\n     family: supply",
            "  - id: stations\n    family: supply",
        ),
        "list-on-key": Explained(
            ("a list beginning on the line of its key", "Put the first '-' on the next line."),
            ("une liste sur la ligne de sa clé", "Mettez le premier « - » à la ligne suivante."),
            "rules: - id: stations",
            "rules:\n  - id: stations",
        ),
        "escape": Explained(
            ("an unknown escape in double quotes", "In double quotes a backslash begins an escape; in single quotes it is itself."),
            ("un code inconnu entre guillemets doubles", "Entre guillemets doubles, la barre inverse annonce un code ; entre apostrophes, elle n'est qu'elle-même."),
            'why: "\\xyz"',
            "why: '\\xyz'",
        ),
        "too-deep": Explained(
            ("more than 20 levels inside one another", "No rule needs it; a file that does it is broken or hostile."),
            ("plus de 20 niveaux imbriqués", "Aucune règle n'en a besoin ; un tel fichier est abîmé ou hostile."),
            "why: [[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]",
            'why: "[]"',
        ),
        "alias": Explained(
            ("an anchor (&) or alias (*)", "They let a small file unfold into a huge one, and hide what a rule says."),
            ("une ancre (&) ou un alias (*)", "Ils font d'un petit fichier un énorme, et cachent ce que dit une règle."),
            "over: &w 14d",
            "over: 14d",
        ),
        "tag": Explained(
            ("a tag (!)", "Tags ask programs to build objects; here only plain values are read."),
            ("une étiquette (!)", "Les étiquettes font fabriquer des objets ; ici on ne lit que des valeurs simples."),
            "why: !important plafond",
            'why: "plafond"',
        ),
        "several-documents": Explained(
            ("a second document in one file", "What follows '---' would be overlooked by some programs and read by others."),
            ("un second document dans un fichier", "Ce qui suit « --- » serait ignoré par les uns et lu par les autres."),
            "rules:\n  - id: stations\n---\nrules:\n  - id: queues",
            "rules:\n  - id: stations\n  - id: queues",
        ),
        "duplicate-key": Explained(
            ("a key that stands twice", "Only one of the two would count, and which one is anybody's guess."),
            ("une clé écrite deux fois", "Une seule des deux compterait, et nul ne sait laquelle."),
            "clears_at: 0\nclears_at: 1",
            "clears_at: 0",
        ),
        "key-not-text": Explained(
            ("a key that is no word", "A key is one word, or a short text."),
            ("une clé qui n'est pas un mot", "Une clé est un mot, ou un court texte."),
            "? [alert, crisis]\n: 2",
            "rises_to: {alert: 2}",
        ),
        "decimal-comma": Explained(
            ("a comma as decimal sign", "YAML separates by commas: 0,60 would be 0 and 60."),
            ("une virgule décimale", "YAML sépare par des virgules : 0,60 serait 0 et 60."),
            "falls_to: {tension: 0,60}",
            "falls_to: {tension: 0.60}",
        ),
        "syntax": Explained(
            ("not YAML", "The file cannot be read from this place on; other entries of the list were still checked."),
            ("pas du YAML", "Le fichier est illisible à partir d'ici ; les autres éléments de la liste ont été vérifiés."),
        ),
    }
)  # fmt: skip
