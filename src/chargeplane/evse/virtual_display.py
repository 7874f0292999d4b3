"""A virtual screen: a program reads what a driver would."""

from __future__ import annotations

from collections.abc import Sequence

from chargeplane.domain.messages import MessageContent


class VirtualDisplay:
    """A screen that remembers what it shows."""

    def __init__(
        self,
        formats: tuple[str, ...] = ("UTF8", "ASCII", "URI", "QRCODE"),
        languages: tuple[str, ...] = ("en",),
    ) -> None:
        self.formats = formats
        self.languages = languages
        self.texts: tuple[MessageContent, ...] = ()

    def show(self, texts: Sequence[MessageContent]) -> None:
        """Show these texts."""
        self.texts = tuple(texts)

    @property
    def lines(self) -> list[str]:
        """What can be read on it."""
        return [each.content for each in self.texts]
