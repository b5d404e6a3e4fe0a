"""Tokens come from the environment or the keyring, go to one server, and are shown nowhere."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fairwf.publish.http import Client, Patience, find_token, parse_address
from fairwf.publish.http.tokens import Token
from fairwf.publish.state import place_of
from fairwf.report import EnvironmentFault, UsageFault
from tests.publish.conftest import Deposit
from tests.publish.servers.contract import TOKEN, Asked, ContractServer, Told
from tests.publish.servers.invenio import Invenio


class Echo(ContractServer):
    """A server that says what it was sent, as a hostile or careless one would."""

    def unauthorised(self) -> Told:
        return Told(401, {"message": f"bad token {self.headers[-1].get('authorization')}"})

    def answer(self, asked: Asked) -> Told:
        return Told(418, {"message": f"you sent {asked.headers['authorization']}"})


@pytest.fixture
def program() -> str:
    return str(Path(sys.executable).with_name("fairwf"))


def test_the_token_of_the_environment_wins_over_the_keyring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keyring = pytest.importorskip("keyring")
    monkeypatch.setattr(keyring, "get_password", lambda service, user: f"{service}-{user}")
    monkeypatch.delenv("FAIRWF_ZENODO_TOKEN", raising=False)
    found = find_token("FAIRWF_ZENODO_TOKEN", "zenodo.org", "make one")
    assert found.reveal() == "fairwf-zenodo.org"
    monkeypatch.setenv("FAIRWF_ZENODO_TOKEN", "mine")
    assert find_token("FAIRWF_ZENODO_TOKEN", "zenodo.org", "make one").reveal() == "mine"


def test_without_a_token_it_is_told_how_to_give_one(
    crate: Path, monkeypatch: pytest.MonkeyPatch, deposit: Deposit
) -> None:
    keyring = pytest.importorskip("keyring")

    def locked(service: str, user: str) -> str:
        raise keyring.errors.KeyringError("it is locked")

    monkeypatch.setattr(keyring, "get_password", locked)
    monkeypatch.delenv("FAIRWF_ZENODO_TOKEN", raising=False)
    with pytest.raises(EnvironmentFault, match="it is locked") as ended:
        deposit(crate, "http://127.0.0.1:9")
    assert "FAIRWF_ZENODO_TOKEN" in (ended.value.report.errors[0].hint or "")
    assert not place_of(crate).exists()


@pytest.mark.parametrize("text", ["two words", "line\nbreak", "t\u00f6ken"])
def test_what_cannot_be_a_token_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("FAIRWF_ZENODO_TOKEN", text)
    with pytest.raises(EnvironmentFault) as ended:
        find_token("FAIRWF_ZENODO_TOKEN", "zenodo.org", "make one")
    assert text not in str(ended.value)


def test_a_token_is_no_part_of_what_is_printed_of_it() -> None:
    assert TOKEN not in repr(Token("here", TOKEN)) + str(Token("here", TOKEN))


@pytest.mark.parametrize("wrong", [False, True])
def test_a_server_that_says_the_token_aloud_does_not_make_us_say_it(wrong: bool) -> None:
    with Echo() as server:
        token = Token("here", "wr0ng-t0ken" if wrong else TOKEN)
        client = Client(parse_address(server.url), token, patience=Patience(0))
        with pytest.raises(Exception, match=r"\[token\]") as ended:
            client.get("/")
        client.close()
        assert token.reveal() not in str(ended.value)
        assert token.reveal() not in str(ended.value.__dict__)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_server_does_not_get_the_token(
    crate: Path, invenio: Invenio, deposit: Deposit, status: int
) -> None:
    with Echo() as thief:
        invenio.fail(0, f"status {status} {thief.url}/api/user/records")
        with pytest.raises(EnvironmentFault, match="sends us to"):
            deposit(crate, invenio.url)
        assert thief.count == 0


def test_parts_that_are_sent_elsewhere_go_without_the_token(invenio: Invenio) -> None:
    with Echo() as store:
        store.token = "nothing"
        client = Client(parse_address(invenio.url), Token("here", TOKEN), patience=Patience(0))
        with pytest.raises(EnvironmentFault):
            client.send("PUT", f"{store.url}/part/1", data={})
        client.close()
        assert "authorization" not in store.headers[0]


def test_netrc_does_not_take_the_place_of_the_token(
    crate: Path,
    invenio: Invenio,
    deposit: Deposit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    deposit(crate, invenio.url)
    assert {headers["authorization"] for headers in invenio.headers} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    "url",
    [
        "http://zenodo.org",
        "ftp://zenodo.org",
        "file:///etc/passwd",
        "zenodo.org",
        "https://ada:secret@zenodo.org",
        "https://",
        "http://127.0.0.1.example.org",
    ],
)
def test_a_token_goes_only_over_tls_to_what_is_a_server(
    crate: Path, tokens: None, deposit: Deposit, url: str
) -> None:
    with pytest.raises(UsageFault):
        deposit(crate, url)


def test_http_is_possible_on_this_machine_and_where_the_user_insists() -> None:
    for url in ("http://localhost:5000", "http://127.0.0.1", "http://[::1]:80"):
        parse_address(url)
    assert str(parse_address("http://repository.lan/", allow_http=True)) == "http://repository.lan"


@pytest.mark.parametrize("debug", ["0", "1"])
def test_the_token_is_in_no_output_and_in_no_process_list(
    crate: Path, tokens: None, program: str, debug: str
) -> None:
    """A real process, looked at while it waits for the server."""
    seen: list[bytes] = []
    with Invenio() as server:
        looked = threading.Event()

        def look(number: int) -> None:
            if number == 3:
                for place in Path("/proc").glob("[0-9]*/cmdline"):
                    try:
                        seen.append(place.read_bytes())
                    except OSError:
                        continue
                looked.set()

        server.before = look
        server.fail(5, "500 and done")
        server.fail(9, "reset in mid-upload")
        command = [program, "publish", str(crate), "--to", "zenodo", "--url", server.url]
        done = subprocess.run(
            [*command, "--wait", "20", "--format", "json"],
            env={**os.environ, "FAIRWF_DEBUG": debug},
            capture_output=True,
            text=True,
            timeout=120,
        )
        server.token = "another"
        refused = subprocess.run(
            [*command, "--publish"],
            env={**os.environ, "FAIRWF_DEBUG": debug},
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert looked.is_set()
    assert done.returncode == 0, done.stderr
    assert refused.returncode == 3
    assert any(b"publish" in line for line in seen)
    assert not any(TOKEN.encode() in line for line in seen)
    for text in (done.stdout, done.stderr, refused.stdout, refused.stderr):
        assert TOKEN not in text
    files = [*place_of(crate).rglob("*"), *crate.rglob("*")]
    assert not [p for p in files if p.is_file() and TOKEN.encode() in p.read_bytes()]


def test_certificates_are_verified(tmp_path: Path, crate: Path, deposit: Deposit) -> None:
    """A server with a certificate of its own making is not trusted."""
    import ssl
    from http.server import BaseHTTPRequestHandler, HTTPServer

    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)],
        capture_output=True,
    )  # fmt: skip
    if made.returncode != 0:
        pytest.skip("openssl cannot make a certificate here")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *arguments: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            url = f"https://localhost:{server.server_port}"
            client = Client(parse_address(url), Token("here", TOKEN), patience=Patience(0))
            with pytest.raises(EnvironmentFault, match="cannot be trusted"):
                client.get("/")
            client.close()
        finally:
            server.shutdown()
            thread.join()
