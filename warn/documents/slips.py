# ruff: noqa: E501  # a table of sentences is read best with one to a line
"""The slips of people who write no code, many on French keyboards: each named as what it is, with what to type.

libyaml's own errors speak of tokens and block mappings; here they are turned into a sentence about the line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import yaml

from warn.documents.fault import BREAK, Fault, Spot

LONGEST_FILE: Final = 1_000_000
LONGEST_LINE: Final = 20_000

Pair = tuple[str, str]
SAID: Final[Mapping[str, tuple[Pair, Pair]]] = MappingProxyType(
    {  # code -> (message, suggestion) in English, in French
        "too-long": (
            ("the file is larger than 1 MB", "Split it into several files; every file of the folder is read."),
            ("le fichier dépasse 1 Mo", "Partagez-le en plusieurs fichiers : tous ceux du dossier sont lus."),
        ),
        "long-line": (
            ("this line is longer than 20,000 characters", "Break it, or look for a quote that was never closed."),
            ("cette ligne dépasse 20 000 caractères", "Coupez-la, ou cherchez un guillemet jamais fermé."),
        ),
        "encoding": (
            ("this character is not UTF-8", "Save the file as UTF-8 in your editor."),
            ("ce caractère n'est pas en UTF-8", "Enregistrez le fichier en UTF-8 dans votre éditeur."),
        ),
        "control-character": (
            ("an invisible control character stands here", "Delete it; it often comes from copying a PDF."),
            ("un caractère de contrôle invisible se trouve ici", "Effacez-le ; il vient souvent d'un PDF copié."),
        ),
        "tab": (
            ("a tab stands where only spaces may", "Replace it by spaces, two for each step."),
            ("une tabulation se trouve là où seules des espaces sont permises", "Remplacez-la par des espaces, deux par cran."),
        ),
        "no-break-space": (
            ("a no-break space ({character}) stands where a plain space must (line {lines})", "Replace it by a plain space; it comes from Word, web pages, or Alt+Space."),
            ("une espace insécable ({character}) se trouve là où il faut une espace simple (ligne {lines})", "Remplacez-la par une espace simple ; elle vient de Word, du Web ou d'Alt+Espace."),
        ),
        "curly-quotes": (
            ("curly quotes do not quote in YAML", 'Use straight quotes: "..."'),
            ("les guillemets courbes ne délimitent pas un texte en YAML", 'Employez des guillemets droits : "..."'),
        ),
        "unquoted-colon": (
            ("a colon inside a text that has no quotes", 'Put the whole text between straight quotes: key: "..."'),
            ("un deux-points dans un texte sans guillemets", 'Mettez tout le texte entre guillemets droits : clé: "..."'),
        ),
        "unquoted-comma": (
            ("a comma cut this text in two: it has no quotes", 'Between { } put texts in straight quotes: {fr: "...", en: "..."}'),
            ("une virgule coupe ce texte en deux : il n'a pas de guillemets", 'Entre { }, mettez les textes entre guillemets droits : {fr: "...", en: "..."}'),
        ),
        "unquoted-template": (
            ("a text that begins with '{{' needs quotes", 'Write: "{{ value }} ..."'),
            ("un texte qui commence par « {{ » demande des guillemets", 'Écrivez : "{{ value }} ..."'),
        ),
        "quote-needed": (
            ("a text cannot begin with this character without quotes", 'Put the text between straight quotes: "..."'),
            ("un texte sans guillemets ne peut pas commencer par ce caractère", 'Mettez le texte entre guillemets droits : "..."'),
        ),
        "apostrophe": (
            ("the apostrophe ends this text, which began with one", "Use double quotes around it: \"l'essence\""),
            ("l'apostrophe termine ce texte, qui commençait par une apostrophe", "Entourez-le de guillemets doubles : \"l'essence\""),
        ),
        "quote-inside": (
            ("the text ended at the quote before this place", 'Put nothing after the closing quote; inside, use « » or \\"'),
            ("le texte s'est terminé au guillemet qui précède", 'Rien ne suit le guillemet fermant ; à l\'intérieur, employez « » ou \\"'),
        ),
        "unclosed-quote": (
            ("this quote is never closed", "Close it with the same quote at the end of the text."),
            ("ce guillemet n'est jamais fermé", "Fermez-le par le même guillemet à la fin du texte."),
        ),
        "lone-quote": (
            ("this quote mark ({mark}) stands alone: nothing {partner} it", 'Delete it, or write the other one too; around the whole text: "..."'),
            ("ce guillemet ({mark}) est seul : rien ne {partner}", 'Effacez-le, ou écrivez l\'autre aussi ; autour de tout le texte : "..."'),
        ),
        "unclosed-bracket": (
            ("this bracket is never closed", "Close it, { with } and [ with ], at the end of the list."),
            ("cette accolade ou ce crochet n'est jamais fermé", "Fermez { par } et [ par ] à la fin de la liste."),
        ),
        "bracket": (
            ("a comma or the closing bracket is missing before this place", "Separate entries by commas and close { with }, [ with ]."),
            ("il manque avant cet endroit une virgule ou la fermeture", "Séparez les éléments par des virgules ; fermez { par } et [ par ]."),
        ),
        "extra-bracket": (
            ("a closing bracket too many", "Delete it."),
            ("une fermeture de trop", "Effacez-la."),
        ),
        "missing-space": (
            ("a space is missing after the colon", "Write 'key: value'."),
            ("il manque une espace après le deux-points", "Écrivez « clé: valeur »."),
        ),
        "missing-colon": (
            ("this key has no colon", "Write 'key: value'."),
            ("il manque le deux-points après cette clé", "Écrivez « clé: valeur »."),
        ),
        "indentation": (
            ("this line does not line up with the lines above it", "Give it exactly the indentation of its neighbours; only spaces."),
            ("cette ligne n'est pas alignée sur celles qui précèdent", "Donnez-lui exactement le retrait de ses voisines, en espaces."),
        ),
        "list-on-key": (
            ("a list cannot begin on the line of its key", "Put the '-' on the next line, indented."),
            ("une liste ne peut pas commencer sur la ligne de sa clé", "Mettez le « - » à la ligne suivante, en retrait."),
        ),
        "escape": (
            ("a backslash inside double quotes starts an escape that does not exist", "Use single quotes, or double the backslash."),
            ("une barre oblique inverse entre guillemets doubles annonce un code qui n'existe pas", "Employez des apostrophes, ou doublez la barre."),
        ),
        "too-deep": (
            ("too many levels inside one another (20 at most)", "Look for brackets that were never closed."),
            ("trop de niveaux imbriqués (20 au plus)", "Cherchez des accolades ou crochets jamais fermés."),
        ),
        "alias": (
            ("anchors (&) and aliases (*) are not accepted", 'Write the value out; a text that begins with * or & needs quotes: "..."'),
            ("les ancres (&) et alias (*) ne sont pas admis", 'Écrivez la valeur en toutes lettres ; un texte qui commence par * ou & demande des guillemets : "..."'),
        ),
        "tag": (
            ("a text that begins with '!' is a tag, and tags are not accepted", 'Delete it, or put the text in quotes: "..."'),
            ("ce qui commence par « ! » est une étiquette, et elles ne sont pas admises", 'Effacez-la, ou mettez le texte entre guillemets : "..."'),
        ),
        "several-documents": (
            ("a second document begins here", "Delete the line; one file is one document."),
            ("un second document commence ici", "Effacez cette ligne : un fichier, un document."),
        ),
        "duplicate-key": (
            ("the key '{key}' stands here a second time (first on line {line})", "Keep one of them."),
            ("la clé « {key} » figure ici une seconde fois (la première à la ligne {line})", "N'en gardez qu'une."),
        ),
        "key-not-text": (
            ("a key must be a word", "Write 'key: value', the key being one word."),
            ("une clé doit être un mot", "Écrivez « clé: valeur », la clé étant un mot."),
        ),
        "decimal-comma": (
            ("'{written}': decimals are written with a point", "Write {meant}."),
            ("« {written} » : la décimale s'écrit avec un point", "Écrivez {meant}."),
        ),
        "syntax": (
            ("this is not YAML: {problem}", "Compare it with a rule that works: 'warn rules new' prints one."),
            ("ceci n'est pas du YAML ({problem})", "Comparez avec une règle qui marche : « warn rules new » en donne une."),
        ),
    }
)  # fmt: skip
_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_STOPS = (("control-character", _TEXT), ("encoding", re.compile("\ufffd")))
_TAB = re.compile(r"^ *(\t)", re.MULTILINE)
_NO_BREAK = re.compile("[\u00a0\u202f]")
_LEAD = re.compile("^[ \u00a0\u202f]*(?:-[ \u00a0\u202f]+)?(?:[a-z_]+ ?:[ \u00a0\u202f]*)?", re.MULTILINE)
"""Where a line has its indentation, its key and the space behind it."""
_KEY = re.compile(r"( *(?:- )?)[a-z_]+:(?:\s|$)")
_INDENT = re.compile(r" *(?:- )?")
_CURLY = "“”„‟‘’‚"
_PAIRS = (('"', '"'), ("«", "»"))
"""Without the apostrophe, which begins and ends words too, and the curly ones, which are told as such."""
MARKS = frozenset("".join(mark for pair in _PAIRS for mark in pair))
_BACKSLASH = ("escape", "hexdecimal", "Unicode")


def make(file: str, spot: Spot, code: str, english: Pair, french: Pair) -> Fault:
    """A fault with its French typography: a no-break space before : ; ? ! % » and after «."""
    said_fr = (_spaced(french[0]), _spaced(french[1]))
    return Fault(file, spot.line, spot.column, code, *english, length=spot.length, french=said_fr)


def said(file: str, spot: Spot, code: str, **words: object) -> Fault:
    """A fault of the table above, its blanks filled."""
    english, french = SAID[code]
    fill = _filled(words)
    return make(file, spot, code, (fill(english[0]), fill(english[1])), (fill(french[0]), fill(french[1])))


def text_faults(text: str, file: str) -> tuple[list[Fault], list[Fault]]:
    """(what forbids reading on, what can be told beside the rest) before any parsing."""
    if len(text) > LONGEST_FILE:
        return [said(file, Spot(1, 1), "too-long")], []
    for number, line in enumerate(BREAK.split(text), 1):
        if len(line) > LONGEST_LINE:
            return [said(file, Spot(number, LONGEST_LINE + 1), "long-line")], []
    stops = [
        said(file, spot_at(text, found.start()), code)
        for code, slip in _STOPS
        if (found := slip.search(text))
    ]
    tab = _TAB.search(text)
    if not stops and tab is not None:
        stops.append(said(file, spot_at(text, tab.start(1)), "tab"))
    return stops, _no_break_spaces(text, file)


def _no_break_spaces(text: str, file: str) -> list[Fault]:
    """The first in the lead of a line; lines in a row, such as a paste out of Word, are told together."""
    runs: list[tuple[Spot, str, int]] = []  # where it begins, which character, its last line
    for number, line in enumerate(BREAK.split(text) if _NO_BREAK.search(text) else (), 1):
        if (lead := _LEAD.match(line)) and (space := _NO_BREAK.search(lead[0])):
            if runs and runs[-1][2] == number - 1:
                runs[-1] = (*runs[-1][:2], number)
            else:
                runs.append((Spot(number, space.start() + 1), f"U+{ord(space[0]):04X}", number))
    return [
        said(
            file, spot, "no-break-space",
            character=character, lines=f"{spot.line}-{last}" if last > spot.line else spot.line,
        )
        for spot, character, last in runs
    ]  # fmt: skip


def with_plain_spaces(text: str) -> str:
    """The text as it was meant where a no-break space took a space's place; every character stays where it is."""
    return _LEAD.sub(lambda lead: _NO_BREAK.sub(" ", lead[0]), text) if _NO_BREAK.search(text) else text


