"""Rules tried out over history: backtest, sweep, picture and diff, with files read and parts built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from warn import rows
from warn.app import build, folders, knowing
from warn.app.once import covered, opened
from warn.digest.languages import render
from warn.documents import asks, did_you_mean
from warn.documents.durations import parse_duration
from warn.errors import ConfigError, UsageError
from warn.model import Coverage, Observation, Poll
from warn.pipeline.judge import refresh
from warn.pipeline.knowledge import Knowledge
from warn.rules.ruleset import LoadedRule, RuleSet
from warn.settings import Settings
from warn.sources.feeds import check as check_feeds
from warn.store import polls
from warn.study.backtest import Backtest, Impact, impacts_from_csv, judged
from warn.study.diff import diff
from warn.study.picture import picture
from warn.study.reread import Library, Outlet, reread
from warn.study.sweep import axis_of, runs, sweep
from warn.study.trial import Trial

DAY = timedelta(days=1)
PICTURES = (".svg", ".png")
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks of a backtest; empty fields take what the bundled history gives."""

    rules: Sequence[str] = ()
    start: datetime | None = None
    end: datetime | None = None
    every: str = "1h"
    files: Sequence[Path] = ()
    against: Path | None = None
    covers: str | None = None
    level: int = 3
    unapproved: str = "approve"


@dataclass(frozen=True, slots=True)
class Facts:
    """Observations with when they were being watched."""

    observations: list[Observation]
    coverage: list[Coverage] = field(default_factory=list)
    polls: list[Poll] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tried:
    """One backtest, and what is needed to draw it."""

    tested: Backtest
    impacts: list[Impact]
    known: Knowledge

    @property
    def result(self) -> dict[str, Any]:
        return self.tested.result


def try_out(settings: Settings, asked: Asked) -> Tried:
    """`rules backtest`: over the files named, or the bundled history with its impacts."""
    trial, facts, impacts, known = _prepared(settings, asked)
    return Tried(judged(trial, facts.observations, impacts, asked.level), impacts, known)


def vary(settings: Settings, asked: Asked, sweeps: Sequence[str], progress: Progress) -> list[dict[str, Any]]:
    """`--sweep`: one entry for each combination of values."""
    trial, facts, impacts, _ = _prepared(settings, asked)
    axes = [axis_of(text, trial.rules) for text in sweeps]
    runs(axes)
    return sweep(trial, facts.observations, axes, impacts, asked.level, progress)


def check_plot(path: Path, *, swept: bool = False) -> None:
    """Told before the work is done."""
    if swept:
        raise UsageError(
            "--plot draws one backtest, not a sweep.",
            "Choose a value first.",
            french=("--plot dessine un seul essai, pas une variation.", "Choisissez d'abord une valeur."),
        )
    if path.suffix.lower() not in PICTURES:
        raise UsageError(
            f"--plot {path}: a picture ends in .svg or .png.",
            "For example --plot backtest.svg.",
            french=(f"--plot {path} : une image finit par .svg ou .png.", "Par exemple --plot essai.svg."),
        )
    if not path.parent.is_dir():
        raise UsageError(
            f"--plot {path}: there is no folder {path.parent}.",
            french=(f"--plot {path} : le dossier {path.parent} n'existe pas.", ""),
        )


def plot(settings: Settings, tried: Tried, path: Path, lang: str, measured: str = "") -> None:
    """Writes the picture; its form is told by the file's ending."""
    drawn = picture(tried.tested, tried.impacts, tried.known.geography, lang, measured)
    env = build.templates(settings)
    svg = render(env, "charts/backtest.svg", lang, p=drawn)
    if path.suffix.lower() == ".svg":
        path.write_text(svg, encoding="utf-8")
    else:
        fonts = folders.fonts(folders.templates_folder(settings.templates))
        (png,) = build.draw(fonts, [svg])
        path.write_bytes(png)


