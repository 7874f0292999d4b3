"""Settings: one TOML file, overridden by CHARGEPLANE_* variables, overridden by flags."""

from chargeplane.config.central import Api, Csms, OcppCore, Server, Soap, Steve, Storage
from chargeplane.config.evse import Evse, EvseMqtt
from chargeplane.config.loading import (
    DEFAULT,
    DEFAULT_FILE,
    ENV_FILE,
    ENV_PREFIX,
    Configuration,
    Setting,
    as_toml,
    describe,
    load,
    toml_value,
)
from chargeplane.config.parts import SQLITE, DatabaseUrl, OcppVersion, Section
from chargeplane.config.payments import Mail, Payments, Stripe
from chargeplane.config.settings import Log, Settings
from chargeplane.config.station import Everest, EverestMqtt, Station

__all__ = [
    "DEFAULT",
    "DEFAULT_FILE",
    "ENV_FILE",
    "ENV_PREFIX",
    "SQLITE",
    "Api",
    "Configuration",
    "Csms",
    "DatabaseUrl",
    "Everest",
    "EverestMqtt",
    "Evse",
    "EvseMqtt",
    "Log",
    "Mail",
    "OcppCore",
    "OcppVersion",
    "Payments",
    "Section",
    "Server",
    "Setting",
    "Settings",
    "Soap",
    "Station",
    "Steve",
    "Storage",
    "Stripe",
    "as_toml",
    "describe",
    "load",
    "toml_value",
]
