"""Which words a transition calls for."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment

from warn.digest import compose
from warn.digest.facts import AlertFacts, Facts
from warn.digest.variants import Variant
from warn.model import Message, TransitionKind


def composed(
    env: Environment,
    facts: Facts,
    kind: TransitionKind,
    alert: AlertFacts,
    variant: Variant,
    also: Sequence[AlertFacts] = (),
    *,
    edits: bool = False,
) -> Message:
    """The message of one transition; `also` moved in the same tick, `edits` takes the earlier message's place."""
    match kind:
        case "closed":
            return compose.compose_all_clear(env, facts, alert, variant)
        case "corrected" | "withdrawn":
            return compose.compose_correction(env, facts, alert, variant)
        case "blind" | "lapsed":
            return compose.compose_blind(env, facts, [alert, *also], variant)
        case "sighted":
            return compose.compose_sighted(env, facts, [alert, *also], variant)
        case _ if edits:
            return compose.compose_update(env, facts, alert, variant)
        case _:
            return compose.compose_alert(env, facts, alert, variant, also)
