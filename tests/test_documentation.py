"""What the documentation says about the program is true."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from chargeplane import __version__, config
from tests.conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
CODE_PATH = re.compile(r"`((?:src|tests|docs|tools|benchmarks|\.ci)/[\w./-]*\w)`")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#]+)")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def setting_row(setting: config.Setting) -> str:
    """Return the line of docs/configuration.md that describes a setting."""
    default = f"`{setting.default}`" if setting.default != '""' else "none"
    key = setting.name.partition(".")[2]
    return f"| `{key}` | {default} | {setting.description} |"


@pytest.mark.parametrize("setting", list(config.describe()), ids=lambda setting: setting.name)
def test_every_setting_is_described(setting: config.Setting) -> None:
    page = read("docs/configuration.md")
    section = setting.name.partition(".")[0]
    part = page.partition(f"## `[{section}]`\n")[2].partition("\n## ")[0]
    assert setting_row(setting) in part.splitlines()
    assert setting.description


def test_no_setting_is_described_that_does_not_exist() -> None:
    rows = [line for line in read("docs/configuration.md").splitlines() if line.startswith("| `")]
    assert sorted(rows) == sorted(map(setting_row, config.describe()))


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    (newest, *_) = re.findall(r"^## \[(\d[^\]]*)\]", read("CHANGELOG.md"), re.MULTILINE)
    assert newest == tomllib.loads(read("pyproject.toml"))["project"]["version"] == __version__


def test_the_lock_names_no_host_and_every_package_has_hashes() -> None:
    lock = read("requirements.lock")
    assert "://" not in lock
    pins = [line for line in lock.splitlines() if line[:1].isalnum()]
    assert pins
    assert all("==" in pin and pin.endswith("\\") for pin in pins)


def test_the_lock_covers_what_the_project_asks_for() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    asked = chain(project["dependencies"], *project["optional-dependencies"].values())
    names = {re.split(r"[^\w-]", each)[0].lower() for each in asked}
    locked = {
        pin.lower() for pin in re.findall(r"^([\w-]+)==", read("requirements.lock"), re.MULTILINE)
    }
    assert names - locked == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [page.parent / target for target in LINK.findall(text)]
    paths = [ROOT / target for target in CODE_PATH.findall(text)]
    assert [str(target) for target in [*links, *paths] if not target.exists()] == []


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", read("README.md"), re.MULTILINE)) <= targets
