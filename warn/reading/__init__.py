"""Free text to observations: headlines and leads in French and English.

All words live in `rules/lexicon.yaml`; nothing here knows a language or a city. Typical use:

    reader = load_reader(lexicon_yaml, geography.gazetteer)
    reading = read("Titre", "Chapeau", reader=reader, published=date(2025, 9, 15), outlet="RFI via allAfrica")
    observations = to_observations(reading, source="feeds", known_at=now, title="Titre", url="https://…")
"""

from warn.reading.lexicon import load_lexicon
from warn.reading.observe import counted_as, to_observations
from warn.reading.reader import load_reader, read
from warn.reading.relevance import UNNAMED
from warn.reading.seen import Reader
from warn.reading.values import RELIEF, Direction, Finding, Reading, document

__all__ = [
    "RELIEF",
    "UNNAMED",
    "Direction",
    "Finding",
    "Reader",
    "Reading",
    "counted_as",
    "document",
    "load_lexicon",
    "load_reader",
    "read",
    "to_observations",
]
