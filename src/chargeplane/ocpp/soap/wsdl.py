"""The WSDL of each service, from the tables that its messages are read and written with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chargeplane.ocpp.soap.codec import Member, escaped, members
from chargeplane.ocpp.soap.messages import MESSAGES, Messages, Side
from chargeplane.ocpp.soap.service import element_name

NAMES: Final[dict[Side, str]] = {"Cs": "CentralSystemService", "Cp": "ChargePointService"}

_LIMITED: Final = re.compile(r"string(\d+)").fullmatch

_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
    xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/"
    xmlns:wsaw="http://www.w3.org/2006/05/addressing/wsdl"
    xmlns:s="http://www.w3.org/2001/XMLSchema"
    xmlns:tns="{namespace}" targetNamespace="{namespace}">
<wsdl:types>
<s:schema targetNamespace="{namespace}" elementFormDefault="qualified">"""

_MESSAGE: Final = """<wsdl:message name="{name}">\
<wsdl:part name="parameters" element="tns:{element}"/></wsdl:message>"""

_OPERATION: Final = """<wsdl:operation name="{action}">
<wsdl:input message="tns:{action}Input" wsaw:Action="/{action}"/>
<wsdl:output message="tns:{action}Output" wsaw:Action="/{action}Response"/>
</wsdl:operation>"""

_BOUND: Final = """<wsdl:operation name="{action}">
<soap12:operation soapAction="/{action}" style="document"/>
<wsdl:input><soap12:header use="literal" message="tns:Header" part="ChargeBoxIdentity"/>\
<soap12:body use="literal"/></wsdl:input>
<wsdl:output><soap12:body use="literal"/></wsdl:output>
</wsdl:operation>"""

_TAIL: Final = """<wsdl:service name="{service}">
<wsdl:port name="{service}Soap12" binding="tns:{service}Soap">
<soap12:address location="{location}"/>
</wsdl:port>
</wsdl:service>
</wsdl:definitions>
"""


def wsdl(version: str, side: Side, location: str) -> bytes:
    """The description of a service that is called at an address."""
    return "\n".join(_lines(MESSAGES[version], side, escaped(location))).encode()


def _lines(messages: Messages, side: Side, location: str) -> Iterator[str]:
    actions, service = sorted(messages.actions(side)), NAMES[side]
    yield _HEAD.format(namespace=messages.namespace(side))
    yield from _types(messages, actions)
    yield "</s:schema>\n</wsdl:types>"
    yield (
        '<wsdl:message name="Header">'
        '<wsdl:part name="ChargeBoxIdentity" element="tns:chargeBoxIdentity"/></wsdl:message>'
    )
    for action in actions:
        yield _MESSAGE.format(name=f"{action}Input", element=element_name(f"{action}Request"))
        yield _MESSAGE.format(name=f"{action}Output", element=element_name(f"{action}Response"))
    yield f'<wsdl:portType name="{service}">'
    yield from (_OPERATION.format(action=action) for action in actions)
    yield "</wsdl:portType>"
    yield f'<wsdl:binding name="{service}Soap" type="tns:{service}">'
    yield '<soap12:binding transport="http://schemas.xmlsoap.org/soap/http"/>'
    yield from (_BOUND.format(action=action) for action in actions)
    yield "</wsdl:binding>"
    yield _TAIL.format(service=service, location=location)


def _types(messages: Messages, actions: list[str]) -> Iterator[str]:
    roots = [f"{action}{suffix}" for action in actions for suffix in ("Request", "Response")]
    found: dict[str, str] = {}  # by kind: how it is defined
    for root in roots:
        _collect(messages, root, found)
    yield from found.values()
    yield '<s:element name="chargeBoxIdentity" type="s:string"/>'
    for root in roots:
        yield f'<s:element name="{element_name(root)}" type="tns:{root}"/>'


def _collect(messages: Messages, kind: str, found: dict[str, str]) -> None:
    """Define a kind and those that it is made of, each once."""
    if kind in found:
        return
    limited = _LIMITED(kind)
    if kind in messages.structures:
        parts = members(messages.structures[kind])
        found[kind] = _complex(messages, kind, parts)
        for part in parts:
            _collect(messages, part.kind, found)
    elif kind in messages.enums:
        words = messages.enums[kind].split()
        facets = "".join(f'<s:enumeration value="{word}"/>' for word in words)
        found[kind] = _simple(kind, "string", facets)
    elif limited:
        found[kind] = _simple(kind, "string", f'<s:maxLength value="{limited[1]}"/>')
    elif kind == "decimal1":
        found[kind] = _simple(kind, "decimal", '<s:fractionDigits value="1"/>')


def _simple(name: str, base: str, facets: str) -> str:
    restriction = f'<s:restriction base="s:{base}">{facets}</s:restriction>'
    return f'<s:simpleType name="{name}">{restriction}</s:simpleType>'


def _complex(messages: Messages, name: str, parts: tuple[Member, ...]) -> str:
    text = next((part for part in parts if part.is_text), None)
    if text is None:
        elements = "".join(_element(messages, part) for part in parts)
        inside = f"<s:sequence>{elements}</s:sequence>"
    else:
        attributes = "".join(
            f'<s:attribute name="{part.name}" type="{_named(messages, part.kind)}"/>'
            for part in parts
            if part.is_attribute
        )
        base = _named(messages, text.kind)
        extension = f'<s:extension base="{base}">{attributes}</s:extension>'
        inside = f"<s:simpleContent>{extension}</s:simpleContent>"
    return f'<s:complexType name="{name}">{inside}</s:complexType>'


def _element(messages: Messages, part: Member) -> str:
    least = "" if part.is_required else ' minOccurs="0"'
    most = ' maxOccurs="unbounded"' if part.is_list else ""
    return f'<s:element name="{part.name}" type="{_named(messages, part.kind)}"{least}{most}/>'


def _named(messages: Messages, kind: str) -> str:
    ours = kind in messages.structures or kind in messages.enums or kind[-1].isdigit()
    return f"{'tns' if ours else 's'}:{kind}"
