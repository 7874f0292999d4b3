"""All sections together."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chargeplane.config.central import Api, Csms, OcppCore, Server, Soap, Steve, Storage, Web
from chargeplane.config.evse import Evse, EvseMqtt
from chargeplane.config.parts import Section
from chargeplane.config.payments import Mail, Payments, Stripe
from chargeplane.config.station import Everest, EverestMqtt, Station


class Log(Section):
    """What the process tells about itself on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least important level that is written."
    )
    format: Literal["console", "json"] = Field(
        default="console", description="Lines for people (`console`) or for programs (`json`)."
    )


class Settings(Section):
    """All settings, one field a section."""

    server: Server = Server()
    storage: Storage = Storage()
    csms: Csms = Csms()
    soap: Soap = Soap()
    api: Api = Api()
    web: Web = Web()
    ocpp_core: OcppCore = OcppCore()
    steve: Steve = Steve()
    stripe: Stripe = Stripe()
    payments: Payments = Payments()
    mail: Mail = Mail()
    station: Station = Station()
    evse: Evse = Evse()
    evse_mqtt: EvseMqtt = EvseMqtt()
    everest: Everest = Everest()
    everest_mqtt: EverestMqtt = EverestMqtt()
    log: Log = Log()