def runs_over_keys(lines: Sequence[str], first: int, last: int) -> bool:
    """Whether a quoted text from line `first` to `last` (from 0) swallowed keys: its closing quote was forgotten.

    Keys stand no deeper than the line it begins on; lines of a text that is folded on purpose stand deeper.
    """
    own = _INDENT.match(lines[first])
    most = len(own[0]) if own else 0
    return any((key := _KEY.match(line)) and len(key[1]) <= most for line in lines[first + 1 : last + 1])


def scalar_fault(text: str, file: str, spot: Spot) -> Fault | None:
    """An unquoted text that begins with curly quotes."""
    return said(file, spot, "curly-quotes") if text[:1] in _CURLY and text else None


def lone_quote(text: str, file: str, first: Spot, last: Spot) -> Fault | None:
    """A mark at the end of a text that nothing opens, or at its beginning that nothing closes: one was forgotten.

    `first` and `last`: where the text begins and ends. It is printed as it stands, so this is a warning.
    """
    for opens, closes in _PAIRS if len(text) > 1 else ():
        if text.endswith(closes) and opens not in text[:-1]:
            return _lone(file, last, closes, "opens", "l'ouvre")
        if text.startswith(opens) and closes not in text[1:]:
            return _lone(file, first, opens, "closes", "le ferme")
    return None


