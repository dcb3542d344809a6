"""Holds an OpenAPI 3.1 document (standard input) against the standard's own schema.

Each schema in it is held against JSON Schema 2020-12, each reference must lead somewhere, and each
example must be of its schema. Prints what is wrong, a line each.
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

from jsonschema import Draft202012Validator, SchemaError

document = json.load(sys.stdin)
faults = []


def place(error):
    return "/".join(map(str, error.absolute_path))


def check_schema(schema, path):
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        faults.append(f"{path}/{place(error)}: {error.message}")
        return
    for example in schema.get("examples", []):
        for error in Draft202012Validator(schema).iter_errors(example):
            faults.append(f"{path}: the example: {error.message}")


def walk(value, path, is_schema):
    if isinstance(value, list):
        for index, item in enumerate(value):
            walk(item, f"{path}/{index}", False)
    if not isinstance(value, dict):
        return
    if is_schema:
        check_schema(value, path)
    target = value.get("$ref")
    if target is not None:
        found = document
        for step in target.removeprefix("#/").split("/"):
            found = found.get(step, {})
        if not found:
            faults.append(f"{path}: {target} leads nowhere")
    for key, item in value.items():
        inside = key == "schema" or path.endswith(("/schemas", "/properties"))
        walk(item, f"{path}/{key}", inside)


# The standard's schema as that package carries it; its code is not needed.
package = Path(find_spec("openapi_spec_validator").submodule_search_locations[0])
standard = json.loads((package / "resources/schemas/v3.1/schema.json").read_text())
for error in Draft202012Validator(standard).iter_errors(document):
    faults.append(f"/{place(error)}: {error.message}")
walk(document, "", False)
names = [o["operationId"] for path in document["paths"].values() for o in path.values()]
faults += [f"{name}: stands twice" for name in set(names) if names.count(name) > 1]
print("\n".join(faults), end="")
