"""`eoffice verify --json` keeps to docs/schemas/verify.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eoffice.signing.engine.verdicts import TrustAnchors, Verdict
from eoffice.signing.engine.verifying import verify_files
from eoffice.signing.tests.factories import NOW, Pki, Trip, letter_pdf

_SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[3] / "docs" / "schemas" / "verify.json").read_text(encoding="utf-8")
)
_KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def faults(value: object, schema: dict[str, Any], at: str = "$") -> list[str]:
    """What breaks the schema, for the words of it that ours uses."""
    if "$ref" in schema:
        return faults(value, _SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], at)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(isinstance(value, _KINDS[kind]) for kind in kinds):
        return [f"{at}: not {kinds}"]
    found = [f"{at}: {value!r} not in enum"] if "enum" in schema and value not in schema["enum"] else []
    if isinstance(value, dict):
        found += [f"{at}: no {name}" for name in schema["required"] if name not in value]
        found += [f"{at}: {name} is not promised" for name in value if name not in schema["properties"]]
        for name, inner in value.items():
            found += faults(inner, schema["properties"].get(name, {"type": list(_KINDS)}), f"{at}.{name}")
    if isinstance(value, list):
        for number, inner in enumerate(value):
            found += faults(inner, schema["items"], f"{at}[{number}]")
    return found


@pytest.fixture(scope="module")
def verdicts(trip: Trip, pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    directory = tmp_path_factory.mktemp("schema")
    unsigned, broken, tailed = (directory / name for name in ("unsigned.pdf", "broken.pdf", "tailed.pdf"))
    unsigned.write_bytes(letter_pdf())
    broken.write_bytes(b"no pdf")
    tailed.write_bytes(trip.sealed.read_bytes() + b"%more")
    known = verify_files([trip.sealed, trip.numbered, tailed, unsigned, broken], pki.trust(), NOW)
    return [*known, *verify_files([trip.sealed], TrustAnchors(), NOW)]


def test_every_kind_of_verdict_keeps_to_the_schema(verdicts: list[Verdict]):
    assert {verdict.verdict.value for verdict in verdicts} == {"valid", "invalid", "indeterminate"}
    for verdict in verdicts:
        assert faults(json.loads(json.dumps(verdict.to_json())), _SCHEMA) == []


def test_the_check_itself_sees_faults(verdicts: list[Verdict]):
    spoken = verdicts[0].to_json()
    assert faults({**spoken, "verdict": "perhaps"}, _SCHEMA) == ["$.verdict: 'perhaps' not in enum"]
    assert faults({**spoken, "more": 1}, _SCHEMA)[0] == "$: more is not promised"
    del spoken["signatures"][0]["level"]
    assert faults(spoken, _SCHEMA) == ["$.signatures[0]: no level"]