def _lone(file: str, spot: Spot, mark: str, partner: str, french: str) -> Fault:
    english, other = SAID["lone-quote"]
    says, also = _filled({"mark": mark, "partner": partner}), _filled({"mark": mark, "partner": french})
    where = Spot(spot.line, spot.column)
    told = make(file, where, "lone-quote", (says(english[0]), english[1]), (also(other[0]), other[1]))
    return replace(told, severity="warning")


def comma_fault(file: str, spot: Spot, whole: str, cut: str) -> Fault:
    """A comma inside { } that was meant as part of a number (`0,60`) or of a text."""
    if whole.lstrip("-").isdigit() and cut.isdigit():
        written, length = f"{whole},{cut}", len(whole) + 1 + len(cut)
        where = Spot(spot.line, spot.column, length)
        return said(file, where, "decimal-comma", written=written, meant=f"{whole}.{cut}")
    return said(file, spot, "unquoted-comma")


def spot_at(text: str, offset: int, length: int = 1) -> Spot:
    """The place of a character offset."""
    line, begins = 1, 0
    for found in BREAK.finditer(text, 0, offset):
        line, begins = line + 1, found.end()
    return Spot(line, offset - begins + 1, length)


def syntax_fault(error: yaml.YAMLError, text: str, file: str) -> Fault:
    """What libyaml stumbled over, as a sentence about the line a person has to change."""
    problem = str(getattr(error, "problem", "") or error)
    at = _spot(getattr(error, "problem_mark", None))
    began = _spot(getattr(error, "context_mark", None))
    lines = BREAK.split(text)
    line = lines[at.line - 1] if at.line <= len(lines) else ""
    code, spot = _name(problem, at, began, line, lines)
    return said(file, spot, code, problem=problem)


