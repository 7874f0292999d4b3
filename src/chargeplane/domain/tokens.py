"""Who charges: tokens, what is known of them, and the lists that stations keep."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chargeplane.domain.messages import (
    Empty,
    Json,
    Message,
    MessageContent,
    Outcome,
    Request,
    StatusInfo,
    Value,
)

AuthorizationStatus = Literal[
    "Accepted",
    "Blocked",
    "ConcurrentTx",
    "Expired",
    "Invalid",
    "NoCredit",
    "NotAllowedTypeEVSE",
    "NotAtThisLocation",
    "NotAtThisTime",
    "Unknown",
]
CertificateCheck = Literal[
    "Accepted",
    "SignatureError",
    "CertificateExpired",
    "CertificateRevoked",
    "NoCertificateAvailable",
    "CertChainError",
    "ContractCancelled",
]
HashAlgorithm = Literal["SHA256", "SHA384", "SHA512"]


class AdditionalInfo(Value, frozen=True, kw_only=True):
    """A further identifier that belongs to a token (2.x AdditionalInfoType)."""

    additional_id_token: str
    type: str


class Token(Value, frozen=True):
    """An identifier that may charge. 1.x knows no kinds: its idTags read as ISO14443."""

    id_token: str
    type: str = "ISO14443"
    additional_info: tuple[AdditionalInfo, ...] | None = None

    @property
    def key(self) -> str:
        """What tokens are compared by: case does not count (2.0.1 part 2 §C; 1.6 §7.28)."""
        return self.id_token.lower()


class TokenInfo(Value, frozen=True, kw_only=True):
    """What the central system says of a token (2.x IdTokenInfoType; 1.6 §7.27 IdTagInfo)."""

    status: AuthorizationStatus
    cache_expiry_date_time: datetime | None = None
    group_id_token: Token | None = None
    charging_priority: int | None = None
    language1: str | None = None
    language2: str | None = None
    evse_id: tuple[int, ...] | None = None
    personal_message: MessageContent | None = None


class OcspRequestData(Value, frozen=True, kw_only=True):
    """What identifies a certificate to an OCSP responder."""

    hash_algorithm: HashAlgorithm
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str
    responder_url: str


class AuthorizeAnswer(Message, frozen=True, kw_only=True):
    """Whether a token may charge. Tariff and energy transfer modes are 2.1."""

    id_token_info: TokenInfo
    certificate_status: CertificateCheck | None = None
    allowed_energy_transfer: tuple[str, ...] | None = None
    tariff: Json | None = None


class Authorize(Message, Request[AuthorizeAnswer], frozen=True, kw_only=True):
    """May this token charge (2.x C01, C07; 1.6 §4.1, with a certificate by Plug & Charge)?"""

    id_token: Token
    certificate: str | None = None
    iso15118_certificate_hash_data: tuple[OcspRequestData, ...] | None = None


class ClearCache(Message, Request[Outcome], frozen=True):
    """Forget all cached authorisations (2.x C11; 1.6 §5.4)."""


class AuthorizationData(Value, frozen=True, kw_only=True):
    """An entry of a local list; without info it is removed by a differential update."""

    id_token: Token
    id_token_info: TokenInfo | None = None


class SendLocalListAnswer(Message, frozen=True, kw_only=True):
    """Whether the list was stored. NotSupported is 1.x only."""

    status: Literal["Accepted", "Failed", "VersionMismatch", "NotSupported"]
    status_info: StatusInfo | None = None


class SendLocalList(Message, Request[SendLocalListAnswer], frozen=True, kw_only=True):
    """Replace or update the station's local authorisation list (2.x D01; 1.6 §5.15)."""

    version_number: int
    update_type: Literal["Differential", "Full"]
    local_authorization_list: tuple[AuthorizationData, ...] | None = None


class LocalListVersion(Message, frozen=True, kw_only=True):
    """0: there is no list; -1 (1.6 §5.10): local lists are not supported."""

    version_number: int


class GetLocalListVersion(Message, Request[LocalListVersion], frozen=True):
    """Which local list does the station have (2.x D02; 1.6 §5.10)?"""


class SetUserPrice(Message, Request[Empty], frozen=True, kw_only=True):
    """Show a driver the price (1.6 California pricing; 2.x: personal message of the token)."""

    id_token: Token
    price_text: str
    price_text_extra: tuple[MessageContent, ...] = ()
