"""What only a network can answer is asked with leave alone, and of a server by its documented form.

The server here answers as the documentation of each service says; the real ones are not asked.
"""

import datetime
import hashlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

import fairwf.fair as fair
from fairwf.cli.score import score
from fairwf.fair.network import Network, Services, UnreachableError, client
from fairwf.fair.network.client import MOST_OCTETS, MOST_QUESTIONS, _public
from fairwf.fair.outcome import Outcome
from tests.fair.indicators.conftest import Repo
from tests.fair.indicators.test_findable import CFF, DOI

ASKED = ("F1-2", "F4-2", "A1-2", "R1.2-2")


class Web:
    """A server on this machine. ``pages`` are status and body by path; a text redirects."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, Any] | str] = {}
        self.seen: list[tuple[str, str]] = []
        self.hosts: list[str] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = unquote(self.path)
                web.hosts.append(self.headers["Host"])
                web.seen.append((path, self.headers.get("Authorization", "")))
                page = web.pages.get(path, (404, {"message": "not found"}))
                if isinstance(page, str):
                    self.send_response(302)
                    self.send_header("Location", page)
                    self.end_headers()
                    return
                status, body = page
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.root = f"http://127.0.0.1:{self.server.server_port}"

    def network(self, local: bool = True) -> Network:
        names = ("doi", "archive", "hub", "dockstore", "tools", "conda")
        return Network(Services(**dict.fromkeys(names, self.root)), local=local)


@pytest.fixture
def web() -> Iterator[Web]:
    """A server that runs while the test does."""
    one = Web()
    thread = threading.Thread(target=one.server.serve_forever, daemon=True)
    thread.start()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with nothing but a workflow and its tool."""
    return Repo(tmp_path)


def outcome(repo: Repo, indicator: str, network: Network | None) -> Outcome:
    card = fair.score(str(repo.top), network=network)
    return next(f.outcome for f in card.findings if f.id == indicator)


