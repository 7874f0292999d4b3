"""The error tree: what can go wrong, and whose fault it is.

ChargeplaneError
├── ConfigurationError      the settings cannot be used; the message names the setting
├── Untranslatable          ours: what was asked cannot be said in the peer's OCPP version
├── OcppError               an OCPP error answer, ours or theirs (see `chargeplane.ocpp.errors`)
├── NoAnswer                the peer did not answer a call
│   ├── AnswerTimeout       in time
│   ├── Disconnected        because the connection was lost
│   ├── NotConnected        because there is no connection
│   └── QueueFull           because too many calls to it wait already
├── DeviceError             a meter or another piece of hardware failed
│   ├── DeviceRefused       it refused what it was asked for
│   └── NoMeasurement       it answered with something that is no measurement
├── NotAllowed              a setting or a command of an EVSE cannot have that value
├── NotFound                what is to be changed is not there
├── Exists                  what is to be made is there already
├── Invalid                 a value cannot be used; the message says why
├── RecordingError          a recorded day cannot be replayed; the message says why
└── StorageError            the data store refused or cannot be reached
"""

from __future__ import annotations


class ChargeplaneError(Exception):
    """Root of every error that Chargeplane raises on purpose."""


class ConfigurationError(ChargeplaneError):
    """The settings cannot be used; the message names the setting and the reason."""


class Untranslatable(ChargeplaneError):
    """What was asked cannot be said in the peer's OCPP version; the message says why."""


class NoAnswer(ChargeplaneError):
    """The peer did not answer a call."""


class AnswerTimeout(NoAnswer):
    """The peer did not answer a call in time."""


class Disconnected(NoAnswer):
    """The connection was lost before the peer answered."""


class NotConnected(NoAnswer):
    """There is no connection to the peer."""


class QueueFull(NoAnswer):
    """Too many calls to the peer wait already."""


class DeviceError(ChargeplaneError):
    """A meter or another piece of hardware failed."""


class DeviceRefused(DeviceError):
    """A device refused what it was asked for; `code` is the Modbus exception, if it is one."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class NoMeasurement(DeviceError):
    """A device answered with something that is no measurement."""


class NotAllowed(ChargeplaneError):
    """A setting or a command of an EVSE cannot have that value; the message says why."""


class NotFound(ChargeplaneError):
    """What is to be shown or changed is not there."""


class Exists(ChargeplaneError):
    """What is to be made is there already."""


class Invalid(ChargeplaneError):
    """A value cannot be used; the message says why."""


class RecordingError(ChargeplaneError):
    """A recorded day cannot be replayed; the message says where and why."""


class StorageError(ChargeplaneError):
    """The data store refused a write or cannot be reached."""
