from __future__ import annotations

import pytest

from chargeplane.api.smartevse.topics import TOPICS, values
from chargeplane.energy.states import UserMode
from chargeplane.evse.controller import Meter
from chargeplane.evse.rfid import CardStatus
from tests.evse.worlds import World

# Every topic of the firmware that a device without WiFi and vendor's server can have.
NAMES = set(
    """
    MainsCurrentL1 MainsCurrentL2 MainsCurrentL3 MainsImportActiveEnergy MainsExportActiveEnergy
    EVCurrentL1 EVCurrentL2 EVCurrentL3 EVImportActiveEnergy EVExportActiveEnergy
    CircuitCurrentL1 CircuitCurrentL2 CircuitCurrentL3 ESPTemp Mode MaxCurrent MaxSumMains
    MaxSumMainsTime CustomButton ChargeCurrent ChargeCurrentOverride NrOfPhases Access RFID EnableC2
    RFIDLastRead State StateID Error EVPlugState CPPWM CPPWMOverride EVInitialSoC EVFullSoC
    EVComputedSoC EVRemainingSoC EVTimeUntilFull EVEnergyCapacity EVEnergyRequest EVCCID
    RequiredEVCCID EVChargePower EVEnergyCharged EVTotalEnergyCharged HomeBatteryCurrent OCPP
    OCPPConnection LEDColorOff LEDColorNormal LEDColorSmart LEDColorSolar LEDColorCustom CableLock
    ESPUptime LoadBl SolarStopTimer CustomButtonPressTime
    """.split()
)
RETAINED = set(
    """
    Mode MaxCurrent MaxSumMains MaxSumMainsTime CustomButton ChargeCurrent ChargeCurrentOverride
    NrOfPhases Access RFID EnableC2 RFIDLastRead State StateID Error EVPlugState RequiredEVCCID
    EVEnergyCharged OCPP OCPPConnection LEDColorOff LEDColorNormal LEDColorSmart LEDColorSolar
    LEDColorCustom CableLock LoadBl
    """.split()
)


def said(world: World) -> dict[str, str]:
    return {topic.suffix: value for topic, value in values(world.device)}


def test_all_topics_are_there() -> None:
    assert {topic.suffix for topic in TOPICS} == NAMES
    assert {topic.suffix for topic in TOPICS if topic.retain} == RETAINED


def test_a_device_that_idles() -> None:
    assert said(World(meters={})) == {
        "MainsCurrentL1": "0",
        "MainsCurrentL2": "0",
        "MainsCurrentL3": "0",
        "EVCurrentL1": "0",
        "EVCurrentL2": "0",
        "EVCurrentL3": "0",
        "EVChargePower": "0",
        "EVEnergyCharged": "0",
        "EVTotalEnergyCharged": "0",
        "HomeBatteryCurrent": "0",
        "Mode": "Normal",
        "Access": "Allow",
        "State": "Ready to Charge",
        "StateID": "A",
        "Error": "None",
        "EVPlugState": "Disconnected",
        "RFID": "Not Installed",
        "CustomButton": "Off",
        "CustomButtonPressTime": "0",
        "ChargeCurrent": "0",
        "ChargeCurrentOverride": "0",
        "MaxCurrent": "160",
        "MaxSumMains": "0",
        "MaxSumMainsTime": "0",
        "NrOfPhases": "3",
        "EnableC2": "Always On",
        "CableLock": "0",
        "LoadBl": "0",
        "SolarStopTimer": "0",
        "OCPP": "Disabled",
        "OCPPConnection": "Disconnected",
        "LEDColorOff": "0,0,0",
        "LEDColorNormal": "0,255,0",
        "LEDColorSmart": "0,255,0",
        "LEDColorSolar": "255,170,0",
        "LEDColorCustom": "0,0,255",
        "CPPWM": "1024",
        "CPPWMOverride": "-1",
        "RequiredEVCCID": "",
        "ESPTemp": "20",
        "ESPUptime": "0",
    }


def test_a_device_that_charges() -> None:
    world = World(rfid_reader="REMOTE", base_da=(10, -20, 30))
    world.plug_in(600)
    world.controller.show_card("04A1B2C3D4E5F6")
    world.controller.tell_car(initial_soc=40, evccid="00:11")
    assert world.controller.card_status is CardStatus.PRESENT
    expected = {
        "MainsCurrentL2": "139",
        "EVCurrentL1": "159",
        "EVChargePower": "10971",
        "EVImportActiveEnergy": str(world.controller.ledger.charged_wh),
        "EVEnergyCharged": str(world.controller.ledger.charged_wh),
        "State": "Charging",
        "StateID": "C",
        "EVPlugState": "Connected",
        "ChargeCurrent": "160",
        "RFID": "Present",
        "RFIDLastRead": "04A1B2C3D4E5F6",
        "EVInitialSoC": "40",
        "EVCCID": "00:11",
        "ESPUptime": "600",
    }
    assert expected.items() <= said(world).items()
    assert "EVFullSoC" not in said(world)


@pytest.mark.parametrize(
    ("mode", "name", "access"),
    [
        (UserMode.OFF, "Off", "Deny"),
        (UserMode.NORMAL, "Normal", "Allow"),
        (UserMode.SMART, "Smart", "Allow"),
        (UserMode.SOLAR, "Solar", "Allow"),
        (UserMode.PAUSE, "Pause", "Pause"),
    ],
)
def test_modes(mode: UserMode, name: str, access: str) -> None:
    world = World()
    world.controller.set_mode(mode)
    found = said(world)
    assert (found["Mode"], found["Access"]) == (name, access)


def test_the_button_tells_how_long_it_was_pressed() -> None:
    world = World(switch="CUSTOM_B")
    world.virtual.button.is_active = True
    world.run(3)
    world.virtual.button.is_active = False
    world.run(1)
    found = said(world)
    assert (found["CustomButton"], found["CustomButtonPressTime"]) == ("On", "2000")


def test_a_meter_of_the_circuit() -> None:
    world = World(meters={"circuit": Meter("Eastron3P", 13)})
    assert said(world)["CircuitCurrentL3"] == "0"
