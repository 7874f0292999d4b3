"""Signing in and out, and changing one's password.

These are plain forms and no live pages, so that the cookie of a session is set by an answer and no
script can read it. A form is taken only from a page of the same server (`Origin`).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from fastapi import HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from nicegui import app as pages
from nicegui import ui

from chargeplane.access.errors import LockedOut, PasswordTooWeak, SignInRefused
from chargeplane.access.users import User
from chargeplane.web import host
from chargeplane.web.csms.layout import dress, heading
from chargeplane.web.csms.site import Site
from chargeplane.web.csms.visit import SESSION, THEME, address, reader
from chargeplane.web.texts import Texts, mark

SIGN_IN, SIGN_OUT, PASSWORD = "/sign-in", "/sign-out", "/password"
LONGEST_FORM: Final = 4096
SEE_OTHER: Final = 303
NOT_HERE, FORBIDDEN, TOO_LARGE = 404, 403, 413
PROBLEMS: Final = {
    "refused": mark("The name or the password is wrong."),
    "locked": mark("Too many attempts. Try again in {minutes} min."),
    "weak": mark("A password needs at least 10 characters."),
    "different": mark("The two new passwords differ."),
}


def site_of(request: Request) -> Site:
    """The site of the server that a request came to; raises `HTTPException` (404)."""
    site = host.owner_of(request)
    if not isinstance(site, Site):
        raise HTTPException(NOT_HERE)
    return site


def sign_in_url(request: Request) -> str:
    """Where to sign in, and then to come back."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return f"{host.PATH}{SIGN_IN}?next={quote(path)}"


def register() -> None:
    """Add the pages and what they post to."""
    ui.page(SIGN_IN)(_sign_in_page)
    ui.page(PASSWORD)(_password_page)
    for path, answer in ((SIGN_IN, _sign_in), (SIGN_OUT, _sign_out), (PASSWORD, _change)):
        pages.add_api_route(path, answer, methods=["POST"], include_in_schema=False)


def _sign_in_page(request: Request) -> None:
    site_of(request)
    t, query = reader(request), request.query_params
    with _card(request, t, t("Sign in")), _form(SIGN_IN, query.get("next", "/")):
        _problem(t, query.get("problem"), query.get("minutes"))
        _field("name", t("Name"), "username")
        _field("password", t("Password"), "current-password")
        ui.button(t("Sign in")).props("type=submit no-caps").classes("w-full")


async def _password_page(request: Request) -> Response | None:
    user = await site_of(request).sessions.find(request.cookies.get(SESSION, ""))
    if user is None:
        return RedirectResponse(sign_in_url(request))
    t, query = reader(request), request.query_params
    with _card(request, t, t("Change password")), _form(PASSWORD, "/"):
        if user.must_change_password:
            ui.label(t("Choose a password of your own first."))
        _problem(t, query.get("problem"), query.get("minutes"))
        _field("old", t("Present password"), "current-password")
        _field("new", t("New password"), "new-password")
        _field("again", t("New password again"), "new-password")
        ui.button(t("Change password")).props("type=submit no-caps").classes("w-full")
    return None


def _card(request: Request, t: Texts, title: str) -> ui.card:
    dress(t, title, request.cookies.get(THEME, "auto"))
    with ui.element("div").classes("w-full flex justify-center p-4"):
        card = ui.card().classes("w-full max-w-sm mt-8 p-6 gap-4")
        with card:
            heading(title)
    return card


def _form(path: str, following: str) -> ui.element:
    form = ui.element("form").props(f'method=post action="{host.PATH}{path}"')
    with form.classes("w-full flex flex-col gap-4"):
        ui.element("input").props(f'type=hidden name=next value="{quote(following)}"')
    return form


def _field(name: str, label: str, fill: str) -> None:
    kind = "text" if fill == "username" else "password"
    field = ui.input(label).props(
        f"name={name} type={kind} autocomplete={fill} outlined for={name}"
    )
    field.classes("w-full")


def _problem(t: Texts, problem: str | None, minutes: str | None) -> None:
    if problem in PROBLEMS:
        said = t(PROBLEMS[problem], minutes=minutes if (minutes or "").isdigit() else "?")
        ui.label(said).props("role=alert").classes("text-negative")


async def _sign_in(request: Request) -> Response:
    site, sent = site_of(request), await _sent(request)
    name, following = sent.get("name", ""), _local(sent.get("next", "/"))
    back = f"{SIGN_IN}?next={quote(following)}"
    try:
        user = await site.users.sign_in(name, sent.get("password", ""), address(request))
    except SignInRefused:
        return _to(f"{back}&problem=refused")
    except LockedOut as error:
        return _to(f"{back}&problem=locked&minutes={_minutes(error)}")
    following = PASSWORD if user.must_change_password else following
    return await _welcome(request, site, user, following)


async def _change(request: Request) -> Response:
    site, sent = site_of(request), await _sent(request)
    user = await site.sessions.find(request.cookies.get(SESSION, ""))
    if user is None:
        return _to(SIGN_IN)
    if sent.get("new") != sent.get("again"):
        return _to(f"{PASSWORD}?problem=different")
    old, new = sent.get("old", ""), sent.get("new", "")
    try:
        await site.users.change_password(user.name, old, new, address(request))
    except SignInRefused:
        return _to(f"{PASSWORD}?problem=refused")
    except PasswordTooWeak:
        return _to(f"{PASSWORD}?problem=weak")
    except LockedOut as error:
        return _to(f"{PASSWORD}?problem=locked&minutes={_minutes(error)}")
    return await _welcome(request, site, user, "/")


async def _sign_out(request: Request) -> Response:
    site = site_of(request)
    await _sent(request)
    await site.sessions.end(request.cookies.get(SESSION, ""))
    response = _to(SIGN_IN)
    response.delete_cookie(SESSION, path=host.PATH)
    return response


async def _welcome(request: Request, site: Site, user: User, following: str) -> Response:
    token = await site.sessions.begin(user, address(request))
    response = _to(following)
    response.set_cookie(
        SESSION,
        token,
        path=host.PATH,
        httponly=True,
        samesite="lax",  # strict would hide it from whoever follows a link in an e-mail
        secure=request.url.scheme == "https",
    )
    return response


async def _sent(request: Request) -> dict[str, str]:
    """The fields of a form of ours; raises `HTTPException` for one from elsewhere."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(FORBIDDEN)
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise HTTPException(FORBIDDEN)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise HTTPException(TOO_LARGE)
    found = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[0] for name, values in found.items()}


def _local(following: str) -> str:
    """A path of ours; anything else is the first page."""
    is_ours = following.startswith("/") and not following.startswith(("//", "/\\"))
    return following if is_ours else "/"


def _minutes(error: LockedOut) -> int:
    return -(-int(error.seconds) // 60)


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(host.PATH + path, SEE_OTHER)
