"""Signs requests of face 3 (Rong360's open platform), written from its specification alone.

One request is one line of JSON on the standard input: `private_key` (PEM) and `fields`, pairs in
the order of the form. Its body, signed and encoded, is one line on the standard output.
"""

import base64
import json
import sys
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

HASHES = {"RSA": hashes.SHA1, "RSA2": hashes.SHA256}


def sign(private_key, fields):
    first = {}
    for name, value in fields:
        first.setdefault(name, value)
    text = "&".join(f"{name}={first[name]}" for name in sorted(first))
    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    algorithm = HASHES[first.get("sign_type", "RSA")]()
    signature = key.sign(text.encode("utf-8"), padding.PKCS1v15(), algorithm)
    return base64.b64encode(signature).decode()


for line in sys.stdin:
    asked = json.loads(line)
    fields = [tuple(pair) for pair in asked["fields"]]
    signature = sign(asked["private_key"], fields)
    print(json.dumps({"body": urlencode(fields + [("sign", signature)])}), flush=True)
