"""ElastAlert2's windows over events in memory; runs in its own environment: `python rules_elastalert.py KIND EVENTS WINDOWS`.

Nothing of ours is imported here. Prints seconds and how often it fired.
"""

import sys
import time
from datetime import UTC, datetime, timedelta

START = datetime(2024, 1, 1, tzinfo=UTC)
COMMON = {"timestamp_field": "@timestamp", "timeframe": timedelta(days=14), "name": "bench", "type": "any"}


def rule(kind):
    from elastalert.ruletypes import CardinalityRule, FrequencyRule, SpikeRule  # noqa: PLC0415  # it lives in the peer's own environment

    if kind == "frequency":
        return FrequencyRule({**COMMON, "num_events": 900})
    if kind == "spike":
        more = {"spike_height": 3, "spike_type": "up", "threshold_cur": 5}
        return SpikeRule({**COMMON, "timeframe": timedelta(days=7), **more})
    return CardinalityRule({**COMMON, "cardinality_field": "origin", "max_cardinality": 60})


def main(kind, count, windows):
    step = timedelta(days=365) / count
    judges = [rule(kind) for _ in range(windows)]
    spent = 0.0
    for at in range(0, count, 500):
        parts = [
            [
                {"@timestamp": START + n * step, "origin": f"o{n * 7919 % 50}", "_id": str(n)}
                for n in range(at, min(count, at + 500))
            ]
            for _ in judges
        ]
        now = START + (min(count, at + 500) - 1) * step
        began = time.perf_counter()
        for judge, part in zip(judges, parts, strict=True):
            judge.add_data(part)
            judge.garbage_collect(now)
        spent += time.perf_counter() - began
    print(spent, sum(len(judge.matches) for judge in judges))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
