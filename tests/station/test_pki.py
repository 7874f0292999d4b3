"""Certificates as values, against those of an authority made for the test."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chargeplane.domain.tokens import HashAlgorithm
from chargeplane.station import pki
from chargeplane.station.pki import Unusable
from tests.net.certificates import PLAIN, Authority, Wish


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def leaf(authority: Authority, wish: Wish = PLAIN) -> list[x509.Certificate]:
    certificate, _ = authority.issue("CS-1", wish)
    return pki.load(certificate.read_text() + authority.chain)


def now() -> datetime:
    return datetime.now(UTC)


def test_a_chain_leads_to_a_root(root: Authority) -> None:
    for authority in (root, root.below("Sub"), root.below("Sub").below("SubSub")):
        assert pki.check_chain(leaf(authority), [root.value], now()) == root.value


def test_the_order_above_a_leaf_is_of_no_matter(root: Authority) -> None:
    first, *others = leaf(root.below("Sub").below("SubSub"))
    assert pki.check_chain([first, *reversed(others)], [root.value], now()) == root.value


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("stranger", "nobody is trusted"),
        ("without what is between", "nobody is trusted"),
        ("expired", "expired"),
        ("not yet valid", "not valid before"),
        ("expired above", "expired"),
        ("signed by a leaf", "no authority"),
        ("too deep for its root", "too many"),
        ("too deep", "nobody is trusted"),
    ],
)
def test_chains_that_are_refused(root: Authority, tmp_path: Path, case: str, reason: str) -> None:
    roots = [root.value]
    chain = {
        "stranger": lambda: leaf(Authority(tmp_path / "other", "Other")),
        "without what is between": lambda: leaf(root.below("Sub"))[:1],
        "expired": lambda: leaf(root, Wish(days=(-2, -1))),
        "not yet valid": lambda: leaf(root, Wish(days=(1, 2))),
        "expired above": lambda: leaf(root.below("Sub", wish=Wish(days=(-3, -1)))),
        "signed by a leaf": lambda: _signed_by_leaf(root),
        "too deep for its root": lambda: _too_deep_for(tmp_path, roots),
        "too deep": lambda: _deep(root),
    }[case]()
    with pytest.raises(Unusable, match=reason):
        pki.check_chain(chain, roots, now())


def _signed_by_leaf(root: Authority) -> list[x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    first, _ = root.issue("CS-1", key=key)
    forger = Authority(root.folder / "forger", "CS-1", key=key)
    second, _ = forger.issue("CS-2")
    return pki.load(second.read_text() + first.read_text())


def _too_deep_for(folder: Path, roots: list[x509.Certificate]) -> list[x509.Certificate]:
    shallow = Authority(folder / "shallow", "Shallow", wish=Wish(path_length=0))
    roots[:] = [shallow.value]
    return leaf(shallow.below("Sub"))


def _deep(root: Authority) -> list[x509.Certificate]:
    for number in range(pki.DEPTH):
        root = root.below(f"Sub{number}")
    return leaf(root)


def test_keys_that_are_too_weak(root: Authority) -> None:
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 on purpose
    certificate, _ = root.issue("CS-1", key=weak)
    with pytest.raises(Unusable, match="2048"):
        pki.check(pki.load(certificate.read_text())[0], now())
    short = ec.generate_private_key(ec.SECP192R1())
    certificate, _ = root.issue("CS-1", key=short)
    with pytest.raises(Unusable, match="224"):
        pki.check(pki.load(certificate.read_text())[0], now())


@given(text=st.text() | st.just("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"))
def test_what_is_no_certificate(text: str) -> None:
    with pytest.raises(Unusable):
        pki.load(text)


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
def test_hash_data_of_a_certificate(root: Authority, algorithm: HashAlgorithm) -> None:
    (certificate,) = leaf(root)
    data = pki.hash_data(certificate, [root.value], algorithm)
    name = hashlib.new(algorithm, root.value.subject.public_bytes()).hexdigest()
    key = root.key.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert data.issuer_name_hash == name
    assert data.issuer_key_hash == hashlib.new(algorithm, point).hexdigest()
    assert int(data.serial_number, 16) == certificate.serial_number
    assert not data.serial_number.startswith("0")


def test_hash_data_however_it_is_written(root: Authority) -> None:
    data = pki.hash_data(root.value, [root.value])
    written = replace(
        data,
        serial_number="00" + data.serial_number.upper(),
        issuer_name_hash=data.issuer_name_hash.upper(),
    )
    assert pki.is_same(data, written)
    assert not pki.is_same(data, replace(data, serial_number="1"))
    assert not pki.is_same(data, pki.hash_data(root.value, [root.value], "SHA512"))


def test_a_request_for_a_certificate() -> None:
    key = pki.new_key(ec.SECP256R1())
    subject = {"common_name": "SN-1", "organization": "Operator", "country": ""}
    request = x509.load_pem_x509_csr(pki.certificate_request(key, subject).encode())
    assert request.is_signature_valid
    assert request.public_key() == key.public_key()
    assert {each.oid: each.value for each in request.subject} == {
        NameOID.COMMON_NAME: "SN-1",
        NameOID.ORGANIZATION_NAME: "Operator",
    }
    assert pki.dump_key(key).startswith("-----BEGIN PRIVATE KEY-----")


def test_where_to_ask_whether_it_is_revoked(root: Authority) -> None:
    assert pki.ocsp_responder(leaf(root)[0]) is None
    (certificate,) = leaf(root, Wish(responder="http://ocsp.example.org/"))
    assert pki.ocsp_responder(certificate) == "http://ocsp.example.org/"


# Signatures

IMAGE = b"firmware" * 1000
DIGEST = hashlib.sha256(IMAGE).digest()
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
LONG_PSS = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.MAX_LENGTH)


@pytest.mark.parametrize("how", [PSS, LONG_PSS, padding.PKCS1v15()])
def test_signatures_by_rsa(root: Authority, how: padding.AsymmetricPadding) -> None:
    key = rsa.generate_private_key(65537, 2048)
    certificate, _ = root.issue("Signer", key=key)
    (signer,) = pki.load(certificate.read_text())
    signature = key.sign(IMAGE, how, hashes.SHA256())
    pki.check_signature(signer, DIGEST, signature)
    with pytest.raises(Unusable):
        pki.check_signature(signer, hashlib.sha256(b"other").digest(), signature)


def test_signatures_by_elliptic_curves(root: Authority) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate, _ = root.issue("Signer", key=key)
    (signer,) = pki.load(certificate.read_text())
    signature = key.sign(DIGEST, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    pki.check_signature(signer, DIGEST, signature)
    for wrong in (b"", b"nonsense", signature[:-1]):
        with pytest.raises(Unusable):
            pki.check_signature(signer, DIGEST, wrong)


def test_signatures_of_other_kinds(root: Authority) -> None:
    signer = root._sign(root.name, dsa.generate_private_key(2048).public_key(), PLAIN)
    with pytest.raises(Unusable, match="kind"):
        pki.check_signature(signer, DIGEST, b"")


def test_old_certificates_stay_valid_for_those_who_ask_about_then(root: Authority) -> None:
    chain = leaf(root)
    with pytest.raises(Unusable):
        pki.check_chain(chain, [root.value], now() + timedelta(days=3))
