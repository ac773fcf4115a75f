"""How much one destination bears, found by trying."""

from warn.channels.destinations import Destinations


def go(
    lanes: Destinations, domain: str, now: float, takes_s: float = 0.1, *, pushed_back: bool = False
) -> float:
    wait = lanes.enter(domain, now)
    if not wait:
        lanes.leave(domain, now, now + takes_s, pushed_back=pushed_back)
    return wait


def test_a_destination_that_bears_it_is_never_held():
    lanes = Destinations(4)
    assert [lanes.enter("a.org", 0.0) for _ in range(10)] == [0.0] * 10


def test_each_push_back_halves_and_good_sends_win_it_back_one_by_one():
    lanes = Destinations(8)
    for at in (0.0, 1.0, 2.0):
        go(lanes, "a.org", at, pushed_back=True)
    assert lanes.limit("a.org") == 1
    for number in range(200):
        go(lanes, "a.org", 10.0 + number)
    assert lanes.limit("a.org") == 8


def test_those_under_way_at_a_push_back_do_not_cut_again():
    lanes = Destinations(8)
    for _ in range(4):
        lanes.enter("a.org", 0.0)
    for number in range(4):
        lanes.leave("a.org", 0.0, 1.0 + number / 10, pushed_back=True)
    assert lanes.limit("a.org") == 4


def test_whoever_finds_a_lane_full_is_told_when_its_turn_comes_one_after_the_other():
    lanes = Destinations(2)
    go(lanes, "a.org", 0.0, 1.0, pushed_back=True)
    assert lanes.enter("a.org", 1.0) == 0.0
    first, second, third = (lanes.enter("a.org", 1.0) for _ in range(3))
    assert 0 < first < second < third


def test_where_even_one_is_too_much_there_is_a_pause_that_grows_and_others_go_on():
    lanes = Destinations(1)
    go(lanes, "a.org", 0.0, pushed_back=True)
    first = lanes.enter("a.org", 1.0)
    assert 29 < first < 32
    go(lanes, "a.org", 40.0, pushed_back=True)
    assert lanes.enter("a.org", 41.0) > 55
    assert lanes.enter("b.org", 41.0) == 0.0


def test_a_send_that_takes_very_long_asks_for_less():
    lanes = Destinations(4)
    go(lanes, "a.org", 0.0, takes_s=20.0)
    assert lanes.limit("a.org") == 2


def test_a_line_that_breaks_says_nothing_of_the_destination_however_often_and_long():
    lanes = Destinations(4)
    for at in range(100):
        assert lanes.enter("a.org", 100.0 * at) == 0.0
        lanes.leave("a.org", 100.0 * at, 100.0 * at + 60, lost=True)
    assert lanes.limit("a.org") == 4
    assert [lanes.enter("a.org", 1e6) for _ in range(10)] == [0.0] * 10


def refuse(lanes: Destinations, who: str, now: float) -> bool:
    assert lanes.enter("a.org", now) == 0.0
    own = lanes.refuse("a.org", who, now, 1800)
    lanes.leave("a.org", now, now)
    return own


def take(lanes: Destinations, who: str, now: float) -> float:
    wait = lanes.enter("a.org", now)
    if not wait:
        lanes.leave("a.org", now, now, took=who)
    return wait


def test_one_recipient_refused_again_and_again_holds_up_nobody():
    lanes = Destinations(4)
    assert [refuse(lanes, "a", at) for at in range(3)] == [False, True, True]
    assert take(lanes, "b", 4.0) == 0
    assert refuse(lanes, "a", 5.0)


def test_a_second_recipient_refused_while_nobody_is_taken_halts_the_destination():
    lanes = Destinations(4)
    refuse(lanes, "a", 0.0)
    assert not refuse(lanes, "b", 1.0)
    assert take(lanes, "c", 2.0) > 1790
    assert not refuse(lanes, "c", 1802.0)
    assert take(lanes, "d", 1803.0) > 1790


def test_recipients_refused_one_by_one_while_others_are_taken_halt_nothing():
    lanes = Destinations(4)
    for at in range(20):
        refuse(lanes, f"a{at}", float(at))
        assert take(lanes, "b", at + 0.5) == 0


def test_two_unwelcome_recipients_hold_the_others_up_once():
    lanes = Destinations(4)
    for who in "ab":
        refuse(lanes, who, 0.0)
    assert take(lanes, "c", 1.0) > 1790
    for at in (1801.0, 3700.0):
        for who in "ab":
            refuse(lanes, who, at)
        assert take(lanes, "c", at) == 0
    assert refuse(lanes, "a", 6000.0)


def test_who_is_taken_again_is_suspected_anew():
    lanes = Destinations(4)
    refuse(lanes, "a", 0.0)
    for who in "ba":
        take(lanes, who, 1.0)
    assert not refuse(lanes, "a", 2.0)


def test_a_refusal_by_policy_halts_that_destination():
    lanes = Destinations(4)
    lanes.enter("a.org", 0.0)
    lanes.halt("a.org", 0.0, 1800)
    assert lanes.enter("a.org", 1.0) > 1790
    assert lanes.enter("b.org", 1.0) == 0.0


def test_many_destinations_are_forgotten_but_not_those_that_were_cut():
    lanes = Destinations(4)
    go(lanes, "cut.org", 0.0, pushed_back=True)
    for number in range(9000):
        go(lanes, f"d{number}.org", 1.0)
    assert lanes.limit("cut.org") == 2
    assert len(lanes._lanes) < 5000
