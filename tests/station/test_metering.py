from __future__ import annotations

from chargeplane.domain.station import Evse
from chargeplane.domain.variables import Component, GetVariables, Variable, VariableQuery
from tests.station.desk import place


async def test_the_most_power_is_that_of_the_wires() -> None:
    values = {"SmartChargingCtrlr/CompositeScheduleDefaultLimitWatts": "7400"}
    async with place("2.1", values=values) as there:
        query = VariableQuery(
            component=Component("EVSE", None, Evse(1)),
            variable=Variable("Power"),
            attribute_type="MaxSet",
        )
        (answer,) = (await there.desk.ask(GetVariables(queries=(query,)))).results
        assert answer.attribute_value == "7400"
