"""The list of tokens that the central system gave the station for when it cannot be asked."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from chargeplane.domain.messages import StatusInfo
from chargeplane.domain.tokens import (
    AuthorizationData,
    GetLocalListVersion,
    LocalListVersion,
    SendLocalList,
    SendLocalListAnswer,
    Token,
    TokenInfo,
)
from chargeplane.station.station import Station

UNSUPPORTED: Final = -1  # 1.6 §5.10
USUAL: Final = "ISO14443"  # what tokens of 1.x, which have no kinds, are taken for


def entries(station: Station) -> Any:
    """The list: by the keys of the tokens."""
    return station.documents.collection("local_list", AuthorizationData)


def _versions(station: Station) -> Any:
    return station.documents.collection("local_list_version", int)


def keys(token: Token) -> tuple[str, ...]:
    """Under which keys something is kept of a token; the first is its own (2.x C01.FR.25).

    Lists of 1.x know no kinds, so they may have an eMAID under its text alone.
    """
    if token.type == USUAL:
        return (token.key,)
    own = f"{token.key} {token.type}"
    return (own, token.key) if token.type == "eMAID" else (own,)


def find(station: Station, token: Token) -> TokenInfo | None:
    """What the list says of a token; None if it says nothing or is not enabled."""
    if not _is_enabled(station):
        return None
    kept = entries(station)
    entry = next((kept[key] for key in keys(token) if key in kept), None)
    return None if entry is None else entry.id_token_info


def version(station: Station) -> int:
    """The version of the list; 0 without one, and in 1.6 if it is empty (D02.FR.02; §5.10)."""
    if station.conduct.lists_local_version and not entries(station):
        return 0
    return int(_versions(station).get("version", 0))


def _is_enabled(station: Station) -> bool:
    return station.model.flag("LocalAuthListCtrlr/Enabled")


async def on_send(station: Station, request: SendLocalList) -> SendLocalListAnswer:
    """Replace or change the list, as a whole or not at all (2.x D01; 1.6 §5.15)."""
    if not _is_enabled(station):
        if station.conduct.lists_local_version:
            return SendLocalListAnswer(status="NotSupported")
        return _refused("Failed", "NotEnabled")
    sent = request.local_authorization_list or ()
    reason = _flaw(station, request, sent)
    if reason:
        return _refused("Failed", reason)
    if request.update_type == "Differential" and request.version_number <= version(station):
        return _refused("VersionMismatch")  # D01.FR.19; 1.6 §5.15
    kept = entries(station)
    with station.documents.together():
        if request.update_type == "Full":
            kept.clear()
        for entry in sent:
            key = keys(entry.id_token)[0]
            if entry.id_token_info is not None:
                kept[key] = entry
            else:
                kept.pop(key, None)  # D01.FR.17
        _versions(station)["version"] = request.version_number
    return SendLocalListAnswer(status="Accepted")


def _flaw(
    station: Station, request: SendLocalList, sent: tuple[AuthorizationData, ...]
) -> str | None:
    """The reason code why a list cannot be taken."""
    own = [keys(entry.id_token)[0] for entry in sent]
    if request.version_number <= 0:
        return "InvalidValue"  # D01.FR.18
    if len(set(own)) != len(own):
        return "InvalidValue"  # D01.FR.06
    if request.update_type == "Full" and any(entry.id_token_info is None for entry in sent):
        return "MissingParam"
    if len(sent) > station.model.number("LocalAuthListCtrlr/ItemsPerMessage"):
        return "TooManyElements"
    room = station.model.maximum("LocalAuthListCtrlr/Entries")
    kept = set() if request.update_type == "Full" else set(entries(station))
    for key, entry in zip(own, sent, strict=True):
        (kept.discard if entry.id_token_info is None else kept.add)(key)
    return "OutOfStorage" if len(kept) > room else None


def _refused(status: Any, reason: str | None = None) -> SendLocalListAnswer:
    info = StatusInfo(reason_code=reason) if reason else None
    return SendLocalListAnswer(status=status, status_info=info)


async def on_version(station: Station, request: GetLocalListVersion) -> LocalListVersion:
    """Tell the version (2.x D02; 1.6 §5.10)."""
    del request
    if not _is_enabled(station):
        unsupported = UNSUPPORTED if station.conduct.lists_local_version else 0
        return LocalListVersion(version_number=unsupported)  # D02.FR.03
    return LocalListVersion(version_number=version(station))


def _bytes(station: Station, *_: Any) -> str:
    return str(sum(len(msgspec.json.encode(each)) for each in entries(station).values()))


HANDLERS: dict[type, Any] = {SendLocalList: on_send, GetLocalListVersion: on_version}
LIVE: dict[str, Any] = {
    "LocalAuthListCtrlr/Entries": lambda station, *_: str(len(entries(station))),
    "LocalAuthListCtrlr/Storage": _bytes,
}
