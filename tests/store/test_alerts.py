from datetime import UTC, datetime, timedelta

from warn.model import AlertState, Evidence, Level, Transition, TransitionKind
from warn.store import Store, Tx, acts, alerts
from warn.store.acts import Act

from tests.store.letters import crashing

NOW = datetime(2025, 9, 14, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVIDENCE = Evidence(
    value=2, lo=2, hi=None, threshold=2, thresholds={"alert": 2}, counted=("feeds:k1",), origins=("RFI",),
    tree={"count": "convoy_attack", "known": False}, rule_at="rules/convoys.yaml:3", rule_hash="ab",
)  # fmt: skip


def moved(
    rule: str, kind: TransitionKind, at: datetime, level: Level = Level.ALERT, opened: datetime | None = None
) -> Transition:
    return Transition(rule, (), at, kind, level, Level.CALM, EVIDENCE, opened_at=opened or at)


def test_a_state_comes_back_whole_and_the_newest_counts(tx: Tx) -> None:
    state = AlertState(
        "convoy-attacks", (("corridor", "Kayes"),), "open", Level.ALERT, NOW, NOW, Level.CRISIS, NOW,
        timers={"up": {"3": 7200.0}},
    )  # fmt: skip
    alerts.apply(tx, NOW, [state], [])
    assert alerts.states(tx) == [state]
    closed = AlertState("convoy-attacks", (("corridor", "Kayes"),))
    alerts.apply(tx, NOW + HOUR, [closed, AlertState("schools")], [])
    assert alerts.states(tx) == [closed, AlertState("schools")]


def test_a_transition_comes_back_whole(tx: Tx) -> None:
    stored = alerts.apply(tx, NOW, [], [moved("convoys", "opened", NOW)])
    assert alerts.transitions(tx) == stored
    assert alerts.transition(tx, stored[0].id) == stored[0]


def test_episodes_are_numbered_in_order_of_opening_without_gaps(tx: Tx) -> None:
    first = [moved("b", "opened", NOW), moved("a", "opened", NOW - HOUR)]
    assert [one.number for one in alerts.apply(tx, NOW, [], first)] == [2, 1]
    second = [moved("c", "opened", NOW + HOUR), moved("b", "raised", NOW + HOUR, opened=NOW)]
    assert [one.number for one in alerts.apply(tx, NOW + HOUR, [], second)] == [3, 2]
    assert [episode.number for episode in alerts.episodes(tx)] == [1, 2, 3]


def test_a_transaction_that_failed_uses_up_no_number(store: Store) -> None:
    with crashing(store) as tx:
        alerts.apply(tx, NOW, [], [moved("a", "opened", NOW)])
    with store.write() as tx:
        assert [one.number for one in alerts.apply(tx, NOW, [], [moved("a", "opened", NOW)])] == [1]


def test_revisions_count_within_an_episode_and_its_course_is_kept(tx: Tx) -> None:
    course: list[tuple[TransitionKind, Level]] = [
        ("opened", Level.TENSION), ("raised", Level.CRISIS), ("eased", Level.TENSION), ("closed", Level.CALM),
    ]  # fmt: skip
    for n, (kind, level) in enumerate(course):
        stored = alerts.apply(tx, NOW, [], [moved("a", kind, NOW + n * HOUR, level, opened=NOW)])
        assert [one.revision for one in stored] == [n + 1]
    episode = alerts.episode(tx, 1)
    assert episode
    assert (episode.opened_at, episode.closed_at) == (NOW, NOW + 3 * HOUR)
    assert (episode.level, episode.peak, episode.revision) == (Level.CALM, Level.CRISIS, 4)
    assert alerts.episodes(tx, open_only=True) == []


def test_a_new_opening_of_the_same_alert_is_a_new_episode(tx: Tx) -> None:
    alerts.apply(tx, NOW, [], [moved("a", "opened", NOW), moved("a", "closed", NOW + HOUR, opened=NOW)])
    again = alerts.apply(tx, NOW, [], [moved("a", "opened", NOW + 2 * HOUR)])
    assert [(one.number, one.revision) for one in again] == [(2, 1)]


def test_one_alert_per_place_is_one_episode_per_place(tx: Tx) -> None:
    two = [
        Transition(
            "a", (("corridor", name),), NOW, "opened", Level.ALERT, Level.CALM, EVIDENCE, opened_at=NOW
        )
        for name in ("Kayes", "Ségou")
    ]
    alerts.apply(tx, NOW, [], two)
    assert [episode.by for episode in alerts.episodes(tx)] == [
        (("corridor", "Kayes"),),
        (("corridor", "Ségou"),),
    ]


def test_a_transition_applied_twice_is_told_once(tx: Tx) -> None:
    opened = moved("a", "opened", NOW)
    assert len(alerts.apply(tx, NOW, [], [opened])) == 1
    assert alerts.apply(tx, NOW, [], [opened]) == []
    assert len(alerts.transitions(tx)) == 1


def test_transitions_are_asked_by_time_rule_and_episode(tx: Tx) -> None:
    for n, rule in enumerate("abc"):
        alerts.apply(tx, NOW, [], [moved(rule, "opened", NOW + n * HOUR)])
    rules = [one.transition.rule for one in alerts.transitions(tx, since=NOW + HOUR, until=NOW + 2 * HOUR)]
    assert rules == ["b", "c"]
    assert [one.number for one in alerts.transitions(tx, rule="b")] == [2]
    assert [one.transition.rule for one in alerts.transitions(tx, number=3)] == ["c"]


def test_ticks_are_stored_with_the_rules_they_ran(tx: Tx) -> None:
    assert alerts.last_tick(tx) is None
    alerts.apply(tx, NOW, [], [moved("a", "opened", NOW)], rules_hash="ab")
    alerts.apply(tx, NOW + HOUR, [], [], rules_hash="cd")
    assert alerts.last_tick(tx) == NOW + HOUR
    assert [(tick.rules_hash, tick.transitions) for tick in alerts.ticks(tx)] == [("ab", 1), ("cd", 0)]
    assert [tick.at for tick in alerts.ticks(tx, since=NOW + HOUR)] == [NOW + HOUR]


def test_acts_are_kept_in_order_and_end_when_they_said(tx: Tx) -> None:
    silence = Act(
        "silence", "convoys", "admin:1", NOW, until=NOW + HOUR, reason="known", details={"level": 3}
    )
    ack = Act("ack", "convoys", "admin:2", NOW + HOUR)
    ids = [acts.record(tx, act) for act in (silence, ack)]
    assert [act.id for act in acts.acts(tx)] == ids
    assert acts.acts(tx, kind="silence")[0].details == {"level": 3}
    assert [act.kind for act in acts.acts(tx, valid_at=NOW)] == ["silence"]
    assert [act.kind for act in acts.acts(tx, target="convoys", valid_at=NOW + HOUR)] == ["ack"]
    assert [act.kind for act in acts.acts(tx, since=NOW + HOUR)] == ["ack"]


def test_the_newest_of_pause_and_resume_decides(tx: Tx) -> None:
    assert not acts.paused(tx)
    for n, kind in enumerate(("pause", "resume", "pause")):
        acts.record(tx, Act(kind, "", "admin:1", NOW + n * HOUR))
        assert acts.paused(tx) == (kind == "pause")
