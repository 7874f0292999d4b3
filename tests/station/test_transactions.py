"""From the car and a token to the last reading, over every start and stop point."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chargeplane.domain.readings import MeterValues
from chargeplane.domain.station import ChangeAvailability, Evse, StatusNotification
from chargeplane.domain.tokens import Token, TokenInfo
from chargeplane.domain.transactions import (
    RequestStartTransaction,
    RequestStopTransaction,
    TransactionAnswer,
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.domain.variables import Component, Variable, VariableSetting
from chargeplane.evse.ocmf import Signer
from chargeplane.evse.virtual import VirtualEvse
from chargeplane.station import authorization, contracts, transactions
from chargeplane.storage.documents import Documents
from tests.station.desk import VERSIONS, Desk, Place, place

TAG = Token("TAG")
V2 = ("2.0.1", "2.1")
STOP = "TxCtrlr/TxStopPoint"
START = "TxCtrlr/TxStartPoint"


async def swipe(there: Place, token: Token = TAG) -> TokenInfo:
    return await authorization.swipe(there.station, token)


def setting(name: str, value: str) -> VariableSetting:
    component, _, variable = name.partition("/")
    return VariableSetting(
        component=Component(component), variable=Variable(variable), attribute_value=value
    )


def told(there: Place) -> list[tuple[str, str]]:
    return [
        (type(each).__name__.removeprefix("Transaction"), each.trigger_reason)
        for each in there.desk.all(TransactionEvent)
    ]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_E_03_CS_TC_E_06_CS_plug_first_then_card(version: str) -> None:
    async with place(version) as there:
        there.hardware().plug_in()
        assert not there.desk.all(TransactionStarted)
        await swipe(there)
        began = await there.desk.hears(TransactionStarted)
        assert (began.trigger_reason, began.id_token) == ("Authorized", TAG)
        await there.until(lambda: there.hardware().measure().energy_wh > 5)
        await swipe(there)
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.stopped_reason, ended.id_token) == ("Local", TAG)
        assert began.meter_wh == 0
        assert ended.meter_wh is not None
        assert ended.meter_wh > 0


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_E_04_CS_card_first_then_plug(version: str) -> None:
    async with place(version) as there:
        await swipe(there)
        assert not there.desk.all(TransactionStarted)
        there.hardware().plug_in()
        began = await there.desk.hears(TransactionStarted)
        assert began.id_token == TAG
        expected = "Authorized" if version == "1.6" else "CablePluggedIn"
        assert began.trigger_reason == expected


async def test_1_6_tells_its_states_in_order() -> None:
    async with place("1.6", evses=1) as there:
        there.hardware().plug_in()
        await swipe(there)
        there.hardware().pause()
        await there.desk.hears(StatusNotification, lambda s: s.charging_state == "SuspendedEV")
        await swipe(there)
        await there.desk.hears(StatusNotification, lambda s: s.charging_state == "Idle")
        there.hardware().plug_out()
        available = lambda s: s.connector_status == "Available"  # noqa: E731
        await there.desk.hears(StatusNotification, available, count=2)
        seen = [
            each.charging_state or each.connector_status
            for each in there.desk.all(StatusNotification)
        ]
        assert seen == [
            "Available",
            "EVConnected",
            "Charging",
            "SuspendedEV",
            "Idle",
            "Available",
        ]


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (
            "PowerPathClosed",
            "EVConnected,Authorized",
            [
                ("Started", "Authorized"),
                ("Updated", "ChargingStateChanged"),
                ("Ended", "StopAuthorized"),
            ],
        ),
        (
            "EVConnected",
            "EVConnected",
            [
                ("Started", "CablePluggedIn"),
                ("Updated", "Authorized"),
                ("Updated", "ChargingStateChanged"),
                ("Updated", "StopAuthorized"),
                ("Ended", "EVCommunicationLost"),
            ],
        ),
        (
            "Authorized",
            "Authorized",
            [
                ("Started", "Authorized"),
                ("Updated", "ChargingStateChanged"),
                ("Ended", "StopAuthorized"),
            ],
        ),
        (
            "EnergyTransfer",
            "PowerPathClosed",
            [("Started", "ChargingStateChanged"), ("Ended", "StopAuthorized")],
        ),
    ],
)
async def test_TC_E_01_CS_TC_E_02_CS_TC_E_07_CS_TC_E_09_CS_TC_E_10_CS_TC_E_14_CS_TC_E_15_CS_points(
    start: str, stop: str, expected: list[tuple[str, str]]
) -> None:
    async with place("2.0.1", values={START: start, STOP: stop}) as there:
        there.hardware().plug_in()
        await asyncio.sleep(0)
        await swipe(there)
        await there.until(lambda: there.evse().limit_a > 0)
        await swipe(there)
        there.hardware().plug_out()
        await there.desk.hears(TransactionEnded)
        assert told(there) == expected
        events = there.desk.all(TransactionEvent)
        assert [each.seq_no for each in events] == list(range(len(events)))
        assert len({each.transaction_id for each in events}) == 1


async def test_the_reason_of_a_stop_outlives_the_wait_for_the_cable() -> None:
    async with place("2.0.1", values={STOP: "EVConnected"}) as there:
        there.hardware().plug_in()
        await swipe(there)
        await there.desk.hears(TransactionStarted)
        await swipe(there)
        there.hardware().plug_out()
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.trigger_reason, ended.stopped_reason) == ("EVCommunicationLost", "Local")


@pytest.mark.parametrize("version", V2)
async def test_TC_E_12_CS_TC_E_19_CS_from_the_arrival_to_the_departure(version: str) -> None:
    values = {START: "ParkingBayOccupancy", STOP: "ParkingBayOccupancy"}
    async with place(version, values=values) as there:
        there.hardware().park()
        began = await there.desk.hears(TransactionStarted)
        assert (began.trigger_reason, began.charging_state) == ("EVDetected", "Idle")
        there.hardware().plug_in()
        await swipe(there)
        await swipe(there)
        there.hardware().plug_out()
        lost = lambda e: e.trigger_reason == "EVCommunicationLost"  # noqa: E731
        await there.desk.hears(TransactionUpdated, lost)
        there.hardware().park(parked=False)
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.trigger_reason, ended.stopped_reason) == ("EVDeparted", "Local")


@pytest.mark.parametrize("version", V2)
async def test_TC_E_11_CS_from_the_first_signed_reading(version: str) -> None:
    values = {
        START: "DataSigned",
        STOP: "EVConnected,DataSigned",
        "SampledDataCtrlr/SignReadings": "true",
    }
    public_key = "OCPPCommCtrlr/PublicKeyWithSignedMeterValue"
    async with place(version) as there:
        there.evse().signer = Signer("meter")
        for name, value in values.items():
            assert there.station.model.set(setting(name, value)).attribute_status == "Accepted"
        there.station.model.put(public_key, "OncePerTransaction")
        await swipe(there)
        there.hardware().plug_in()
        began = await there.desk.hears(TransactionStarted)
        assert (began.trigger_reason, began.id_token) == ("SignedDataReceived", TAG)
        (sample,) = began.readings[0].samples
        assert sample.context == "Transaction.Begin"
        assert sample.signed is not None
        assert sample.signed.public_key
        assert sample.signed.signed_meter_data
        updated = await there.desk.hears(TransactionUpdated)
        assert (updated.trigger_reason, updated.charging_state) == (
            "ChargingStateChanged",
            "Charging",
        )
        await swipe(there)
        stopped = await there.desk.hears(
            TransactionUpdated, lambda e: e.trigger_reason == "StopAuthorized"
        )
        assert stopped.charging_state == "EVConnected"  # signed data are no point to end at


async def test_points_that_nothing_sees_are_refused() -> None:
    async with place() as there:
        refused = there.station.model.set(setting(START, "Authorized,DataSigned"))
        assert refused.attribute_status == "Rejected"


@pytest.mark.parametrize("stop", ["PowerPathClosed", "EVConnected"])
async def test_TC_E_46_CS_the_car_ends_its_session(stop: str) -> None:
    async with place("2.0.1", values={STOP: stop}) as there:
        assert not contracts.terminate(there.station, there.evse())
        there.hardware().plug_in()
        await swipe(there)
        await there.until(lambda: there.evse().charging_state() == "Charging")
        assert contracts.terminate(there.station, there.evse())
        kind = TransactionUpdated if stop == "EVConnected" else TransactionEnded
        told = await there.desk.hears(kind, lambda e: e.trigger_reason == "StopAuthorized")
        assert told.charging_state == "EVConnected"
        if isinstance(told, TransactionUpdated):
            there.hardware().plug_out()
        assert (await there.desk.hears(TransactionEnded)).stopped_reason == "StoppedByEV"


async def test_TC_E_05_CS_TC_E_39_CS_a_card_without_a_car_times_out() -> None:
    values = {START: "Authorized", "TxCtrlr/EVConnectionTimeOut": "0"}
    async with place("2.0.1", values=values) as there:
        await swipe(there)
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.trigger_reason, ended.stopped_reason) == ("EVConnectTimeout", "Timeout")


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_TC_E_26_CS_unplugged_at_the_car_and_not_stopped(version: str) -> None:
    values = {"TxCtrlr/StopTxOnEVSideDisconnect": "false"}
    async with place(version, values=values) as there:
        there.hardware().plug_in()
        await swipe(there)
        await there.desk.hears(TransactionStarted)
        there.hardware().plug_out()
        departed = await there.desk.hears(
            TransactionUpdated, lambda e: e.trigger_reason == "EVCommunicationLost"
        )
        assert departed.charging_state == "Idle"
        assert there.evse().transaction is not None
        there.hardware().plug_in()
        await there.until(lambda: there.evse().charging_state() == "Charging")
        assert not there.desk.all(TransactionEnded)


@pytest.mark.parametrize(
    ("stop", "kind"),
    [("Authorized", TransactionEnded), ("ParkingBayOccupancy", TransactionUpdated)],
)
async def test_TC_E_27_CS_unplugged_at_the_car_which_does_not_come_back(
    stop: str, kind: type[TransactionEvent]
) -> None:
    values = {STOP: stop, "TxCtrlr/StopTxOnEVSideDisconnect": "false"}
    async with place("2.0.1", values=values) as there:
        there.hardware().park()
        there.hardware().plug_in()
        await swipe(there)
        await there.desk.hears(TransactionStarted)
        there.station.model.put("TxCtrlr/EVConnectionTimeOut", "0")
        there.hardware().plug_out()
        lost = lambda e: e.trigger_reason == "EVCommunicationLost"  # noqa: E731
        assert (await there.desk.hears(TransactionUpdated, lost)).charging_state == "Idle"
        told = await there.desk.hears(kind, lambda e: e.trigger_reason == "EVConnectTimeout")
        if isinstance(told, TransactionEnded):
            assert told.stopped_reason == "Timeout"


@pytest.mark.parametrize("unlocks", ["TC_005_1 true", "TC_005_2 false"])
async def test_1_6_ends_the_charge_of_a_car_that_is_unplugged(unlocks: str) -> None:
    unlocked: list[bool] = []
    async with place("1.6", UnlockConnectorOnEVSideDisconnect=unlocks.split()[1]) as there:
        there.hardware().unlock = lambda: not unlocked.append(True)  # type: ignore[method-assign, func-returns-value]
        there.hardware().plug_in()
        await swipe(there)
        await there.desk.hears(TransactionStarted)
        there.hardware().plug_out()
        assert (await there.desk.hears(TransactionEnded)).stopped_reason == "EVDisconnected"
        assert bool(unlocked) == unlocks.endswith("true")


async def test_TC_004_2_1_6_forgets_a_card_without_a_car() -> None:
    async with place("1.6", values={"TxCtrlr/EVConnectionTimeOut": "0"}) as there:
        await swipe(there)
        available = lambda s: s.connector_status == "Available"  # noqa: E731
        await there.desk.hears(StatusNotification, available, count=2)
        there.hardware().plug_in()
        assert there.evse().authorization is None
        assert not there.desk.all(TransactionEvent)


async def test_TC_005_3_1_6_waits_for_the_car_for_ever() -> None:
    """1.6 §4.9: the transaction goes on, suspended by the car."""
    values = {"TxCtrlr/StopTxOnEVSideDisconnect": "false", "TxCtrlr/EVConnectionTimeOut": "0"}
    async with place("1.6", values=values) as there:
        there.hardware().plug_in()
        await swipe(there)
        await there.desk.hears(TransactionStarted)
        there.hardware().plug_out()
        await there.desk.hears(StatusNotification, lambda s: s.charging_state == "SuspendedEV")
        assert not there.station.has_alarm("car 1")
        assert there.evse().transaction is not None


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_E_16_CS_a_refused_token_ends_the_charge(version: str) -> None:
    desk = Desk(version)
    refused = TokenInfo(status="Blocked")
    desk.answers[TransactionStarted] = lambda event: TransactionAnswer(
        transaction_id=None if event.transaction_id else "7", id_token_info=refused
    )
    async with place(version, desk=desk) as there:
        there.hardware().plug_in()
        await swipe(there)
        ended = await there.desk.hears(TransactionEnded)
        assert ended.stopped_reason == "DeAuthorized"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_refused_token_suspends_after_its_energy(version: str) -> None:
    desk = Desk(version)
    desk.answers[TransactionStarted] = lambda event: TransactionAnswer(
        transaction_id=None if event.transaction_id else "7",
        id_token_info=TokenInfo(status="Invalid"),
    )
    values = {"TxCtrlr/StopTxOnInvalidId": "false", "TxCtrlr/MaxEnergyOnInvalidId": "20"}
    async with place(version, desk=desk, values=values) as there:
        there.hardware().plug_in()
        await swipe(there)
        await there.until(lambda: (running := there.evse().transaction) and running.is_refused)
        await there.until(lambda: there.evse().limit_a == 0)
        assert there.hardware().measure().energy_wh >= 20
        assert there.evse().charging_state() == "SuspendedEVSE"
        assert not there.desk.all(TransactionEnded)


@pytest.mark.parametrize("version", VERSIONS)
async def test_remote_start_and_stop(version: str) -> None:
    async with place(version) as there:
        there.hardware().plug_in()
        ask = RequestStartTransaction(id_token=TAG, evse_id=1, remote_start_id=9)
        assert (await there.desk.ask(ask)).status == "Accepted"
        began = await there.desk.hears(TransactionStarted)
        if version != "1.6":
            assert (began.trigger_reason, began.remote_start_id) == ("RemoteStart", 9)
        name = began.transaction_id or "1"
        await there.until(lambda: there.station.running(name))
        stop = RequestStopTransaction(transaction_id=name)
        assert (await there.desk.ask(stop)).status == "Accepted"
        assert (await there.desk.hears(TransactionEnded)).stopped_reason == "Remote"


@pytest.mark.parametrize("version", V2)
async def test_TC_E_13_CS_TC_E_35_CS_points_from_afar(version: str) -> None:
    values = {START: "Authorized", STOP: "PowerPathClosed"}
    async with place(version, values=values) as there:
        ask = RequestStartTransaction(id_token=TAG, evse_id=1, remote_start_id=9)
        await there.desk.ask(ask)
        began = await there.desk.hears(TransactionStarted)
        assert (began.trigger_reason, began.charging_state) == ("RemoteStart", "Idle")
        there.hardware().plug_in()
        plugged = await there.desk.hears(TransactionUpdated)
        assert plugged.trigger_reason == "CablePluggedIn"
        await there.desk.ask(RequestStopTransaction(transaction_id=began.transaction_id or ""))
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.trigger_reason, ended.stopped_reason) == ("RemoteStop", "Remote")


@pytest.mark.parametrize("version", V2)
@pytest.mark.parametrize("stop", ["EnergyTransfer", "EnergyTransfer,EVConnected"])
async def test_TC_E_08_CS_a_stop_with_the_flow_of_energy(version: str, stop: str) -> None:
    async with place(version, values={STOP: stop}) as there:
        there.hardware().plug_in()
        await swipe(there)
        await there.until(lambda: there.evse().charging_state() == "Charging")
        await swipe(there)
        ended = await there.desk.hears(TransactionEnded)
        assert ended.stopped_reason == "Local"


@pytest.mark.parametrize("version", V2)
async def test_TC_E_22_CS_the_car_stops_the_flow_of_energy(version: str) -> None:
    async with place(version, values={STOP: "EnergyTransfer"}) as there:
        there.hardware().plug_in()
        await swipe(there)
        await there.until(lambda: there.evse().charging_state() == "Charging")
        there.hardware().pause()
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.trigger_reason, ended.stopped_reason) == (
            "ChargingStateChanged",
            "StoppedByEV",
        )


@pytest.mark.parametrize("version", V2)
@pytest.mark.parametrize("unlocks", ["true", "false"])
@pytest.mark.parametrize("stop", ["EVConnected", "Authorized,EVConnected", "PowerPathClosed"])
async def test_TC_E_17_CS_TC_E_20_CS_TC_E_24_CS_TC_E_25_CS_TC_E_37_CS_TC_E_54_CS_unplugged(
    version: str, unlocks: str, stop: str
) -> None:
    values = {STOP: stop, "OCPPCommCtrlr/UnlockOnEVSideDisconnect": unlocks}
    async with place(version, values=values) as there:
        unlocked: list[bool] = []

        def unlock() -> bool:
            unlocked.append(True)
            return True

        there.hardware().unlock = unlock  # type: ignore[method-assign]
        there.hardware().plug_in()
        await swipe(there)
        await there.desk.hears(TransactionStarted)
        there.hardware().plug_out()
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.trigger_reason, ended.stopped_reason) == (
            "EVCommunicationLost",
            "EVDisconnected",
        )
        assert bool(unlocked) == (unlocks == "true")
        assert there.evse().authorization is None


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_E_38_CS_a_car_that_is_not_ready(version: str) -> None:
    async with place(version) as there:
        there.hardware().plug_in()
        there.hardware().pause()
        await swipe(there)
        await there.desk.hears(TransactionStarted)
        await there.until(lambda: there.evse().charging_state() == "SuspendedEV")
        if version != "1.6":
            told = await there.desk.hears(TransactionUpdated)
            assert told.charging_state == "SuspendedEV"
        there.hardware().pause(paused=False)
        await there.until(lambda: there.evse().charging_state() == "Charging")


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_E_40_CS_TC_E_44_CS_the_connection_is_lost_meanwhile(version: str) -> None:
    async with place(version, MeterValueSampleInterval=1) as there:
        there.hardware().plug_in()
        await swipe(there)
        began = await there.desk.hears(TransactionStarted)
        await there.until(lambda: not there.station.outbox.has_events())
        await there.desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        await there.until(there.station.outbox.has_events)
        await swipe(there)
        there.desk.is_reachable = True
        ended = await there.desk.hears(TransactionEnded)
        assert ended.transaction_id == (began.transaction_id or "1")
        offline = [each for each in there.desk.all(TransactionUpdated) if each.offline]
        assert version == "1.6" or offline


async def test_a_station_out_of_service_begins_nothing() -> None:
    async with place("2.0.1", values={START: "EVConnected"}) as there:
        out = ChangeAvailability(operational_status="Inoperative", evse=Evse(1))
        await there.desk.ask(out)
        there.hardware().plug_in()
        await swipe(there)
        assert there.evse().transaction is None


async def test_nothing_begins_before_the_station_is_accepted_where_that_is_asked_for() -> None:
    values = {
        START: "EVConnected",
        "TxCtrlr/TxBeforeAcceptedEnabled": "false",
    }
    async with place("2.0.1", values=values, run=False) as there:
        there.hardware().plug_in()
        transactions.settle(there.station, there.evse())
        assert there.evse().transaction is None
        there.station.model.put("TxCtrlr/TxBeforeAcceptedEnabled", "true")
        there.hardware().plug_out()
        transactions.settle(there.station, there.evse())
        there.hardware().plug_in()
        transactions.settle(there.station, there.evse())
        assert there.evse().transaction is not None


async def test_names_are_forgotten_with_their_transactions() -> None:
    async with place("1.6") as there:
        for _ in range(2):
            there.hardware().plug_in()
            await swipe(there)
            await there.until(lambda: len(there.station.names) == 1)
            await swipe(there)
            there.hardware().plug_out()
            await there.until(lambda: not there.station.names)


# What the meters say


@pytest.mark.parametrize("version", VERSIONS)
async def test_sampled_values_while_charging(version: str) -> None:
    async with place(version, MeterValueSampleInterval=1, hurry=20) as there:
        there.hardware().plug_in()
        await swipe(there)
        sampled = await there.desk.hears(TransactionUpdated, lambda e: bool(e.readings), count=2)
        contexts = {each.context for reading in sampled.readings for each in reading.samples}
        assert contexts == {"Sample.Periodic"}


async def test_values_for_the_end_come_with_the_end() -> None:
    values = {"SampledDataCtrlr/TxEndedInterval": "1"}
    async with place("2.0.1", values=values, hurry=20) as there:
        there.hardware().plug_in()
        await swipe(there)
        await there.until(lambda: len(there.evse().transaction.readings) >= 2)  # type: ignore[union-attr]
        await swipe(there)
        ended = await there.desk.hears(TransactionEnded)
        contexts = [reading.samples[0].context for reading in ended.readings]
        assert contexts[-1] == "Transaction.End"
        assert contexts[:-1] == ["Sample.Periodic"] * (len(contexts) - 1)
        moments = [reading.timestamp for reading in ended.readings]
        assert moments == sorted(moments)


@pytest.mark.parametrize("version", ["2.1"])
async def test_aligned_values_of_an_idle_station(version: str) -> None:
    async with place(version, ClockAlignedDataInterval=1) as there:
        first = await there.desk.hears(MeterValues)
        second = await there.desk.hears(MeterValues, count=2)
        for said in (first, second):
            assert said.readings[0].timestamp.microsecond < 500_000
            assert said.readings[0].samples[0].context == "Sample.Clock"


# Power cuts


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_032_1_a_power_cut_ends_the_charge(tmp_path: Path, version: str) -> None:
    hardware = VirtualEvse(speed=600.0)
    desk = Desk(version)
    file = tmp_path / "station.db"
    async with place(version, documents=Documents(file), hardware=[hardware], desk=desk) as there:
        hardware.plug_in()
        await swipe(there)
        began = await desk.hears(TransactionStarted)
        await there.until(lambda: there.station.running(began.transaction_id or "1"))
    async with place(version, documents=Documents(file), hardware=[hardware], desk=desk) as there:
        ended = await desk.hears(TransactionEnded)
        assert ended.stopped_reason == "PowerLoss"
        assert ended.transaction_id == (began.transaction_id or "1")
        assert there.evse().transaction is None


async def test_a_charge_goes_on_after_a_short_power_cut(tmp_path: Path) -> None:
    hardware = VirtualEvse(speed=600.0)
    desk = Desk("2.1")
    values = {"TxCtrlr/ResumptionTimeout": "60"}
    file = tmp_path / "station.db"
    async with place(
        "2.1", documents=Documents(file), hardware=[hardware], desk=desk, values=values
    ) as there:
        hardware.plug_in()
        await swipe(there)
        await desk.hears(TransactionStarted)
        await there.until(lambda: not len(there.station.outbox))
    async with place(
        "2.1", documents=Documents(file), hardware=[hardware], desk=desk, values=values
    ) as there:
        await desk.hears(TransactionUpdated, lambda e: e.trigger_reason == "TxResumed")
        await there.until(lambda: there.evse().charging_state() == "Charging")
        await swipe(there)
        await desk.hears(TransactionEnded)
        numbers = [each.seq_no for each in desk.all(TransactionEvent)]
        assert numbers == list(range(len(numbers)))


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_E_43_CS_what_happened_offline_is_told_later_in_order(version: str) -> None:
    desk = Desk(version)
    values = {"AuthCtrlr/OfflineTxForUnknownIdEnabled": "true"}
    async with place(version, desk=desk, values=values) as there:
        await desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        for _ in range(3):
            there.hardware().plug_in()
            await swipe(there)
            await swipe(there)
            there.hardware().plug_out()
        desk.is_reachable = True
        await desk.hears(TransactionEnded, count=3)
        kinds = [type(each) for each in desk.all(TransactionEvent) if not is_update(each)]
        assert kinds == [TransactionStarted, TransactionEnded] * 3
        assert all(each.offline or version == "1.6" for each in desk.all(TransactionEvent))


def is_update(event: TransactionEvent) -> bool:
    return isinstance(event, TransactionUpdated)
