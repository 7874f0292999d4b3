"""Which registers of which meter hold what: one table for every type that a SmartEVSE knows.

The numbers of the types are those of the SmartEVSE, so that its settings mean the same here.
A type that lies in `METERS` as data alone needs no code: see `meter_decoding`.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from chargeplane.evse.registers import DataType, Endianness

HOLDING, INPUT = 3, 4  # the functions that read registers

Source = Literal["none", "modbus", "sensorbox", "homewizard", "pushed"]


class Register(NamedTuple):
    """Where a quantity lies: the number there, divided by 10**`exponent`, is V, A, W or kWh."""

    address: int
    exponent: int = 0
    scale: int | None = None  # the register of a further factor 10**n, as SunSpec has them


class MeterType(msgspec.Struct, frozen=True, kw_only=True):
    """How a meter is read. Quantities per phase lie side by side."""

    id: int
    name: str
    source: Source = "modbus"
    function: int = INPUT
    data_type: DataType = DataType.FLOAT32
    endianness: Endianness = Endianness.HIGH_BYTE_HIGH_WORD
    voltages: Register | None = None
    currents: Register | None = None
    power: Register | None = None  # of all phases together
    phase_powers: Register | None = None
    import_energy: Register | None = None
    export_energy: Register | None = None
    energy_type: DataType | None = None  # where it differs from `data_type`
    is_signed: bool = True  # else the sign of a current is that of the power of its phase
    is_inverted: bool = False  # wired the other way round
    phases: Literal[1, 3] = 3
    most: int = 125  # registers in one request
    gap: int = 0  # registers read along to save a request

    @property
    def of_energy(self) -> DataType:
        """How an energy lies in its registers."""
        return self.data_type if self.energy_type is None else self.energy_type


def find(wanted: int | str) -> MeterType:
    """The type with that number or name; raises `KeyError` if there is none."""
    return _BY_NAME[wanted.lower()] if isinstance(wanted, str) else _BY_ID[wanted]


def custom(  # noqa: PLR0913 as many as the settings of a SmartEVSE
    *,
    endianness: Endianness = Endianness.LOW_BYTE_LOW_WORD,
    data_type: DataType = DataType.INT32,
    function: int = INPUT,
    voltages: Register | None = None,
    currents: Register | None = None,
    power: Register | None = None,
    import_energy: Register | None = None,
    export_energy: Register | None = None,
) -> MeterType:
    """A meter that is not in the table, by its user's registers."""
    return MeterType(
        id=CUSTOM,
        name="Custom",
        endianness=endianness,
        data_type=data_type,
        function=function,
        voltages=voltages,
        currents=currents,
        power=power,
        import_energy=import_energy,
        export_energy=export_energy,
    )


DISABLED, SENSORBOX, API, HOMEWIZARD_P1, HOMEWIZARD_KWH, CUSTOM = 0, 1, 9, 13, 18, 19

