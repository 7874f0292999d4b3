"""A certificate authority for tests, and files signed by it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a certificate is to be."""

    days: tuple[float, float] = (-1, 1)  # from now
    addresses: tuple[str, ...] = ("127.0.0.1",)  # as alternative names
    is_authority: bool = False
    path_length: int | None = None
    responder: str | None = None  # of OCSP


PLAIN = Wish()


class Authority:
    """Signs certificates; the files lie in its folder."""

    def __init__(
        self,
        folder: Path,
        name: str = "Root",
        *,
        above: Authority | None = None,
        key: Key | None = None,
        wish: Wish = PLAIN,
    ) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.name = _name(name)
        self.above = above
        wished = Wish(
            days=wish.days,
            addresses=(),
            is_authority=True,
            path_length=wish.path_length,
            responder=wish.responder,
        )
        signer = above or self
        self.value = signer._sign(self.name, self.key.public_key(), wished)
        self.certificate = self._write(name, self.value)

    @property
    def pem(self) -> str:
        """Its own certificate."""
        return self.value.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def chain(self) -> str:
        """Its certificate and those above it but the root."""
        return "" if self.above is None else self.pem + self.above.chain

    def below(self, name: str, **settings: Any) -> Authority:
        """An authority that this one has signed."""
        return Authority(self.folder, name, above=self, **settings)

    def issue(
        self, common_name: str, wish: Wish = PLAIN, *, key: Key | None = None
    ) -> tuple[Path, Path]:
        """The files of a new certificate and its key, good for 127.0.0.1."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(_name(common_name), key.public_key(), wish)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file = self.folder / f"{common_name}.key"
        file.write_bytes(pem)
        return self._write(common_name, certificate), file

    def sign(self, request: str, wish: Wish = PLAIN) -> str:
        """The certificate (PEM) that a PKCS #10 request (PEM) asks for, with those above it."""
        asked = x509.load_pem_x509_csr(request.encode())
        key: Any = asked.public_key()
        signed = self._sign(asked.subject, key, wish)
        return signed.public_bytes(serialization.Encoding.PEM).decode() + self.chain

    def _sign(self, name: x509.Name, own: Any, wish: Wish) -> x509.Certificate:
        now = datetime.now(UTC)
        first, last = (now + timedelta(days=each) for each in wish.days)
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=wish.is_authority,
            crl_sign=wish.is_authority,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        signer = self.key.public_key()
        constraints = x509.BasicConstraints(ca=wish.is_authority, path_length=wish.path_length)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(own)
            .serial_number(x509.random_serial_number())
            .not_valid_before(first)
            .not_valid_after(last)
            .add_extension(constraints, critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False
            )
        )
        for extension in _extensions(wish):
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def _write(self, name: str, certificate: x509.Certificate) -> Path:
        file = self.folder / f"{name}.pem"
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return file

    def client(self, certificate: tuple[Path, Path] | None = None) -> ssl.SSLContext:
        """What a station uses that trusts this authority."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        if certificate is not None:
            context.load_cert_chain(*certificate)
        return context

    def server(self, common_name: str = "server", wish: Wish = PLAIN) -> ssl.SSLContext:
        """What a server uses with a certificate of this authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.issue(common_name, wish))
        return context


def _extensions(wish: Wish) -> list[x509.ExtensionType]:
    found: list[x509.ExtensionType] = []
    if wish.addresses:
        names = [x509.IPAddress(ip_address(each)) for each in wish.addresses]
        found.append(x509.SubjectAlternativeName(names))
    if wish.responder is not None:
        where = x509.UniformResourceIdentifier(wish.responder)
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, where)
        found.append(x509.AuthorityInformationAccess([access]))
    return found


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
