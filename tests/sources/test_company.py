"""Three reporters must say the same before any of it counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from warn.model import Observation
from warn.sources.forms import in_company

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PETROL = {"product": "petrol"}


def said(who: str, hours: float = 0, **more: object) -> Observation:
    at = NOON + timedelta(hours=hours)
    one = Observation("station_has_fuel", at, at, 0.0, origins=(who,), place="Bamako", attributes=PETROL)
    return replace(one, **more)  # type: ignore[arg-type]


def test_two_are_not_company_however_often_they_write() -> None:
    assert in_company([said(who, n) for n in range(9) for who in "ab"]) == ()


def test_three_are_with_all_that_lies_in_the_same_two_days() -> None:
    reports = [said("a"), said("b", 20), said("a", 30), said("c", 48), said("a", 200)]
    assert in_company(reversed(reports)) == (tuple(reports[:4]),)


def test_three_in_three_days_are_alone() -> None:
    assert in_company([said("a"), said("b", 30), said("c", 60)]) == ()


def test_another_town_product_or_indicator_is_another_matter() -> None:
    others = [said("c", place="Kati"), said("c", attributes={}), said("c", indicator="road_block")]
    assert in_company([said("a"), said("b"), *others]) == ()


def test_marks_that_changed_with_the_month_do_not_make_two_of_one() -> None:
    """Two people, of whom one has two marks; and three on one side, of whom the other side's one is left out."""
    end = 24 * 10 + 6  # in the evening of the 30th
    assert in_company([said("a-nov", end), said("b-nov", end), said("a-dec", end + 12)]) == ()
    november = [said(f"{who}-nov", end) for who in "abc"]
    assert in_company([*november, said("a-dec", end + 12)]) == (tuple(november),)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 150)), max_size=25))
def test_it_agrees_with_a_plain_search(written: list[tuple[str, int]]) -> None:
    reports = [said(who, hours, key=str(n)) for n, (who, hours) in enumerate(written)]

    def together(one: Observation) -> bool:
        starts = {other.occurred_at for other in reports}
        spans = ((at, at + timedelta(hours=48)) for at in starts)
        around = (
            [o for o in reports if a <= o.occurred_at <= b] for a, b in spans if a <= one.occurred_at <= b
        )
        return any(len({o.origins for o in some}) >= 3 for some in around)

    kept = {one.key for some in in_company(reports) for one in some}
    assert kept == {one.key for one in reports if together(one)}
