"""Skips that must not happen where the program they need was installed (`WARN_NO_SKIPS`, set by CI)."""

import os

import pytest

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
