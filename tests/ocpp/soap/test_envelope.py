"""Envelopes as chargers write them, and as nobody should."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.ocpp.soap.envelope import MAX_ENVELOPE, unwrap
from chargeplane.ocpp.soap.service import CENTRAL, STATION, Fault, Headers
from tests.ocpp.schemas import SOME

SOAP = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"
CS = {version: service.namespace for version, service in CENTRAL.items()}


def envelope(body: str, header: str = "", *, soap: str = SOAP) -> bytes:
    return (
        f'<E:Envelope xmlns:E="{soap}" xmlns:a="{WSA}" xmlns:o="{CS["1.5"]}"'
        f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<E:Header>{header}</E:Header><E:Body>{body}</E:Body></E:Envelope>"
    ).encode()


def payload(body: str) -> Any:
    return msgspec.json.decode(unwrap(envelope(body)).message().payload)


def refusal(text: bytes) -> Fault:
    with pytest.raises(Fault) as raised:
        unwrap(text).message()
    return raised.value


# What is tolerated

GSOAP = f"""<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP}" xmlns:SOAP-ENC="http://www.w3.org/2003/05/soap-encoding"
 xmlns:wsa5="{WSA}" xmlns:cs="{CS["1.5"]}">
 <SOAP-ENV:Header>
  <cs:chargeBoxIdentity SOAP-ENV:mustUnderstand="true">CP1234</cs:chargeBoxIdentity>
  <wsa5:MessageID>urn:uuid:7ad1</wsa5:MessageID>
  <wsa5:From><wsa5:Address>http://192.0.2.10:12345</wsa5:Address></wsa5:From>
  <wsa5:ReplyTo SOAP-ENV:mustUnderstand="true">
   <wsa5:Address>{WSA}/anonymous</wsa5:Address>
  </wsa5:ReplyTo>
  <wsa5:To SOAP-ENV:mustUnderstand="true">
   http://some.backoffice.com/ocpp/v1/5
  </wsa5:To>
  <wsa5:Action SOAP-ENV:mustUnderstand="true">/StatusNotification</wsa5:Action>
 </SOAP-ENV:Header>
 <SOAP-ENV:Body>
  <cs:statusNotificationRequest>
   <cs:connectorId>1</cs:connectorId><!-- the left one -->
   <cs:status>Occupied</cs:status>
   <cs:errorCode>NoError</cs:errorCode>
   <cs:timestamp>2011-06-01T12:00:00Z</cs:timestamp>
  </cs:statusNotificationRequest>
 </SOAP-ENV:Body>
