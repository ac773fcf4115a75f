"""Files to rules: all or nothing, in the order in which they run, the same digest for the same content."""

import random
import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warn.model import Level
from warn.rules.faults import render
from warn.rules.schema import RuleSet

from tests.rules.folder import loaded, shipped

RULE = """\
  - id: {id}
    title: {{fr: "Titre", en: "Title"}}
    family: supply
    measure: {measure}
    rises_to: {{tension: 1, alert: 2}}
    message: {{fr: "{{{{ value }}}}", en: "{{{{ value }}}}"}}
"""


def rule(name: str, measure: str = "{count: convoy_attack, over: 14d}", **more: str) -> str:
    return RULE.format(id=name, measure=measure) + "".join(
        f"    {key}: {text}\n" for key, text in more.items()
    )


def sound(*rules: str, defaults: str = "") -> RuleSet:
    head = f"defaults: {defaults}\n" if defaults else ""
    found, faults = loaded({"rules/a.yaml": head + "rules:\n" + "".join(rules)})
    assert found is not None, faults
    return found


def test_the_shipped_rules_load_without_a_fault():
    rules, faults = loaded(shipped())
    assert rules is not None
    assert {fault.code for fault in faults} <= {"advice-unreviewed"}


def test_one_fault_in_one_file_keeps_every_file_out():
    good, bad = "rules:\n" + rule("good"), "rules:\n" + rule("bad", over="14j")
    rules, faults = loaded({"rules/good.yaml": good, "rules/bad.yaml": bad})
    assert rules is None
    assert {fault.file for fault in faults} == {"rules/bad.yaml"}


def test_warnings_keep_nothing_out():
    rules, faults = loaded({"a.yaml": "rules:\n" + rule("a")}, scenarios=())
    assert rules is not None
    assert [fault.code for fault in faults] == ["no-scenario"]


def test_files_of_other_kinds_are_passed_over():
    rules, faults = loaded(
        {"words.yaml": "words: [a]\n", "list.yaml": "- a\n", "a.yaml": "rules:\n" + rule("a")}
    )
    assert rules is not None
    assert len(rules) == 1
    assert not faults


def test_defaults_hold_for_their_own_file_and_yield_to_the_rule():
    files = {
        "a.yaml": "defaults: {clears_after: 7d}\nrules:\n" + rule("a") + rule("b", clears_after="3d"),
        "b.yaml": "rules:\n" + rule("c"),
    }
    rules, _ = loaded(files)
    assert rules is not None
    assert [rules[name].rule.clears_after.days for name in "abc"] == [7, 3, 2]


def test_easing_that_was_not_stated_is_never_longer_than_closing():
    assert sound(rule("a", clears_after="6h"))["a"].rule.eases_after == timedelta(hours=6)


def test_rules_run_after_what_they_look_at():
    rules = sound(
        rule("all", "{families: {at: alert}}"),
        rule("both", "{rules: [one, two], at: tension}"),
        rule("one", keep_open_while="[two]"),
        rule("two", inhibits="[three]"),
        rule("three"),
    )
    order = [loaded_rule.id for loaded_rule in rules]
    assert order.index("two") < order.index("one") < order.index("both") < order.index("all")
    assert order.index("two") < order.index("three")


def test_a_composite_that_leaves_a_family_out_need_not_wait_for_it():
    rules = sound(
        rule("all", "{families: {at: alert, except: [supply]}}"),
        rule("one", "{rules: [all, two], at: alert}"),
        rule("two"),
    )
    order = [loaded_rule.id for loaded_rule in rules]
    assert order.index("all") < order.index("one")


def test_the_digest_follows_the_content_and_not_the_spelling():
    plain = sound(rule("a"))["a"]
    spaced = sound(
        "\n  # a remark\n" + rule("a").replace("{tension: 1, alert: 2}", "{alert: 2, tension: 1}")
    )["a"]
    translated = sound(rule("a").replace("Titre", "Autre"))["a"]
    stricter = sound(rule("a").replace("alert: 2", "alert: 3"))["a"]
    assert plain.digest == spaced.digest
    assert plain.line != spaced.line
    assert translated.digest != plain.digest
    assert translated.judges == plain.judges
    assert stricter.judges != plain.judges


