"""Certificates of the tests' own: an authority that nobody knows, and what it vouches for."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest

x509 = pytest.importorskip("cryptography.x509", reason="certificates of a test's own are made with cryptography")

_USAGE = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
    "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
_DAY = dt.timedelta(days=1)


class Authority:
    """Makes certificates. ``file`` is its own, for whoever shall trust it."""

    def __init__(self, folder: Path) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - it may be missing

        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority of the tests")])
        self.file = folder / "authority.pem"
        own = self._certificate(self._name, self._key.public_key(), (), authority=True, until=dt.datetime.now(dt.UTC) + _DAY)
        self._write(self.file, own)

    def vouch(self, *names: str, ended: bool = False) -> Path:
        """Return a file with a certificate for hosts and addresses, and its key; ``ended``: it ran out an hour ago."""
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - it may be missing

        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
        until = dt.datetime.now(dt.UTC) + (-dt.timedelta(hours=1) if ended else _DAY)
        file = self._folder / f"{names[0]}{'-ended' if ended else ''}.pem"
        self._write(file, self._certificate(name, key.public_key(), names, authority=False, until=until), key)
        return file

    def context(self, *names: str, ended: bool = False) -> ssl.SSLContext:
        """Return what a server needs to be one of these hosts."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.vouch(*names, ended=ended))
        return context

    def _certificate(self, name: object, key: object, hosts: Sequence[str], *, authority: bool, until: dt.datetime) -> object:
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - it may be missing

        usage = dict.fromkeys(_USAGE, False) | {"digital_signature": True, "key_cert_sign": authority, "crl_sign": authority}
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - 2 * _DAY)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if not authority:
            builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(each) for each in hosts]), critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def _write(self, file: Path, certificate: object, key: object = None) -> None:
        from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415 - it may be missing

        content = certificate.public_bytes(form.Encoding.PEM)  # type: ignore[attr-defined]
        if key is not None:
            content += key.private_bytes(  # type: ignore[attr-defined]
                form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
            )
        file.write_bytes(content)


def _alternative(host: str) -> object:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