def test_without_leave_nothing_is_asked(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **options: object) -> None:
        raise AssertionError("a network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)
    repo.write("CITATION.cff", CFF + f"doi: {DOI}\nrepository-code: https://github.com/o/r\n")
    card = fair.score(str(repo.top))
    found = {f.id: f.outcome for f in card.findings if f.id in ASKED}
    assert {o.status for o in found.values()} == {"not_assessed"}
    assert {o.why_not for o in found.values()} == {"network"}


def test_an_identifier_climbs_from_a_page_to_metadata_that_name_the_version(
    repo: Repo, web: Web
) -> None:
    assert outcome(repo, "F1-2", web.network()).level == 0
    repo.write("CITATION.cff", CFF.replace("title: Words", "title: Words") + f"doi: {DOI}\n")
    title = next(line[7:] for line in CFF.splitlines() if line.startswith("title: "))
    assert outcome(repo, "F1-2", web.network()).level == 0
    web.pages[f"/{DOI}"] = (200, b"<html>a landing page</html>")
    assert outcome(repo, "F1-2", web.network()).level == 1
    web.pages[f"/{DOI}"] = (200, {"title": "Something else"})
    assert outcome(repo, "F1-2", web.network()).level == 2
    web.pages[f"/{DOI}"] = "/landing"
    web.pages["/landing"] = (200, {"title": title, "version": "1.2.0"})
    assert outcome(repo, "F1-2", web.network()).level == 2
    repo.write("CITATION.cff", CFF + f"doi: {DOI}\nversion: 1.2.0\n")
    reached = outcome(repo, "F1-2", web.network())
    assert reached.level == 3
    assert reached.evidence[1].file == f"{web.root}/landing"


def test_an_archive_is_asked_for_the_very_octets(repo: Repo, web: Web) -> None:
    assert outcome(repo, "A1-2", web.network()).level == 0
    repo.write("CITATION.cff", CFF + f"repository-code: {web.root}/o/r\n")
    assert outcome(repo, "A1-2", web.network()).level == 0
    web.pages["/o/r"] = (200, b"<html></html>")
    assert outcome(repo, "A1-2", web.network()).level == 1
    commit = "b" * 40
    repo.write(".git/HEAD", commit)
    web.pages[f"/api/1/revision/{commit}/"] = (200, {"id": commit})
    assert outcome(repo, "A1-2", web.network()).level == 2
    data = (repo.top / "main.cwl").read_bytes()
    name = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    web.pages[f"/api/1/content/sha1_git:{name}/"] = (200, {"length": len(data)})
    reached = outcome(repo, "A1-2", web.network())
    assert reached.level == 3
    assert reached.evidence[0].value == f"swh:1:cnt:{name}"


def test_a_registry_lists_the_workflow_with_its_version_and_links_back(
    repo: Repo, web: Web
) -> None:
    repo.write(".git/config", '[remote "origin"]\n\turl = https://github.com/o/words.git\n')
    repo.write(
        ".dockstore.yml",
        "version: 1.2\nworkflows:\n- subclass: CWL\n  primaryDescriptorPath: /main.cwl\n",
    )
    assert outcome(repo, "F4-2", web.network()).level == 0
    path = "/api/ga4gh/trs/v2/tools/#workflow/github.com/o/words"
    web.pages[path] = (200, {"name": "words", "versions": [{"name": "v1.2.0"}]})
    assert outcome(repo, "F4-2", web.network()).level == 1
    repo.write("CITATION.cff", CFF + "version: 1.2.0\n")
    assert outcome(repo, "F4-2", web.network()).level == 2
    repo.write("README.md", "# Words\n\n[Dockstore](https://dockstore.org/workflows/o/words)\n")
    assert outcome(repo, "F4-2", web.network()).level == 3


def test_workflowhub_is_asked_by_the_number_that_the_metadata_name(repo: Repo, web: Web) -> None:
    hub = "https://workflowhub.eu/workflows/29"
    repo.write("CITATION.cff", CFF + f"version: 1.2.0\ndoi: {DOI}\nrepository-code: {hub}\n")
    about = {"title": "Words", "versions": [{"version": "1.2.0", "remote": "https://x.org/r"}]}
    web.pages["/workflows/29"] = (200, {"data": {"attributes": about}})
    assert outcome(repo, "F4-2", web.network()).level == 2


def test_licences_of_tools_come_from_registries_of_software(repo: Repo, web: Web) -> None:
    assert outcome(repo, "R1.2-2", web.network()).level == 0
    web.pages["/package/conda-forge/coreutils"] = (200, {"license": "GPL-3.0-or-later"})
    reached = outcome(repo, "R1.2-2", web.network())
    assert (reached.level, reached.evidence[0].value) == (3, "GPL-3.0-or-later")


def test_who_does_not_answer_leaves_the_indicator_unassessed(repo: Repo, web: Web) -> None:
    repo.write("CITATION.cff", CFF + f"doi: {DOI}\n")
    nobody = Network(Services(doi="http://127.0.0.1:1"), local=True)
    found = outcome(repo, "F1-2", nobody)
    assert (found.status, found.why_not) == ("not_assessed", "network")
    assert "127.0.0.1:1" in (found.reason or "")


def test_a_stranger_s_file_cannot_send_questions_into_this_network(repo: Repo, web: Web) -> None:
    repo.write("CITATION.cff", CFF + f"repository-code: {web.root}/inside\n")
    found = outcome(repo, "A1-2", web.network(local=False))
    assert found.status == "not_assessed"
    assert web.seen == []
    inside = ("127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fe80::1%eth0")
    assert not any(map(_public, inside))
    assert _public("8.8.8.8")


class Rebound:
    """A name that first leads to one address, and to another whenever it is looked up again."""

    def __init__(self, first: str, then: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers = [first]
        self.then = then
        self._ask = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: str, *rest: Any, **options: Any) -> Any:
        if host == "rebound.example":
            host = self.answers.pop() if self.answers else self.then
        return self._ask(host, *rest, **options)


def test_the_address_that_was_looked_at_is_the_one_that_is_asked(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.pages["/inside"] = (200, {"secret": "of this network"})
    monkeypatch.setattr(client, "_public", lambda address: address == "127.0.0.2")
    Rebound("127.0.0.2", "127.0.0.1", monkeypatch)
    with pytest.raises(UnreachableError, match="no answer"):
        Network().ask(f"http://rebound.example:{web.server.server_port}/inside")
    assert web.seen == []  # it listens at 127.0.0.1 alone


def test_a_name_is_proven_by_tls_and_told_to_the_server(
    web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key, proof = certified("rebound.example", tmp_path)
    wrapped = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    wrapped.load_cert_chain(proof, key)
    web.server.socket = wrapped.wrap_socket(web.server.socket, server_side=True)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(proof))
    web.pages["/there"] = (200, {"a": 1})
    Rebound("127.0.0.1", "127.0.0.2", monkeypatch)
    port = web.server.server_port
    reply = Network(local=True).ask(f"https://rebound.example:{port}/there")
    assert (reply.status, reply.body) == (200, {"a": 1})
    assert web.hosts == [f"rebound.example:{port}"]
    with pytest.raises(UnreachableError, match="SSL"):
        Network(local=True).ask(f"https://127.0.0.1:{port}/there")


def certified(name: str, folder: Path) -> tuple[Path, Path]:
    """Return a key and a certificate of a name, which signs itself."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    proof = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(own)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    kept = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *kept))
    (folder / "proof.pem").write_bytes(proof.public_bytes(pem))
    return folder / "key.pem", folder / "proof.pem"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://user:secret@127.0.0.1/", "gopher://a/", "http://[::1", "a"],
)
def test_only_addresses_on_the_web_are_asked(url: str) -> None:
    with pytest.raises(UnreachableError):
        Network(local=True).ask(url)


def test_answers_are_bounded(web: Web) -> None:
    web.pages["/large"] = (200, b"x" * (MOST_OCTETS + 1))
    web.pages["/round"] = "/round"
    web.pages["/deep"] = (200, b"[" * 100_000)
    network = web.network()
    for path in ("/large", "/round"):
        with pytest.raises(UnreachableError):
            network.ask(web.root + path)
    assert network.ask(f"{web.root}/deep").body is None
    for number in range(MOST_QUESTIONS - 3):
        network.ask(f"{web.root}/{number}")
    with pytest.raises(UnreachableError, match="questions"):
        network.ask(f"{web.root}/more")


def test_no_secret_of_netrc_is_sent(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    web.network().ask(f"{web.root}/a")
    assert web.seen == [("/a", "")]


def test_the_command_asks_only_with_the_flag(
    repo: Repo, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fair, "Network", web.network)
    repo.write("CITATION.cff", CFF + f"doi: {DOI}\n")
    quiet = CliRunner().invoke(score, [str(repo.top), "--format", "json"])
    assert (quiet.exit_code, web.seen) == (0, [])
    loud = CliRunner().invoke(score, [str(repo.top), "--format", "json", "--allow-network"])
    assert loud.exit_code == 0
    assert f"/{DOI}" in [path for path, _ in web.seen]
