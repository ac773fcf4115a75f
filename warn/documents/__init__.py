"""YAML as people write it: a tree in which every value knows its place, and faults that say what to type.

Every file of the rules folder is read by this. Nothing is expanded or built on the way: no anchors, no tags,
no dates, no `yes` that turns into true. Columns count characters (libyaml does), so that an accent is one.
"""

from warn.documents.fault import Fault, Severity, Spot, excerpt
from warn.documents.shape import GRADE, asks, did_you_mean, filled_in, shape_faults, text_path
from warn.documents.tree import Document, Node, read

__all__ = [
    "GRADE",
    "Document",
    "Fault",
    "Node",
    "Severity",
    "Spot",
    "asks",
    "did_you_mean",
    "excerpt",
    "filled_in",
    "read",
    "shape_faults",
    "text_path",
]
