"""Everything an operator sets, as WARN_... in the environment or a `.env` file; `warn init` writes one with comments.

Read by `app` and `cli` alone; every other room is handed what it needs.
"""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class EmailSettings(BaseModel):
    """The SMTP relay that mail leaves by. Without `host` the e-mail channel stays off."""

    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: str = ""
    reply_to: str = ""
    bounce_domain: str = ""
    dkim_key: Path | None = Field(
        default=None, description="PEM file; with it mail is signed here, not by the relay."
    )
    dkim_selector: str = Field(
        default="warn", description="Name of the key in the DNS of the sender's domain."
    )
    connections: int = Field(default=4, ge=1, le=50)
    admins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Mailboxes of administrators: told there, past the outbox, what the chat cannot tell them.",
    )

    @field_validator("admins", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return _words(value)

    @field_validator("admins")
    @classmethod
    def _mailboxes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if not re.fullmatch(r"[^\s<>,;\"()]+@[^\s<>,;\"()@]+", one):
                raise ValueError(f"{one!r} is not a mail address")
        return value


class TelegramSettings(BaseModel):
    """The bot. Without `token` (from @BotFather) the Telegram channel and the commands stay off."""

    token: SecretStr = SecretStr("")
    groups: dict[str, tuple[int, ...]] = {}
    base_url: str = "https://api.telegram.org/bot"
    name: str = Field(
        default="",
        pattern=r"^@?\w*$",
        description="Its name (@...), for links to it in mails and on the page.",
    )
    admins: Annotated[tuple[int, ...], NoDecode] = ()

    @field_validator("name")
    @classmethod
    def _without_at(cls, value: str) -> str:
        return value.removeprefix("@")

    @field_validator("admins", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return _words(value)


class FileSettings(BaseModel):
    """A folder that receives every message as a file; for trials and for the replay."""

    folder: Path | None = None


class WebhookSettings(BaseModel):
    """Signed messages to subscribers' own programs. `allow_private`: also inside one's own network, and plain http."""

    on: bool = Field(default=True, description="Whether signed messages to subscribers' programs are sent.")
    allow_private: bool = Field(
        default=False, description="Also to addresses inside one's own network, and over plain http."
    )


class WebSettings(BaseModel):
    """The status page. `address` is how readers reach it and stands in every message; unless set, it has our port."""

    host: str = "127.0.0.1"
    port: int = Field(default=8642, ge=0, le=65535)
    address: str = "http://127.0.0.1:8642"
    proxies: str = Field(
        default="127.0.0.1",
        description="Whose word on a visitor's address is taken (X-Forwarded-For): addresses or networks.",
    )
    sign_ups: int = Field(
        default=5,
        ge=1,
        description="Sign-ups by mail an hour from one network (/24, /64); more where many share an address.",
    )

    @model_validator(mode="after")
    def _at_our_port(self) -> WebSettings:
        if self.port and "address" not in self.model_fields_set:
            object.__setattr__(self, "address", f"http://127.0.0.1:{self.port}")  # and it stays unset
        return self

    @field_validator("proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for word in (word for word in value.split(",") if word.strip()):
            ip_network(word.strip(), strict=False)
        return value

    @field_validator("address")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")


class SourceSettings(BaseModel):
    """Which sources are asked. `off` wins; `on` also starts those that are off by default."""

    on: Annotated[tuple[str, ...], NoDecode] = ()
    off: Annotated[tuple[str, ...], NoDecode] = ()
    files: Path | None = None
    eia_key: SecretStr = SecretStr("")
    firms_key: SecretStr = SecretStr("")
    ucdp_token: SecretStr = SecretStr("")
    reliefweb_appname: str = ""
    acled_username: str = ""
    acled_password: SecretStr = SecretStr("")
    keys: dict[str, SecretStr] = {}
    webhook_secret: SecretStr = SecretStr("")
    kobo_url: str = "https://kf.kobotoolbox.org"
    kobo_token: SecretStr = SecretStr("")
    odk_url: str = ""
    odk_user: str = ""
    odk_password: SecretStr = SecretStr("")
    allow_private: bool = False

    @model_validator(mode="before")
    @classmethod
    def _keys_one_by_one(cls, values: object) -> object:
        """WARN_SOURCE__KEY_HAPI=... is the same as WARN_SOURCE__KEYS={"hapi": "..."}."""
        if not isinstance(values, dict):
            return values
        single = {name[4:]: said for name, said in values.items() if name.startswith("key_")}
        return {**values, "keys": {**(values.get("keys") or {}), **single}} if single else values

    @field_validator("on", "off", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return _words(value)


class Settings(BaseSettings):
    """The whole of it; every field has a default under which `warn run` starts."""

    model_config = SettingsConfigDict(
        env_prefix="WARN_", env_nested_delimiter="__", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    rules: Path | None = None
    templates: Path | None = None
    var: Path = Path("var")
    database: str = ""
    lang: Literal["fr", "en"] = "fr"
    operator: str = "warn"
    contact: str = ""
    secret: SecretStr = SecretStr("")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    email: EmailSettings = EmailSettings()
    telegram: TelegramSettings = TelegramSettings()
    file: FileSettings = FileSettings()
    webhook: WebhookSettings = WebhookSettings()
    web: WebSettings = WebSettings()
    source: SourceSettings = SourceSettings()

    def on_port(self, port: int | None) -> Settings:
        """The same with the page on the port that the command line names, if it names one."""
        if port is None:
            return self
        stated = self.web.model_dump(include=self.web.model_fields_set)
        return self.model_copy(update={"web": WebSettings(**stated | {"port": port})})

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.var / 'warn.db'}"


def _words(value: object) -> object:
    """`a, b` from the environment, or a list from code."""
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return value
