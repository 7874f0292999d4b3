"""What sections are made of: types that check themselves, and the base of all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Secret, ValidationInfo

SQLITE = "sqlite:///"
# What people write, and the kind of database that it means; `storage` chooses the driver.
KINDS = {"sqlite": "sqlite", "postgres": "postgresql", "postgresql": "postgresql"}

TLS_PROFILE = 2  # the lowest OCPP security profile that encrypts
CLIENT_CERTIFICATE_PROFILE = 3  # the one that asks the station for a certificate


class DatabaseUrl(Secret[str]):
    """A database address that shows itself without its password."""

    def _display(self) -> str:
        scheme, separator, rest = self.get_secret_value().partition("://")
        credentials, at, place = rest.rpartition("@")
        user, colon, _ = credentials.partition(":")
        return f"{scheme}{separator}{user}{':***' if colon else ''}{at}{place}"


def _folder(info: ValidationInfo) -> Path | None:
    return info.context["folder"] if info.context else None


def _anchored(path: Path, info: ValidationInfo) -> Path:
    folder = _folder(info)
    return folder / path.expanduser() if folder else path


def plain(url: DatabaseUrl, info: ValidationInfo) -> DatabaseUrl:
    """The address in the one spelling that `storage` reads; `ValueError` for other databases."""
    scheme, separator, rest = url.get_secret_value().partition("://")
    if not separator or scheme not in KINDS:
        raise ValueError("must start with sqlite:/// or postgresql://")
    plain = f"{KINDS[scheme]}://{rest}"
    folder, file = _folder(info), plain.removeprefix(SQLITE)
    relative = plain.startswith(SQLITE) and not file.startswith(("/", ":memory:"))
    return DatabaseUrl(f"{SQLITE}{folder / file}" if folder and relative else plain)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError):
        raise ValueError("is no time zone such as Europe/Berlin") from None
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


def listed(value: Any) -> Any:
    """A list as flags write it, with commas."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


LocalPath = Annotated[Path, AfterValidator(_anchored)]
Port = Annotated[int, Field(ge=0, le=65535)]
OcppVersion = Literal["1.2", "1.5", "1.6", "2.0.1", "2.1"]
Connectors = Annotated[int, Field(ge=1, le=8)]
Seconds = Annotated[int, Field(ge=1, le=86_400)]
TopicPart = Annotated[str, Field(pattern=r"^[^/+#]+$")]


class Section(BaseModel):
    """Base of all sections: immutable, and a key that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