def compare(
    settings: Settings,
    old: Path,
    new: Path,
    days: int,
    files: Sequence[Path] = (),
    database: Path | None = None,
    against: Path | None = None,
) -> dict[str, Any]:
    """`rules diff`: both folders over the last days of the files named, the database, or the bundled history."""
    folder = folders.rules_folder(settings.rules)
    texts = _pair(folder, old, new)
    before, after = (
        knowing.knowledge_of(one, str(shown)) for one, shown in zip(texts, (old, new), strict=True)
    )
    facts, source = _recent(settings, before, folder, files, database)
    end = datetime.combine(max(o.known_at for o in facts.observations), time(), UTC) + DAY
    impacts = _impacts(folder, against, bundled=not files)
    asked = Asked(start=end - days * DAY, end=end)
    return {"over": source, **difference(before, after, facts, impacts, asked)}


def difference(
    before: Knowledge, after: Knowledge, facts: Facts, impacts: Sequence[Impact], asked: Asked
) -> dict[str, Any]:
    """What of these facts would have been told otherwise; `files`: those that differ and hold no rules."""
    again, otherwise = reread(facts.observations, _library(before), _library(after))
    sides = [
        judged(_trial(known, known.rules.rules, replace(facts, observations=seen), asked), seen, impacts)
        for known, seen in ((before, facts.observations), (after, again))
    ]
    others = [
        name
        for name in sorted({*before.files, *after.files})
        if before.files.get(name) != after.files.get(name) and not knowing.may_hold_rules(name)
    ]
    return {**diff(*sides), "files": others, "readings": otherwise}


def _prepared(settings: Settings, asked: Asked) -> tuple[Trial, Facts, list[Impact], Knowledge]:
    if asked.unapproved not in {"approve", "never"}:
        raise UsageError(
            f"--unapproved {asked.unapproved} is not known.",
            "It is `approve` or `never`.",
            french=(f"--unapproved {asked.unapproved} n'existe pas.", "C'est `approve` ou `never`."),
        )
    _every(asked.every)
    for path in (*asked.files, *([asked.against] if asked.against else [])):
        _there(path)
    folder = folders.rules_folder(settings.rules)
    known = knowing.knowledge_of(folders.rules_texts(folder))
    chosen = _chosen(known.rules, asked.rules)
    if asked.unapproved == "never":
        chosen = [one for one in chosen if one.rule.mode != "approve"]
    facts = read_facts(known, folder, asked.files, asked.covers)
    impacts = _impacts(folder, asked.against, bundled=not asked.files)
    return _trial(known, chosen, facts, asked), facts, impacts, known


def _trial(known: Knowledge, rules: Sequence[LoadedRule], facts: Facts, asked: Asked) -> Trial:
    start = asked.start or datetime.combine(min(o.known_at for o in facts.observations), time(), UTC)
    end = asked.end or datetime.combine(max(o.known_at for o in facts.observations), time(), UTC) + DAY
    if end <= start:
        raise UsageError(
            f"--to {end:%Y-%m-%d} does not lie after --from {start:%Y-%m-%d}.",
            "Give the earlier day first.",
            french=(
                f"--to {end:%Y-%m-%d} n'est pas après --from {start:%Y-%m-%d}.",
                "Donnez d'abord le jour le plus ancien.",
            ),
        )
    return Trial(
        rules, known.indicators, known.geography, start, end, _every(asked.every),
        sources=[source.facts() for source in knowing.every_source(known.files).values()],
        polls=facts.polls, coverage=facts.coverage,
    )  # fmt: skip


def read_facts(known: Knowledge, folder: Path, files: Sequence[Path], covers: str | None = None) -> Facts:
    """Every row of the files, or of rules/history; the first bad ones are told with line and column."""
    ground = rows.ground_of(known.geography, known.indicators, now=datetime.now(UTC), source="file")
    facts = Facts([])
    given = files or [folder / "history"]
    for path in (one for each in given for one in folders.observation_files(each)):
        read = rows.read(folders.bytes_of(path), ground)
        if read.refused:
            raise _bad_rows(path, read.refused)
        facts.observations.extend(read.observations)
        facts.coverage.extend(read.coverage)
    if not facts.observations:
        raise UsageError(
            "There are no observations to judge.",
            "Name files with --observations.",
            french=("Il n'y a aucune observation à juger.", "Nommez des fichiers par --observations."),
        )
    if covers is not None:
        facts.coverage.append(covered(covers, ground))
    return facts


