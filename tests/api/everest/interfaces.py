"""EVerest's own definitions of interfaces and types, which lie in the folder `shared`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema
import yaml
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from tests.conftest import shared


@lru_cache(maxsize=8)
def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(shared(f"everest/{name}.yaml").read_text("utf-8"))
    return found


@lru_cache(maxsize=1)
def _types() -> Registry[Any]:
    """The types by the references that interfaces make to them."""
    resources = [
        (f"/{name}#/{kind}", Resource.from_contents(_absolute(schema), DRAFT7))
        for name in ("ocpp", "text_message")
        for kind, schema in _read(f"types/{name}")["types"].items()
    ]
    return Registry().with_resources([(uri.replace("#", ""), each) for uri, each in resources])


def _absolute(schema: Any) -> Any:
    """References without the sign for a part, so that each type is a document."""
    if isinstance(schema, dict):
        return {
            key: value.replace("#", "") if key == "$ref" else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(each) for each in schema] if isinstance(schema, list) else schema


def check(schema: dict[str, Any], value: Any) -> None:
    """Fail if a value is not what a schema says."""
    validator = jsonschema.Draft7Validator(_absolute(schema), registry=_types())
    errors = [f"{'/'.join(map(str, e.path))}: {e.message}" for e in validator.iter_errors(value)]
    assert errors == []


def interface(name: str) -> dict[str, Any]:
    """An interface; a test that asks for it is skipped where it is absent."""
    return _read(f"interfaces/{name}")


def check_variable(of: str, name: str, value: Any) -> None:
    """Fail if a value is none of a variable of an interface."""
    check(interface(of)["vars"][name], value)


def check_result(of: str, name: str, value: Any) -> None:
    """Fail if a value is no result of a command of an interface."""
    result = interface(of)["cmds"][name].get("result")
    if result is None:
        assert value is None
    else:
        check(result, value)
