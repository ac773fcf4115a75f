"""What holds for all tests: a slow machine fails no property, and no test is skipped whose program was installed.

The second is asked for by `WARN_NO_SKIPS`, which CI sets.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("warn", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("warn")

NO_SKIPS = tuple(word for word in os.environ.get("WARN_NO_SKIPS", "").lower().split(",") if word)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and call.excinfo is not None and not hasattr(report, "wasxfail"):
        reason = str(call.excinfo.value)
        if any(f"{word} is not installed" in reason.lower() for word in NO_SKIPS):
            report.outcome = "failed"
            report.longrepr = f"skipped though its program was installed: {reason}"
    return report
