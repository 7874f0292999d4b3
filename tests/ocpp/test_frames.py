from __future__ import annotations

import pytest

from chargeplane.ocpp.frames import masked


@pytest.mark.parametrize(
    "frame",
    [
        '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"00aa\\"bb"}]',
        (
            '[2,"1","SetVariables",{"setVariableData":[{"attributeValue":"s3cret00aa",'
            '"component":{"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"}}]}]'
        ),
        '[2,"1","SetNetworkProfile",{"connectionData":{"basicAuthPassword":"00aa"}}]',
    ],
)
def test_passwords_are_not_shown(frame: str) -> None:
    assert "00aa" not in masked(frame)
    assert '"***"' in masked(frame)


def test_other_values_are_shown() -> None:
    frame = '[2,"1","ChangeConfiguration",{"key":"HeartbeatInterval","value":"60"}]'
    assert masked(frame) == frame
