#!/usr/bin/env python3
"""Where the instructions of a request go, counted by callgrind: for each route of this library, the
instructions of a step and of everything it calls. Each route runs with N and 2 N requests; the
difference is the cost of N requests."""

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

from common import RESULTS, build, require, write

ROUTES = ["read", "count", "login"]

# The steps and their functions, which do not call those of another step. Of several functions, the
# first one in the profile counts: an inlined function has no separate count.
STEPS = {
    "the request is entered": [r"actix::worker::Worker::enter$"],
    "the session is found, or made": [r"HttpRequest as .*extract::SessionExt>::session$"],
    "base64, opening": [r"crypto::base64url::decode$", r"Simd as .*Engine>::internal_decode$"],
    "the cipher, opening": [r"crypto::xchacha::Cipher::open$", r"crypto::xchacha::ring::Ring::open$"],
    "times and id": [r"payload::envelope::Envelope::(read|write)$"],
    "the JSON is read": [r"payload::json::(read::Object<T>::field|members::Members::next)$"],
    "a value is made to write to": [r"session::versions::Snapshots<T,S>::write$"],
    "the JSON is written": [r"payload::json::write::write$"],
    "the cipher, sealing": [r"crypto::xchacha::Cipher::seal$", r"crypto::xchacha::ring::Ring::seal$"],
    "the text of `Set-Cookie`, with base64": [r"session::effects::.*set_cookie$", r"cookie::SetCookie::(begin|finish)$"],
    "its bytes are checked, as a header's": [r"HeaderValue::from_shared$"],
    "headers are put into the response": [
        r"actix::response_headers::SessionHeaders::write$",
        r"actix::response_headers::vary_by_cookie$",
        r"actix::response_headers::replace$",
    ],
    "the session is dropped": [r"drop_in_place<secure_session::actix::worker::Held>$"],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iterations", type=int, default=1000, metavar="N")
    parser.add_argument("--json", type=Path, default=RESULTS / "profile.json")
    arguments = parser.parse_args()
    require("valgrind", "valgrind")
    binary = build()
    routes = {}
    for route in ROUTES:
        ours, bare = (
            per_request(binary, f"{contender}/{route}", arguments.iterations)
            for contender in ("native", "bare")
        )
        steps = {name: spent(ours, functions) for name, functions in STEPS.items()}
        added = ours[TOTAL] - bare[TOTAL]
        steps["everything else"] = added - sum(steps.values())
        routes[route] = {"added": added, "steps": steps}
        print(f"{route}: {added:.0f} added")
        for name, count in steps.items():
            print(f"    {count:7.0f}  {name}")
    write(arguments.json, {"iterations": arguments.iterations, "routes": routes})


TOTAL = ""


def spent(counts, functions):
    for function in functions:
        found = [count for name, count in counts.items() if re.search(function, name)]
        if sum(found) > 0:
            return sum(found)
    return 0


def per_request(binary, case, iterations):
    """The instructions of each function, including everything it calls."""
    once, twice = (counted(binary, case, times * iterations) for times in (1, 2))
    return {name: (count - once.get(name, 0)) / iterations for name, count in twice.items()}


def counted(binary, case, iterations):
    with tempfile.NamedTemporaryFile(prefix="callgrind-") as out:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}"]
        command += [binary, "--callgrind-case", case, "--iterations", str(iterations)]
        subprocess.run(command, check=True, capture_output=True)
        return inclusive(Path(out.name).read_text())


def inclusive(text):
    """The inclusive cost of each function. In the profile's format, a line `calls=` precedes the
    cost of these calls, and only the first occurrence of a name is written out."""
    names, counts, callee = {}, {}, ""
    lines = iter(text.splitlines())
    for line in lines:
        if found := re.match(r"c?fn=\((\d+)\)(?: (.*))?$", line):
            number, name = found.groups()
            if name:
                # A second instance of a function has an apostrophe and a number after its name.
                names[number] = re.sub(r"'\d+$", "", name)
            if line.startswith("cfn="):
                callee = names[number]
        elif line.startswith("calls="):
            counts[callee] = counts.get(callee, 0) + int(next(lines).split()[1])
        elif line.startswith("summary:"):
            counts[TOTAL] = int(line.split()[1])
    return counts


main()
