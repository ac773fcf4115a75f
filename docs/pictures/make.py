"""Draws the pictures of the README from a real replay: `.venv/bin/python docs/pictures/make.py`.

Needs Chromium. The replay runs in a folder of its own, so that nothing of yours is touched. Run it again whenever the
digests or the page look different, look at what it made, and commit it.
"""

from __future__ import annotations

import base64
import email
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from email import policy
from email.message import EmailMessage
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
DAY = "2025-10-08T0600Z"
EDITION = "email-press-en"
WIDE, SCALE = 660, 1.5
TALL = {"digest": 1240, "status": 1240}
LARGEST = 200_000  # bytes of a picture
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")


def main() -> None:
    if not CHROMIUM:
        sys.exit("Chromium is not installed: apt-get install chromium")
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        command = [sys.executable, "-m", "warn", "replay", "--serve", "--port", "0"]
        place = os.environ | {"WARN_VAR": kept, "COLUMNS": "200"}
        with subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=place
        ) as page:
            try:
                address = _address(page)
                shoot(digest(folder), folder, "digest")
                shoot(f"{address}/en", folder, "status")
            finally:
                page.terminate()


def _address(page: subprocess.Popen[str]) -> str:
    """The replay says where it serves once it is done."""
    said = ""
    for line in page.stderr or ():
        said += line
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found[0]
    sys.exit(f"the replay ended without serving its page:\n{said}")


def digest(folder: Path) -> str:
    """The bulletin's HTML with its picture inside, as an address; the map itself is kept as it was mailed."""
    letters = (folder / "outbox").glob(f"{DAY}-email-{EDITION}-*.eml")
    path = max(letters, key=lambda letter: letter.stat().st_size)  # an alert of the same hour is far smaller
    letter = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(letter, EmailMessage)
    html = next(part.get_content() for part in letter.walk() if part.get_content_type() == "text/html")
    for part in letter.walk():
        if part.get_content_maintype() == "image":
            data = part.get_payload(decode=True)
            (HERE / "map.png").write_bytes(data)
            name = str(part["Content-ID"]).strip("<>")
            html = html.replace(f"cid:{name}", f"data:image/png;base64,{base64.b64encode(data).decode()}")
    target = folder / "digest.html"
    target.write_text(html, encoding="utf-8")
    return target.as_uri()


def shoot(address: str, folder: Path, name: str) -> None:
    """The first screen, in few colours so that it stays small."""
    taken = folder / f"{name}.png"
    subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--hide-scrollbars", f"--force-device-scale-factor={SCALE}",
         f"--screenshot={taken}", f"--window-size={WIDE},{TALL[name]}", address],
        check=True, capture_output=True,
    )  # fmt: skip
    with Image.open(taken) as picture:
        # by coverage: the colours of levels are few pixels and must stay what they are
        small = picture.convert("RGB").quantize(128, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    kept = io.BytesIO()
    small.save(kept, "PNG", optimize=True)
    assert len(kept.getvalue()) < LARGEST, f"{name}.png is too large"
    (HERE / f"{name}.png").write_bytes(kept.getvalue())


if __name__ == "__main__":
    main()
