"""Field forms: what approved answers of vetted reporters say, without anything that could harm them.

    forms = listing.load({"forms/station.yaml": text})      # or check(...) -> (forms, faults)
    parsed = reading.told("kobo", submissions, forms, context)       # submissions as kobo.py and odk.py read them

Device, phone, GPS, names and free text are never read: only the questions that rules/forms/*.yaml maps. Who reported
is a keyed mark that changes every month. What was approved is known hours later, at a moment nobody can foresee.
"""

from warn.sources.forms.company import in_company, matter, settled
from warn.sources.forms.listing import Answer, Form, check, load
from warn.sources.forms.reading import DELAY, JITTER, Submission, Told, observed, told

__all__ = [
    "DELAY", "JITTER", "Answer", "Form", "Submission", "Told", "check", "in_company", "load", "matter", "observed",
    "settled", "told",
]  # fmt: skip
