"""Whatever another rule looks at runs first, in whichever way it says so."""

import pytest
from warn.rules.order import in_order

from tests.rules.engine_kit import rule

COUNTED = {"count": "convoy_attack", "over": "14d"}


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ({"keep_open_while": ["b"]}, {}),
        ({"measure": {"rules": ["b"]}}, {}),
        ({"measure": {"families": {}}}, {}),
        ({}, {"inhibits": ["a"]}),
    ],
    ids=["kept open", "counts rules", "counts families", "held back"],
)
def test_what_is_looked_at_comes_first_however_the_file_has_it(later, earlier):
    rules = [rule("a", **{"measure": COUNTED} | later).rule, rule("b", **{"measure": COUNTED} | earlier).rule]
    assert in_order(rules) == (["b", "a"], [])
    assert in_order(rules[::-1]) == (["b", "a"], [])


def test_rules_that_wait_for_one_another_are_named_once_however_many_follow_them():
    rules = [
        rule("a", keep_open_while=["b"]).rule,
        rule("b", inhibits=["c"], measure={"rules": ["c"]}).rule,
        rule("c", measure=COUNTED).rule,
        rule("d", keep_open_while=["a"]).rule,
        rule("e", measure=COUNTED).rule,
    ]
    order, circles = in_order(rules)
    assert order == ["e"]
    assert [sorted(circle) for circle in circles] == [["b", "c"]]
