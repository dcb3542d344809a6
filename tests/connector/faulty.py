"""The example connector, with one fault in every answer to a step. For tests."""

import copy
import json
import os
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "connector-python"))

import connector  # noqa: E402

GIB = 1 << 30


RIGHT = {"sms": "123456", "query_password": "654321"}


class Witness(connector.Steps):
    """Notes every step that arrives, also one that came before. All of it is synthetic."""

    def __init__(self, path, notes, takes_any_code):
        super().__init__(path)
        self.notes, self.takes_any_code = open(notes, "a", buffering=1), takes_any_code

    def begin(self, request):
        move, given = next(iter(request["input"].items()))
        value = given.get("value") or given.get("password") or "-"
        self.notes.write(f"{request['session']} {request['step_id']} {move} {value}\n")
        if self.takes_any_code and move == "answer":
            given["value"] = RIGHT.get(given["prompt"], value)
        return super().begin(request)


class Faulty(connector.Handler):
    def answer(self, status, value):
        fault = self.server.fault
        if "banks" in value and fault == "wrong-banks":
            value = copy.deepcopy(value)
            value["banks"][0]["logins"][0]["inputs"][0]["valid"] = "("
        if fault == "wrong-banks":
            return super().answer(status, value)
        if "step" not in value or not fault:
            return super().answer(status, value)
        play = getattr(self, fault.replace("-", "_"))
        play(value)

    def begin(self, length):
        self.send_response(200)
        self.send_header("content-length", str(length))
        self.end_headers()

    def hang(self, _):
        time.sleep(600)

    def late(self, value):
        time.sleep(self.server.late_s)
        super().answer(200, value)

    def drip(self, _):
        self.begin(100_000)
        while True:
            self.wfile.write(b" ")
            time.sleep(0.1)

    def half(self, _):
        self.begin(100)
        self.wfile.write(b'{"protocol": 1, ')
        self.close_connection = True

    def huge(self, _):
        self.begin(GIB)
        for _ in range(1024):
            self.wfile.write(b" " * (1 << 20))

    def garbage(self, _):
        self.signed(b"\0\xff<html>")

    def wrong_session(self, value):
        super().answer(200, {**value, "session": "f" * 32})

    def exit(self, _):
        os._exit(3)

    def wrong_clock(self, value):
        self.signed(json.dumps(value).encode(), stamp_s=int(time.time()) - 3600)

    def wrong_signature(self, value):
        self.signed(json.dumps(value).encode(), secret=b"somebody else's secret, also 32 long")

    def oversize_number(self, value):
        step = {"wait": {"after_ms": "NUMBER", "meaning": "working"}}
        text = json.dumps({**value, "step": step}).replace('"NUMBER"', "1" + "0" * 400)
        self.signed(text.encode())

    def signed(self, body, stamp_s=None, secret=None):
        stamp = str(stamp_s or int(time.time()))
        lines = (self.nonce, "200", stamp, connector.digest(body))
        secret = secret or self.server.secret
        signature = connector.sign(secret, "probity-connector-1 answer", *lines)
        headers = {"x-probity-timestamp": stamp, "x-probity-signature": signature}
        self.send(200, body, headers)


def main():
    parser = connector.options()
    parser.add_argument("--fault", default="")
    parser.add_argument("--late-s", type=float, default=3.0)
    parser.add_argument("--notes", required=True, help="a line for each step that arrives")
    parser.add_argument("--takes-any-code", action="store_true", help="so that each can differ")
    given = parser.parse_args()
    server = connector.Connector(given, Faulty)
    server.fault, server.late_s = given.fault, given.late_s
    server.steps = Witness(given.steps, given.notes, given.takes_any_code)
    connector.serve(server)


main()
