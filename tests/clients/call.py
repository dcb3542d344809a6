"""Calls a server with a public Python client of the gateway, as it is published.

One call is one line of JSON on the standard input, its answer one line on the standard output;
the fields are those of `Call`, `Reply`, `Signed` and `Sum` in tests/tests/clients/driver.rs.
"""

import hashlib
import hmac
import json
import sys
from urllib.parse import quote, urlencode

from aliyun.api.gateway.sdk import DefaultClient
from aliyun.api.gateway.sdk.http import Request
from aliyun_api_gateway import ApiGatewayClient, ApiGatewayRequest

FORM = "application/x-www-form-urlencoded"
LIMIT_S = 20


def client_of(call):
    options = {"timeout": LIMIT_S}
    if call["nonce"] is not None:
        options["nonce_factory"] = lambda: call["nonce"]
    if call["stamp"] is not None:
        options["clock"] = lambda: int(call["stamp"]) / 1000
    if call["method"] is not None:
        options["signature_method"] = call["method"]
    return ApiGatewayClient(call["base_url"], call["key"], call["secret"], **options)


def request_of(call):
    method = "GET" if call["way"] == "get" else "POST"
    parameters, query = call["parameters"], call["query"]
    signed = dict(call["signed_headers"])
    options = {"headers": signed, "additional_signed_headers": list(signed)}
    if call["way"] == "get":
        query = query + parameters
    elif call["way"] == "form":
        options["form"] = parameters
    else:
        options["json_body"] = dict(parameters)
    return ApiGatewayRequest(method, call["path"], query=query, **options)


def signed(call):
    answer = client_of(call).send(request_of(call))
    return answer.status, answer.headers, answer.body


def legacy(call):
    """The programs of before: `com.aliyun.api.gateway.sdk` and its mutable request."""
    path = call["path"]
    if call["query"]:
        path += "?" + urlencode(dict(call["query"]))
    host = call["base_url"].removeprefix("http://")
    method = "GET" if call["way"] == "get" else "POST"
    request = Request(host=host, protocol="http", url=path, method=method, time_out=LIMIT_S * 1000)
    request.set_body(dict(call["parameters"]))
    if call["way"] == "form":
        request.set_content_type(FORM)
    return DefaultClient(app_key=call["key"], app_secret=call["secret"]).execute(request)


def send(call):
    clients = {"signed": signed, "legacy": legacy}
    status, headers, body = clients[call["client"]](call)
    return {"status": status, "headers": list(headers), "body": body.decode("utf-8")}


def sign(call):
    """A request as the client would send it, for somebody else to send."""
    request = client_of(call).sign(request_of(call))
    return {
        "method": request.method,
        "target": request.url.removeprefix(call["base_url"]),
        "headers": list(request.headers.items()),
        "body": (request.body or b"").decode("utf-8"),
        "string_to_sign": request.string_to_sign,
    }


def own_sum(question):
    """Finplus' own signature over parameters in the order given."""
    pairs = [tuple(pair) for pair in question["parameters"]]
    rfc_3986 = {"quote_via": quote, "safe": ""} if question["rfc_3986"] else {}
    text = urlencode(pairs, **rfc_3986)
    tag = hmac.new(question["secret"].encode(), text.encode(), hashlib.sha256)
    return {"text": text, "sign": tag.hexdigest()}


COMMANDS = {"send": send, "sign": sign, "own_sum": own_sum}

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(COMMANDS[asked["command"]](asked)), flush=True)
