"""An example connector for Probity: the protocol of docs/connectors.md, version 1.

It speaks for the synthetic institutions of institutions.py and reaches nothing. Python's standard
library only.
"""

import argparse
import hashlib
import hmac
import json
import sqlite3
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from institutions import BANKS, INSTITUTIONS

PROTOCOL = 1
REQUEST_BYTES_MAX = 1 << 20
CLOCK_TOLERANCE_S = 300
KINDS = list(INSTITUTIONS)


def sign(secret, *lines):
    return hmac.new(secret, "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def digest(body):
    return hashlib.sha256(body).hexdigest()


class Steps:
    """The result of every step, kept until it is surely not asked for again.

    A step is recorded before it is begun: when this process dies in between, it is known to be
    neither done nor not done, and is not begun a second time.
    """

    def __init__(self, path):
        self.lock = threading.Lock()
        self.rows = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.rows.execute(
            "CREATE TABLE IF NOT EXISTS steps"
            " (id TEXT PRIMARY KEY, session TEXT, subject TEXT, result BLOB)"
        )

    def find(self, step_id):
        with self.lock:
            return self.rows.execute(
                "SELECT session, subject, result FROM steps WHERE id = ?", [step_id]
            ).fetchone()

    def begin(self, request):
        """Whether the step is new; if so it is recorded."""
        row = [request["step_id"], request["session"], request["subject"]]
        with self.lock:
            added = self.rows.execute("INSERT OR IGNORE INTO steps VALUES (?, ?, ?, NULL)", row)
            return added.rowcount == 1

    def end(self, step_id, result):
        with self.lock:
            self.rows.execute("UPDATE steps SET result = ? WHERE id = ?", [result, step_id])


class Nonces:
    """Those of the last minutes; a request that comes again under one is a replay."""

    def __init__(self):
        self.lock = threading.Lock()
        self.seen = {}

    def take(self, nonce, now):
        with self.lock:
            limit = now - 2 * CLOCK_TOLERANCE_S
            self.seen = {known: at for known, at in self.seen.items() if at > limit}
            return self.seen.setdefault(nonce, now) == now and len(nonce) >= 16


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "probity-example-connector"
    sys_version = ""
    timeout = 30

    def do_GET(self):
        if not self.is_ours(b""):
            return
        if self.path == "/v1/health":
            return self.answer(200, {"protocol": PROTOCOL, "kinds": KINDS, "banks": BANKS})
        found = self.server.steps.find(self.path.removeprefix("/v1/steps/"))
        self.stored(found)

    def do_POST(self):
        length = int(self.headers.get("content-length", -1))
        if not 0 <= length <= REQUEST_BYTES_MAX:
            return self.turn_away(413, "a request has at most 1 MiB, and says its length")
        body = self.rfile.read(length)
        if not self.is_ours(body):
            return
        try:
            request = json.loads(body)
            if request["protocol"] != PROTOCOL:
                return self.answer(400, {"error": "protocol", "protocols": [PROTOCOL]})
            if self.path != "/v1/steps" or request["kind"] not in KINDS:
                return self.answer(400, {"error": "there is no such path or kind"})
            echo = {name: request[name] for name in ("session", "subject", "step_id")}
        except (ValueError, KeyError, TypeError):
            return self.answer(400, {"error": "the request is not what the protocol says"})
        if self.server.steps.begin(request):
            self.server.tell(request)
            step, memory = INSTITUTIONS[request["kind"]](request, request["memory"] or {})
            result = {"protocol": PROTOCOL, **echo, "step": step, "memory": memory}
            self.server.steps.end(request["step_id"], json.dumps(result))
        found = self.server.steps.find(request["step_id"])
        if found[:2] != (request["session"], request["subject"]):
            return self.answer(409, {"error": "the step_id is another session's"})
        self.stored(found)

    def stored(self, found):
        if found is None:
            self.answer(404, {"error": "this step was never seen"})
        elif found[2] is None:
            self.answer(202, {"error": "this step was begun and has not ended"})
        else:
            self.answer(200, json.loads(found[2]))

    def is_ours(self, body):
        """Whether Probity signed the request, now, and for the first time."""
        header = lambda name: self.headers.get("x-probity-" + name, "")
        stamp, self.nonce, now = header("timestamp"), header("nonce"), time.time()
        lines = (self.command, self.path, stamp, self.nonce, digest(body))
        expected = sign(self.server.secret, "probity-connector-1 request", *lines)
        is_signed = hmac.compare_digest(expected.encode(), header("signature").encode())
        is_now = stamp.isdecimal() and abs(now - int(stamp)) <= CLOCK_TOLERANCE_S
        if is_signed and is_now and self.server.nonces.take(self.nonce, now):
            return True
        self.turn_away(401, "the signature is wrong, too old, or was used")
        return False

    def turn_away(self, status, text):
        """To somebody unknown: not signed, and nothing more is read."""
        self.close_connection = True
        self.send(status, json.dumps({"error": text}).encode(), {"connection": "close"})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        stamp = str(int(time.time()))
        lines = (self.nonce, str(status), stamp, digest(body))
        signature = sign(self.server.secret, "probity-connector-1 answer", *lines)
        self.send(status, body, {"x-probity-timestamp": stamp, "x-probity-signature": signature})

    def send(self, status, body, headers):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: a log must hold neither persons nor secrets."""


class Connector(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, options, handler=Handler):
        host, port = options.listen.rsplit(":", 1)
        super().__init__((host, int(port)), handler)
        with open(options.secret_file, "rb") as file:
            self.secret = file.read().strip()
        self.steps, self.nonces = Steps(options.steps), Nonces()
        self.told = open(options.log, "a", buffering=1) if options.log else None

    def tell(self, request):
        """A line for each step that is really begun; nothing of the person."""
        if self.told:
            move = next(iter(request["input"]))
            self.told.write(f"{request['step_id']} {request['kind']} {move}\n")


def options():
    parser = argparse.ArgumentParser(description="A synthetic connector for Probity.")
    parser.add_argument("--listen", default="127.0.0.1:8081", metavar="HOST:PORT")
    parser.add_argument("--secret-file", required=True, help="what both sides sign with")
    parser.add_argument("--steps", default=":memory:", help="where results are kept (SQLite)")
    parser.add_argument("--log", help="a line for each step that is begun")
    return parser


def serve(connector):
    print("listening on http://%s:%d" % connector.server_address, flush=True)
    connector.serve_forever()


if __name__ == "__main__":
    serve(Connector(options().parse_args()))
