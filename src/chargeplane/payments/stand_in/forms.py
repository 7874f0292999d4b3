"""Parameters as Stripe's clients send them: forms with nested names, `a[b][0][c]=1`."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import parse_qsl

from chargeplane.payments.stand_in.errors import ApiError

PART: Final = re.compile(r"\[([^\[\]]*)\]")

Form = dict[str, Any]


def read(text: str) -> Form:
    """The parameters as one tree; lists are tables by number. Raises `ApiError`."""
    tree: Form = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        first, _, rest = name.partition("[")
        path = [first, *PART.findall(f"[{rest}" if rest else "")]
        _put(tree, path, value)
    return tree


def _put(tree: Form, path: list[str], value: str) -> None:
    *outer, last = path
    for part in outer:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise ApiError(f"Invalid {part}: must be a hash", param=part)
    tree[last or str(len(tree))] = value


def items(form: Form, name: str) -> list[Any]:
    """The members of a list."""
    found = form.get(name)
    return list(found.values()) if isinstance(found, dict) else []


def table(form: Form, *path: str) -> Form:
    """A table within; an empty one if it was not sent."""
    found: Any = form
    for part in path:
        found = found.get(part, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}
