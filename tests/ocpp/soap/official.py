"""The official WSDL files: as validators, and as descriptions to compare with."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from lxml import etree

from chargeplane.ocpp.soap.messages import MESSAGES, Side

FILES: Final[dict[tuple[str, Side], str]] = {
    ("1.2", "Cs"): "centralsystemservice_0.wsdl",
    ("1.2", "Cp"): "chargepointservice.wsdl",
    ("1.5", "Cs"): "ocpp_centralsystemservice_1.5_final.wsdl",
    ("1.5", "Cp"): "ocpp_chargepointservice_1.5_final.wsdl",
    ("1.6", "Cs"): "OCPP_CentralSystemService_1.6.wsdl",
    ("1.6", "Cp"): "OCPP_ChargePointService_1.6.wsdl",
}
SERVICES: Final = tuple(FILES)
OPERATIONS: Final = tuple(
    (version, side, action)
    for version, side in SERVICES
    for action in sorted(MESSAGES[version].actions(side))
)
XS: Final = "{http://www.w3.org/2001/XMLSchema}"
WSDL: Final = "{http://schemas.xmlsoap.org/wsdl/}"
ACTION: Final = "{http://www.w3.org/2006/05/addressing/wsdl}Action"
BODY: Final = "{http://www.w3.org/2003/05/soap-envelope}Body"

Description = dict[str, Any]


@cache
def _schema(path: Path) -> Any:
    return schema_of(path.read_bytes())


def schema_of(wsdl: bytes) -> Any:
    """The schema of a WSDL, usable alone."""
    schema = etree.fromstring(wsdl).find(f".//{XS}schema")
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))


def validate(path: Path, envelope: bytes) -> None:
    """Raise if what an envelope holds is not what the schema of a WSDL file asks for."""
    (content,) = etree.fromstring(envelope).find(BODY)
    _schema(path).assertValid(content)


def described(wsdl: bytes) -> Description:
    """What a WSDL says, whatever it calls its types: every element with all that is below it."""
    root = etree.fromstring(wsdl)
    schema = root.find(f".//{XS}schema")
    types = {node.get("name"): node for node in schema if node.tag != f"{XS}element"}
    elements = {
        node.get("name"): _kind(node.get("type"), types) for node in schema.iter(f"{XS}element")
        if node.getparent() is schema
    }  # fmt: skip
    operations = {
        node.get("name"): node.find(f"{WSDL}input").get(ACTION)
        for node in root.findall(f"{WSDL}portType/{WSDL}operation")
    }
    return {
        "namespace": root.get("targetNamespace"),
        "elements": elements,
        "operations": operations,
        "service": root.find(f"{WSDL}service").get("name"),
    }


def _kind(name: str, types: dict[str, Any]) -> Any:
    prefix, _, local = name.partition(":")
    if prefix == "tns":
        return _type(types[local], types)
    return local


def _type(node: Any, types: dict[str, Any]) -> Any:
    restriction = node.find(f"{XS}restriction")
    if restriction is not None:
        facets = [(facet.tag.removeprefix(XS), facet.get("value")) for facet in restriction]
        return restriction.get("base").partition(":")[2], sorted(facets)
    extension = node.find(f"{XS}simpleContent/{XS}extension")
    if extension is not None:
        attributes = [
            (a.get("name"), _kind(a.get("type"), types)) for a in extension.iter(f"{XS}attribute")
        ]
        return {"text": _kind(extension.get("base"), types), "attributes": sorted(attributes)}
    return [_element(element, types) for element in node.iterfind(f"{XS}sequence/{XS}element")]


def _element(node: Any, types: dict[str, Any]) -> Any:
    inside = node.find(f"{XS}complexType")
    kind = _kind(node.get("type"), types) if inside is None else _type(inside, types)
    return node.get("name"), kind, node.get("minOccurs", "1"), node.get("maxOccurs", "1")
