"""Which way does a command take through a company's network, and whom does it trust? Runs the AWS CLI (awscli from
PyPI) and tenken in the same surroundings against servers with certificates of all kinds, behind proxies of all kinds,
and compares what the servers saw: a request straight from the command, through which proxy, a certificate that was
refused, a proxy that let nothing through, or nothing at all. All of it is on the loopback.

    python mocks/build/corporate_network.py target/release/tenken [CASE...]
"""

import base64
import http.client
import ipaddress
import json
import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

# Nothing of the user's own configuration is read.
os.environ["HOME"] = os.devnull

import awscli.clidriver  # noqa: E402
import awscli.handlers  # noqa: E402, F401: every run would load it again, which takes half of its time
from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID  # noqa: E402

# An address that is no loopback address, and reaches this machine alone: tenken takes `localhost` and 127.0.0.0/8 past
# every proxy.
ADDRESS = "0.0.0.0"
# A name with a domain for everything that reads NO_PROXY, and 127.0.0.1 for every resolver without asking DNS. No
# certificate is taken for such a name, so it is for plain HTTP.
HOST = "127.0.0.0x1"
# A name that a proxy alone can resolve.
NAME = "sts.corp.example"
USER, PASSWORD = "audit", "hunter2@Tokyo:^%"
ISSUER = "Example Inspection CA"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ACCOUNT = "111111111111"
HOOK = "/services/T0000/B0000/planted-address-of-the-hook"
RECORDED = Path(__file__).resolve().parents[1] / "ec-site"
# Longer than any run; a run that takes it has failed.
PATIENCE = 60

# Characters of what tenken says that are shown; reports are long.
MOST_SHOWN = 1500

# What becomes of a request, as the servers see it.
DIRECT = "straight"
A, B, GUARDED, OVER_TLS = "through proxy a", "through proxy b", "through the guarded proxy", "through the TLS proxy"
UNAUTHORISED, FORBIDDEN = "the guarded proxy refuses", "the closed proxy refuses"
NOTHING = "nothing arrives"


def distrusted(way):
    return f"certificate refused, {way}"


# ---- certificates