def test_a_rule_text_carries_what_readers_are_told():
    text = loaded(shipped())[0].text("convoy-attacks")  # type: ignore[union-attr]
    assert text.title["fr"]
    assert set(text.advice["fr"]) == {"resident", "ngo", "press"}
    assert text.indicators == ("convoy_attack",)
    assert text.thresholds["alert"] == 2


def test_levels_may_each_have_to_hold_their_own_time():
    found = sound(rule("a", holds_for="{alert: 6h}"))["a"].rule
    assert (found.holds(Level.ALERT), found.holds(Level.TENSION)) == (timedelta(hours=6), timedelta(0))


def test_a_repeat_may_be_one_length_or_say_how_it_backs_off():
    assert sound(rule("a", repeat_every="24h"))["a"].rule.repeat_every.backoff == 2  # type: ignore[union-attr]
    found = sound(rule("a", repeat_every="{every: 12h, backoff: 1.5, at_most: 3d}"))["a"].rule.repeat_every
    assert found is not None
    assert (found.backoff, found.at_most) == (1.5, timedelta(days=3))


def test_a_ring_of_rules_is_told_once_with_all_who_are_in_it():
    ring = [rule(f"r{n}", keep_open_while=f"[r{(n + 1) % 5}]") for n in range(5)]
    rules, faults = loaded({"a.yaml": "rules:\n" + "".join(ring) + rule("after", keep_open_while="[r0]")})
    assert rules is None
    assert [fault.code for fault in faults] == ["cycle"]
    assert all(f"r{n}" in faults[0].message for n in range(5))
    assert "after" not in faults[0].message


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_writing_gives_an_order_of_running(seed: int):
    names = [f"r{n}" for n in range(30)]
    rng = random.Random(seed)  # a shuffle, no secret
    bodies = [
        rule(name, keep_open_while=f"[{', '.join(rng.sample(names[:n], min(n, 3)))}]")
        for n, name in enumerate(names)
    ]
    rng.shuffle(bodies)
    rules = sound(*bodies)
    at = {loaded_rule.id: n for n, loaded_rule in enumerate(rules)}
    assert all(at[keeper] < at[one.id] for one in rules for keeper in one.rule.keep_open_while)


TYPOS = st.tuples(
    st.integers(0, 2_000),
    st.integers(0, 3),
    st.sampled_from(["", " ", ":", "{", "}", '"', "'", "0,6", "\n", "[", "14j", "null", "- "]),
)


@given(st.lists(TYPOS, min_size=1, max_size=4))
def test_no_slip_of_the_pen_makes_the_loader_fall_over(typos: list[tuple[int, int, str]]):
    text = shipped()["rules/convoys.yaml"][:2_000]
    for at, cut, typed in typos:
        text = text[:at] + typed + text[at + cut :]
    rules, faults = loaded({"a.yaml": text})
    assert rules is not None or any(fault.severity == "error" for fault in faults)
    for fault in faults:
        assert all([*fault.said("fr"), *fault.said("en")])
    assert render(faults, {"a.yaml": text}, "fr")


def test_a_thousand_rules_are_checked_in_two_seconds():
    body = "".join(
        rule(f"r{n}", expect='{fr: "livraisons rares", en: "rare deliveries"}') for n in range(1000)
    )
    began = time.process_time()
    rules, _ = loaded({"a.yaml": "rules:\n" + body}, scenarios=())
    assert rules is not None
    assert time.process_time() - began < 2


def test_a_file_that_cannot_be_read_is_told_whatever_its_top_key():
    for text in ("ruls:\n  - id: a: b\n", "{{{{\n", "hello: [1\n"):
        found, faults = loaded({"a.yaml": "rules:\n" + rule("a"), "b.yaml": text})
        assert found is None, text
        assert {fault.file for fault in faults if fault.severity == "error"} == {"b.yaml"}, text
    assert loaded({"a.yaml": "rules:\n" + rule("a"), "b.yaml": "hello: world\n"})[0] is not None
