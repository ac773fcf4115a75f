"""The words that stand for a picture where it is not seen."""

from __future__ import annotations

from warn.digest.facts import Facts
from warn.digest.languages import Words
from warn.digest.phrases import city, level_tag
from warn.digest.roads import UNTOLD, Status, roads, short, status_words
from warn.digest.situation import situation


def alt_text(facts: Facts, w: Words) -> str:
    """The level, and every road with something reported; the numbers stand in the text beside the picture."""
    said = [
        f"{' - '.join(short(road.corridor, facts))} ({status_words(w, road.status)})"
        for road in roads(facts)
        if road.status not in UNTOLD
    ]
    untold: Status = next((road.status for road in roads(facts) if road.status in UNTOLD), "nothing")
    names = w._("; ").join(said) or status_words(w, untold)
    return w._(
        "Map of the roads to %(city)s, level %(tag)s: %(roads)s. Straight segments between towns.",
        city=city(facts, w.lang),
        tag=level_tag(w, situation(facts).level),
        roads=names,
    )