def _name(problem: str, at: Spot, began: Spot, line: str, lines: list[str]) -> tuple[str, Spot]:
    """Which slip it is, and where it stands."""
    before = line[: at.column - 1]
    first = lines[began.line - 1] if began.line <= len(lines) else ""
    if "tab character" in problem or line[at.column - 1 : at.column] == "\t":
        return "tab", at
    if "mapping values" in problem:
        return ("indentation" if re.fullmatch(r"\s*(- )?[\w-]+\s*", before) else "unquoted-colon"), at
    if "cannot start" in problem or "alphabetic or numeric" in problem:
        return "quote-needed", began if "alphabetic" in problem else at
    if "unexpected end of stream" in problem or "unexpected document indicator" in problem:
        return "unclosed-quote", began
    if "expected ':'" in problem:
        glued = re.match(r"\s*(?:- )?[\w-]+(:)(?=\S)", first)
        return ("missing-space", Spot(began.line, glued.start(1) + 1)) if glued else ("missing-colon", began)
    if "',' or" in problem or "node content" in problem:
        return _in_brackets(at, began, line, lines)
    if "expected key" in problem or "'-' indicator" in problem:
        return _in_block(at, line)
    if "sequence entries" in problem:
        return "list-on-key", at
    if any(word in problem for word in _BACKSLASH):
        return "escape", at
    if "document start" in problem:
        return "several-documents", at
    return ("tag", at) if "tag" in problem else ("syntax", at)


def _in_brackets(at: Spot, began: Spot, line: str, lines: list[str]) -> tuple[str, Spot]:
    first = lines[began.line - 1] if began.line <= len(lines) else ""
    if "{{" in line and re.search(r"[:\[{,]\s*\{\{", line):
        found = re.search(r"[:\[{,]\s*(\{\{)", line)
        return "unquoted-template", Spot(at.line, (found.start(1) if found else 0) + 1, 2)
    if at.line != began.line and _open(first[began.column - 1 :]):
        return "unclosed-bracket", began
    if line[at.column - 1 : at.column] == ":":
        return "unquoted-colon", at
    return _quotes(line, at) or ("bracket", at)


def _in_block(at: Spot, line: str) -> tuple[str, Spot]:
    if found := re.search(r":\s+(\{\{)", line):
        return "unquoted-template", Spot(at.line, found.start(1) + 1, 2)
    if line[at.column - 1 : at.column] in {"}", "]"}:
        return "extra-bracket", at
    return _quotes(line, at) or ("indentation", at)


def _quotes(line: str, at: Spot) -> tuple[str, Spot] | None:
    """A text that a quote inside it ended too early."""
    before = line[: at.column - 1].rstrip()
    if before.endswith("'"):
        return "apostrophe", Spot(at.line, len(before))
    return ("quote-inside", at) if before.endswith('"') else None


def _open(rest: str) -> bool:
    """More brackets opened than closed."""
    return sum(rest.count(c) for c in "{[") > sum(rest.count(c) for c in "}]")


def _spot(mark: Any) -> Spot:
    return Spot(1, 1) if mark is None else Spot(mark.line + 1, mark.column + 1)


def _spaced(text: str) -> str:
    return _SIGNS.sub("\u00a0", text)


_SIGNS = re.compile("(?<=«) | (?=[:;?!%»])")


def _filled(words: Mapping[str, object]) -> Any:
    def fill(text: str) -> str:
        for name, word in words.items():
            text = text.replace("{" + name + "}", str(word))
        return text

    return fill