def name(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """Issues certificates."""

    def __init__(self, common):
        self.name, self.key = name(common), ec.generate_private_key(ec.SECP256R1())
        self.certificate = issue(self.name, self.key, self.name, self.key, is_authority=True)


def issue(subject, key, issuer, issuer_key, names=(), is_authority=False, days=30):
    """A certificate whose last day is so many days from now, in the past where they are negative."""
    last = datetime.now(timezone.utc) + timedelta(days=days)
    first = last - timedelta(days=60)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if names and not is_authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


class Certificates:
    """A folder of certificates to trust, and what the servers show."""

    def __init__(self, folder):
        self.folder = folder
        authority, other = Authority(ISSUER), Authority("Another CA")
        address = lambda text: x509.IPAddress(ipaddress.ip_address(text))
        here = [x509.DNSName(NAME), x509.DNSName("localhost"), address(ADDRESS), address("127.0.0.1")]
        by_authority = lambda names, days=30: self.shown(
            lambda key: issue(name("server"), key, authority.name, authority.key, names, days=days)
        )
        by_itself = lambda is_authority: self.shown(
            lambda key: issue(name("Router"), key, name("Router"), key, here, is_authority)
        )
        self.trusted = by_authority(here)
        self.other_name = by_authority([x509.DNSName("other.example")])
        self.expired = by_authority(here, days=-1)
        self.self_signed = by_itself(False)
        self.self_signed_authority = by_itself(True)
        own, another = pem(authority.certificate), pem(other.certificate)
        self.write("ca.pem", own)
        self.write("other.pem", another)
        # Bundles of operating systems have such lines.
        self.write("both.pem", f"# Another CA\n{another}\n# {ISSUER}\n{own}")
        self.write("junk.pem", "no certificate\n")
        self.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        self.write("empty.pem", "")
        (folder / "ca.der").write_bytes(authority.certificate.public_bytes(serialization.Encoding.DER))
        for file, shown in (("self.pem", self.self_signed), ("self-ca.pem", self.self_signed_authority)):
            self.write(file, shown.with_suffix(".cert").read_text())
        (folder / "folder").mkdir()
        self.write("folder/ca.pem", own)
        (folder / "nothing").mkdir()

    def write(self, file, text):
        (self.folder / file).write_text(text)

    def shown(self, certificate):
        """A server's certificate and its key in a file."""
        key = ec.generate_private_key(ec.SECP256R1())
        text = pem(certificate(key))
        file = Path(tempfile.mkstemp(dir=self.folder, suffix=".key")[1])
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.with_suffix(".cert").write_text(text)
        file.write_text(text + private.decode())
        return file


# ---- servers and proxies


class Listening(ThreadingHTTPServer):
    """A server on a free port of the loopback, over TLS where it has a certificate."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, site, handler, certificate=None, way=None):
        super().__init__(("127.0.0.1", 0), handler)
        self.site, self.way, self.port = site, way, self.server_address[1]
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def process_request(self, request, address):
        self.site.opened()
        super().process_request(request, address)

    def process_request_thread(self, request, address):
        way = self.way or self.site.ways.get(address[1], DIRECT)
        try:
            request.settimeout(PATIENCE)
            if self.context:
                request = self.context.wrap_socket(request, server_side=True)
            self.RequestHandlerClass(request, (*address, way), self)
        except ssl.SSLError as error:
            # With TLS 1.3 the server is done before the client has looked at its certificate.
            if "ALERT" in (error.reason or ""):
                self.site.note(distrusted(way))
        except OSError:
            # A command that has shown the way it takes is ended in the middle of a request.
            pass
        finally:
            self.shutdown_request(request)
            self.site.closed()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind, headers=()):
        self.send_response(status)
        for header in (("Content-Type", kind), ("Content-Length", str(len(body))), *headers):
            self.send_header(*header)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("content-length", 0)))


class Amazon(Handler):
    """Answers whose account it is, prices and news; refuses everything else."""

    def do_POST(self):
        body, site, way = self.body(), self.server.site, self.client_address[2]
        form = {key: values[0] for key, values in parse_qs(body.decode(errors="replace")).items()}
        self.signed()
        if form.get("Action") == "GetCallerIdentity":
            site.note(way)
            result = f"<Arn>arn:aws:iam::{ACCOUNT}:user/u</Arn><UserId>u</UserId><Account>{ACCOUNT}</Account>"
            meta = "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
            whole = f"<GetCallerIdentityResult>{result}</GetCallerIdentityResult>{meta}"
            start = '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
            return self.answer(200, f"{start}{whole}</GetCallerIdentityResponse>".encode(), "text/xml")
        if self.headers.get("x-amz-target", "").endswith("AWSPriceListService.GetProducts"):
            site.note(way)
            return self.answer(200, b'{"FormatVersion": "aws_v1", "PriceList": []}', "application/x-amz-json-1.1")
        if self.path == HOOK:
            site.note(way)
            return self.answer(200, b"ok", "text/plain")
        self.refuse()

    def signed(self):
        """Notes the service that a request is signed for, and its way."""
        scope = self.headers.get("authorization", "").partition("Credential=")[2].split("/")
        self.server.site.services.add((scope[3] if len(scope) > 3 else "", self.client_address[2]))

    def refuse(self):
        error = "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>"
        self.answer(403, f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>".encode(), "text/xml")

    def do_GET(self):
        self.body()
        self.signed()
        self.refuse()

    do_PUT = do_HEAD = do_DELETE = do_GET


class Proxy(Handler):
    """Connects to the servers of its site, whatever their names, and to nothing else."""

    def do_CONNECT(self):
        upstream = self.upstream(self.path)
        if upstream is None:
            return
        with upstream:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: upstream, upstream: self.connection}
            while True:
                # What TLS has decrypted already is no longer in the socket.
                is_waiting = isinstance(self.connection, ssl.SSLSocket) and self.connection.pending()
                ready = [self.connection] if is_waiting else select.select(list(ends), [], [], PATIENCE)[0]
                for end in ready:
                    data = end.recv(65536)
                    if not data:
                        self.close_connection = True
                        return
                    ends[end].sendall(data)
                if not ready:
                    return

    def forward(self):
        """A request in plain HTTP names the whole address."""
        body, url = self.body(), urlsplit(self.path)
        if url.scheme != "http":
            return self.answer(400, b"", "text/plain")
        upstream = self.upstream(url.netloc)
        if upstream is None:
            return
        connection = http.client.HTTPConnection("127.0.0.1")
        connection.sock = upstream
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        headers = {key: value for key, value in self.headers.items() if not key.lower().startswith("proxy-")}
        connection.request(self.command, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        self.answer(answer.status, content, answer.headers.get("Content-Type", ""))
        connection.close()

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = forward

    def upstream(self, authority):
        """A connection for whoever may use this proxy."""
        site = self.server.site
        if self.server.way == GUARDED:
            words = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            if self.headers.get("proxy-authorization") != f"Basic {words}":
                site.note(UNAUTHORISED)
                asked = (("Proxy-Authenticate", 'Basic realm="proxy"'), ("Connection", "close"))
                self.answer(407, b"", "text/plain", asked)
                return None
        if self.server.way == FORBIDDEN:
            site.note(FORBIDDEN)
            self.answer(403, b"", "text/plain", (("Connection", "close"),))
            return None
        port = int(authority.rpartition(":")[2])
        if port not in site.ports:
            site.note(f"a request for {authority}")
            self.answer(403, b"", "text/plain")
            return None
        upstream = socket.socket()
        # The server learns from the port who connects, so it has to be known before.
        upstream.bind(("127.0.0.1", 0))
        site.ways[upstream.getsockname()[1]] = self.server.way
        upstream.settimeout(PATIENCE)
        upstream.connect(("127.0.0.1", port))
        return upstream


class Site:
    """Servers and proxies for one run at a time, and what they saw of it."""

    def __init__(self, certificates):
        self.lock, self.open = threading.Condition(), 0
        self.events, self.services, self.ways = [], set(), {}
        servers = {
            "trusted": Listening(self, Amazon, certificates.trusted),
            "other_name": Listening(self, Amazon, certificates.other_name),
            "expired": Listening(self, Amazon, certificates.expired),
            "self_signed": Listening(self, Amazon, certificates.self_signed),
            "self_signed_authority": Listening(self, Amazon, certificates.self_signed_authority),
            "plain": Listening(self, Amazon),
        }
        proxies = {
            "a": Listening(self, Proxy, way=A),
            "b": Listening(self, Proxy, way=B),
            "guarded": Listening(self, Proxy, way=GUARDED),
            "closed": Listening(self, Proxy, way=FORBIDDEN),
            "tls": Listening(self, Proxy, certificates.trusted, way=OVER_TLS),
        }
        self.ports = {server.port for server in servers.values()}
        # Bound and never listening: nobody else can open it, and connections are refused.
        self.reserved = socket.socket()
        self.reserved.bind(("127.0.0.1", 0))
        self.values = {key: str(server.port) for key, server in (servers | proxies).items()}
        self.values |= {"nobody": str(self.reserved.getsockname()[1]), "folder": str(certificates.folder)}

    def filled(self, text):
        """`<trusted>` is a port, `<folder>` that of the certificates."""
        for key, value in self.values.items():
            text = text.replace(f"<{key}>", value)
        return text

    def note(self, event):
        with self.lock:
            self.events.append(event)

    def opened(self):
        with self.lock:
            self.open += 1

    def closed(self):
        with self.lock:
            self.open -= 1
            self.lock.notify_all()

    def is_reached(self):
        return any(event in (DIRECT, A, B, GUARDED, OVER_TLS) for event in list(self.events))

    def begin(self):
        self.settle()
        self.events, self.services, self.ways = [], set(), {}

    def settle(self):
        """The last word of a connection may come when its command has ended."""
        with self.lock:
            self.lock.wait_for(lambda: self.open == 0, timeout=5)

    def outcome(self):
        """What became of the requests; of several that fare differently, all of it."""
        self.settle()
        return ", ".join(sorted(set(self.events))) or NOTHING


# ---- what runs


class AwsCli:
    """Runs of the AWS CLI in copies of a process that has loaded it, and has no threads that a copy would lack."""

    def __init__(self):
        (asked, self.ask), (self.hear, told) = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(asked)
            os.close(told)
            self.ask, self.hear = os.fdopen(self.ask, "w"), os.fdopen(self.hear)
            return
        os.close(self.ask)
        os.close(self.hear)
        with os.fdopen(asked) as questions, os.fdopen(told, "w") as answers:
            for question in questions:
                pid = os.fork()
                if pid == 0:
                    self.run(**json.loads(question))
                print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), file=answers, flush=True)
        os._exit(0)

    @staticmethod
    def run(arguments, environment, file):
        code = 1
        try:
            signal.alarm(PATIENCE)
            output = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(output, 1)
            os.dup2(output, 2)
            # Where its models are, as its own modules say.
            models = os.environ["AWS_DATA_PATH"]
            os.environ.clear()
            os.environ.update(environment, AWS_DATA_PATH=models)
            sys.argv = ["aws", *arguments]
            code = awscli.clidriver.main()
        except BaseException as error:
            print(f"{type(error).__name__}: {error}")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def __call__(self, arguments, environment, folder):
        file = folder / "said"
        question = {"arguments": arguments, "environment": environment, "file": str(file)}
        print(json.dumps(question), file=self.ask, flush=True)
        if not self.hear.readline():
            raise RuntimeError("the AWS CLI's process has ended")
        return file.read_text(errors="replace")

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)


class Case(NamedTuple):
    """Surroundings, and what becomes of a request in them."""

    name: str
    expected: str
    environment: dict = {}
    # The text of ~/.aws/config.
    profile: str = ""
    # What becomes of the AWS CLI's, where that is something else, and why it is. None where it is not run.
    of_aws: str | None = ""
    reason: str = ""
    # What tenken says, and what it says in Japanese.
    says: tuple = ()
    says_in_japanese: tuple = ()
    arguments: tuple = ("scan", "--no-config")
    aws_arguments: tuple = ("sts", "get-caller-identity")
    # Whether tenken is let run to its end though its request has arrived.
    is_whole: bool = False


HTTPS, HTTP = f"https://{ADDRESS}:<trusted>", f"http://{HOST}:<plain>"
PROXY_A, PROXY_B = "http://127.0.0.1:<a>", "http://127.0.0.1:<b>"
WORDS = f"{USER}:{quote(PASSWORD, safe='')}"
PLAIN = {"AWS_ENDPOINT_URL": HTTP}
# Nothing is trusted but what the case says.
BARE = {"AWS_CA_BUNDLE": None}
CA = "<folder>/ca.pem"
OTHER = "<folder>/other.pem"

NEAR = "this machine is never asked through a proxy: docs/configuration.md"
ALL = "ALL_PROXY counts, as in curl: docs/configuration.md"
MORE_EXCEPTIONS = "NO_PROXY is read as curl and Go read it as well: docs/configuration.md"
AFTERWARDS = "the AWS CLI looks at the name when the handshake is over, and sends nothing either"
OF_SYSTEM = "SSL_CERT_FILE names the operating system's certificates, which the AWS CLI does not use"


def at(server, host=ADDRESS):
    return {"AWS_ENDPOINT_URL": f"https://{host}:<{server}>"}


def excepted(exceptions, variable="NO_PROXY"):
    """HOST over HTTP, and who is excepted."""
    return PLAIN | {"HTTP_PROXY": PROXY_A, variable: exceptions}


def excepted_address(exceptions, variable="NO_PROXY"):
    """ADDRESS over HTTPS, and who is excepted."""
    return {"HTTPS_PROXY": PROXY_A, variable: exceptions}


CASES = [
    Case("no-proxy", DIRECT),
    Case("no-proxy-http", DIRECT, PLAIN),
    Case("HTTPS_PROXY", A, {"HTTPS_PROXY": PROXY_A}),
    Case("https_proxy", A, {"https_proxy": PROXY_A}),
    Case("HTTPS_PROXY-by-name", A, at("trusted", NAME) | {"HTTPS_PROXY": PROXY_A}),
    Case("small-letters-first", A, {"https_proxy": PROXY_A, "HTTPS_PROXY": PROXY_B}),
    Case("empty-small-letters", DIRECT, {"https_proxy": "", "HTTPS_PROXY": PROXY_B}),
    Case("empty-capital-letters", DIRECT, {"HTTPS_PROXY": ""}),
    Case("HTTPS_PROXY-is-not-for-http", DIRECT, PLAIN | {"HTTPS_PROXY": PROXY_A}),
    Case("HTTP_PROXY", A, PLAIN | {"HTTP_PROXY": PROXY_A}),
    Case("http_proxy", A, PLAIN | {"http_proxy": PROXY_A}),
    Case("http_proxy-first", A, PLAIN | {"http_proxy": PROXY_A, "HTTP_PROXY": PROXY_B}),
    Case("HTTP_PROXY-is-not-for-https", DIRECT, {"HTTP_PROXY": PROXY_A}),
    Case("http_proxy-is-not-for-https", DIRECT, {"http_proxy": PROXY_A}),
    Case("both-proxies", B, {"HTTP_PROXY": PROXY_A, "HTTPS_PROXY": PROXY_B}),
    Case("both-proxies-http", A, PLAIN | {"HTTP_PROXY": PROXY_A, "HTTPS_PROXY": PROXY_B}),
    Case("HTTP_PROXY-of-a-cgi-script", DIRECT, PLAIN | {"HTTP_PROXY": PROXY_A, "REQUEST_METHOD": "GET"}),
    Case("http_proxy-of-a-cgi-script", A, PLAIN | {"http_proxy": PROXY_A, "REQUEST_METHOD": "GET"}),
    Case("ALL_PROXY", A, {"ALL_PROXY": PROXY_A}, of_aws=DIRECT, reason=ALL),
    Case("all_proxy", A, {"all_proxy": PROXY_A}, of_aws=DIRECT, reason=ALL),
    Case("ALL_PROXY-http", A, PLAIN | {"ALL_PROXY": PROXY_A}, of_aws=DIRECT, reason=ALL),
    Case("all_proxy-http", A, PLAIN | {"all_proxy": PROXY_A}, of_aws=DIRECT, reason=ALL),
    Case("HTTPS_PROXY-over-ALL_PROXY", A, {"HTTPS_PROXY": PROXY_A, "ALL_PROXY": PROXY_B}),
    Case("HTTPS_PROXY-over-all_proxy", A, {"HTTPS_PROXY": PROXY_A, "all_proxy": PROXY_B}),
    Case("HTTP_PROXY-over-all_proxy", A, PLAIN | {"HTTP_PROXY": PROXY_A, "all_proxy": PROXY_B}),
    # How a proxy may be written.
    Case("without-scheme", A, {"HTTPS_PROXY": "127.0.0.1:<a>"}),
    Case("without-scheme-http", A, PLAIN | {"HTTP_PROXY": "127.0.0.1:<a>"}),
    Case("without-scheme-by-name", A, {"HTTPS_PROXY": "localhost:<a>"}),
    Case("with-two-slashes", A, {"HTTPS_PROXY": "//127.0.0.1:<a>"}),
    Case("with-a-slash-at-the-end", A, {"HTTPS_PROXY": f"{PROXY_A}/"}),
    Case("proxy-by-name", A, {"HTTPS_PROXY": "http://localhost:<a>"}),
    # To a proxy of https:// both speak TLS, and trust it as they trust AWS.
    Case("proxy-over-TLS", OVER_TLS, {"HTTPS_PROXY": "https://localhost:<tls>"}),
    Case("proxy-over-TLS-http", OVER_TLS, PLAIN | {"HTTP_PROXY": "https://localhost:<tls>"}),
    Case(
        "proxy-over-TLS-untrusted",
        distrusted(OVER_TLS),
        BARE | {"HTTPS_PROXY": "https://localhost:<tls>"},
        says=("localhost", "HTTPS_PROXY", "not trusted", "AWS_CA_BUNDLE"),
        says_in_japanese=("HTTPS_PROXY", "証明書を信頼できない", "AWS_CA_BUNDLE"),
    ),
    Case("proxy-to-localhost", DIRECT, at("trusted", "localhost") | {"HTTPS_PROXY": PROXY_A}, of_aws=A, reason=NEAR),
    Case("proxy-to-loopback", DIRECT, at("trusted", "127.0.0.1") | {"HTTPS_PROXY": PROXY_A}, of_aws=A, reason=NEAR),
    Case(
        "proxy-that-is-not-there",
        NOTHING,
        {"HTTPS_PROXY": "http://127.0.0.1:<nobody>"},
        says=("HTTPS_PROXY",),
        says_in_japanese=("HTTPS_PROXY", "プロキシ"),
    ),
    Case(
        "proxy-that-is-not-there-http",
        NOTHING,
        PLAIN | {"http_proxy": "http://127.0.0.1:<nobody>"},
        says=("http_proxy",),
    ),
    Case(
        "proxy-with-socks",
        NOTHING,
        {"HTTPS_PROXY": f"socks5://{WORDS}@127.0.0.1:<a>"},
        of_aws=None,
        reason="botocore looks for a host named socks5",
        says=("HTTPS_PROXY", "SOCKS"),
        says_in_japanese=("HTTPS_PROXY", "SOCKS"),
    ),
    Case(
        "proxy-without-a-host",
        NOTHING,
        {"HTTPS_PROXY": "http://"},
        says=("HTTPS_PROXY",),
    ),
    # Names and passwords.
    Case("with-password", GUARDED, {"HTTPS_PROXY": f"http://{WORDS}@127.0.0.1:<guarded>"}),
    Case("with-password-http", GUARDED, PLAIN | {"HTTP_PROXY": f"http://{WORDS}@127.0.0.1:<guarded>"}),
    Case("with-password-without-scheme", GUARDED, {"https_proxy": f"{WORDS}@127.0.0.1:<guarded>"}),
    Case("password-as-it-is", GUARDED, {"HTTPS_PROXY": f"http://{USER}:{PASSWORD}@127.0.0.1:<guarded>"}),
    Case("password-as-it-is-http", GUARDED, PLAIN | {"HTTP_PROXY": f"http://{USER}:{PASSWORD}@127.0.0.1:<guarded>"}),
    Case(
        "wrong-password",
        UNAUTHORISED,
        {"HTTPS_PROXY": "http://audit:hunter2@127.0.0.1:<guarded>"},
        says=("HTTPS_PROXY", "refused", "password"),
        says_in_japanese=("HTTPS_PROXY", "拒否", "パスワード"),
    ),
    Case(
        "wrong-password-http",
        UNAUTHORISED,
        PLAIN | {"http_proxy": "http://audit:hunter2@127.0.0.1:<guarded>"},
        says=("http_proxy", "refused", "password"),
        says_in_japanese=("http_proxy", "拒否", "パスワード"),
    ),
    Case(
        "no-password",
        UNAUTHORISED,
        {"ALL_PROXY": "http://127.0.0.1:<guarded>"},
        of_aws=DIRECT,
        reason=ALL,
        says=("ALL_PROXY", "refused"),
    ),
    Case(
        "user-without-password",
        UNAUTHORISED,
        {"HTTPS_PROXY": "http://audit@127.0.0.1:<guarded>"},
        says=("HTTPS_PROXY",),
    ),
    Case(
        "password-with-a-slash",
        NOTHING,
        {"HTTPS_PROXY": "http://audit:hunter2/x@127.0.0.1:<a>"},
        says=("HTTPS_PROXY", "http://USER:PASSWORD@"),
    ),
    Case(
        "proxy-that-forbids",
        FORBIDDEN,
        {"HTTPS_PROXY": "http://127.0.0.1:<closed>"},
        says=(ADDRESS, "HTTPS_PROXY", "refused", "NO_PROXY"),
        says_in_japanese=(ADDRESS, "HTTPS_PROXY", "拒否", "NO_PROXY"),
    ),
    # Who is excepted.
    Case("NO_PROXY", DIRECT, excepted(HOST)),
    Case("no_proxy", DIRECT, excepted(HOST, variable="no_proxy")),
    Case("no_proxy-over-NO_PROXY", A, excepted(HOST) | {"no_proxy": "other.example"}),
    Case("empty-no_proxy", A, excepted(HOST) | {"no_proxy": ""}),
    Case("empty-NO_PROXY", A, excepted("")),
    Case("NO_PROXY-in-capitals", DIRECT, excepted(HOST.upper())),
    Case("NO_PROXY-domain", DIRECT, excepted("0.0x1")),
    Case("NO_PROXY-domain-with-dot", DIRECT, excepted(".0.0x1")),
    Case("NO_PROXY-host-with-dot", DIRECT, excepted(f".{HOST}")),
    Case("NO_PROXY-part-of-a-label", A, excepted(HOST[1:])),
    Case("NO_PROXY-longer-name", A, excepted(f"sts.{HOST}")),
    Case("NO_PROXY-with-port", DIRECT, excepted(f"{HOST}:<plain>")),
    Case("NO_PROXY-domain-with-port", DIRECT, excepted("0.0x1:<plain>")),
    Case("NO_PROXY-with-another-port", A, excepted(f"{HOST}:80")),
    Case("NO_PROXY-all", DIRECT, excepted("*")),
    Case("no_proxy-all", DIRECT, excepted("*", variable="no_proxy")),
    Case("NO_PROXY-all-in-a-list", DIRECT, excepted("other.example,*"), of_aws=A, reason=MORE_EXCEPTIONS),
    Case("NO_PROXY-star-and-domain", DIRECT, excepted("*.0.0x1"), of_aws=A, reason=MORE_EXCEPTIONS),
    Case("NO_PROXY-list", DIRECT, excepted(f"other.example,{HOST}")),
    Case("NO_PROXY-list-with-spaces", DIRECT, excepted(f" other.example , {HOST} ")),
    Case("NO_PROXY-list-by-spaces-alone", A, excepted(f"other.example {HOST}")),
    Case("NO_PROXY-empty-in-a-list", A, excepted("other.example,,")),
    Case("NO_PROXY-with-scheme", A, excepted(f"http://{HOST}")),
    Case("NO_PROXY-address", DIRECT, excepted_address(ADDRESS)),
    Case("NO_PROXY-another-address", A, excepted_address("10.0.0.1")),
    Case("NO_PROXY-address-with-port", DIRECT, excepted_address(f"{ADDRESS}:<trusted>")),
    Case("NO_PROXY-network", DIRECT, excepted_address("0.0.0.0/8"), of_aws=A, reason=MORE_EXCEPTIONS),
    Case("NO_PROXY-another-network", A, excepted_address("10.0.0.0/8")),
    Case("NO_PROXY-name-is-no-address", A, excepted("127.0.0.1")),
    # Who is trusted.
    Case(
        "untrusted",
        distrusted(DIRECT),
        BARE,
        says=(ADDRESS, "not trusted", ISSUER, "AWS_CA_BUNDLE", "ca_bundle"),
        says_in_japanese=(ADDRESS, "証明書を信頼できない", ISSUER, "AWS_CA_BUNDLE", "ca_bundle"),
    ),
    Case(
        "untrusted-on-localhost",
        distrusted(DIRECT),
        BARE | at("trusted", "localhost"),
        says=("localhost", "not trusted", ISSUER, "AWS_CA_BUNDLE"),
    ),
    Case(
        "untrusted-through-proxy",
        distrusted(A),
        BARE | at("trusted", NAME) | {"HTTPS_PROXY": PROXY_A},
        says=(NAME, "not trusted", ISSUER, "AWS_CA_BUNDLE"),
    ),
    Case(
        "untrusted-through-guarded-proxy",
        distrusted(GUARDED),
        BARE | {"HTTPS_PROXY": f"http://{WORDS}@127.0.0.1:<guarded>"},
        says=(ADDRESS, "not trusted", ISSUER, "AWS_CA_BUNDLE"),
    ),
    Case(
        "self-signed",
        distrusted(DIRECT),
        BARE | at("self_signed"),
        says=(ADDRESS, "not trusted", "Router", "AWS_CA_BUNDLE"),
        says_in_japanese=(ADDRESS, "証明書を信頼できない", "Router", "AWS_CA_BUNDLE"),
    ),
    Case("self-signed-trusted", DIRECT, at("self_signed") | {"AWS_CA_BUNDLE": "<folder>/self.pem"}),
    Case(
        "self-signed-authority",
        distrusted(DIRECT),
        BARE | at("self_signed_authority"),
        says=(ADDRESS, "not trusted", "Router", "CA:TRUE", "AWS_CA_BUNDLE"),
        says_in_japanese=(ADDRESS, "証明書を信頼できない", "Router", "CA:TRUE", "AWS_CA_BUNDLE"),
    ),
    Case(
        "self-signed-authority-trusted",
        distrusted(DIRECT),
        at("self_signed_authority") | {"AWS_CA_BUNDLE": "<folder>/self-ca.pem"},
        of_aws=DIRECT,
        reason="rustls takes an authority's certificate from no server: docs/configuration.md",
        says=(ADDRESS, "not trusted", "CA:TRUE"),
    ),
    Case(
        "other-name",
        distrusted(DIRECT),
        at("other_name", "localhost"),
        of_aws=NOTHING,
        reason=AFTERWARDS,
        says=("localhost", "not trusted", "another host name"),
        says_in_japanese=("localhost", "証明書を信頼できない", "別のホスト名"),
    ),
    Case(
        "other-name-through-proxy",
        distrusted(A),
        at("other_name", NAME) | {"HTTPS_PROXY": PROXY_A},
        of_aws=NOTHING,
        reason=AFTERWARDS,
        says=(NAME, "not trusted", "another host name"),
    ),
    Case(
        "expired",
        distrusted(DIRECT),
        at("expired"),
        says=(ADDRESS, "not trusted", "expired", "clock"),
        says_in_japanese=(ADDRESS, "証明書を信頼できない", "有効期間", "時刻"),
    ),
    Case("AWS_CA_BUNDLE-through-proxy", A, {"AWS_CA_BUNDLE": CA, "HTTPS_PROXY": PROXY_A}),
    Case("AWS_CA_BUNDLE-of-several", DIRECT, {"AWS_CA_BUNDLE": "<folder>/both.pem"}),
    Case(
        "AWS_CA_BUNDLE-of-another",
        distrusted(DIRECT),
        {"AWS_CA_BUNDLE": OTHER},
        says=(ADDRESS, "not trusted", ISSUER, "AWS_CA_BUNDLE"),
    ),
    Case("ca_bundle", DIRECT, BARE, f"[default]\nca_bundle = {CA}\n"),
    Case("ca_bundle-of-the-profile", DIRECT, BARE | {"AWS_PROFILE": "dev"}, f"[profile dev]\nca_bundle = {CA}\n"),
    Case(
        "ca_bundle-of-the-flag",
        DIRECT,
        BARE | {"AWS_SHARED_CREDENTIALS_FILE": "<folder>/credentials"},
        f"[profile dev]\nca_bundle = {CA}\n",
        arguments=("scan", "--no-config", "--profile", "dev"),
        aws_arguments=("sts", "get-caller-identity", "--profile", "dev"),
    ),
    Case(
        "ca_bundle-of-another-profile",
        distrusted(DIRECT),
        BARE | {"AWS_PROFILE": "dev"},
        f"[default]\nca_bundle = {CA}\n[profile other]\nca_bundle = {CA}\n[profile dev]\nregion = eu-west-1\n",
        says=("not trusted",),
    ),
    Case("AWS_CA_BUNDLE-over-ca_bundle", DIRECT, {"AWS_CA_BUNDLE": CA}, f"[default]\nca_bundle = {OTHER}\n"),
    Case(
        "ca_bundle-under-AWS_CA_BUNDLE", distrusted(DIRECT), {"AWS_CA_BUNDLE": OTHER}, f"[default]\nca_bundle = {CA}\n"
    ),
    Case("REQUESTS_CA_BUNDLE", DIRECT, BARE | {"REQUESTS_CA_BUNDLE": CA}),
    Case("AWS_CA_BUNDLE-over-REQUESTS_CA_BUNDLE", DIRECT, {"AWS_CA_BUNDLE": CA, "REQUESTS_CA_BUNDLE": OTHER}),
    Case(
        "ca_bundle-over-REQUESTS_CA_BUNDLE",
        DIRECT,
        BARE | {"REQUESTS_CA_BUNDLE": OTHER},
        f"[default]\nca_bundle = {CA}\n",
    ),
    Case("SSL_CERT_FILE", DIRECT, BARE | {"SSL_CERT_FILE": CA}, of_aws=distrusted(DIRECT), reason=OF_SYSTEM),
    Case("SSL_CERT_FILE-of-another", distrusted(DIRECT), BARE | {"SSL_CERT_FILE": OTHER}, says=("not trusted", ISSUER)),
    Case("AWS_CA_BUNDLE-over-SSL_CERT_FILE", DIRECT, {"AWS_CA_BUNDLE": CA, "SSL_CERT_FILE": OTHER}),
    Case("AWS_CA_BUNDLE-instead-of-SSL_CERT_FILE", distrusted(DIRECT), {"AWS_CA_BUNDLE": OTHER, "SSL_CERT_FILE": CA}),
    Case(
        "SSL_CERT_FILE-missing",
        NOTHING,
        BARE | {"SSL_CERT_FILE": "<folder>/missing.pem"},
        of_aws=distrusted(DIRECT),
        reason=OF_SYSTEM,
        says=("SSL_CERT_FILE", "missing.pem"),
        says_in_japanese=("SSL_CERT_FILE", "missing.pem"),
    ),
    Case(
        "AWS_CA_BUNDLE-missing",
        NOTHING,
        {"AWS_CA_BUNDLE": "<folder>/missing.pem"},
        says=("AWS_CA_BUNDLE", "missing.pem"),
        says_in_japanese=("AWS_CA_BUNDLE", "missing.pem", "読み取れない"),
    ),
    Case(
        "ca_bundle-missing",
        NOTHING,
        BARE,
        "[default]\nca_bundle = <folder>/missing.pem\n",
        says=("ca_bundle", "missing.pem"),
    ),
    Case("ca_bundle-of-the-home", NOTHING, BARE, "[default]\nca_bundle = ~/ca.pem\n", says=("ca_bundle", "~/ca.pem")),
    Case("AWS_CA_BUNDLE-empty", NOTHING, {"AWS_CA_BUNDLE": ""}, says=("AWS_CA_BUNDLE",)),
    Case(
        "AWS_CA_BUNDLE-junk", NOTHING, {"AWS_CA_BUNDLE": "<folder>/junk.pem"}, says=("AWS_CA_BUNDLE", "junk.pem", "PEM")
    ),
    Case(
        "AWS_CA_BUNDLE-broken", NOTHING, {"AWS_CA_BUNDLE": "<folder>/broken.pem"}, says=("AWS_CA_BUNDLE", "broken.pem")
    ),
    Case(
        "AWS_CA_BUNDLE-empty-file",
        NOTHING,
        {"AWS_CA_BUNDLE": "<folder>/empty.pem"},
        says=("AWS_CA_BUNDLE", "empty.pem"),
    ),
    Case(
        "AWS_CA_BUNDLE-in-DER", NOTHING, {"AWS_CA_BUNDLE": "<folder>/ca.der"}, says=("AWS_CA_BUNDLE", "ca.der", "PEM")
    ),
    Case(
        "AWS_CA_BUNDLE-folder",
        DIRECT,
        {"AWS_CA_BUNDLE": "<folder>/folder"},
        of_aws=NOTHING,
        reason="every file of a folder is read: docs/configuration.md",
    ),
    Case("AWS_CA_BUNDLE-folder-without", NOTHING, {"AWS_CA_BUNDLE": "<folder>/nothing"}, says=("AWS_CA_BUNDLE",)),
    Case("http-needs-no-certificate", DIRECT, BARE | PLAIN),
]

# Prices come from another address in the same surroundings.
PRICES = [
    ("prices", DIRECT, {}, ()),
    ("prices-HTTPS_PROXY", A, {"HTTPS_PROXY": PROXY_A}, ()),
    ("prices-with-password", GUARDED, {"HTTPS_PROXY": f"http://{WORDS}@127.0.0.1:<guarded>"}, ()),
    ("prices-NO_PROXY", DIRECT, excepted_address(ADDRESS), ()),
    (
        "prices-wrong-password",
        UNAUTHORISED,
        {"HTTPS_PROXY": "http://audit:hunter2@127.0.0.1:<guarded>"},
        ("ProxyRefused",),
    ),
    ("prices-untrusted", distrusted(DIRECT), BARE, ("UntrustedCertificate",)),
]
CASES += [
    Case(
        name,
        expected,
        environment,
        says=says,
        arguments=(
            "plan",
            "--no-config",
            "--replay",
            str(RECORDED),
            "--live-prices",
            "--price-cache",
            "HOME/prices.json",
        ),
        aws_arguments=("pricing", "get-products", "--service-code", "AmazonEC2", "--region", "us-east-1"),
    )
    for name, expected, environment, says in PRICES
]

# News is no command of the AWS CLI. A file of certificates counts beside the operating system's.
NEWS = [
    ("", DIRECT, {}, "", ()),
    ("-HTTPS_PROXY", A, {"HTTPS_PROXY": PROXY_A}, "", ()),
    ("-all_proxy", A, {"all_proxy": PROXY_A}, "", ()),
    ("-with-password", GUARDED, {"HTTPS_PROXY": f"http://{WORDS}@127.0.0.1:<guarded>"}, "", ()),
    ("-proxy-over-TLS", OVER_TLS, {"HTTPS_PROXY": "https://localhost:<tls>"}, "", ()),
    ("-NO_PROXY", DIRECT, excepted_address(ADDRESS), "", ()),
    ("-ca_bundle", A, BARE | {"HTTPS_PROXY": PROXY_A}, f"[default]\nca_bundle = {CA}\n", ()),
    ("-SSL_CERT_FILE", DIRECT, BARE | {"SSL_CERT_FILE": CA}, "", ()),
]
NEWS_THAT_FAILS = [
    ("-untrusted", distrusted(DIRECT), BARE, "", ("certificate", "not trusted", "AWS_CA_BUNDLE")),
    (
        "-wrong-password",
        UNAUTHORISED,
        {"HTTPS_PROXY": "http://audit:hunter2@127.0.0.1:<guarded>"},
        "",
        ("HTTPS_PROXY", "refused"),
    ),
]
CASES += [
    Case(
        channel + name,
        expected,
        environment
        | {"HOOK": f"https://{ADDRESS}:<trusted>{HOOK}", "TENKEN_SLACK_WEBHOOK": f"https://{ADDRESS}:<trusted>{HOOK}"},
        profile,
        of_aws=None,
        reason="the AWS CLI sends no news",
        says=says,
        arguments=(
            *("scan", "--replay", str(RECORDED), "--config", "HOME/tenken.toml"),
            *("--history", "HOME/history.json", "--notify", channel),
        ),
    )
    for channel, name, expected, environment, profile, says in [
        *(("webhook", *row) for row in NEWS + NEWS_THAT_FAILS),
        *(("slack", *row) for row in NEWS[1:4] + NEWS_THAT_FAILS[:1]),
    ]
]

# Every service of a scan takes the same way.
CASES += [
    Case("whole-scan", A, {"HTTPS_PROXY": PROXY_A}, is_whole=True),
    Case("whole-scan-http", A, PLAIN | {"HTTP_PROXY": PROXY_A}, is_whole=True),
]
SERVICES = {"sts", "ec2", "ecs", "rds", "elasticloadbalancing", "cloudfront", "wafv2", "monitoring", "secretsmanager"}


def surroundings(case, site, folder):
    """The variables of a case; nothing of this process's own is among them."""
    whole = {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "AWS_ACCESS_KEY_ID": f"AKIA{ACCOUNT}",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": HTTPS,
        "AWS_CA_BUNDLE": CA,
        "AWS_MAX_ATTEMPTS": "1",
    } | case.environment
    return {key: site.filled(value) for key, value in whole.items() if value is not None}


class Worker:
    """Runs one case after the other, in a site and folders of its own."""

    def __init__(self, tenken, certificates, aws):
        self.tenken, self.site, self.aws = tenken, Site(certificates), aws

    def tenken_says(self, case, environment, folder, language=None):
        """What tenken says, its exit code, and what became of its requests."""
        site = self.site
        site.begin()
        arguments = [argument.replace("HOME", str(folder)) for argument in case.arguments]
        if language:
            arguments += ["--lang", language]
        with open(folder / "tenken", "w+", encoding="utf-8") as output:
            process = subprocess.Popen(
                [self.tenken, *arguments],
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            deadline = time.monotonic() + PATIENCE
            is_done = lambda: site.is_reached() and not case.is_whole
            while process.poll() is None and not is_done() and time.monotonic() < deadline:
                time.sleep(0.01)
            # The way is known; the audit itself is not the question here.
            if process.poll() is None:
                process.kill()
            code = process.wait()
            outcome = site.outcome()
            output.seek(0)
            return output.read(), code, outcome

    def wrong(self, case):
        """What differs in a case, each in words."""
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "config").write_text(self.site.filled(case.profile))
            (folder / "tenken.toml").write_text('[notify.webhook]\nurl = "env:HOOK"\n')
            environment = surroundings(case, self.site, folder)
            wrong, said_by_aws = [], ""
            if case.of_aws is not None:
                self.site.begin()
                said_by_aws = self.aws(case.aws_arguments, environment, folder)
                outcome, expected = self.site.outcome(), case.of_aws or case.expected
                if outcome != expected:
                    wrong.append(f"the AWS CLI: {outcome} instead of {expected}")
            if case.of_aws == case.expected or bool(case.reason) == (case.of_aws == ""):
                wrong.append("the table: what differs needs a reason, and nothing else does")
            is_reached = case.expected in (DIRECT, A, B, GUARDED, OVER_TLS)
            said = ""
            for language, words in ((None, case.says), ("ja", case.says_in_japanese)):
                if language and not words:
                    continue
                text, code, outcome = self.tenken_says(case, environment, folder, language)
                said += text
                if outcome != case.expected:
                    wrong.append(f"tenken: {outcome} instead of {case.expected}")
                if not is_reached and code != self.code(case):
                    wrong.append(f"tenken: exit code {code} instead of {self.code(case)}")
                wrong += [f"tenken does not say {word!r}" for word in words if word not in text]
                wrong += [f"tenken says {secret!r}" for secret in self.secrets() if secret in text]
            if case.is_whole:
                ways = {way for _, way in self.site.services}
                missing = SERVICES - {service for service, _ in self.site.services}
                if ways != {case.expected} or missing:
                    wrong.append(f"tenken: the ways of its services are {ways}, without {missing}")
            return wrong, said_by_aws, said

    @staticmethod
    def code(case):
        """The exit code where a request does not arrive; see README.md, and docs/notify.md for news."""
        if "--notify" in case.arguments:
            return 1
        return 0 if "--live-prices" in case.arguments else 2

    @staticmethod
    def secrets():
        """What nobody may read, in all its spellings."""
        yield from (PASSWORD, quote(PASSWORD, safe=""), "hunter2", SECRET, "planted-address")
        for password in (PASSWORD, "hunter2"):
            yield base64.b64encode(f"{USER}:{password}".encode()).decode()


def main():
    tenken, only = str(Path(sys.argv[1]).resolve()), sys.argv[2:]
    unknown = set(only) - {case.name for case in CASES}
    if unknown or len({case.name for case in CASES}) != len(CASES):
        sys.exit(f"there is no such case, or two of one name: {unknown}")
    began = time.monotonic()
    # Before any thread.
    clis = [AwsCli() for _ in range(2)]
    chosen, differing = [case for case in CASES if not only or case.name in only], 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        certificates = Certificates(folder)
        (folder / "credentials").write_text(
            f"[dev]\naws_access_key_id = AKIA{ACCOUNT}\naws_secret_access_key = {SECRET}\n"
        )
        idle = [Worker(tenken, certificates, aws) for aws in clis]

        def run(case):
            worker = idle.pop()
            try:
                return worker.wrong(case)
            finally:
                idle.append(worker)

        with ThreadPoolExecutor(len(clis)) as pool:
            for case, (wrong, said_by_aws, said) in zip(chosen, pool.map(run, chosen)):
                differing += bool(wrong)
                if wrong or only:
                    print(f"{case.name}: {'; '.join(wrong) or case.expected}")
                    print(said_by_aws.strip(), said[-MOST_SHOWN:].strip(), sep="\n")
    for aws in clis:
        aws.end()
    seconds = time.monotonic() - began
    beside = [case for case in chosen if case.of_aws is not None]
    otherwise = sum(bool(case.of_aws) for case in beside)
    print(
        f"corporate network: {len(chosen)} cases in {seconds:.0f} s, {len(beside) - otherwise} of them as the AWS CLI,"
        f" {otherwise} otherwise for a reason that the table gives; {differing} are wrong"
    )
    sys.exit(differing > 0)


if __name__ == "__main__":
    main()
