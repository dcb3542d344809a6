"""Hands an application in for the risk audit: a JWE of `jwcrypto`, or RSA blocks of `cryptography`.

The question is one JSON object on the standard input, what came of it one on the standard output;
the fields are those of `Question` and `Told` in tests/tests/audit_clients.rs.
"""

import base64
import gzip
import json
import sys
import time
from urllib.parse import urlencode
from urllib.request import urlopen

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwcrypto import jwe, jwk


def blocks(text, pem):
    key = load_pem_public_key(pem)
    parts = (text[at : at + 245] for at in range(0, len(text), 245))
    return base64.b64encode(b"".join(key.encrypt(part, padding.PKCS1v15()) for part in parts))


def wrapped(text, pem, kid):
    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": kid}
    sealed = jwe.JWE(text, protected=json.dumps(header), recipient=jwk.JWK.from_pem(pem))
    return sealed.serialize(compact=True)


def told(answer):
    answer = json.load(answer)
    if answer["code"] != 0:
        sys.exit(f"{answer}")
    return answer["data"]


asked = json.load(sys.stdin)
base, pem = asked["base_url"], asked["public_key"].encode()
text = asked["application"].encode()
text = gzip.compress(text) if asked["gzip"] else text
is_jwe = asked["envelope"] == "jwe"
data = wrapped(text, pem, asked["kid"]) if is_jwe else blocks(text, pem)


def post(path, **fields):
    return told(urlopen(base + path, urlencode(fields).encode()))


account = {name: asked[name] for name in ("username", "password")}
token = post("/client/authorize/token", **account)["token"]
person = {name: asked[name] for name in ("name", "phone", "id_card")}
open_id = post("/risk-model/audit/open-id", token=token, data=data, **person)["open_id"]
for _ in range(100):
    result = told(urlopen(f"{base}/risk-model/audit/result?open_id={open_id}"))
    if result["state"] != 2:
        break
    time.sleep(0.1)
print(json.dumps({"open_id": open_id, **result}))
