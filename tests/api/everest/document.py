"""EVerest's AsyncAPI document of its interface, which lies in the folder `shared`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from tests.conftest import SHARED, shared

NAME = "everest/ocpp_consumer_API.yaml"


@lru_cache(maxsize=1)
def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def document() -> dict[str, Any]:
    """The document; a test that asks for it is skipped where it is absent."""
    return _read(shared(NAME))


def channels() -> dict[str, str | None]:
    """The topics below the base by the name of the channel; None: where the client wants it."""
    if not (SHARED / NAME).exists():
        return {}
    return {name: each["address"] for name, each in _read(SHARED / NAME)["channels"].items()}


def example(message: str) -> Any:
    """The payload of the first example of a message, or None."""
    examples = document()["components"]["messages"][message].get("examples", [])
    found = examples[0]["payload"] if examples else None
    return found["payload"] if isinstance(found, dict) and "headers" in found else found


def check(message: str, payload: Any) -> None:
    """Fail if a payload is none of a message's."""
    components = document()["components"]
    schema = {"$ref": f"#/components/messages/{message}/payload", "components": components}
    validator = jsonschema.Draft202012Validator(schema)
    errors = [f"{'/'.join(map(str, e.path))}: {e.message}" for e in validator.iter_errors(payload)]
    assert errors == []
