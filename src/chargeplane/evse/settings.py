"""What the owner of a device sets, kept so that it survives a power cut.

Each setting is a document of its own. First values count until somebody changes them; a setting
that a newer or older program kept and this one cannot use falls back to its first value.
"""

from __future__ import annotations

from decimal import Decimal
from enum import IntEnum
from typing import Any, Final

import msgspec
import structlog

from chargeplane.energy.capacity import CapacityMode, Interval
from chargeplane.energy.schedule import NONE, Schedule
from chargeplane.energy.settings import ALLOWED, Settings, is_allowed
from chargeplane.energy.states import Access, Mode
from chargeplane.errors import ConfigurationError, NotAllowed
from chargeplane.storage.documents import Documents

Color = tuple[int, int, int]

logger = structlog.get_logger()


class Colors(msgspec.Struct, frozen=True, kw_only=True):
    """Red, green and blue of the light, by what the device does."""

    off: Color = (0, 0, 0)
    normal: Color = (0, 255, 0)
    smart: Color = (0, 255, 0)
    solar: Color = (255, 170, 0)
    custom: Color = (0, 0, 255)


class MqttSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The broker that the device publishes to; without a host there is none."""

    host: str = ""
    port: int = 1883
    prefix: str = ""  # of all topics; "": SmartEVSE-<serial>
    username: str = ""
    password: str = ""
    tls: bool = False
    ca_certificate: str = ""  # PEM; "": those that the machine trusts
    heartbeat_s: int = 10  # after which a topic is published again
    change_only: bool = False  # the heartbeat publishes only what changed
    discovery: bool = True  # tell Home Assistant which entities there are


class OcppSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The central system that the device connects to as a charging station."""

    enabled: bool = False
    url: str = ""
    id: str = ""
    password: str = ""
    auto_auth: bool = False  # charge without a card, as if this one had been shown
    auto_auth_tag: str = ""


class DeviceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of a device that may change while it runs."""

    regulation: Settings = Settings()
    mode: Mode = Mode.NORMAL
    access: Access = Access.ON
    schedule: Schedule = NONE
    capacity_mode: CapacityMode = CapacityMode.DISABLED
    intervals: tuple[Interval, ...] = ()
    colors: Colors = Colors()
    lcd_lock: bool = False
    led_mode: int = 0  # 0: standard, 1: public
    required_evccid: str = ""
    price_per_kwh: Decimal = Decimal(0)
    currency: str = "EUR"
    mqtt: MqttSettings = MqttSettings()
    ocpp: OcppSettings = OcppSettings()


REGULATION: Final = frozenset(Settings.__struct_fields__)
TYPES: Final[dict[str, Any]] = {
    field.name: field.type
    for kind in (Settings, DeviceSettings)
    for field in msgspec.structs.fields(kind)
    if field.name != "regulation"
}


class Owner:
    """The settings in force, and where they are kept."""

    def __init__(self, documents: Documents, first: DeviceSettings | None = None) -> None:
        """Raises `StorageError` if what is kept cannot be read."""
        self._documents = documents
        self._kept = documents.collection("settings", msgspec.Raw)
        self._first = first or DeviceSettings()
        self.settings = _with(self._first, self._known())

    def change(self, **values: Any) -> None:
        """Set and keep settings by their names; raises `NotAllowed` and then changes none."""
        checked = {name: check(name, value) for name, value in values.items()}
        with self._documents.together():
            for name, value in checked.items():
                self._kept[name] = msgspec.Raw(msgspec.json.encode(value))
        self.settings = _with(self.settings, checked)

    def fit(self, **values: Any) -> None:
        """Say how the device is wired: settings that are told anew at every start."""
        self.settings = _with(self.settings, values)

    def erase(self) -> None:
        """Forget all that was changed."""
        self._kept.clear()
        self.settings = self._first

    def _known(self) -> dict[str, Any]:
        found = {}
        for name, raw in self._kept.items():
            try:
                found[name] = check(name, msgspec.json.decode(raw))
            except NotAllowed as error:
                logger.warning("setting ignored", setting=name, reason=str(error))
        return found


def first_values(values: dict[str, Any]) -> DeviceSettings:
    """Settings with some values by their names; raises `ConfigurationError`."""
    try:
        # Flags and variables of the environment are texts.
        typed = {name: check(name, values[name], is_strict=False) for name in values}
        return _with(DeviceSettings(), typed)
    except NotAllowed as error:
        raise ConfigurationError(f"evse.settings: {error}") from error


def check(name: str, value: Any, *, is_strict: bool = True) -> Any:
    """The value as the type of its setting, which may be called by name; raises `NotAllowed`."""
    if name not in TYPES:
        raise NotAllowed(f"there is no setting {name}")
    kind = TYPES[name]
    try:
        if isinstance(value, str) and isinstance(kind, type) and issubclass(kind, IntEnum):
            value = int(value) if value.isdecimal() else kind[value.upper()]
        plain = msgspec.to_builtins(value)
        typed = msgspec.convert(plain, kind, strict=is_strict, str_keys=True)
    except (KeyError, msgspec.ValidationError) as error:
        raise NotAllowed(f"{name}: {error}") from error
    if name in ALLOWED and not is_allowed(name, typed):
        raise NotAllowed(f"{name}: {typed} is not allowed")
    return typed


def _with(settings: DeviceSettings, values: dict[str, Any]) -> DeviceSettings:
    regulated = {name: values[name] for name in values if name in REGULATION}
    own = {name: values[name] for name in values if name not in REGULATION}
    regulation = msgspec.structs.replace(settings.regulation, **regulated)
    return msgspec.structs.replace(settings, regulation=regulation, **own)
