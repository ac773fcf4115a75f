"""A backtest as a drawing: bars of levels, and what is not known of them."""

from datetime import timedelta

from warn.model import Coverage
from warn.study.backtest import judged
from warn.study.picture import picture
from warn.study.trial import Trial

from tests.rules.engine_kit import T0, ground, hours, row, rule

DAYS = 20


def drawn(rows, *, watched):
    geo, registry = ground()
    end = T0 + timedelta(days=DAYS)
    coverage = [Coverage("file", (), T0 - timedelta(days=60), watched)]
    trial = Trial([rule(stale_after="12h")], registry, geo, T0, end, coverage=coverage)
    return picture(judged(trial, rows, [], 3), [], geo, "en")


def bars(made):
    return [(stretch.level, stretch.blind) for line in made.lines for stretch in line.stretches]


def test_an_alert_that_rises_while_nobody_watches_stays_drawn_as_not_known():
    rows = [row(24, key="a"), row(120, key="b")]
    assert bars(drawn(rows, watched=hours(48))) == [(2, False), (2, True), (3, True)]


def test_one_that_is_watched_all_the_time_is_drawn_as_known():
    rows = [row(24, key="a"), row(120, key="b")]
    made = drawn(rows, watched=T0 + timedelta(days=DAYS))
    assert bars(made) == [(2, False), (3, False), (2, False)]
    assert made.panel is not None
    assert made.panel.gaps == ()
