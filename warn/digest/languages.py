"""The words of every language, and the one template environment that speaks them."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import Environment


def environment(templates: Mapping[str, str], catalogues: Mapping[str, str]) -> Environment:
    """One environment for mail, Telegram, charts and page.

    `templates`: name below `templates/` ("email/digest.html.j2") -> text. `catalogues`: name below
    `templates/locale/` ("fr/LC_MESSAGES/messages.po") -> text; several catalogues of one language are merged.
    """
    raise NotImplementedError
