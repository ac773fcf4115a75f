"""The same event told twice, as of t: reports become incidents, computed, never stored."""

from warn.incidents.columns import Columns, arrival, best_grade, columns, grade_of, is_claim
from warn.incidents.ground import APART_KM
from warn.incidents.join import APART, Version, join
from warn.incidents.table import Incidents, Joined, extremes, incidents, independent, middle

__all__ = [
    "APART",
    "APART_KM",
    "Columns",
    "Incidents",
    "Joined",
    "Version",
    "arrival",
    "best_grade",
    "columns",
    "extremes",
    "grade_of",
    "incidents",
    "independent",
    "is_claim",
    "join",
    "middle",
]
