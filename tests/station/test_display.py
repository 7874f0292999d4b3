"""What drivers read, where and in which language."""

from __future__ import annotations

from chargeplane.domain.messages import MessageContent
from chargeplane.domain.tokens import Authorize, AuthorizeAnswer, TokenInfo
from chargeplane.domain.variables import Component, GetVariables, Variable, VariableQuery
from chargeplane.evse.virtual_display import VirtualDisplay
from chargeplane.ocpp.v2 import wire
from chargeplane.station import display
from tests.station.desk import place
from tests.station.test_display_messages import begin, clear, message, put, screen, shown, stop

__all__ = ["screen"]  # a fixture


async def test_each_evse_has_its_own_display() -> None:
    """O01.FR.21 to FR.23."""
    screens = {number: VirtualDisplay() for number in (0, 1, 2)}
    async with place("2.1", evses=2, displays=screens) as there:
        where = wire.Component(name="Display", evse=wire.EVSE(id=2))
        await put(there, message(1, "All"), message(2, "Two", display=where))
        assert [screens[n].lines for n in (0, 1, 2)] == [["All"], ["All"], ["All", "Two"]]
        query = VariableQuery(component=Component("Display"), variable=Variable("Available"))
        (answer,) = (await there.desk.ask(GetVariables(queries=(query,)))).results
        assert answer.attribute_value == "true"


async def test_a_driver_is_spoken_to_in_their_language(screen: VirtualDisplay) -> None:
    """C01.FR.08, O01.FR.08: of the driver, else of the station, else English."""
    async with shown(screen, "2.1") as there:
        info = TokenInfo(status="Accepted", language1="fr", language2="de-CH")
        there.desk.answers[Authorize] = AuthorizeAnswer(id_token_info=info)
        words = {"en": "Hello", "de": "Hallo"}
        english, german = (
            wire.MessageContent(format="UTF8", content=words[tag], language=tag) for tag in words
        )
        await put(there, message(message=german, message_extra=[english]))
        assert screen.lines == ["Hello"]
        await begin(there)
        assert screen.lines == ["Hallo"]
        await stop(there)
        there.hardware().plug_out()
        await there.until(lambda: screen.lines == ["Hello"])
        there.station.model.put("DisplayMessageCtrlr/Language", "de")
        assert screen.lines == ["Hallo"]


# The station's own notices


def said(text: str) -> tuple[MessageContent, ...]:
    return (MessageContent(format="UTF8", content=text),)


async def test_notices_are_shown_in_turn_with_messages(screen: VirtualDisplay) -> None:
    async with shown(screen) as there:
        await put(there, message(1, "Usual"))
        display.notify(there.station, 1, "default price", said("Usually 1 EUR"))
        assert screen.lines == ["Usually 1 EUR", "Usual"]
        display.notify(there.station, 1, "cost", said("3 EUR"))
        display.notify(there.station, 1, "price", said("2 EUR"))
        assert screen.lines == ["2 EUR", "3 EUR", "Usual"]
        await put(there, message(2, "Fire!", priority="AlwaysFront"))
        assert screen.lines == ["Fire!"]
        await clear(there, 2)
        display.forget(there.station, 1)
        assert screen.lines == ["Usually 1 EUR", "Usual"]
        display.notify(there.station, 1, "default price")
        assert screen.lines == ["Usual"]
