"""Setting, clearing and reporting charging profiles."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.profiles import SetChargingProfile
from chargeplane.domain.transactions import (
    RequestStartTransaction,
    TransactionEnded,
    TransactionStarted,
)
from chargeplane.domain.variables import GetVariables, SetVariables, VariableQuery, VariableSetting
from chargeplane.evse.hardware import Measurement
from chargeplane.ocpp.errors import OcppError
from chargeplane.station import authorization, profile_store
from chargeplane.station.definition import address
from chargeplane.storage.documents import Documents
from tests.station.charging import (
    TAG,
    charge,
    clear,
    now,
    pass_time,
    profile,
    read,
    refused,
    reported,
    set_,
    steps,
)
from tests.station.desk import VERSIONS, Place, place

BOTH = ["2.0.1", "2.1"]
MAX = "ChargingStationMaxProfile"
TX = "TxProfile"
DEFAULT = "TxDefaultProfile"


def held(there: Place) -> list[tuple[int, int]]:
    return [(each.evse_id, each.profile.id) for each in profile_store.installed(there.station)]


def tx(name: str | None, *limits: Any, **changes: Any) -> Any:
    changes = {"charging_profile_kind": "Relative", "transaction_id": name} | changes
    return profile(*limits, charging_profile_purpose=TX, **changes)


# Setting


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("unit", ["A", "W"])
async def test_TC_K_01_CS_default_of_an_evse(version: str, unit: str) -> None:
    limit = 6.0 if unit == "A" else 6000.0
    one = {"start_period": 0, "limit": limit, "number_phases": 3}
    sent = profile(one, charging_rate_unit=unit, duration=300)
    async with place(version, evses=2) as there:
        assert await set_(there, 1, sent) == ["Accepted"]
        if version == "1.6":
            assert held(there) == [(1, 1)]
        else:
            parts = await reported(there, charging_profile_id=[1])
            assert read(parts) == [(1, "CSO", (sent,))]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_02_CS_profile_for_a_transaction_that_does_not_run(version: str) -> None:
    async with place(version) as there:
        assert await refused(there, 1, tx("99", 6)) == ("" if version == "1.6" else "TxNotFound")


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_03_CS_limit_of_the_station(version: str) -> None:
    sent = profile(6, charging_profile_purpose=MAX, duration=300)
    async with place(version, evses=2) as there:
        assert await set_(there, 0, sent) == ["Accepted"]
        if version != "1.6":
            assert read(await reported(there, charging_profile_id=[1])) == [(0, "CSO", (sent,))]
        await refused(there, 1, profile(6, charging_profile_purpose=MAX, id=2))


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_04_CS_replace_by_id(version: str) -> None:
    async with place(version) as there:
        later = profile(10)
        assert await set_(there, 1, profile(6), later) == ["Accepted"] * 2
        assert [each.profile for each in profile_store.installed(there.station)] == [later]


async def test_the_same_level_replaces_in_one_family_and_is_refused_in_the_other() -> None:
    async with place("1.6") as there:
        assert await set_(there, 1, profile(6), profile(7, id=2)) == ["Accepted"] * 2
        assert held(there) == [(1, 2)]
    async with place("2.0.1", evses=2) as there:
        assert await set_(there, 1, profile(6)) == ["Accepted"]
        assert await refused(there, 1, profile(7, id=2)) == "DuplicateProfile"
        assert await refused(there, 0, profile(7, id=2)) == "DuplicateProfile"
        assert await set_(there, 2, profile(7, id=2)) == ["Accepted"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_10_CS_default_of_all_evses(version: str) -> None:
    sent = profile(6, duration=300)
    async with place(version, evses=2) as there:
        assert await set_(there, 0, sent) == ["Accepted"]
        if version != "1.6":
            assert read(await reported(there, charging_profile_id=[1])) == [(0, "CSO", (sent,))]
        for number in (1, 2):
            await charge(there, number)
            assert there.evse(number).limit_a == 6


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_11_CS_profile_of_a_transaction_on_all_evses(version: str) -> None:
    async with place(version) as there:
        name = await charge(there)
        await refused(there, 0, tx(name, 6))


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_12_CS_unit_that_is_not_supported(version: str) -> None:
    async with place(version, values={"SmartChargingCtrlr/RateUnit": "A"}) as there:
        reason = await refused(there, 1, profile(6000, charging_rate_unit="W"))
        assert reason == ("" if version == "1.6" else "UnsupportedRateUnit")


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_13_CS_profiles_outlive_a_restart(tmp_path: Path, version: str) -> None:
    file, sent = tmp_path / "station.db", [profile(8, id=10), profile(6, id=9, stack_level=1)]
    async with place(version, documents=Documents(file)) as there:
        assert await set_(there, 1, *sent) == ["Accepted"] * 2
    async with place(version, documents=Documents(file)) as there:
        if version != "1.6":
            parts = await reported(there, charging_profile_id=[9, 10])
            assert [each.profiles for each in read(parts)] == [tuple(sent)]
        await charge(there)
        assert there.evse().limit_a == 6


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_14_CS_evse_that_is_not_there(version: str) -> None:
    async with place(version) as there:
        reason = await refused(there, 2, profile(6))
        assert reason == ("" if version == "1.6" else "UnknownEvse")


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_15_CS_smart_charging_that_is_not_supported(version: str) -> None:
    async with place(version, values={"SmartChargingCtrlr/Enabled": "false"}) as there:
        with pytest.raises(OcppError) as error:
            await there.desk.ask(SetChargingProfile(evse_id=1, charging_profile=profile(6)))
        assert error.value.code == "NotSupported"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_16_CS_unknown_transaction(version: str) -> None:
    async with place(version) as there:
        await charge(there)
        await refused(there, 1, tx("99", 6))
        assert there.evse().limit_a == 32


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_19_CS_recurring_profile(version: str) -> None:
    sent = profile(6, charging_profile_kind="Recurring", recurrency_kind="Daily", duration=3600)
    async with place(version) as there:
        assert await set_(there, 1, sent) == ["Accepted"]
        await charge(there)
        assert there.evse().limit_a == 6
        pass_time(there, 4000)
        await there.until(lambda: there.evse().limit_a == 32)
        pass_time(there, 86400 - 4000)
        await there.until(lambda: there.evse().limit_a == 6)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_28_CS_default_while_a_car_charges(version: str) -> None:
    async with place(version) as there:
        await charge(there)
        assert await set_(there, 1, profile(6, duration=300)) == ["Accepted"]
        await there.until(lambda: there.evse().limit_a == 6)
        assert there.hardware().measure().currents_a == (6, 6, 6)
        assert not there.desk.all(TransactionEnded)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_60_CS_profile_of_the_running_transaction(version: str) -> None:
    async with place(version) as there:
        name = await charge(there)
        sent = tx(name, 6)
        assert await set_(there, 1, sent) == ["Accepted"]
        await there.until(lambda: there.evse().limit_a == 6)
        if version != "1.6":
            assert read(await reported(there, charging_profile_id=[1])) == [(1, "CSO", (sent,))]
        await authorization.swipe(there.station, TAG)
        await there.desk.hears(TransactionEnded)
        assert held(there) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stack_level": 101}, "InvalidStackLevel"),
        ({"charging_profile_purpose": "ChargingStationExternalConstraints"}, "InvalidValue"),
        ({"start_schedule": None}, "InvalidSchedule"),
        ({"charging_profile_kind": "Relative", "start_schedule": now()}, "InvalidSchedule"),
    ],
)
async def test_what_is_wrong_is_said(changes: dict[str, Any], reason: str) -> None:
    async with place("2.0.1") as there:
        assert await refused(there, 1, profile(6, **changes)) == reason


async def test_purposes_may_be_left_out() -> None:
    values = {"InternalCtrlr/SupportedChargingProfilePurposeTypes": MAX}
    async with place("2.0.1", values=values) as there:
        assert await refused(there, 1, profile(6)) == "UnsupportedPurpose"


@pytest.mark.parametrize("version", VERSIONS)
async def test_only_so_many_profiles_fit(version: str) -> None:
    async with place(version) as there:
        for number in range(100):
            sent = profile(6, id=number + 1, stack_level=number)
            assert await set_(there, 1, sent) == ["Accepted"]
        await refused(there, 1, profile(6, id=101, stack_level=100))
        pass_time(there, 3600)
        past = {"valid_to": now() + timedelta(seconds=60), "id": 100, "stack_level": 99}
        assert await set_(there, 1, profile(6, **past)) == ["Accepted"]
        assert await set_(there, 1, profile(6, id=101, stack_level=100)) == ["Accepted"]


class OnePhase:
    """An EVSE that cannot choose its phases."""

    def is_plugged_in(self) -> bool:
        return True

    def connector_in_use(self) -> int:
        return 1

    def wants_energy(self) -> bool:
        return True

    def allow(self, limit_a: float) -> None:
        self.limit_a = limit_a

    def unlock(self) -> bool:
        return True

    def measure(self) -> Measurement:
        zeros = (0.0, 0.0, 0.0)
        return Measurement(energy_wh=0, power_w=0, currents_a=zeros, voltages_v=zeros)

    def on_change(self, notify: Any) -> None:
        del notify


async def test_phases_are_switched_where_they_can_be() -> None:
    async with place("2.0.1") as there:
        await charge(there)
        sent = steps({0: 10})
        sent[0] |= {"number_phases": 1, "phase_to_use": 2}
        assert await set_(there, 1, profile(*sent)) == ["Accepted"]
        await there.until(lambda: there.hardware().measure().currents_a == (0, 10, 0))


async def test_phases_that_cannot_be_switched_off() -> None:
    sent = profile({"start_period": 0, "limit": 6900, "number_phases": 1}, charging_rate_unit="W")
    async with place("2.0.1", hardware=[OnePhase()]) as there:  # type: ignore[list-item]
        assert await refused(there, 1, sent) == "InvalidSchedule"
    async with place("1.6", hardware=[OnePhase()]) as there:  # type: ignore[list-item]
        assert await set_(there, 1, sent) == ["Accepted"]
        await authorization.swipe(there.station, TAG)
        await there.until(lambda: there.evse().limit_a == 10)  # 6900 W on three phases


# Clearing


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_05_CS_clear_by_id(version: str) -> None:
    async with place(version) as there:
        await set_(there, 1, profile(6), profile(7, id=2, stack_level=1))
        assert await clear(there, 1) == "Accepted"
        assert held(there) == [(1, 2)]
        if version != "1.6":
            assert await reported(there, charging_profile_id=[1]) == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_06_CS_clear_by_level_and_purpose(version: str) -> None:
    async with place(version) as there:
        await charge(there)
        await set_(there, 1, profile(6))
        await there.until(lambda: there.evse().limit_a == 6)
        assert await clear(there, charging_profile_purpose=DEFAULT, stack_level=0) == "Accepted"
        await there.until(lambda: there.evse().limit_a == 32)
        if version != "1.6":
            parts = await reported(there, charging_profile_purpose=DEFAULT, stack_level=0)
            assert parts == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_07_CS_clear_what_does_not_match(version: str) -> None:
    async with place(version) as there:
        await set_(there, 1, profile(6, stack_level=1))
        assert await clear(there, charging_profile_purpose=MAX, stack_level=0) == "Unknown"
        assert held(there) == [(1, 1)]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_08_CS_clear_what_is_not_there(version: str) -> None:
    async with place(version) as there:
        assert await clear(there, 1) == "Unknown"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_24_CS_clear_several(version: str) -> None:
    async with place(version, evses=2) as there:
        await set_(there, 1, profile(6))
        await set_(there, 2, profile(6, id=2), profile(6, id=3, stack_level=1))
        assert await clear(there, charging_profile_purpose=DEFAULT, stack_level=0) == "Accepted"
        assert held(there) == [(2, 3)]


# Reporting


async def ask_for(there: Place, evse_id: int | None, **criterion: Any) -> list[int]:
    """Which of a limit of the station (1) and a default of EVSE 1 (2) are reported."""
    await set_(there, 0, profile(6, charging_profile_purpose=MAX))
    await set_(there, 1, profile(7, id=2, stack_level=1))
    reports = read(await reported(there, evse_id, **criterion))
    return [each.id for report in reports for each in report.profiles]


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("evse_id", "criterion", "found"),
    [
        (0, {}, [1]),
        (1, {}, [2]),
        (None, {}, [1, 2]),
        (None, {"charging_profile_id": [1]}, [1]),
    ],
)
async def test_TC_K_29_CS_TC_K_30_CS_TC_K_31_CS_TC_K_32_CS_profiles_by_evse_and_id(
    version: str, evse_id: int | None, criterion: dict[str, Any], found: list[int]
) -> None:
    async with place(version, evses=2) as there:
        assert await ask_for(there, evse_id, **criterion) == found


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("criterion", "found"),
    [
        ({"stack_level": 1}, [2]),
        ({"stack_level": 0}, []),
        ({"charging_limit_source": ["CSO"]}, [2]),
        ({"charging_limit_source": ["EMS"]}, []),
        ({"charging_profile_purpose": DEFAULT}, [2]),
        ({"charging_profile_purpose": DEFAULT, "stack_level": 1}, [2]),
        ({"charging_profile_purpose": MAX, "stack_level": 0}, []),
    ],
)
async def test_TC_K_33_CS_TC_K_34_CS_TC_K_35_CS_TC_K_36_CS_profiles_by_what_they_are(
    version: str, criterion: dict[str, Any], found: list[int]
) -> None:
    async with place(version, evses=2) as there:
        assert await ask_for(there, 1, **criterion) == found


async def test_a_long_report_comes_in_parts() -> None:
    async with place("2.0.1") as there:
        sent = [profile(6, id=number, stack_level=number) for number in range(1, 13)]
        await set_(there, 1, *sent)
        parts = await reported(there)
        assert [len(part.charging_profile) for part in parts] == [5, 5, 2]
        assert [each.profiles for each in read(parts)] == [tuple(sent)]


# With a remote start


async def remote_start(there: Place, sent: Any) -> str:
    ask = RequestStartTransaction(id_token=TAG, evse_id=1, remote_start_id=9, charging_profile=sent)
    answer = await there.desk.ask(ask)
    return f"{answer.status}"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("start", ["PowerPathClosed", "EVConnected"])
async def test_TC_K_37_CS_remote_start_with_a_profile(version: str, start: str) -> None:
    sent = tx(None, 6)
    async with place(version, values={"TxCtrlr/TxStartPoint": start}) as there:
        there.hardware().plug_in()
        assert await remote_start(there, sent) == "Accepted"
        await there.desk.hears(TransactionStarted)
        await there.until(lambda: there.evse().limit_a == 6)
        assert there.hardware().measure().currents_a == (6, 6, 6)
        if version != "1.6":
            assert read(await reported(there, charging_profile_id=[1])) == [(1, "CSO", (sent,))]
        await authorization.swipe(there.station, TAG)
        await there.desk.hears(TransactionEnded)
        assert held(there) == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_38_CS_profile_of_a_remote_start_is_ignored(version: str) -> None:
    async with place(version, values={"SmartChargingCtrlr/Enabled": "false"}) as there:
        there.hardware().plug_in()
        assert await remote_start(there, tx(None, 6)) == "Accepted"
        await there.desk.hears(TransactionStarted)
        await there.until(lambda: there.evse().limit_a == 32)
        assert held(there) == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_remote_start_that_comes_to_nothing_leaves_no_profile(version: str) -> None:
    async with place(version, values={"TxCtrlr/EVConnectionTimeOut": "0"}) as there:
        assert await remote_start(there, tx(None, 6)) == "Accepted"
        await there.until(lambda: not there.station.has_alarm("car 1"))
        await there.until(lambda: there.evse().authorization is None)
        await charge(there)
        assert there.evse().limit_a == 32


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_remote_start_with_a_wrong_profile_is_refused(version: str) -> None:
    async with place(version) as there:
        there.hardware().plug_in()
        assert await remote_start(there, profile(6)) == "Rejected"
        assert await remote_start(there, tx(None, 6, stack_level=101)) == "Rejected"
        assert there.evse().authorization is None


async def test_a_profile_for_the_transaction_replaces_that_of_the_start() -> None:
    async with place("1.6") as there:
        there.hardware().plug_in()
        assert await remote_start(there, tx(None, 6)) == "Accepted"
        await there.until(lambda: there.evse().limit_a == 6)
        await there.until(lambda: there.station.names)
        assert await set_(there, 1, tx("1", 8, id=2)) == ["Accepted"]
        assert held(there) == [(1, 2)]


# What is said of all this


async def test_keys_of_1_6() -> None:
    async with place("1.6") as there:
        keys = {
            "ChargeProfileMaxStackLevel": "100",
            "ChargingScheduleAllowedChargingRateUnit": "Current,Power",
            "ChargingScheduleMaxPeriods": "1024",
            "MaxChargingProfilesInstalled": "100",
            "ConnectorSwitch3to1PhaseSupported": "true",
        }
        answer = await there.desk.call("GetConfiguration", {"key": list(keys)})
        assert {each["key"]: each["value"] for each in answer["configurationKey"]} == keys


@pytest.mark.parametrize("version", BOTH)
async def test_variables_of_2_x(version: str) -> None:
    async with place(version) as there:
        await set_(there, 1, profile(6))
        expected = {
            "SmartChargingCtrlr/Entries[ChargingProfiles]": "1",
            "SmartChargingCtrlr/RateUnit": "A,W",
            "SmartChargingCtrlr/PeriodsPerSchedule": "1024",
            "SmartChargingCtrlr/ProfileStackLevel": "100",
            "SmartChargingCtrlr/LimitChangeSignificance": "1",
            "SmartChargingCtrlr/Phases3to1": "true",
        }
        places = [address(name) for name in expected]
        queries = tuple(VariableQuery(component=c, variable=v) for c, v in places)
        answer = await there.desk.ask(GetVariables(queries=queries))
        assert [each.attribute_value for each in answer.results] == list(expected.values())


@pytest.mark.parametrize("version", BOTH)
async def test_smart_charging_can_be_switched_off(version: str) -> None:
    async with place(version) as there:
        await charge(there)
        await set_(there, 1, profile(6))
        await there.until(lambda: there.evse().limit_a == 6)
        component, variable = address("SmartChargingCtrlr/Enabled")
        setting = VariableSetting(component=component, variable=variable, attribute_value="false")
        await there.desk.ask(SetVariables(settings=(setting,)))
        await there.until(lambda: there.evse().limit_a == 32)
