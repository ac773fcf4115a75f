"""Sweeps: what may be varied, which values, and what each combination gives."""

import pytest
from warn.errors import UsageError
from warn.study.score import Impact
from warn.study.sweep import axis_of, runs, sweep
from warn.study.table import sweep_table
from warn.study.trial import Trial

from tests.rules.engine_kit import T0, ground, rule
from tests.study.test_backtest import DAY, ROWS, day

STATE = rule("schools", family="services", measure={"state": {"on": "school_closure", "off": "school_reopening"}},
             rises_to={"alert": 1})  # fmt: skip
RULES = [rule(clears_after="7d"), rule("copy"), STATE]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("rises_to.alert=1..5", (1, 2, 3, 4, 5)),
        ("rises_to.alert=1,3,9", (1, 3, 9)),
        ("rises_to.alert=0.2..0.5", (0.2, 0.3, 0.4, 0.5)),
        ("rises_to.alert=0.2..0.6..0.2", (0.2, 0.4, 0.6)),
        ("over=7d,14d,21d", ("7d", "14d", "21d")),
        ("measure.over=7d..21d..7d", ("7d", "14d", "21d")),
        ("clears_after=2d..4d,14d", ("2d", "3d", "4d", "14d")),
        ("confirmed_by.origins=1..2", (1, 2)),
        ("measure.confirmed_by.grade=B2,C3", ("B2", "C3")),
        ("expires=14d,28d", ("14d", "28d")),
        ("copy.unconfirmed=calm,tension", ("calm", "tension")),
    ],
)
def test_values_are_lists_ranges_and_durations_at_keys_of_any_depth(text, values):
    assert axis_of(text, RULES).values == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("over", "gives no values"),
        ("over=", "gives no values"),
        ("rises_to.alert=a..b", "neither a number, a length of time nor a range"),
        ("rises_to.alert=5..1", "neither a number"),
        ("rises_to.alert=1..5..0", "neither a number"),
        ("over=7d..3w", "neither a number"),
        ("over=1m..90d", "neither a number"),
        ("rises_to.alert=nan", "neither a number"),
        ("rises_to.alert=1..1e9", "neither a number"),
        ("rises_to.alert=0..1000000000", "ask for 1000000001 runs; at most 200"),
        ("clears_aftr=2d", "did you mean 'clears_after'"),
        ("falls_to.alert=1", "no rule chosen has this key"),
        ("measure=count", "no rule chosen has this key"),
        ("schools.rises_to.crisis=2", "no rule chosen has this key"),
    ],
)
def test_what_cannot_be_swept_is_refused_with_what_to_write(text, said):
    with pytest.raises(UsageError, match=said) as refused:
        axis_of(text, RULES)
    assert refused.value.said("fr") != refused.value.said("en")


def test_combinations_multiply_and_two_hundred_is_the_most():
    axes = [axis_of("over=1d..20d", RULES), axis_of("rises_to.alert=1..10", RULES)]
    assert len(runs(axes)) == 200
    assert runs(axes)[1] == {"over": "1d", "rises_to.alert": 2}
    with pytest.raises(UsageError, match="ask for 220 runs; at most 200"):
        runs([axes[0], axis_of("rises_to.alert=1..11", RULES)])


def swept(*texts, rules=RULES, progress=lambda *_: None):
    geo, registry = ground()
    trial = Trial(rules, registry, geo, T0, T0 + 60 * DAY)
    return sweep(trial, ROWS, [axis_of(text, rules) for text in texts], [Impact("I1", day(10))], 3, progress)


def test_each_value_is_judged_as_if_it_stood_in_the_file():
    by_hand = {}
    geo, registry = ground()
    for alert in (2, 3):
        trial = Trial(
            [rule(rises_to={"tension": 1, "alert": alert, "crisis": 4})], registry, geo, T0, T0 + 60 * DAY
        )
        told = trial.run(ROWS).told
        by_hand[alert] = max(int(t.level) for t in told)
    found = swept("rises_to.alert=2..3", rules=[rule()])
    assert by_hand == {2: 3, 3: 2}
    assert [entry["score"]["hits"] for entry in found] == [1, 0]


def test_a_prefix_names_the_one_rule_that_varies():
    both = swept("rises_to.alert=3")
    one = swept("attacks.rises_to.alert=3")
    assert (both[0]["score"]["hits"], one[0]["score"]["hits"]) == (0, 1)


def test_a_ladder_out_of_order_is_not_run_and_says_so():
    found = swept("rises_to.alert=1..2", rules=[rule()])
    assert found[0]["fault"] == "attacks: tension 1, alert 1, crisis 4"
    assert "score" in found[1]
    assert "not run: attacks: tension 1, alert 1, crisis 4" in sweep_table(found)


def test_a_value_the_key_cannot_take_says_so():
    (found,) = swept("min_reports=-1", rules=[rule()])
    assert "greater than or equal to 0" in found["fault"]


def test_a_longer_time_to_ease_than_to_close_is_shortened():
    assert "score" in swept("clears_after=1h", rules=[rule()])[0]


def test_progress_is_told_before_each_run_and_at_the_end():
    steps: list[tuple[int, int, str]] = []
    swept("over=7d,14d", rules=[rule()], progress=lambda *step: steps.append(step))
    assert steps == [(0, 2, "over=7d"), (1, 2, "over=14d"), (2, 2, "")]