</SOAP-ENV:Envelope>"""


def test_as_the_specification_shows_it() -> None:
    opened = unwrap(GSOAP.encode())
    assert opened.service is CENTRAL["1.5"]
    assert opened.headers == Headers(
        identity="CP1234",
        action="/StatusNotification",
        message_id="urn:uuid:7ad1",
        sender="http://192.0.2.10:12345",
        to="http://some.backoffice.com/ocpp/v1/5",
    )
    message = opened.message()
    assert (message.action, message.is_answer) == ("StatusNotification", False)
    assert msgspec.json.decode(message.payload) == {
        "connectorId": 1,
        "status": "Occupied",
        "errorCode": "NoError",
        "timestamp": "2011-06-01T12:00:00Z",
    }


@pytest.mark.parametrize(
    "header",
    [
        "<o:chargeBoxIdentity>CP1</o:chargeBoxIdentity>",
        "<o:ChargeBoxIdentity> CP1 </o:ChargeBoxIdentity>",
        "<chargeboxidentity>CP1</chargeboxidentity>",
        '<x:chargeBoxIdentity xmlns:x="urn://Ocpp/Cs/1999/">CP1</x:chargeBoxIdentity>',
        '<x:unknown xmlns:x="urn:x">?</x:unknown><o:chargeBoxIdentity>CP1</o:chargeBoxIdentity>',
        '<o:chargeBoxIdentity E:mustUnderstand="1">CP1</o:chargeBoxIdentity>',
    ],
)
def test_the_identity_of_any_spelling(header: str) -> None:
    assert unwrap(envelope("<o:heartbeatRequest/>", header)).headers.identity == "CP1"


def test_headers_that_are_missing_are_named() -> None:
    headers = unwrap(envelope("<o:heartbeatRequest/>")).headers
    assert headers.missing == ("Action", "MessageID", "From", "To")


def test_without_a_header_at_all() -> None:
    text = f'<Envelope xmlns="{SOAP}"><Body><o:heartbeatRequest xmlns:o="{CS["1.2"]}"/></Body>'
    opened = unwrap(f"{text}</Envelope>".encode())
    assert (opened.headers, opened.service) == (Headers(), CENTRAL["1.2"])


@pytest.mark.parametrize("service", [*CENTRAL.values(), *STATION.values()])
def test_the_last_slash_of_a_namespace_may_be_missing(service: Any) -> None:
    name = next(iter(service.readers))
    text = f'<x:{name} xmlns:x="{service.namespace.rstrip("/")}"/>'
    assert unwrap(envelope(text)).service is service


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("<o:connectorId> 1 </o:connectorId>", {"connectorId": 1}),
        ("<connectorId>+1</connectorId>", {"connectorId": 1}),
        ("<o:connectorId>1.0</o:connectorId>", {"connectorId": 1.0}),
        ("<o:connectorId>one</o:connectorId>", {"connectorId": "one"}),
        ("<o:connectorId>1e3</o:connectorId>", {"connectorId": "1e3"}),
        ("<o:connectorId>NaN</o:connectorId>", {"connectorId": "NaN"}),
        ("<o:connectorId>99999999999999999999</o:connectorId>",
         {"connectorId": "99999999999999999999"}),
        ("<o:connectorId/>", {"connectorId": None}),
        ("<o:meterStart>1</o:meterStart><o:idTag>A</o:idTag>", {"meterStart": 1, "idTag": "A"}),
        ("<o:idTag>A</o:idTag><o:idTag>B</o:idTag>", {"idTag": ["A", "B"]}),
        ("<o:idTag/>", {"idTag": ""}),
        ('<o:idTag xsi:nil="true"/>', {"idTag": None}),
        ("<o:idTag> <![CDATA[<A>]]> </o:idTag>", {"idTag": " <A> "}),
        ("<o:timestamp>\n 2011-06-01T12:00:00Z\n</o:timestamp>",
         {"timestamp": "2011-06-01T12:00:00Z"}),
        ("<o:more><o:deep>x</o:deep></o:more>", {"more": ""}),
        ("<o:more>x</o:more>", {"more": "x"}),
    ],
)  # fmt: skip
def test_members_are_handed_on_as_they_are(inside: str, said: Any) -> None:
    assert payload(f"<o:startTransactionRequest>{inside}</o:startTransactionRequest>") == said


def test_samples_are_texts_with_attributes() -> None:
    inside = (
        "<o:values><o:timestamp>2011-06-01T12:00:00Z</o:timestamp>"
        '<o:value unit="Wh" format="Raw">12</o:value><o:value/></o:values>'
    )
    said = payload(f"<o:meterValuesRequest>{inside}</o:meterValuesRequest>")
    (value,) = said["values"]
    assert value["value"] == [{"value": "12", "unit": "Wh", "format": "Raw"}, {"value": ""}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_any_usual_encoding(encoding: str) -> None:
    text = envelope("<o:authorizeRequest><o:idTag>é</o:idTag></o:authorizeRequest>").decode()
    written = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    assert msgspec.json.decode(unwrap(written).message().payload) == {"idTag": "é"}


# What is refused

HEARTBEAT = "<o:heartbeatRequest/>"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
EXTERNAL = '<!ENTITY x SYSTEM "file:///etc/passwd">'


def with_declaration(inside: str, use: str) -> bytes:
    body = f"<o:authorizeRequest><o:idTag>{use}</o:idTag></o:authorizeRequest>"
    return f"<!DOCTYPE x [{inside}]>".encode() + envelope(body)


REFUSED = [
    (b"", "Sender", "not well-formed XML"),
    (b"\x00\xff", "Sender", "not well-formed XML"),
    (b'[2,"1","Heartbeat",{}]', "Sender", "not well-formed XML"),
    (b"<a>", "Sender", "not well-formed XML"),
    (b"<a/>", "Sender", "a is not a SOAP envelope"),
    (b"<Envelope/>", "VersionMismatch", "SOAP 1.2"),
    (envelope(HEARTBEAT, soap=SOAP_11), "VersionMismatch", "SOAP 1.2"),
    (envelope(HEARTBEAT)[:-3], "Sender", "not well-formed XML"),
    (envelope(HEARTBEAT).replace(b"<E:", b"\xff<E:", 2), "Sender", "not well-formed XML"),
    (envelope(""), "Sender", "no body with a message"),
    (f'<x:Envelope xmlns:x="{SOAP}"/>'.encode(), "Sender", "no body with a message"),
    (envelope("<heartbeatRequest/>"), "Sender", "no namespace, which is not of OCPP"),
    (envelope('<x:heartbeatRequest xmlns:x="urn://Ocpp/Cs/2018/01/"/>'), "Sender",
     "urn://Ocpp/Cs/2018/01/, which is not of OCPP"),
    (envelope("<o:resetRequest/>"), "Receiver", "resetRequest is not part of OCPP 1.5"),
    (envelope("<o:HeartbeatRequest/>"), "Receiver", "is not part of OCPP 1.5"),
    (envelope(HEARTBEAT, '<x:Security xmlns:x="urn:wss" E:mustUnderstand="true"/>'),
     "MustUnderstand", "the header security is not understood"),
    (with_declaration("", "A"), "Sender", "no document type declaration"),
    (b"<!-- Envelope -->" + with_declaration("", "A"), "Sender",
     "no document type declaration"),
    (with_declaration(LAUGHS, "&l9;"), "Sender", "no document type declaration"),
    (with_declaration(EXTERNAL, "&x;"), "Sender", "no document type declaration"),
    (with_declaration('<!ENTITY % p SYSTEM "http://192.0.2.1/x">%p;', "A"), "Sender",
     "no document type declaration"),
    (envelope("<o:a>" * 300 + "</o:a>" * 300), "Sender", "not well-formed XML"),
    (envelope(f"<o:authorizeRequest><o:idTag>{'x' * MAX_ENVELOPE}</o:idTag>"
              "</o:authorizeRequest>"), "Sender", "larger than 1048576 bytes"),
    (envelope("<o:authorizeRequest><o:idTag>&x;</o:idTag></o:authorizeRequest>"), "Sender",
     "not well-formed XML"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "reason"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused(text: bytes, code: str, reason: str) -> None:
    fault = refusal(text)
    assert fault.code == code
    assert reason in fault.reason
    assert len(fault.reason) <= 255


def test_entities_of_attributes_are_not_expanded_either() -> None:
    laughs = LAUGHS.encode()
    text = b"<!DOCTYPE x [" + laughs + b']><x a="&l9;"/>'
    assert refusal(text).code == "Sender"


def test_a_deep_but_small_message_costs_its_depth() -> None:
    deep = "<o:x>" * 200 + "</o:x>" * 200
    assert payload(f"<o:heartbeatRequest>{deep}</o:heartbeatRequest>") == {"x": ""}


def test_a_fault_with_codes_of_any_prefix() -> None:
    fault = refusal(envelope(
        "<E:Fault><E:Code><E:Value>q:Sender</E:Value><E:Subcode><E:Value> IdentityMismatch "
        '</E:Value></E:Subcode></E:Code><E:Reason><E:Text xml:lang="de"> Falsch </E:Text>'
        "</E:Reason></E:Fault>"
    ))  # fmt: skip
    assert (fault.code, fault.subcode, fault.reason) == ("Sender", "IdentityMismatch", "Falsch")


def test_a_fault_that_says_nothing() -> None:
    fault = refusal(envelope("<E:Fault/>"))
    assert (fault.code, fault.subcode, fault.reason) == ("Receiver", "", "")


@SOME
@given(st.binary(max_size=200))
def test_whatever_comes_raises_nothing_but_faults(noise: bytes) -> None:
    for text in (noise, GSOAP.encode()[: len(noise) * 6] + noise, envelope("") + noise):
        with suppress(Fault):
            unwrap(text).message()
