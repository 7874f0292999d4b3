"""A stand-in for SteVe: its pages and its REST operations as the contract describes them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import parse_qs

import httpx

RELOADS = "This page automatically reloads every 5 seconds until the task is finished."
RESPONSES = {
    "DataTransfer": "Accepted / Data: hi",
    "UnlockConnector": "Unlocked",
    "GetLocalListVersion": "3",
}
TRANSACTIONS = ((77, "001", 2), (78, "002", 1))


class StandInSteve:
    """A SteVe with the charge boxes 001 and 002; what is asked of it is kept.

    `kind` is how it names a charge box in forms, `looks` how often a task is
    looked at before it is finished.
    """

    def __init__(self, *, rest: bool = False, kind: str = "V_16_JSON", looks: int = 0) -> None:
        self.transport = httpx.MockTransport(self._handle)
        self.rest = rest
        self.kind = kind
        self.looks = looks
        self.password = "1234"
        self.rotates = 0  # forms whose token is replaced before it comes back
        self.requests: list[str] = []
        self.forms: list[dict[str, list[str]]] = []
        self.bodies: list[dict[str, Any]] = []
        self.rows = ""  # of the page of every task, where it is not the response
        self.result: dict[str, Any] = {}  # of every REST operation, where it is not the response
        self._session = 0
        self._csrf = 0
        self._tasks: list[tuple[str, str, int]] = []

    def end_session(self) -> None:
        """Forget who has signed in."""
        self._session += 1

    def _handle(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/steve")
        self.requests.append(f"{request.method} {path}")
        if path.startswith("/api/"):
            return self._api(request, path.removeprefix("/api/v1"))
        if path == "/manager/signin":
            return self._sign_in(request)
        if f"JSESSIONID=s{self._session}" not in request.headers.get("cookie", ""):
            return _redirect("/manager/signin")
        if request.method == "POST" and self._form(request).get("_csrf") != [self._token()]:
            return httpx.Response(403)
        return self._manager(request, path)

    def _manager(self, request: httpx.Request, path: str) -> httpx.Response:
        pages: dict[str, Callable[[], str]] = {
            "/manager/home/connectorStatus": self._connectors,
            "/manager/transactions": self._transactions,
        }
        if path in pages:
            return httpx.Response(200, html=pages[path]())
        if path.startswith("/manager/operations/tasks/"):
            return httpx.Response(200, html=self._task(int(path.rpartition("/")[2])))
        if path.startswith("/manager/operations/v1."):
            return self._operation(request, path.rpartition("/")[2])
        return httpx.Response(404)

    def _sign_in(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, html=self._hidden())
        form = self._form(request)
        if form["_csrf"] != [self._token()]:
            return httpx.Response(403)
        if (form["username"], form["password"]) != (["admin"], [self.password]):
            return _redirect("/manager/signin?error")
        self._csrf += 1  # the token is another one from here on
        cookie = {"Set-Cookie": f"JSESSIONID=s{self._session}; Path=/steve"}
        return _redirect("/manager/home", cookie)

    def _operation(self, request: httpx.Request, name: str) -> httpx.Response:
        if request.method == "GET":
            page = f"{self._hidden()}{self._select()}"
            if self.rotates:
                self.rotates -= 1
                self._csrf += 1
            return httpx.Response(200, html=page)
        form = self._form(request)
        self.forms.append(form)
        if "idTag" in form and form["idTag"] != ["ABCDE"]:
            error = '<div class="error"><b>Error:</b><ul><li>ID Tag is wrong</li></ul></div>'
            return httpx.Response(200, html=self._hidden() + error)
        box = form["chargePointSelectList"][0].split(";")[1]
        self._tasks.append((name, box, self.looks))
        return _redirect(f"/manager/operations/tasks/{len(self._tasks)}")

    def _task(self, number: int) -> str:
        name, box, looks = self._tasks[number - 1]
        self._tasks[number - 1] = (name, box, looks - 1)
        said = "" if looks > 0 else escape(RESPONSES.get(name, "Accepted"))
        row = self.rows or f"<tr><td><a href='#'>{box}</a></td><td>{said}</td><td></td></tr>"
        return (
            "<table id='details' class='cpd'><thead><tr><th>Task Details</th><th></th></tr></thead>"
            f"<tr><td>Operation name:</td><td>{name}</td></tr></table>"
            "<table class='res'><thead><tr><th>ChargeBox ID</th><th>Response</th><th>Error</th>"
            f"</tr></thead><tbody>{row}</tbody></table>{RELOADS if looks > 0 else ''}"
        )

    def _connectors(self) -> str:
        return (
            "<table class='userInput'><tr><td>ChargeBox ID:</td><td><select><option value=''>All"
            "</option></select></td></tr></table><table class='res' id='connectorStatusTable'>"
            "<thead><tr><th>ChargeBox ID</th><th>Connector ID</th><th>Date/Time</th><th>Status"
            "</th><th>Error Code</th></tr></thead><tbody>"
            "<tr><td><a>001</a> <img></td><td>1</td><td>now</td><td>Available</td><td></td></tr>"
            "<tr><td><a>001</a> <img></td><td>2</td><td>now</td><td>Charging</td><td></td></tr>"
            "</tbody></table>"
        )

    def _transactions(self) -> str:
        rows = "".join(
            f"<tr><td>{number}</td><td>{box}</td><td>{connector}</td></tr>"
            for number, box, connector in TRANSACTIONS
        )
        return (
            "<table class='userInput'><tr><td>Period</td></tr></table><table class='res'><thead>"
            f"<tr><th>Transaction ID</th><th>ChargeBox ID</th><th>Connector ID</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )

    def _select(self) -> str:
        options = "".join(
            f"<option value='{self.kind};{box};-'>{box}</option>" for box in ("001", "002")
        )
        return f"<select name='chargePointSelectList'>{options}</select>"

    def _hidden(self) -> str:
        return f'<input type="hidden" name="_csrf" value="{self._token()}" />'

    def _token(self) -> str:
        return f"a&b={self._csrf}"  # must be encoded on its way back

    @staticmethod
    def _form(request: httpx.Request) -> dict[str, list[str]]:
        return parse_qs(request.content.decode(), keep_blank_values=True)

    def _api(self, request: httpx.Request, path: str) -> httpx.Response:
        if request.headers.get("authorization") != _basic("admin", "api"):
            return httpx.Response(401, json={"status": 401, "message": "Unauthorized"})
        if path == "/transactions":
            return httpx.Response(
                200,
                json=[
                    {"id": number, "chargeBoxId": box, "connectorId": connector}
                    for number, box, connector in TRANSACTIONS
                ],
            )
        if not self.rest or not path.startswith("/operations/"):
            return httpx.Response(404, json={"status": 404, "message": "No static resource"})
        return self._rest(path.rpartition("/")[2], json.loads(request.content))

    def _rest(self, name: str, body: dict[str, Any]) -> httpx.Response:
        boxes = body["chargeBoxIdList"]
        if not boxes:
            return httpx.Response(400, json={"status": 400, "message": "must not be empty"})
        self.bodies.append({"operation": name, **body})
        if boxes == ["009"]:
            reason = "No stations are eligible for communication"
            return httpx.Response(400, json={"status": 400, "message": reason})
        said: Any = RESPONSES.get(name, "Accepted")
        if name == "DataTransfer":
            said = {"status": "Accepted", "data": "hi"}
        answers = [{"chargeBoxId": box, "response": said} for box in boxes]
        result = {"taskId": 1, "taskFinished": True, "successResponses": answers}
        return httpx.Response(200, json=self.result or result)


def _redirect(path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(302, headers={"Location": f"http://steve/steve{path}", **(headers or {})})


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
