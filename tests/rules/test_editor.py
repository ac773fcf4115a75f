"""The schema for editors agrees with the loader, and the skeleton loads."""

import jsonschema
import pytest
from warn.documents import read
from warn.rules.editor import json_schema, skeleton
from warn.rules.measures import MEASURES

from tests.rules.folder import loaded, places, registry, shipped

SCHEMA = json_schema(registry(), places())
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def test_it_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_every_shipped_file_of_rules_fits_it():
    for name, text in shipped().items():
        data = read(text, name).data
        if isinstance(data, dict) and "rules" in data:
            assert not list(VALIDATOR.iter_errors(data)), name


@pytest.mark.parametrize(
    "wrong",
    ["ove: 14d", "count: convoi_attack", "near: road", "over: 14j"],
)
def test_what_the_loader_refuses_an_editor_underlines(wrong: str):
    key = wrong.split(":", maxsplit=1)[0]
    measure = {"count": "count: convoy_attack", "over": "over: 14d", key: wrong}
    text = skeleton().replace(MEASURES["count"].example, "{" + ", ".join(measure.values()) + "}")
    assert list(VALIDATOR.iter_errors(read(text, "a").data))


def test_every_key_is_explained_on_hover():
    for name in ("Rule", "Count", "State", "Near"):
        for key, schema in SCHEMA["definitions"][name]["properties"].items():
            assert schema.get("description"), f"{name}.{key}"


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("kind", sorted(set(MEASURES) - {"rules"}))
def test_a_rule_to_start_from_loads_as_it_is(kind: str, lang: str):
    rules, faults = loaded({"a.yaml": skeleton(kind, lang)})
    assert rules is not None, faults


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_what_was_left_as_it_was_printed_is_told(lang: str):
    _, faults = loaded({"a.yaml": skeleton("count", lang)})
    left = [fault.message.split("'")[1] for fault in faults if fault.code == "placeholder"]
    assert left == ["why", "advice"]


def test_each_comment_stands_on_the_line_of_its_key():
    lines = {line.split(":")[0].strip(): line for line in skeleton("median").splitlines() if "#" in line}
    assert lines["rises_to"].endswith("# when each level is reached")
    assert lines["clears_at"].endswith("# from where on it is quiet")