_R = Register
_EASTRON: Final = MeterType(  # SDM630
    id=4,
    name="Eastron3P",
    voltages=_R(0x00),
    currents=_R(0x06),
    phase_powers=_R(0x0C),
    import_energy=_R(0x48),
    export_energy=_R(0x4A),
    is_signed=False,
    most=80,
)
METERS: Final[tuple[MeterType, ...]] = (
    MeterType(id=DISABLED, name="Disabled", source="none"),
    MeterType(id=SENSORBOX, name="Sensorbox", source="sensorbox"),
    MeterType(  # Phoenix Contact EEM-350-D-MCB
        id=2,
        name="Phoenix C",
        data_type=DataType.INT32,
        endianness=Endianness.HIGH_BYTE_LOW_WORD,
        voltages=_R(0x00, 1),
        currents=_R(0x0C, 3),
        power=_R(0x28, 1),
        import_energy=_R(0x3E, 1),
        most=11,
    ),
    MeterType(  # Finder 7E.78.8.400.0212
        id=3,
        name="Finder 7E",
        voltages=_R(0x1000),
        currents=_R(0x100E),
        power=_R(0x1026),
        import_energy=_R(0x1106, 3),
        export_energy=_R(0x110E, 3),
    ),
    _EASTRON,
    msgspec.structs.replace(_EASTRON, id=5, name="InvEastrn", is_inverted=True),
    MeterType(  # ABB B23 212-100; its energies are 64 bit wide
        id=6,
        name="ABB",
        function=HOLDING,
        data_type=DataType.INT32,
        voltages=_R(0x5B00, 1),
        currents=_R(0x5B0C, 2),
        phase_powers=_R(0x5B16, 2),
        import_energy=_R(0x5000, 2),
        export_energy=_R(0x5004, 2),
        energy_type=DataType.INT64,
        is_signed=False,
        gap=4,
    ),
    MeterType(  # SunSpec meter model at an inverter of SolarEdge, all of its registers readable
        id=7,
        name="SolarEdge",
        function=HOLDING,
        data_type=DataType.INT16,
        voltages=_R(40196, 0, 40203),
        currents=_R(40191, 0, 40194),
        power=_R(40206, 0, 40210),
        import_energy=_R(40234, 3, 40242),
        export_energy=_R(40226, 3, 40242),
        energy_type=DataType.UINT32,
        gap=16,
    ),
    MeterType(  # WAGO 879-30x0, Inepro PRO380
        id=8,
        name="WAGO",
        function=HOLDING,
        voltages=_R(0x5002),
        currents=_R(0x500C),
        power=_R(0x5012, -3),
        import_energy=_R(0x600C),
        export_energy=_R(0x6018),
    ),
    MeterType(id=API, name="API", source="pushed"),
    MeterType(  # Eastron SDM120, SDM230
        id=10,
        name="Eastron1P",
        voltages=_R(0x00),
        currents=_R(0x06),
        phase_powers=_R(0x0C),
        import_energy=_R(0x48),
        export_energy=_R(0x4A),
        is_signed=False,
        most=80,
    ),
    MeterType(  # Finder 7M.38.8.400.0212
        id=11,
        name="Finder 7M",
        voltages=_R(2500),
        currents=_R(2516),
        phase_powers=_R(2530),
        import_energy=_R(2638, 3),
        is_signed=False,
        gap=8,
    ),
    MeterType(  # Sinotimer DTS6619
        id=12,
        name="Sinotimer",
        data_type=DataType.INT16,
        voltages=_R(0x00, 1),
        currents=_R(0x03, 2),
        phase_powers=_R(0x08),
        import_energy=_R(0x27, 2),
        export_energy=_R(0x31, 2),
        energy_type=DataType.INT32,
    ),
    MeterType(id=HOMEWIZARD_P1, name="HmWzrd P1", source="homewizard"),
    MeterType(  # Schneider iEM3x5x; the iEM3x50 count no export
        id=14,
        name="Schneider",
        function=HOLDING,
        voltages=_R(0x0BD3),
        currents=_R(0x0BB7),
        phase_powers=_R(0x0BED, -3),
        import_energy=_R(0xB02B),
        export_energy=_R(0xB02D),
        is_signed=False,
        gap=48,
    ),
    MeterType(  # Chint DTSU666; at 0x2000 are the voltages between the phases
        id=15,
        name="Chint 3P",
        function=HOLDING,
        voltages=_R(0x2006, 1),
        currents=_R(0x200C, 3),
        phase_powers=_R(0x2014, 1),
        import_energy=_R(0x101E),
        export_energy=_R(0x1028),
        is_signed=False,
        gap=2,
    ),
    MeterType(  # Carlo Gavazzi EM340
        id=16,
        name="C.Gavazzi",
        data_type=DataType.INT32,
        endianness=Endianness.HIGH_BYTE_LOW_WORD,
        voltages=_R(0x00, 1),
        currents=_R(0x0C, 3),
        power=_R(0x28, 1),
        import_energy=_R(0x34, 1),
        export_energy=_R(0x4E, 1),
    ),
    MeterType(  # Chint DDSU666, whose voltage is in V
        id=17,
        name="Chint 1P",
        function=HOLDING,
        voltages=_R(0x2000),
        currents=_R(0x2002),
        phase_powers=_R(0x2004, -3),
        import_energy=_R(0x4000),
        export_energy=_R(0x400A),
        is_signed=False,
        phases=1,
    ),
    MeterType(id=HOMEWIZARD_KWH, name="HmWzrd KW", source="homewizard"),
    custom(),
)
_BY_ID: Final = {row.id: row for row in METERS}
_BY_NAME: Final = {row.name.lower(): row for row in METERS}
