#!/usr/bin/env python3
"""Where the instructions of a request go, counted by callgrind: for each route of this library, the
instructions of a step and of everything it calls. Each route runs with N and 2 N requests; the
difference is the cost of N requests."""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from common import RESULTS, build, require, write

ROUTES = ["read", "count", "login"]

# The steps and their functions, which do not call those of another step. Of several patterns, the
# first one with a function in the profile counts: an inlined function has no separate count.
STEPS = {
    "the request is entered": [r"actix::request_sessions::attach$"],
    "the session is found, or made": [r"actix::extract::find$"],
    "base64, opening": [r"crypto::base64url::decode$"],
    "the cipher, opening": [r"crypto::xchacha::Cipher::open$"],
    "times and id": [r"payload::envelope::Envelope::(read|write)$"],
    "the JSON is read": [r"session::cell::SessionCell<T>::load$"],
    "a value is made to write to": [r"session::versions::History<T,S>::write$"],
    "the JSON is written": [r"payload::json::write::write$"],
    "the cipher, sealing": [r"crypto::xchacha::Cipher::seal$"],
    "the text of `Set-Cookie`, with base64": [
        r"(codec::sealed::SealedValue::append_to|cookie::set_cookie::SetCookie::(begin|finish))$"
    ],
    "its bytes are checked, as a header's": [r"HeaderValue::from_shared$"],
    "headers are put into the response": [
        r"actix::response_headers::SessionHeaders::write$",
        r"actix::response_headers::vary_by_cookie$",
    ],
    "the session is dropped": [r"drop_in_place<alloc::rc::Rc<.*::RequestSessions>>$"],
}

# Functions that a step's functions call, but that do not belong to it: the JSON is read by inlined
# functions, so it is what the function around them costs without the other steps.
WITHOUT = {
    "the JSON is read": r"(native_v1::NativeWire::decrypt|payload::envelope::Envelope::read)$",
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
        steps = {name: spent(ours, name) for name in STEPS}
        added = ours[TOTAL] - bare[TOTAL]
        steps["everything else"] = added - sum(steps.values())
        routes[route] = {"added": added, "steps": steps}
        print(f"{route}: {added:.0f} added")
        for name, count in steps.items():
            print(f"    {count:7.0f}  {name}")
    for name in STEPS:
        if not any(route["steps"][name] for route in routes.values()):
            sys.exit(f"no function of the step is in a profile: {name}; correct STEPS")
    write(arguments.json, {"iterations": arguments.iterations, "routes": routes})


TOTAL = ""


def spent(counts, step):
    for functions in STEPS[step]:
        if found := sum_of(counts, functions):
            return found - (sum_of(counts, WITHOUT[step]) if step in WITHOUT else 0)
    return 0


def sum_of(counts, functions):
    return sum(count for name, count in counts.items() if re.search(functions, name))


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
