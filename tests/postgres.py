"""A PostgreSQL server of the tests' own: on a socket in a temporary folder, as a user without rights, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

UNPRIVILEGED = ("postgres", "nobody")  # PostgreSQL refuses to run as root


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Callable[[str], str]]:
    """Makes a database like the named one (`template1` is empty) and answers its address; skips without a server."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed here (no initdb beside postgres)")
    with server(programs) as socket_folder:

        def new_database(template: str = "template1") -> str:
            name = f"t{uuid.uuid4().hex}"
            admin = f"host={socket_folder} user=warn dbname=postgres"
            with psycopg.connect(admin, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            return f"postgresql://warn@/{name}?host={socket_folder}"

        yield new_database


def find_programs() -> Path | None:
    """The newest folder that holds both programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    candidates = [path.parent for path in reversed(found)] + (
        [Path(on_path).resolve().parent] if on_path else []
    )
    return next((folder for folder in candidates if (folder / "postgres").exists()), None)


@contextmanager
def server(programs: Path) -> Iterator[Path]:
    # Not below pytest's own folder: that one is closed to other users, and socket paths must be short.
    folder = Path(tempfile.mkdtemp(prefix="warn-pg-", dir="/tmp"))
    data = folder / "data"
    user = _user() if os.geteuid() == 0 else None
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    try:
        _run(
            user,
            folder,
            programs / "initdb",
            "-D",
            data,
            "-U",
            "warn",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        )
        options = (
            f"-k {folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=60"
        )
        _run(
            user, folder, programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start"
        )
        try:
            yield folder
        finally:
            _run(user, folder, programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> pwd.struct_passwd:
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("PostgreSQL refuses to run as root, and there is no other user here")


def _run(user: pwd.struct_passwd | None, folder: Path, *command: object) -> None:
    who: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, **who,
    )  # fmt: skip
    if done.returncode:
        log = folder / "log"
        raise RuntimeError(f"{command[0]} failed: {done.stderr} {log.read_text() if log.exists() else ''}")
