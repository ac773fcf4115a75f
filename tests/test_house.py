"""Rules of the house that no linter keeps: what may stand in the tree, and what an installation carries."""

import ast
import os
import re
import statistics
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WARN = ROOT / "warn"
LOCKS = ("requirements.txt", "requirements-dev.txt")
IGNORED = {".git", ".venv", "var", "build", "dist", "__pycache__"}
TEXTS = {".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".html", ".svg", ".css", ".po", ".csv", ".json", ".jsonl", ".cfg", ".service", ".mako", ""}  # fmt: skip
PURE = (
    "digest", "rules", "reading", "study", "incidents", "rows", "geo", "indicators", "links", "speech", "codec",
    "documents", "model", "errors", "moments", "mailboxes",
)  # fmt: skip
WORLDLY = {
    "asyncio", "httpx", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlalchemy", "sqlmodel",
    "subprocess", "tempfile", "threading", "time", "urllib.request",
}  # fmt: skip
REASONS = {  # of findings that are ignored for one and the same reason wherever they are
    "A002": "`id` is the word of the domain, and an argument shadows nothing that is used",
    "SLF001": "the library gives no public way to it",
    "TRY400": "an expected failure is one line for the operator, not a trace",
}
CLOCKS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time")


def texts() -> Iterator[tuple[str, str]]:
    """Every text of the tree by its name, without what commands write and this file, which names what it looks for."""
    for path in sorted(ROOT.rglob("*")):
        name = path.relative_to(ROOT)
        if IGNORED & set(name.parts) or any(part.startswith(".") and part != ".ci" for part in name.parts):
            continue
        if path.is_file() and path.suffix in TEXTS and path != Path(__file__):
            yield name.as_posix(), path.read_text(encoding="utf-8", errors="replace")


def found(pattern: str, flags: int = 0) -> list[str]:
    looked = re.compile(pattern, flags)
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if looked.search(line)
    ]


def modules(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        alone = WARN / f"{room}.py"
        yield from [alone] if alone.exists() else sorted((WARN / room).rglob("*.py"))


def test_nothing_is_left_for_later():
    assert found(r"\b(TODO|FIXME|XXX)\b") == []


def test_no_file_names_an_index_of_packages():
    assert (
        found(r"pypi\.|pythonhosted|^\s*--?(extra-)?(index-url|i)\b|find-links\s+\S*/", re.IGNORECASE) == []
    )


def test_no_file_names_a_folder_of_the_machine_it_was_written_on():
    assert found(r"/(work|root)/\w|/home/[a-z]|/tmp/\w+\.\d|[A-Z]:\\Users") == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_pinned_and_hashed(lock: str):
    pinned = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text(encoding="utf-8").strip())
    assert len(pinned) > 30
    for entry in pinned:
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


def test_every_dependency_that_is_declared_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for lock, declared in zip(
        LOCKS, (project["dependencies"], project["optional-dependencies"]["dev"]), strict=True
    ):
        locked = {
            _name(line) for line in (ROOT / lock).read_text(encoding="utf-8").splitlines() if "==" in line
        }
        assert {_name(one) for one in declared} <= locked


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=~! ;]", requirement)[0].lower().replace("_", "-")


def test_every_ignored_finding_carries_its_reason():
    ignore = re.compile(
        r"# (?:noqa: (?P<codes>[A-Z0-9]+(?:, ?[A-Z0-9]+)*)|type: ignore\[[\w, -]+\])(?P<rest>.*)"
    )
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted(WARN.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (hit := ignore.search(line))
        and hit["codes"] not in REASONS
        and not re.search(r"\w.{3,}", hit["rest"])
    ]
    assert bare == []


def test_pure_rooms_touch_no_world_and_no_clock():
    touched = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}: {name}"
        for path in modules(*PURE)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _worldly(node)
    ]
    assert touched == []


def _worldly(node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [one.name for one in node.names if {one.name, one.name.split(".")[0]} & WORLDLY]
        case ast.ImportFrom(module=str(module), level=0) if {module, module.split(".")[0]} & WORLDLY:
            return [module]
        case ast.Call():
            called = ast.unparse(node.func)
            return [called] if called == "open" or called.endswith(CLOCKS) else []
        case _:
            return []


def test_files_and_functions_stay_small():
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in WARN.rglob("*.py"))
    functions = sorted(
        node.end_lineno - node.lineno + 1
        for path in WARN.rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    )
    assert statistics.median(lengths) <= 140
    assert lengths[-1] <= 500
    assert statistics.median(functions) <= 10
    assert functions[int(0.9 * len(functions))] <= 30


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_carries_rules_and_templates_and_nothing_of_the_tests(wheel: Path):
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    for needed in (
        "rules/area.yaml", "rules/convoys.yaml", "rules/tests/convoys.yaml", "rules/history/impacts.csv", "rules/schema.json",
        "templates/email/digest.html", "templates/charts/fonts/DejaVuSans.ttf", "templates/locale/fr/LC_MESSAGES/messages.po",
    ):  # fmt: skip
        assert f"warn/data/{needed}" in names
    assert not [
        name for name in names if name.startswith(("tests", "bench", "docs")) or name.endswith(".pyc")
    ]


@pytest.mark.slow
def test_a_fresh_installation_of_the_wheel_gives_an_editable_folder_that_checks(wheel: Path, tmp_path: Path):
    python = _installed(wheel, tmp_path / "venv")
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("WARN_", "PYTHON"))}

    def warn(*words: str, within: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(python), "-m", "warn", *words],
            cwd=within,
            env=bare,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    mine = tmp_path / "mine"
    begun = warn("init", str(mine), within=tmp_path)
    assert begun.returncode == 0, begun.stderr
    assert (mine / ".env").exists()
    assert (mine / "templates" / "email" / "digest.html").exists()
    checked = warn("rules", "check", within=mine)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    code = "from warn.app import folders; print(folders.rules_folder(None), folders.templates_folder(None))"
    found = subprocess.run(
        [str(python), "-c", code], cwd=tmp_path, env=bare, capture_output=True, text=True, check=True
    )
    packed = next((tmp_path / "venv").glob("lib/python*/site-packages/warn/data"))
    assert found.stdout.split() == [
        str(packed / "rules"),
        str(packed / "templates"),
    ]  # no ./rules stands there


def _installed(wheel: Path, venv: Path) -> Path:
    """The wheel in an environment of its own; its dependencies are lent by ours, without ours' editable `warn`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True, timeout=60)
    site = next(venv.glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    lent = site / "lent"
    lent.mkdir()
    for one in Path(sysconfig.get_path("purelib")).iterdir():
        if not one.name.startswith(("warn", "_editable", "_warn", "__editable")) and not one.name.endswith(
            ".pth"
        ):
            (lent / one.name).symlink_to(one)
    (site / "lent.pth").write_text("lent\n", encoding="utf-8")
    return venv / "bin" / "python"
