"""A client of the REST API of a SmartEVSE, firmware 3.0 and later.

It reads the settings of every generation: energies were kWh before firmware 3.10, and `access`
was a truth value before 3.8.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from chargeplane.errors import DeviceError, DeviceRefused
from chargeplane.net.device_http import DeviceHttp, Query

SETTINGS: Final = "/settings"
REFUSAL: Final = "Value not allowed!"
WH_PER_KWH: Final = 1000

ModeName = Literal["OFF", "NORMAL", "SOLAR", "SMART", "PAUSE"]
MODES: Final[tuple[ModeName, ...]] = ("OFF", "NORMAL", "SOLAR", "SMART", "PAUSE")
ONE_PHASE, THREE_PHASES = 1, 3  # of `enable_C2`: Always Off, Always On


class SmartEvseStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What a SmartEVSE says of itself; what its firmware does not tell is None."""

    version: str
    mode: ModeName | None  # None while it is not known
    state_id: int
    error_id: int
    is_plugged_in: bool
    charge_current_da: int
    override_da: int
    min_current_a: int
    max_current_a: int
    second_contactor: str  # `enable_C2`
    temperature_c: int | None = None
    ev_currents_da: tuple[int, int, int] | None = None  # of the EV meter, where there is one
    ev_power_w: int | None = None
    ev_energy_wh: int | None = None
    session_wh: int | None = None
    mains_currents_da: tuple[int, int, int] | None = None
    rfid: str | None = None  # of the last card


class SmartEvse:
    """One device. Everything raises `NoAnswer`, `DeviceRefused` or `DeviceError`."""

    def __init__(self, http: DeviceHttp) -> None:
        self._http = http

    async def status(self) -> SmartEvseStatus:
        """Ask how it goes."""
        data = await self._http.get(SETTINGS)
        try:
            return _status(data)
        except (KeyError, TypeError, ValueError, msgspec.ValidationError) as error:
            raise DeviceError(f"{SETTINGS} lacks or says wrong: {error}") from error

    async def set_mode(self, mode: ModeName) -> None:
        """Choose a mode; devices that know no PAUSE are switched off instead."""
        try:
            await self._post(SETTINGS, {"mode": MODES.index(mode)}, "mode")
        except DeviceRefused:
            if mode != "PAUSE":
                raise
            await self._post(SETTINGS, {"mode": MODES.index("OFF")}, "mode")

    async def set_override(self, current_da: int) -> None:
        """Charge with that current in 0.1 A, which modes NORMAL and SMART heed; 0: no override."""
        await self._post(SETTINGS, {"override_current": current_da}, "override_current")

    async def set_phases(self, phases: Literal[1, 3]) -> None:
        """Use the second contactor never or always; it heeds that when a charge begins."""
        choice = ONE_PHASE if phases == 1 else THREE_PHASES
        await self._http.post(SETTINGS, {"enable_C2": choice})

    async def push_mains(self, currents_da: tuple[int, int, int]) -> None:
        """Tell a mains meter of type API its currents in 0.1 A, at least every 10 s."""
        one, two, three = currents_da
        await self._http.post("/currents", {"L1": one, "L2": two, "L3": three})

    async def push_card(self, uid: str) -> None:
        """Act as if a card had been shown, given in 12 or 14 hexadecimal digits."""
        answer = await self._http.post("/rfid", {"rfid": uid})
        if "rfid" not in answer:
            raise DeviceRefused(f"/rfid: {answer.get('rfid_status')}")

    async def close(self) -> None:
        """Close its connections."""
        await self._http.close()

    async def _post(self, path: str, query: Query, key: str) -> None:
        """Post what is answered with the same key, which is left out if the device ignored it."""
        answer = await self._http.post(path, query)
        said = answer.get(key, REFUSAL)
        if said == REFUSAL:
            raise DeviceRefused(f"{path}: {dict(query)} was refused")


def _status(data: dict[str, Any]) -> SmartEvseStatus:
    evse, settings = data["evse"], data["settings"]
    return SmartEvseStatus(
        version=str(data.get("version", "")),
        mode=_mode(data.get("mode_id")),
        state_id=int(evse["state_id"]),
        error_id=int(evse["error_id"]),
        is_plugged_in=bool(data["car_connected"]),
        charge_current_da=int(settings["charge_current"]),
        override_da=int(settings["override_current"]),
        min_current_a=int(settings["current_min"]),
        max_current_a=int(settings["current_max"]),
        second_contactor=str(settings.get("enable_C2", "Not present")),
        temperature_c=_optional(evse, "temp"),
        mains_currents_da=_currents(data.get("phase_currents")),
        rfid=evse.get("rfid_lastread"),
        **_ev_meter(data.get("ev_meter", {})),
    )


def _ev_meter(meter: dict[str, Any]) -> dict[str, Any]:
    if meter.get("description", "Disabled") in ("", "Disabled"):
        return {}
    is_new = "total_wh" in meter or "charged_wh" in meter
    factor = 1 if is_new else WH_PER_KWH
    energy = meter.get("import_active_energy", meter.get("total_wh", meter.get("total_kwh")))
    session = meter.get("charged_wh", meter.get("charged_kwh"))
    return {
        "ev_currents_da": _currents(meter.get("currents")),
        "ev_power_w": _optional(meter, "import_active_power"),
        "ev_energy_wh": None if energy is None else round(float(energy) * factor),
        "session_wh": None if session is None else round(float(session) * factor),
    }


def _mode(mode_id: object) -> ModeName | None:
    if isinstance(mode_id, int) and 0 <= mode_id < len(MODES):
        return MODES[mode_id]
    return None


def _currents(data: dict[str, Any] | None) -> tuple[int, int, int] | None:
    return None if data is None else (int(data["L1"]), int(data["L2"]), int(data["L3"]))


def _optional(data: dict[str, Any], key: str) -> int | None:
    return None if data.get(key) is None else int(data[key])
