"""An independent judge of URI templates: PyPI uritemplate (RFC 6570).

Reads one JSON object a line, {"template": text, "values": object}, and answers each with a line,
{"expansion": text} or {"error": text}. Driven by tests/modules/uri_template.rs.
"""

import json
import sys

import uritemplate


def answer(line):
    question = json.loads(line)
    try:
        return {"expansion": uritemplate.expand(question["template"], question["values"])}
    except Exception as error:  # whatever it is, the Rust side shows it next to its own answer
        return {"error": repr(error)}


for line in sys.stdin:
    print(json.dumps(answer(line)))
