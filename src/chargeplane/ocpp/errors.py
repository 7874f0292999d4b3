"""What an OCPP error answer says, and how each family of versions spells it.

The canonical names are those of OCPP 2.x (part 4 §4.3). OCPP 1.6 spells two
of them its own way, and the errata keep that spelling (1.6J errata §5.1 and
§5.2); two more it does not have and they become the nearest that it has:

    FormatViolation                 FormationViolation
    OccurrenceConstraintViolation   OccurenceConstraintViolation
    RpcFrameworkError               FormationViolation    the frame breaks the PDU structure
    MessageTypeNotSupported         NotSupported          understood, but not offered here
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import msgspec

from chargeplane.errors import ChargeplaneError

if TYPE_CHECKING:
    from collections.abc import Mapping

Family = Literal["1.x", "2.x"]

ErrorCode = Literal[
    "FormatViolation",
    "GenericError",
    "InternalError",
    "MessageTypeNotSupported",
    "NotImplemented",
    "NotSupported",
    "OccurrenceConstraintViolation",
    "PropertyConstraintViolation",
    "ProtocolError",
    "RpcFrameworkError",
    "SecurityError",
    "TypeConstraintViolation",
]

DESCRIPTION_LENGTH: Final = 255  # 2.x part 4 §4.2.3: errorDescription is a string[255]


class OcppError(ChargeplaneError):
    """An OCPP error answer, ours to the peer or the peer's to us."""

    def __init__(
        self, code: ErrorCode, description: str = "", details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(code, description)
        self.code: ErrorCode = code
        self.spelling: str = code  # as the peer spelled it, when the error is the peer's
        self.description = description
        self.details: dict[str, Any] = dict(details or {})

    def __str__(self) -> str:
        return f"{self.spelling}: {self.description}" if self.description else self.spelling


def spell(code: ErrorCode, family: Family) -> str:
    """Return the code as this family writes it on the wire."""
    return SPELLINGS[family].get(code, code)


def canonical(text: str) -> ErrorCode:
    """Return the code that a peer means by this text; what nobody knows is a GenericError."""
    return CODES.get(text, "GenericError")


def received(
    spelling: str, description: str = "", details: Mapping[str, Any] | None = None
) -> OcppError:
    """Make the error that a peer sent, keeping the code as it spelled it."""
    error = OcppError(canonical(spelling), description, details)
    error.spelling = spelling
    return error


def from_decode_error(error: Exception, family: Family) -> OcppError:
    """Say by code what is wrong with a payload that msgspec refused, and name the field."""
    if not isinstance(error, msgspec.ValidationError):
        return _described("FormatViolation", f"payload is not valid JSON: {error}")
    reason, path = _split(str(error))
    missing = _MISSING.match(reason)
    if missing:
        return _described(MISSING_FIELD[family], f"{_join(path, missing[1])}: missing")
    unknown = _UNKNOWN.match(reason)
    if unknown:
        return _described("FormatViolation", f"{_join(path, unknown[1])}: not a known field")
    if not path and reason.startswith("Expected `object`"):
        return _described("FormatViolation", f"payload: {_plain(reason)}")
    return _described(_code(reason), f"{path or 'payload'}: {_plain(reason)}")


def _code(reason: str) -> ErrorCode:
    return next((code for shape, code in REASONS if shape.match(reason)), _OTHERWISE)


def _split(message: str) -> tuple[str, str]:
    """Part a msgspec message into the reason and the path without its leading ``$.``."""
    reason, found, path = message.rpartition(" - at `")
    if not found:
        return message, ""
    return reason, path.removeprefix("key` in `").rstrip("`").lstrip("$").lstrip(".")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _plain(reason: str) -> str:
    return reason[:1].lower() + reason[1:].replace(" | null`", "`").replace("`", "")


def _described(code: ErrorCode, description: str) -> OcppError:
    return OcppError(code, description[:DESCRIPTION_LENGTH])


_MISSING = re.compile(r"Object missing required field `(.*)`", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)

# How msgspec words a refusal, and what OCPP calls it. The rest is about the
# value: too long, not in the enumeration, out of bounds, not of the pattern.
REASONS: Final[tuple[tuple[re.Pattern[str], ErrorCode], ...]] = (
    (re.compile(r"Expected `(array|object)` of.* length"), "OccurrenceConstraintViolation"),
    (re.compile(r"Expected `[^`]*`, got "), "TypeConstraintViolation"),
    (re.compile(r"Expected `\w+` with(out)? a timezone"), "TypeConstraintViolation"),
    (re.compile(r"Invalid (RFC3339|UUID|base64|decimal|epoch)"), "TypeConstraintViolation"),
)
_OTHERWISE: Final[ErrorCode] = "PropertyConstraintViolation"

# 1.6J §4.2.3 calls an incomplete payload a ProtocolError; in 2.x (part 4 §4.3)
# that is a broken PDU, and a field that is not there violates its occurrence.
MISSING_FIELD: Final[dict[Family, ErrorCode]] = {
    "1.x": "ProtocolError",
    "2.x": "OccurrenceConstraintViolation",
}

SPELLINGS: Final[dict[Family, dict[ErrorCode, str]]] = {
    "1.x": {
        "FormatViolation": "FormationViolation",
        "OccurrenceConstraintViolation": "OccurenceConstraintViolation",
        "RpcFrameworkError": "FormationViolation",
        "MessageTypeNotSupported": "NotSupported",
    },
    "2.x": {},
}

# Peers mix the spellings, so both are understood whatever the version.
CODES: Final[dict[str, ErrorCode]] = {
    "FormationViolation": "FormatViolation",
    "OccurenceConstraintViolation": "OccurrenceConstraintViolation",
    **{code: code for code in get_args(ErrorCode)},
}