def _bad_rows(path: Path, refused: Sequence[Any]) -> ConfigError:
    told = [
        f"{path}:{one.line or 1}{f':{one.column}' if one.column else ''}: {one.reason}" for one in refused[:5]
    ]
    more = len(refused) - len(told)
    lines = "\n".join(told)
    return ConfigError(
        f"{lines}\n" + (f"... and {more} more. " if more else ""),
        "Correct the file; nothing was judged.",
        french=(
            f"{lines}\n" + (f"... et {more} de plus. " if more else ""),
            "Corrigez le fichier ; rien n'a été jugé.",
        ),
    )


def _there(path: Path) -> None:
    if not path.exists():
        raise UsageError(
            f"There is no {path}.",
            "Check its name.",
            french=(f"{path} n'existe pas.", "Vérifiez le nom."),
        )


def _chosen(rules: RuleSet, ids: Sequence[str]) -> Sequence[LoadedRule]:
    known = [one.id for one in rules]
    unknown = next((one for one in ids if one not in known), None)
    if unknown is not None:
        english, french = asks(did_you_mean(unknown, known))
        raise UsageError(
            f"There is no rule '{unknown}'{english}.",
            f"Rules: {', '.join(known)}.",
            french=(f"Il n'y a pas de règle « {unknown} »{french}.", f"Règles : {', '.join(known)}."),
        )
    return [one for one in rules if not ids or one.id in ids]


def _every(text: str) -> timedelta:
    try:
        every = parse_duration(text)
    except ValueError:
        every = timedelta(0)
    if every <= timedelta(0):
        raise UsageError(
            f"--every {text} is not a length of time.",
            "Write 1h, 30m or 1d.",
            french=(f"--every {text} n'est pas une durée.", "Écrivez 1h, 30m ou 1d."),
        )
    return every


def _impacts(folder: Path, against: Path | None, *, bundled: bool) -> list[Impact]:
    if against is not None:
        _there(against)
        return impacts_from_csv(folders.text_of(against))
    return list(build.listed(folder)) if bundled else []


def _pair(folder: Path, old: Path, new: Path) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Two whole folders. A file stands in its folder's place; the other files are those of the rules folder."""
    for path in (old, new):
        _there(path)
    base = {} if old.is_dir() and new.is_dir() else folders.rules_texts(folder)
    name = next((path.name for path in (old, new) if path.is_file() and path.name in base), new.name)

    def side(path: Path) -> Mapping[str, str]:
        if path.is_dir():
            return folders.rules_texts(path)
        return base | {name: folders.text_of(path)}

    return side(old), side(new)


def _recent(
    settings: Settings, known: Knowledge, folder: Path, files: Sequence[Path], database: Path | None
) -> tuple[Facts, str]:
    """From the database where it holds anything, unless files are named."""
    if files:
        return read_facts(known, folder, files), ", ".join(map(str, files))
    if database is not None or _has_database(settings):
        with opened(settings, database) as work, work.store.write() as tx:
            refresh(tx, work)
            facts = Facts(list(work.observations), polls.coverage(tx), polls.polls(tx))
        if facts.observations:
            return facts, str(database or "database")
    return read_facts(known, folder, ()), str(folder / "history")


def _has_database(settings: Settings) -> bool:
    url = settings.database_url
    return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()


def _library(known: Knowledge) -> Library:
    feeds, _ = check_feeds(known.files.get("feeds.yaml", "feeds: []"))
    return Library(known.reader, {feed.id: Outlet(feed.grade, not feed.off) for feed in feeds})
