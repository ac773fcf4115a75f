"""What a newcomer's first command leaves behind: autumn 2025 told as it would have been told then."""

from __future__ import annotations

import csv
import email
import email.policy
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest
from warn.app import build
from warn.model import Preferences
from warn.pipeline.facts import gather
from warn.pipeline.judge import refresh
from warn.settings import Settings
from warn.store import open_store, subscribers
from warn.store.vault import Vault

from tests.app.conftest import Replayed
from tests.app.running import HISTORY, ask, short_history, warn

READERS = {"telegram-resident-fr", "telegram-resident-en", "email-ngo-fr", "email-press-en"}
LEFT_OVER = re.compile(
    r"\{\{|\{%|\}\}|%\(\w|\bNone[\])>/]|: None\b|\bnan\b|\bNaN\b|Undefined|&amp;amp;|READER-LINKS|Traceback"
)
VOID = {"meta", "br", "img", "hr", "link", "col", "input"}


def mail(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None, f"no {kind} part"
    return str(body.get_content())


def mails(replayed: Replayed) -> dict[str, EmailMessage]:
    return {name: mail(content) for name, content in replayed.files.items() if name.endswith(".eml")}


def chats(replayed: Replayed) -> dict[str, str]:
    return {name: content.decode() for name, content in replayed.files.items() if name.endswith(".txt")}


def made_at(name: str) -> datetime:
    return datetime.strptime(name[:16], "%Y-%m-%dT%H%MZ").replace(tzinfo=UTC)


def visible(replayed: Replayed) -> dict[str, str]:
    """Everything that can be read in each file."""
    texts = chats(replayed)
    for name, message in mails(replayed).items():
        texts[name] = "\n".join((str(message["Subject"]), part(message, "plain"), part(message, "html")))
    return texts


def test_the_first_level_three_warning_falls_into_september_and_none_before_the_middle_of_august(replayed):
    first = datetime.fromisoformat(replayed.answer["first_level_3"])
    assert datetime(2025, 9, 4, tzinfo=UTC) <= first < datetime(2025, 10, 6, tzinfo=UTC)
    stored = ask(replayed.database, "SELECT at, level FROM transition WHERE level >= 3 ORDER BY at")
    assert stored
    assert stored[0]["at"][:10] >= "2025-08-15"
    assert {row["at"][:10] for row in replayed.answer["timeline"] if row["level"] >= 3} <= {
        row["at"][:10] for row in stored
    }


def test_the_answer_for_programs_says_what_was_warned_of_and_how_early(replayed):
    answer = replayed.answer
    assert {"from", "to", "files", "timeline", "impacts", "first_level_3"} <= set(answer)
    assert answer["files"] == len(replayed.files)
    times = [row["at"] for row in answer["timeline"]]
    assert times == sorted(times)
    leads = {one["id"]: one["lead_days"] for one in answer["impacts"]}
    assert leads["I1"] is not None
    assert leads["I1"] >= 2


def test_every_reader_gets_one_digest_for_every_day(replayed):
    rows = ask(
        replayed.database,
        "SELECT d.recipient AS who, d.state, d.provider_id AS file, r.kind FROM delivery d JOIN rendered r ON r.id = d.rendered_id",
    )
    assert {row["state"] for row in rows} <= {"sent", "suppressed"}
    digests = Counter((row["who"], row["file"][:10]) for row in rows if row["kind"] == "digest")
    start, end = (date.fromisoformat(replayed.answer[key][:10]) for key in ("from", "to"))
    days = [(start + timedelta(days=n)).isoformat() for n in range((end - start).days)]
    assert {(who, day) for who in READERS for day in days} <= set(digests)
    assert set(digests.values()) == {1}
    sent = {row["file"] for row in rows if row["state"] == "sent"}
    assert sent == set(replayed.files)


def test_whatever_reaches_level_three_is_told_at_once_or_when_quiet_hours_end(replayed):
    told = ask(
        replayed.database,
        "SELECT t.number, t.level, d.created_at AS at FROM tell t JOIN rendered r ON r.id = t.rendered_id "
        "JOIN delivery d ON d.rendered_id = r.id WHERE r.kind = 'alert' AND d.recipient = 'email-press-en'",
    )
    reached = ask(
        replayed.database,
        "SELECT number, rule, level, at FROM transition WHERE level >= 3 AND kind IN ('opened', 'raised')",
    )
    assert len(reached) > 5
    day = timedelta(days=1)
    for one in reached:
        at = datetime.fromisoformat(one["at"])
        heard = [t for t in told if t["number"] == one["number"] and t["level"] == one["level"]]
        assert any(at <= datetime.fromisoformat(t["at"]) < at + day for t in heard), one


def test_every_end_of_what_was_told_at_once_is_told_too(replayed):
    """Also where it falls into quiet hours in which another alert was lost from sight."""
    told = ask(
        replayed.database,
        "SELECT t.number, r.kind FROM tell t JOIN rendered r ON r.id = t.rendered_id "
        "JOIN delivery d ON d.rendered_id = r.id WHERE d.recipient = 'telegram-resident-fr'",
    )
    warned = {one["number"] for one in told if one["kind"] == "alert"}
    closed = ask(replayed.database, "SELECT number FROM transition WHERE kind = 'closed'")
    ended = {one["number"] for one in closed} & warned
    assert len(ended) >= 3
    assert {one["number"] for one in told if one["kind"] == "all_clear"} == ended


def test_every_file_says_in_its_language_that_it_is_an_exercise(replayed):
    for name, text in visible(replayed).items():
        word = "EXERCISE" if "-en-" in name else "EXERCICE"
        assert word in text, name
        if name.endswith(".txt"):
            assert word in text.splitlines()[0], name
    for name, message in mails(replayed).items():
        assert str(message["Subject"]).startswith(("[EXERCICE]", "[EXERCISE]")), name


def test_mails_are_complete_and_their_subjects_fit(replayed):
    for name, message in mails(replayed).items():
        assert message.defects == [], name
        assert len(str(message["Subject"])) <= 70, name
        assert message["Date"].datetime == made_at(name), name
        assert message["From"], name
        assert message["To"], name
        assert part(message, "plain").strip(), name
        html = part(message, "html")
        assert len(html.encode()) <= 60_000, name
        Balanced(name).check(html)


def test_chat_messages_fit_and_none_holds_what_a_template_left_over(replayed):
    kinds = {
        row["file"]: row["kind"]
        for row in ask(
            replayed.database,
            "SELECT d.provider_id AS file, r.kind FROM delivery d JOIN rendered r ON r.id = d.rendered_id",
        )
    }
    for name, text in chats(replayed).items():
        said = text.split("\n-- \n")[0]
        if kinds[name] == "alert":
            assert len(said.encode("utf-16-le")) // 2 <= 600, name
        assert len(said.splitlines()[0].encode("utf-16-le")) // 2 <= 70, name
    for name, text in visible(replayed).items():
        found = LEFT_OVER.search(text)
        assert found is None, f"{name}: {found}"


def test_french_keeps_its_signs_on_the_line(replayed):
    """A no-break space stands before : ; ? ! and inside guillemets, so that no line begins with one."""
    for name, text in chats(replayed).items():
        if "-fr-" in name:
            bad = re.findall(
                r"\S*[^\s\u00a0\u202f:/]\u0020[:;?!»](?=\s|$)|«\u0020\S*", text.split("\n-- \n")[0]
            )
            assert bad == [], name


def test_no_message_knows_what_was_not_known_yet(replayed):
    """Neither an address nor a headline of a later report, nor an alert that opened later, stands in any file."""
    with (HISTORY / "2025-blockade.csv").open(encoding="utf-8", newline="") as file:
        facts = [(datetime.fromisoformat(row["known_at"]), row) for row in csv.DictReader(file)]
    earliest: dict[str, datetime] = {}
    for known_at, row in facts:
        for said in filter(None, (row["url"], row["title"])):
            earliest[said] = min(known_at, earliest.get(said, known_at))
    opened = {
        int(row["number"]): datetime.fromisoformat(row["opened_at"]).replace(tzinfo=UTC)
        for row in ask(replayed.database, "SELECT number, opened_at FROM episode")
    }
    for name, text in visible(replayed).items():
        at, flat = made_at(name), re.sub(r"\s+", " ", text)
        early = [said for said, known_at in earliest.items() if known_at > at and said in flat]
        assert early == [], name
        named = {int(number) for number in re.findall(r"/a/(\d+)", text)}
        assert [number for number in named if opened[number] > at] == [], name


def test_the_page_of_an_earlier_day_says_what_its_bulletin_said(replayed):
    """The engine of the page has lived through none of it."""
    settings = Settings(var=replayed.folder)
    store = open_store(f"sqlite:///{replayed.database}")
    try:
        work = build.work(settings, store, exercise=True)
        with store.read() as tx:
            refresh(tx, work)
            facts = gather(tx, work, datetime(2025, 10, 28, 6, tzinfo=UTC))
    finally:
        store.close()
    assert facts.readings["combined-stage"].value == 3
    (sent,) = [
        text for name, text in chats(replayed).items() if "2025-10-28" in name and "resident-fr" in name
    ]
    assert "3 domaines de la vie au niveau 3 ou plus" in sent


def test_a_database_with_readers_of_its_own_is_refused_and_left_alone(tmp_path: Path) -> None:
    var = tmp_path / "var"
    store = open_store(f"sqlite:///{var / 'replay.db'}")
    store.upgrade()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with store.write() as tx:
        subscribers.add_pending(tx, Vault(b"x" * 32), "email", "reader@example.org", Preferences(), now)
    store.close()
    (var / "outbox").mkdir()
    (var / "outbox" / "kept.eml").write_text("of a live service", encoding="utf-8")
    done = warn("replay", "--no-pictures", var=var)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip().endswith("it is no replay's. Set WARN_VAR to another folder.")
    assert len(done.stderr.strip().splitlines()) == 1
    assert [path.name for path in (var / "outbox").iterdir()] == ["kept.eml"]
    assert ask(var / "replay.db", "SELECT count(*) AS n FROM subscriber") == [{"n": 1}]


@pytest.mark.parametrize("fault", ["row", "nothing", "absent"])
def test_facts_that_cannot_be_replayed_are_named_in_one_line(tmp_path: Path, fault: str) -> None:
    words = short_history(tmp_path / "facts", "2025-09-03", "2025-09-05")
    facts = tmp_path / "facts" / "facts.csv"
    if fault == "row":
        facts.write_text(facts.read_text(encoding="utf-8") + "convoy_attack,,,,someday\n", encoding="utf-8")
    elif fault == "nothing":
        facts.write_text("indicator,occurred_at\n", encoding="utf-8")
    else:
        words = ["--observations", str(tmp_path / "nowhere.csv")]
    done = warn("replay", "--no-pictures", *words, var=tmp_path / "var")
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    if fault == "row":
        assert "facts.csv:" in done.stderr


class Balanced(HTMLParser):
    """Every element that opens closes, in order."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.open = name, list[str]()

    def check(self, text: str) -> None:
        self.feed(text)
        self.close()
        assert self.open == [], self.name

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, f"{self.name}: </{tag}> at {self.getpos()}"
