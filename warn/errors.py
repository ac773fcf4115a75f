"""What may go wrong in a way a person can act on. Anything else is a defect and reaches the top with its trace."""


class WarnError(Exception):
    """One plain sentence on what is wrong and where, and one on what to do about it."""

    def __init__(self, message: str, remedy: str = "", *, french: tuple[str, str] = ("", "")) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.french = french  # the same two; empty: English serves

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()

    def said(self, lang: str) -> str:
        """Both sentences in French, where they stand in it, or in English."""
        return " ".join(self.french).rstrip() if lang == "fr" and self.french[0] else str(self)


class ConfigError(WarnError):
    """A setting is missing or wrong; the remedy names the setting."""


class UsageError(WarnError):
    """A command was given words it cannot take; exit status 2."""


class StoreError(WarnError):
    """The database cannot take or give rows: full disk, lock, missing migration."""


class SourceError(WarnError):
    """A poll ended without data; `outcome` is one of the interfaces' words."""

    def __init__(
        self,
        outcome: str,
        message: str,
        remedy: str = "",
        retry_after_s: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, remedy)
        self.outcome = outcome
        self.retry_after_s = retry_after_s
        self.status = status  # what the server answered, where it did


class DeliveryError(WarnError):
    """One delivery failed; the channel says how, the outbox decides what follows.

    `kind`: 'retry' (try again, counts), 'refund' (nothing left the machine; does not count), 'dead' (never again
    for this message), 'gone' (the address is no longer there: stop the subscription), 'uncertain' (it may have
    arrived), 'suppressed' (there is nothing to send any more). `patience_s`: how old a delivery may become before one
    more 'retry' is too many. `whole`: the channel itself is out of order, not this delivery; the others of it need not
    be tried for a while. `begun`: the parts that arrived all the same, to be handed over with the next try.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        code: str = "",
        retry_after_s: float | None = None,
        patience_s: float = 0.0,
        whole: bool = False,
        begun: str = "",
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.retry_after_s = retry_after_s
        self.patience_s = patience_s
        self.whole = whole
        self.begun = begun
