"""The words of a replay's timeline."""

from pathlib import Path

import pytest
from warn.app.timeline import TOLD, WORDS, lines


@pytest.mark.parametrize(
    ("lang", "blind", "lapsed"),
    [("en", "no news", "lost from sight"), ("fr", "sans nouvelles", "perdue de vue")],
)
def test_no_news_is_one_state_and_lost_from_sight_another(lang: str, blind: str, lapsed: str) -> None:
    row = {"rule": "internet", "by": {}, "level": 3, "value": None, "at": "2025-10-09T00:00:00+00:00"}
    data = {
        "from": "2025-10-01", "to": "2025-10-31", "files": 0, "impacts": [],
        "timeline": [row | {"reason": "blind"}, row | {"reason": "lapsed"}],
    }  # fmt: skip
    first, second, *_ = lines(data, lang, Path("outbox"))
    assert first == f"2025-10-09 00:00  3/4  internet {blind}"
    assert second == f"2025-10-09 00:00  3/4  internet {lapsed}"
    told = [WORDS[lang][reason] for reason in TOLD]
    assert len(set(told)) == len(told)
