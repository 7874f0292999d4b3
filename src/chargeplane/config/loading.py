"""The only reader of settings: it merges file, variables and flags, and validates once.

It remembers which of them each value comes from; relative paths are taken from the folder of the
file, or from the working directory when there is none.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, SettingsError

from chargeplane.config.parts import Section
from chargeplane.config.settings import Settings
from chargeplane.errors import ConfigurationError

Tree = dict[str, Any]
DEFAULT_FILE = "chargeplane.toml"
ENV_PREFIX = "CHARGEPLANE_"
ENV_FILE = "CHARGEPLANE_CONFIG"
DEFAULT = "default"  # the origin of what nobody set


class _Environment(Settings, BaseSettings):
    """Tells pydantic-settings how variables are named; never filled."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", env_ignore_empty=True
    )


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings in force, and where each of them comes from."""

    settings: Settings
    file: Path | None
    origins: Mapping[str, str]  # "server.host" -> the file, the variable or the flag

    def shown(self) -> dict[str, dict[str, Any]]:
        """Return the values as JSON would hold them, secrets masked."""
        return self.settings.model_dump(mode="json")


@dataclass(frozen=True, slots=True)
class Setting:
    """What the documentation says about one setting."""

    name: str
    default: str
    description: str

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return _variable(self.name)


def load(path: Path | None = None, flags: Mapping[str, Any] | None = None) -> Configuration:
    """Return the settings in force; ``flags`` are dotted names with their values.

    Raises `ConfigurationError`, which names the setting and where it was set.
    """
    file = _find(path)
    values: Tree = {section: {} for section in Settings.model_fields}
    origins: dict[str, str] = {}
    for name, value, origin in [*_from_file(file), *_from_environment(), *_from_flags(flags or {})]:
        _put(values, name, value, origin)
        origins[name] = origin
    folder = (file.parent if file else Path()).resolve()
    try:
        settings = Settings.model_validate(values, context={"folder": folder})
    except ValidationError as error:
        raise ConfigurationError(_explained(error, origins)) from None
    return Configuration(settings=settings, file=file, origins=origins)


def describe() -> Iterator[Setting]:
    """Yield every setting in the order of the file."""
    for section in Settings.model_fields:
        part: Section = getattr(Settings(), section)
        defaults = part.model_dump(mode="json")
        for key, field in type(part).model_fields.items():
            yield Setting(f"{section}.{key}", toml_value(defaults[key]), field.description or "")


def as_toml(configuration: Configuration) -> str:
    """Return the settings in force as a TOML file, each with its origin, secrets masked."""
    lines = []
    for section, values in configuration.shown().items():
        lines.append(f"[{section}]")
        for key, value in values.items():
            origin = configuration.origins.get(f"{section}.{key}", DEFAULT)
            unset = "# " if value is None else ""
            lines.append(f"{unset}{key} = {toml_value(value)}  # {origin}")
        lines.append("")
    return "\n".join(lines).rstrip()


def toml_value(value: Any) -> str:
    """Return one value as TOML writes it; None, which TOML lacks, is empty text."""
    return json.dumps("" if value is None else value, ensure_ascii=False)


def _find(path: Path | None) -> Path | None:
    """Return the file to read, or None when none is named and the usual one is absent."""
    named = path or Path(os.environ.get(ENV_FILE) or DEFAULT_FILE)
    if named.is_file():
        return named
    if path or os.environ.get(ENV_FILE):
        raise ConfigurationError(f"{named}: there is no such file")
    return None


Found = tuple[str, Any, str]  # dotted name, value, origin


def _from_file(file: Path | None) -> Iterator[Found]:
    if file is None:
        return
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{file}: {error}") from None
    for name, value in _leaves(tree):
        yield name, value, str(file)


def _from_environment() -> Iterator[Found]:
    for variable in os.environ:
        section, nested, _ = variable.upper().removeprefix(ENV_PREFIX).lower().partition("__")
        ours = nested and variable.upper().startswith(ENV_PREFIX)
        if ours and section not in Settings.model_fields:
            raise ConfigurationError(f"{variable}: unknown setting{_suggestion(section, Settings)}")
    try:
        tree = EnvSettingsSource(_Environment)()
    except SettingsError as error:
        raise ConfigurationError(str(error)) from None
    for name, value in _leaves(tree):
        yield name, value, _variable(name)


def _from_flags(flags: Mapping[str, Any]) -> Iterator[Found]:
    for name, value in flags.items():
        yield name, value, "flag"


def _variable(name: str) -> str:
    return ENV_PREFIX + name.upper().replace(".", "__")


def _leaves(tree: Tree, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what is set, under its dotted name; an empty table counts as a value."""
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _put(tree: Tree, name: str, value: Any, origin: str) -> None:
    """Set one dotted name in ``tree``, over what a lower layer set there."""
    *sections, key = name.split(".")
    for section in sections:
        tree = tree.setdefault(section, {})
        if not isinstance(tree, dict):
            raise ConfigurationError(f"{name} (from {origin}): {section} is not a section")
    if value != {} or key not in tree:
        tree[key] = value


def _explained(error: ValidationError, origins: Mapping[str, str]) -> str:
    """Return what is wrong in one line that never repeats a value, which may be secret."""
    reasons = []
    for problem in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in problem["loc"])
        reason = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            section, _, key = name.rpartition(".")
            reason = f"unknown setting{_suggestion(key, _section(section))}"
        origin = f" (from {origins[name]})" if name in origins else ""
        reasons.append(f"{name}{origin}: {reason}")
    return "; ".join(reasons)


def _section(name: str) -> type[Section]:
    return type(getattr(Settings(), name)) if name in Settings.model_fields else Settings


def _suggestion(key: str, section: type[Section]) -> str:
    close = get_close_matches(key, section.model_fields, n=1)
    return f", did you mean {close[0]}?" if close else ""
