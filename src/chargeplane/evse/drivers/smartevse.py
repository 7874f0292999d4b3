"""A SmartEVSE that is driven over its REST API, as a wallbox that drives its pilot itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from chargeplane.errors import DeviceRefused
from chargeplane.evse.hardware import IecState, WallboxStatus
from chargeplane.net.device_http import DeviceHttp
from chargeplane.net.smartevse import ModeName, SmartEvse, SmartEvseStatus

DA_PER_A: Final = 10
STOPPED: Final = ("OFF", "PAUSE", None)
HEEDS_OVERRIDE: Final = ("NORMAL", "SMART")
TRIPPED: Final = 5  # `error_id` of the residual current monitor
NO_SECOND: Final = "Not present"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartEvseConfig:
    """Where it is, and the mode that it charges in: SMART keeps it to its own mains limit."""

    url: str
    mode: Literal["NORMAL", "SMART"] = "NORMAL"
    token: str = ""  # sent as a bearer token, for devices behind a proxy that asks for one
    timeout_s: float = 3.0


class SmartEvseWallbox:
    """See `hardware.Wallbox`."""

    def __init__(self, config: SmartEvseConfig) -> None:
        headers = {"Authorization": f"Bearer {config.token}"} if config.token else None
        http = DeviceHttp(config.url, timeout_s=config.timeout_s, headers=headers)
        self._device = SmartEvse(http)
        self._mode: ModeName = config.mode

    async def status(self) -> WallboxStatus:
        """Read its settings."""
        return _wallbox(await self._device.status())

    async def offer(self, limit_a: float, phases: int | None = None) -> None:
        """Write what differs from what it does already."""
        now = await self._device.status()
        if phases is not None:
            await self._switch(now, phases)
        if limit_a < now.min_current_a:
            if now.mode not in STOPPED:
                await self._device.set_mode("PAUSE")
            return
        if now.mode not in HEEDS_OVERRIDE:
            await self._device.set_mode(self._mode)
        limit_da = min(int(limit_a * DA_PER_A), now.max_current_a * DA_PER_A)
        if now.override_da != limit_da:
            await self._device.set_override(limit_da)

    async def close(self) -> None:
        """Close its connections."""
        await self._device.close()

    async def _switch(self, now: SmartEvseStatus, phases: int) -> None:
        if phases not in (1, 3) or now.second_contactor == NO_SECOND:
            raise DeviceRefused(f"the SmartEVSE cannot choose {phases} phases")
        if now.second_contactor != CONTACTOR_TEXTS[phases]:
            await self._device.set_phases(1 if phases == 1 else 3)


def _wallbox(found: SmartEvseStatus) -> WallboxStatus:
    currents = found.ev_currents_da
    return WallboxStatus(
        state=_state(found),
        offered_a=found.charge_current_da / DA_PER_A,
        currents_a=None if currents is None else tuple(da / DA_PER_A for da in currents),
        power_w=found.ev_power_w,
        energy_wh=found.ev_energy_wh,
        session_wh=found.session_wh,
        temperature_c=found.temperature_c,
    )


def _state(found: SmartEvseStatus) -> IecState:
    if found.error_id == TRIPPED:
        return "F"
    if not found.is_plugged_in:
        return "A"
    return "C" if found.state_id in CHARGING else "B"


CHARGING: Final = frozenset({2, 3, 10})  # C, D, and C1: until the car has stopped
CONTACTOR_TEXTS: Final = {1: "Always Off", 3: "Always On"}
