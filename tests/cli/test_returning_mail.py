"""Mail that comes back, handed over by a mail server that goes by the exit status alone."""

from __future__ import annotations

import os

from warn.channels.verp import verp

from tests.app.running import SECRET
from tests.channels.test_bounces import notice
from tests.cli.conftest import Prompt


def test_a_notice_is_kept_by_the_mail_server_while_the_database_cannot_take_it(warn: Prompt) -> None:
    warn.var.mkdir()
    (warn.var / "warn.db").write_bytes(b"no database at all, as after a disk went bad" * 100)
    file = warn.var / "notice.eml"
    file.write_bytes(notice(verp(SECRET, 1, "bounce.example.org")))
    done = warn("bounces", file)
    assert done.code == os.EX_TEMPFAIL
    assert len(done.err.splitlines()) == 1
    (warn.var / "warn.db").unlink()
    assert warn("bounces", file).code == 0


def test_a_notice_that_cannot_be_read_is_no_trouble_that_passes(warn: Prompt) -> None:
    assert warn("bounces", warn.var / "none").code == 2
