"""What stands around every page: where one is, where one can go, who one is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Final

from nicegui import ui

from chargeplane.web import host
from chargeplane.web.csms.visit import LANGUAGE, THEME, ZONE, Visit
from chargeplane.web.texts import LANGUAGES, Texts, mark

PRIMARY: Final = "#0b5c55"
THEMES: Final = {"auto": None, "light": False, "dark": True}
THEME_ICONS: Final = {"auto": "brightness_auto", "light": "light_mode", "dark": "dark_mode"}
THEME_NAMES: Final = {
    "auto": mark("Colours of the system"),
    "light": mark("Light colours"),
    "dark": mark("Dark colours"),
}
YEAR_S: Final = 31_536_000
STYLE: Final = """
.skip-link { position: absolute; left: -999px; }
.skip-link:focus { left: 8px; top: 8px; z-index: 9999; padding: 8px;
  background: #fff; color: #000; }
:focus-visible { outline: 3px solid #e08a00 !important; outline-offset: 2px; }
h1.title { font-size: 1.5rem; line-height: 2rem; font-weight: 500; letter-spacing: 0; margin: 0;
  overflow-wrap: anywhere; }
.q-loading-bar { display: none; }
.q-table td.long-text { white-space: normal; overflow-wrap: anywhere; min-width: 12rem; }
.q-dialog__inner { z-index: 1; } /* so that contrasts in dialogs can be checked */
.ruled { border-bottom: 1px solid rgba(128, 136, 148, 0.35); }
.nicegui-content { padding: 0; }
a.plain { color: var(--link); text-decoration: underline; }
:root { --link: #0b5c55; --quiet: #5b6470; }
.body--dark { --link: #6fd3c5; --quiet: #b3bcc7; }
.body--dark .text-primary { --q-primary: #6fd3c5; }
.body--dark .text-secondary { --q-secondary: #9db8e8; }
.body--dark .text-negative { --q-negative: #ff8a80; }
.body--dark .text-positive { --q-positive: #7ddc9a; }
.quiet { color: var(--quiet); }
.body--dark { color-scheme: dark; }
.body--dark .q-field--error .q-field__bottom { color: #ff8a80 !important; }
"""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A page that can be gone to."""

    path: str
    title: str
    icon: str
    is_for: Callable[[Visit], bool]


@contextmanager
def frame(visit: Visit, title: str, menu: Sequence[MenuEntry]) -> Iterator[None]:
    """The page's own part stands within."""
    t = visit.t
    dress(t, title, visit.theme)
    ui.link(t("Skip to the content"), "#main").classes("skip-link")
    # Without a value the server would ask the browser for it, and log that a slow one says nothing.
    drawer = ui.left_drawer(value=False, bordered=True).classes("p-2")
    drawer.props("width=220 breakpoint=800 show-if-above")
    with ui.header().classes("items-center gap-2 px-3 py-1 no-wrap"):
        _icon_button("menu", t("Menu"), drawer.toggle)
        ui.link("Chargeplane", "/").classes("text-white text-lg font-medium no-underline")
        ui.space()
        _theme_button(visit)
        _language_button(t)
        _user_button(visit)
    with drawer, ui.element("nav").props(f'aria-label="{t("Pages")}"').classes("w-full"):
        for entry in menu:
            if entry.is_for(visit):
                _menu_link(t, entry, is_here=t(entry.title) == title)
    with (
        ui.element("div")
        .props("id=main tabindex=-1")
        .classes("w-full max-w-screen-2xl mx-auto p-3")
    ):
        heading(title)
        yield


def heading(title: str) -> None:
    """The title of a page."""
    ui.html(f'<h1 class="title">{escape(title)}</h1>', sanitize=False).classes("mb-2")


def dress(t: Texts, title: str, theme: str) -> None:
    """Colours, language and title of a page."""
    ui.page_title(f"{title} · Chargeplane")
    ui.colors(primary=PRIMARY, secondary="#3b5b8c", positive="#1b7a3d", negative="#b3261e")
    ui.dark_mode(THEMES.get(theme))
    ui.add_css(STYLE)
    ui.add_head_html(
        f"<script>document.documentElement.lang='{t.language}';"
        f"document.cookie='{ZONE}='+encodeURIComponent(Intl.DateTimeFormat().resolvedOptions()"
        f".timeZone)+';path={host.PATH};max-age={YEAR_S};samesite=strict'</script>"
    )


def _icon_button(icon: str, label: str, on_click: object = None) -> ui.button:
    button = ui.button(icon=icon, on_click=on_click)  # type: ignore[arg-type]
    button.props(f'flat round dense color=white aria-label="{label}"')
    with button:
        ui.tooltip(label)
    return button


def _menu_link(t: Texts, entry: MenuEntry, *, is_here: bool) -> None:
    link = ui.link(target=entry.path).classes("no-underline w-full")
    look = "bg-primary text-white" if is_here else "text-inherit"
    with link.classes(f"flex items-center gap-3 rounded px-3 py-2 {look}"):
        ui.icon(entry.icon).props("aria-hidden=true").classes("text-xl")
        ui.label(t(entry.title))
    if is_here:
        link.props("aria-current=page")


def keep(name: str, value: str, *, reload: bool) -> None:
    """Keep a choice in the browser."""
    cookie = f"{name}={value};path={host.PATH};max-age={YEAR_S};samesite=strict"
    ui.run_javascript(f"document.cookie='{cookie}';" + ("location.reload();" if reload else ""))


def _theme_button(visit: Visit) -> None:
    theme = visit.theme if visit.theme in THEMES else "auto"
    following = list(THEMES)[(list(THEMES).index(theme) + 1) % len(THEMES)]
    label = visit.t(THEME_NAMES[theme])
    _icon_button(THEME_ICONS[theme], label, partial(keep, THEME, following, reload=True))


def _language_button(t: Texts) -> None:
    with _icon_button("translate", t("Language")), ui.menu():
        for language, name in LANGUAGES.items():
            ui.menu_item(name, partial(keep, LANGUAGE, language, reload=True))


def _user_button(visit: Visit) -> None:
    with _icon_button("account_circle", visit.user.name), ui.menu():
        ui.menu_item(f"{visit.user.name} ({visit.user.role})").props("disable")
        ui.menu_item(visit.t("Change password"), lambda: ui.navigate.to("/password"))
        ui.menu_item(visit.t("Sign out"), _sign_out)


def _sign_out() -> None:
    ui.run_javascript(
        f"fetch('{host.PATH}/sign-out',{{method:'POST'}})"
        f".then(()=>location.assign('{host.PATH}/sign-in'))"
    )
