"""Files that a kill neither loses nor doubles."""

import errno
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warn.channels.file import FileChannel, FileConfig
from warn.errors import DeliveryError

from tests.channels.parcels import TOKEN, chat, mail


async def opened(folder):
    post = FileChannel(FileConfig(folder))
    await post.open()
    return post


async def test_a_mail_becomes_one_eml_whose_name_begins_with_its_time_and_form(tmp_path):
    post = await opened(tmp_path / "outbox")
    receipt = await post.send(mail())
    (path,) = (tmp_path / "outbox").iterdir()
    assert path.name == receipt.provider_id
    assert path.name.startswith("2025-09-15T0600Z-email-lecteur-example-net-")
    assert path.suffix == ".eml"
    content = path.read_bytes()
    assert content.startswith(b"To: lecteur@example.net\r\nFrom: ")
    assert f"/r/{TOKEN}".encode() in content


async def test_a_chat_message_becomes_text_as_it_is_read_with_its_picture_beside(tmp_path):
    post = await opened(tmp_path)
    await post.send(
        chat(
            "<b>ALERTE 3/4</b> - Carburant &amp; vivres",
            "Suite",
            buttons=[("Détails", "details:12"), ("Arrêter", "leave")],
            picture=b"\x89PNG",
            edits="before.txt",
            address="1001",
        )
    )
    picture, text = sorted(tmp_path.iterdir())
    assert (picture.suffix, picture.read_bytes(), picture.stem) == (".png", b"\x89PNG", text.stem)
    assert text.read_text() == (
        "ALERTE 3/4 - Carburant & vivres\n\nSuite\n\n-- \n"
        f"image : {picture.name}\n[Détails] [Arrêter]\nédite : before.txt\n"
    )


async def test_the_same_key_again_writes_no_second_file_even_after_a_restart(tmp_path):
    first = await (await opened(tmp_path)).send(mail())
    other_time = datetime(2025, 9, 16, tzinfo=UTC)
    again = await (await opened(tmp_path)).send(mail(created_at=other_time, address="x@example.net"))
    assert again.provider_id == first.provider_id
    assert len(list(tmp_path.iterdir())) == 1


async def test_what_a_kill_left_unfinished_is_removed_and_written_anew(tmp_path):
    post = await opened(tmp_path)
    receipt = await post.send(mail())
    (tmp_path / receipt.provider_id).rename(tmp_path / (receipt.provider_id + ".unfinished"))
    again = await (await opened(tmp_path)).send(mail())
    assert [path.name for path in tmp_path.iterdir()] == [again.provider_id]


async def test_a_message_that_cannot_be_read_is_dead_and_stops_no_other(tmp_path):
    post = await opened(tmp_path)
    with pytest.raises(DeliveryError) as raised:
        await post.send(chat(body=b"not json"))
    assert raised.value.kind == "dead"
    await post.send(chat())
    assert len(list(tmp_path.iterdir())) == 1


async def test_a_folder_that_takes_no_files_costs_no_attempt_and_is_named(tmp_path):
    blocked = tmp_path / "a file"
    blocked.write_text("")
    with pytest.raises(DeliveryError) as raised:
        await opened(blocked)
    assert raised.value.kind == "refund"
    assert "a file" in str(raised.value)


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="needs Linux' /dev/full, the disk that is always full"
)
async def test_a_full_disk_costs_no_attempt_and_leaves_nothing_that_looks_whole(tmp_path):
    post = await opened(tmp_path)
    name = (await post.send(mail())).provider_id
    (tmp_path / name).unlink()
    (tmp_path / (name + ".unfinished")).symlink_to("/dev/full")
    with pytest.raises(DeliveryError) as raised:
        await (await _fresh(tmp_path)).send(mail())
    assert (raised.value.kind, raised.value.code) == ("refund", f"errno {errno.ENOSPC}")
    assert not (tmp_path / name).exists()


async def _fresh(folder):
    return FileChannel(FileConfig(folder))


WRITER = """
import asyncio, sys
from pathlib import Path
from tests.channels.parcels import mail
from warn.channels.file import FileChannel, FileConfig
async def main():
    post = FileChannel(FileConfig(Path(sys.argv[1])))
    await post.open()
    for number in range(400):
        await post.send(mail(key=str(number)))
asyncio.run(main())
"""


@pytest.mark.slow
def test_killed_again_and_again_a_writer_ends_with_every_message_once(tmp_path):
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    for files in (20, 150):
        process = subprocess.Popen(command)
        give_up = time.monotonic() + 30
        while len(list(tmp_path.glob("*.eml"))) < files and time.monotonic() < give_up:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert subprocess.run(command, check=False).returncode == 0
    paths = list(tmp_path.iterdir())
    assert len(paths) == 400
    assert all(path.suffix == ".eml" and path.stat().st_size > 300 for path in paths)
