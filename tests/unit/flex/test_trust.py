"""Certificates and proxies: the system's are respected, nobody else's are."""

from __future__ import annotations

import datetime as dt
import http.server
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibjournal.domain.errors import FlexError
from ibjournal.flex.secret import Secret
from ibjournal.flex.transport import Body, Timeouts, get, new_session
from ibjournal.services.jobs import CancelToken

x509 = pytest.importorskip("cryptography.x509", reason="certificates of a test's own are made with cryptography")

TOKEN = "9" * 24


class Authority:
    """Makes certificates; its own is not known to anybody."""

    def __init__(self, folder: Path) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - it may be missing

        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority of the tests")])
        self.file = folder / "authority.pem"
        self.pair = folder / "server.pem"
        self._write(self.file, self._certificate(self._name, self._key.public_key(), authority=True))
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        self._write(self.pair, self._certificate(name, key.public_key(), authority=False), key)

    def _certificate(self, name: object, key: object, *, authority: bool) -> object:
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - it may be missing

        now = dt.datetime.now(dt.UTC)
        addresses = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        usage = {
            "digital_signature": True, "content_commitment": False, "key_encipherment": False, "data_encipherment": False,
            "key_agreement": False, "key_cert_sign": authority, "crl_sign": authority, "encipher_only": False,
            "decipher_only": False,
        }  # fmt: skip
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if not authority:
            builder = builder.add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def _write(self, file: Path, certificate: object, key: object = None) -> None:
        from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415 - it may be missing

        content = certificate.public_bytes(form.Encoding.PEM)  # type: ignore[attr-defined]
        if key is not None:
            content += key.private_bytes(  # type: ignore[attr-defined]
                form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
            )
        file.write_bytes(content)


class Answers(http.server.BaseHTTPRequestHandler):
    """Says hello to everybody."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_args: object) -> None:
        return


class Server(http.server.ThreadingHTTPServer):
    """Is not surprised by who hangs up because of its certificate."""

    def handle_error(self, *_about: object) -> None:
        return


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def url(authority: Authority) -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.pair)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}/x"
    server.shutdown()
    server.server_close()
    thread.join()


def _get(url: str, to: Path) -> Body:
    return get(
        url,
        Secret(TOKEN),
        {},
        to=to / "a.xml",
        limit=1000,
        cancel=CancelToken(),
        timeouts=Timeouts(connect=2, read=2, whole=5),
        session=new_session,
    )


def test_a_certificate_that_nobody_vouches_for_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(FlexError) as caught:
        _get(url, tmp_path)
    assert caught.value.code == "tls_failed"
    assert TOKEN not in repr(caught.value)


def test_a_certificate_that_the_system_vouches_for_is_taken(
    url: str, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    assert _get(url, tmp_path).head == b"hello"


def test_the_librarys_own_variable_is_heard_too(url: str, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    with new_session() as session:
        assert session.get(url, timeout=5).content == b"hello"


def test_a_certificate_for_another_name_is_refused(
    url: str, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    other = url.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(FlexError) as caught:
        _get(other, tmp_path)
    assert caught.value.code in {"tls_failed", "no_network", "connection_lost"}


def test_the_proxy_of_the_environment_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(FlexError) as caught:
        _get("https://ndcdyn.interactivebrokers.com/x", tmp_path)
    assert caught.value.code == "proxy_failed"
    assert TOKEN not in repr(caught.value)
