"""The rule language in one place to import from: what may be written, and the set that comes of it."""

from warn.rules.rule import LANGUAGES, Advice, AdviceLines, Escalation, Repeat, Rule, Timing
from warn.rules.ruleset import LoadedRule, RuleSet, rule_text

__all__ = [
    "LANGUAGES",
    "Advice",
    "AdviceLines",
    "Escalation",
    "LoadedRule",
    "Repeat",
    "Rule",
    "RuleSet",
    "Timing",
    "rule_text",
]
