"""The `main.php` of the SteVe client: eight commands by GET, answered in plain words.

What the words of the original promised is true here: `Ok` is said once the
station has accepted, and everything else by its own word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Header, Request
from fastapi.responses import PlainTextResponse, Response

from chargeplane.api.steve.backends import REQUESTS, STATE, Backend, Result, Wanted
from chargeplane.api.steve.shared import KeyCheck

COMMANDS: Final = frozenset({STATE, *REQUESTS})
EXPIRY: Final = "%Y-%m-%d %H:%M"
NULL_BOX: Final = "NullBoxID"
DIGITS: Final = 9  # of a number that OCPP can say

# What a command cannot do without. A charge box is needed always.
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "DataTransfer": ("VendorID",),
    "RemoteStartTransaction": ("idTag",),
    "ReserveNow": ("idTag", "Expiry"),
    "UnlockConnector": ("ConnectorID",),
    "SetChargingProfile": ("ChargingProfileID",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhpSettings:
    """Which commands are allowed, and the time zone of `Expiry`."""

    commands: frozenset[str] = COMMANDS
    timezone: tzinfo = UTC


class Mistake(Exception):
    """A request that cannot be carried out, by the word that is answered."""


def router(backend: Backend, check: KeyCheck | None, settings: PhpSettings) -> APIRouter:
    """The route of `main.php`; there is none without a check of keys."""
    face = APIRouter()
    if check is None:
        return face

    @face.get("/main.php")
    async def main_php(request: Request, accept: Annotated[str, Header()] = "") -> Response:
        """Run a command at one charge box or at several (`001;002;003`)."""
        query = request.query_params
        in_full = query.get("format") == "json" or (
            "format" not in query and "application/json" in accept
        )
        show = _in_full if in_full else _in_words
        by = await check(query.get("key", ""))
        if by is None:
            # As the original: whoever has no key is told nothing.
            return Response(status_code=401 if in_full else 200, media_type="text/plain")
        try:
            wanted, boxes = _read(query, settings)
        except Mistake as mistake:
            return show(400, {"result": str(mistake)}, [str(mistake)])
        results = await backend.run(wanted, boxes, by)
        entries = [_entry(wanted, box, results[box]) for box in boxes]
        return show(200, entries, [results[box].word for box in boxes])

    return face


def _in_words(_status: int, _entries: Any, words: list[str]) -> Response:
    """A line for each charge box; the original never answers by a status."""
    return PlainTextResponse("\n".join(words))


def _in_full(status: int, entries: Any, _words: list[str]) -> Response:
    return Response(msgspec.json.encode(entries), status, media_type="application/json")


def _entry(wanted: Wanted, box: str, result: Result) -> dict[str, Any]:
    full = {
        "ChargeBoxID": box,
        "cmd": wanted.cmd,
        "result": result.word,
        "accepted": result.accepted,
        "answer": result.answer,
        "error": result.error,
    }
    return {name: value for name, value in full.items() if value is not None}


def _read(query: Mapping[str, str], settings: PhpSettings) -> tuple[Wanted, list[str]]:
    """The command and its charge boxes; raises `Mistake` in the order of the original."""
    cmd = query.get("cmd", "")
    if cmd not in COMMANDS:
        raise Mistake("Unknown command")
    if cmd not in settings.commands:
        raise Mistake("Command NotAllow")
    boxes = [box.strip() for box in query.get("ChargeBoxID", "").split(";")]
    boxes = list(dict.fromkeys(filter(None, boxes)))
    if not boxes:
        raise Mistake(NULL_BOX)
    for name in NEEDS.get(cmd, ()):
        if not query.get(name, "").strip():
            raise Mistake(f"Null{_capital(name)}")
    return _wanted(cmd, query, settings), boxes


def _wanted(cmd: str, query: Mapping[str, str], settings: PhpSettings) -> Wanted:
    return Wanted(
        cmd=cmd,
        connector=_number(query, "ConnectorID"),
        id_tag=query.get("idTag", "").strip(),
        vendor=query.get("VendorID", ""),
        message=query.get("MessageID"),
        data=query.get("Data"),
        expiry=_moment(query, settings.timezone),
        profile=_number(query, "ChargingProfileID") or 0,
    )


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= DIGITS):
        raise Mistake(f"Wrong{_capital(name)}")
    return int(text)


def _moment(query: Mapping[str, str], timezone: tzinfo) -> datetime | None:
    text = query.get("Expiry", "").strip()
    if not text:
        return None
    try:
        return datetime.strptime(text, EXPIRY).replace(tzinfo=timezone).astimezone(UTC)
    except ValueError:
        raise Mistake("WrongExpiry") from None


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]
