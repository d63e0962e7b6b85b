#!/usr/bin/env python3
"""Fills the tables of BENCHMARKS.md from the results of the runs, between its markers.

Each table stands between `<!-- table NAME -->` and `<!-- end -->`. A table whose results are not
there stays as it is.
"""

import argparse
import json
import re
import tomllib
from pathlib import Path

from common import FOLDER, RESULTS, ROOT

PAGE = ROOT / "BENCHMARKS.md"
NAMES = {
    "bare": "actix-web alone",
    "native": "this library",
    "native-pure-rust": "this library, pure Rust",
    "fastify-format": "this library, fastify format",
    "actix-session": "actix-session",
    "cookie-jar": "`PrivateJar`",
    "fastify": "Fastify",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder of the JSON files")
    folder = parser.parse_args().results
    results = {}
    runs = ("in-process", "lto", "newer-libc", "newer-libc-lto", "callgrind", "profile", "loopback")
    for name in runs:
        path = folder / f"{name}.json"
        if path.is_file():
            results[name] = json.loads(path.read_text())
    text = PAGE.read_text()
    for name, (needed, table) in TABLES.items():
        missing = [source for source in needed.split() if source not in results]
        if missing:
            print(f"{name}: no {missing[0]}.json, left as it is")
            continue
        pattern = rf"(<!-- table {name} -->\n).*?(<!-- end -->)"
        filled = table(*(results[source] for source in needed.split()))
        text, found = re.subn(
            pattern, lambda match: match[1] + filled + match[2], text, flags=re.DOTALL
        )
        if found != 1:
            raise SystemExit(f"{PAGE.name} has {found} places for the table {name}")
    PAGE.write_text(text)


# The tables.


def machine(results):
    about = results["machine"]
    rows = [
        ["Processor", about["processor"]],
        ["Cores", about["cores"]],
        ["System", about["system"]],
        ["C library", about["c_library"]],
        ["Compiler", about["compiler"]],
        ["Profile", f"{about['profile']}, Cargo's defaults: `opt-level = 3`, no link-time "
                    "optimisation over packages"],
        ["Rounds", results["rounds"]],
        ["Measurements disturbed by other programs", results["disturbed"]],
        ["Programs that wanted to run before", about["load_before"]],
    ]
    return warning(about["load_before"]) + markdown(["", ""], rows) + "\n" + packages()


def warning(load):
    """What a reader has to know of a run that was not alone."""
    if load <= 1:
        return ""
    return "**The machine had other work during this run; it is to be done again on a quiet one.**\n\n"


def packages():
    """The versions that the measured programs were built with."""
    lock = tomllib.loads((FOLDER / "Cargo.lock").read_text())
    wanted = ["actix-web", "actix-session", "cookie", "ring", "chacha20poly1305", "chacha20"]
    wanted += ["serde_json", "base64", "getrandom"]
    rows = []
    for name in wanted:
        found = [package["version"] for package in lock["package"] if package["name"] == name]
        rows.append([f"`{name}`", ", ".join(found)])
    return markdown(["Package", "Version"], rows)


def routes(results):
    rows = []
    for row in results["routes"]:
        cells = [row["route"], NAMES[row["contender"]], *times(row["time"])]
        if row["contender"] == "bare":
            cells += [""] * 4
        else:
            cells += [
                micros(row["added"]["median"]),
                ratio(row["to_actix_session"]),
                ratio(row["to_parts"]),
                ratio(row["to_parts_within"]),
            ]
        rows.append(cells)
    head = ["Route", "", "Minimum", "Median", "Maximum", "Added", "To actix-session", "To the parts"]
    return markdown([*head, "To them in a request"], rows)


def parts(results):
    rows = [[part["name"], *times(part["time"])] for part in results["parts"]]
    for each in results["sums"]:
        if each["time"]["median"]:
            for name, cost in [("the sum", each["time"]), ("in a request", each["within"])]:
                cells = [micros(cost["minimum"]), micros(cost["median"]), ""]
                rows.append([f"**{each['route']}**, {name}", *cells])
    return markdown(["Part", "Minimum", "Median", "Maximum"], rows)


def codec(results):
    rows = [
        [row["operation"], row["size"], NAMES[row["contender"]], *times(row["time"])]
        + [f"{row['to_jar']:.2f}"]
        for row in results["codec"]
    ]
    head = ["", "Bytes of JSON", "", "Minimum", "Median", "Maximum", "To `PrivateJar`"]
    return markdown(head, rows)


def base64url(results):
    rows = [
        [row["operation"], row["size"], row["hand"].replace("base64", "`base64`", 1)]
        + [f"{row['time'][key]:.0f}" for key in ("minimum", "median", "maximum")]
        for row in results["base64url"]
    ]
    rows = [[*row[:2], row[2].replace("`base64`-simd", "`base64-simd`"), *row[3:]] for row in rows]
    return markdown(["", "Bytes", "", "Minimum", "Median", "Maximum"], rows)


def lengths(results):
    kinds = ["native", "actix_session", "fastify"]
    rows = [[row["size"], *(length(row[kind]) for kind in kinds)] for row in results["lengths"]]
    return markdown(["Bytes of JSON", "this library", "actix-session", "fastify format"], rows)


def length(found):
    if found["minimum"] == found["maximum"]:
        return str(found["median"])
    return f"{found['median']} ({found['minimum']}–{found['maximum']})"


def scaling(results):
    rows = [
        [f"open, {row['number']} keys, the last fits", *times(row["time"]), ""]
        for row in results["keys"]
    ]
    rows += [
        [f"read, {row['number']} sessions registered", *times(row["time"]), ""]
        for row in results["sessions"]
    ]
    return markdown(["", "Minimum", "Median", "Maximum"], [row[:4] for row in rows])


def growing(results):
    titles = {
        "keys": "open, {} keys, the last fits",
        "sessions": "read, {} sessions registered",
        "members": "open in the fastify format, {} unknown members",
        "expired": "refuse an expired one, {} unknown members",
        "others/bare": "actix-web alone, {} other cookies",
        "others/native": "read, {} other cookies",
    }
    rows = [
        [titles[row["kind"]].format(row["number"]), thousands(row["instructions"])]
        + [f"{row['to_first']:.3f}"]
        for row in results["scaling"]
    ]
    return markdown(["", "Instructions", "To the first"], rows)


def others(results):
    rows = [
        [row["number"], NAMES[row["contender"]], micros(row["time"]["median"])]
        + [micros(row["added"]["median"])]
        for row in results["other_cookies"]
        if row["contender"] != "bare"
    ]
    return markdown(["Other cookies", "", "Median", "Added"], rows)


def callgrind(results):
    rows = []
    for row in sorted(results["cases"], key=lambda row: ROUTES.index(row["route"])):
        cells = [row["route"], NAMES[row["contender"]], thousands(row["instructions"])]
        if row["contender"] != "bare":
            found = row["to_actix_session"]
            cells += [thousands(row["added"]), f"{found:.2f}" if found is not None else ""]
        else:
            cells += ["", ""]
        rows.append(cells)
    table = markdown(["Route", "", "Instructions", "Added", "To actix-session"], rows)
    rows = [[part["name"], thousands(part["instructions"])] for part in results["parts"]]
    return table + "\n" + markdown(["Part", "Instructions"], rows)


def profile(results):
    found = results["routes"]
    steps = list(found["read"]["steps"])
    rows = [
        [step, *(thousands(found[route]["steps"][step]) if found[route]["steps"][step] else ""
                 for route in found)]
        for step in steps
    ]
    rows.append(["**added**", *(thousands(found[route]["added"]) for route in found)])
    return markdown(["Step", *found], rows)


# Added cost to actix-session's, and to the parts: the goal, and what is aimed at.
AIMS = {
    "unused": ("1/25", "", ""),
    "read": ("0.45", "0.40", "1.4"),
    "count": ("0.60", "0.55", "1.6"),
    "login": ("0.70", "0.65", ""),
}
PARTS = {"read": slice(0, 3), "count": slice(0, 7), "login": slice(3, 7)}


def aims(counted, *timed):
    """The goals to actix-session, and what the runs gave."""
    rows = []
    for route, (goal, aim, _) in AIMS.items():
        times = [f"{native(run['routes'], route)['to_actix_session']['median']:.2f}" for run in timed]
        instructions = native(counted["cases"], route)["to_actix_session"]
        rows.append([route, goal, aim, *times, f"{instructions:.2f}"])
    return markdown(["Route", "Goal", "Aim", *run_names(timed), "Instructions"], rows)


def aims_to_parts(counted, *timed):
    """The goals to the sum of the parts, and what the runs gave."""
    parts = [part["instructions"] for part in counted["parts"]]
    rows = []
    for route, (_, _, goal) in AIMS.items():
        if route in PARTS:
            times = [f"{native(run['routes'], route)['to_parts']['median']:.2f}" for run in timed]
            instructions = native(counted["cases"], route)["added"] / sum(parts[PARTS[route]])
            rows.append([route, goal, *times, f"{instructions:.2f}"])
    return markdown(["Route", "Goal", *run_names(timed), "Instructions"], rows)


def aims_within(*timed):
    """What is over the parts in a request, in the runs."""
    rows = [
        [route]
        + [f"{native(run['routes'], route)['to_parts_within']['median']:.2f}" for run in timed]
        for route in PARTS
    ]
    return markdown(["Route", *run_names(timed)], rows)


def native(rows, route):
    """The row of this library with its defaults."""
    ours = (row for row in rows if row["contender"] == "native")
    return next(row for row in ours if row["route"] == route)


def run_names(timed):
    names = [run["machine"]["c_library"] for run in timed]
    return [name + linked for name, linked in zip(names, ["", ", linked as one"] * 2, strict=True)]


def loopback(results):
    rows = []
    alone = {
        row["route"]: row["rate"]["median"] for row in results["cases"] if row["server"] == "bare"
    }
    for row in results["cases"]:
        rate = row["rate"]
        share = rate["median"] / alone[row["route"]]
        spread = f"{thousands(rate['minimum'])}–{thousands(rate['maximum'])}"
        time = f"{row['processor_us']['median']:.1f}"
        rows.append([row["route"], NAMES[row["server"]], thousands(rate["median"]), spread])
        rows[-1] += [f"{share:.0%}", time]
    head = ["Route", "", "Requests a second", "Least to most", "Of actix-web alone"]
    head += ["Processor time each"]
    versions = [[name, version] for name, version in results["versions"].items()]
    versions += [
        ["connections", results["connections"]],
        ["rounds", results["rounds"]],
        ["seconds of each measurement", results["seconds"]],
        ["programs that wanted to run before", f"{results['load_before']:.2f}"],
    ]
    tables = markdown(head, rows) + "\n" + markdown(["", ""], versions)
    return warning(results["load_before"]) + tables


ROUTES = ["unused", "read", "refresh", "count", "login"]

TIMED = "in-process lto newer-libc newer-libc-lto"
AIMED = f"callgrind {TIMED}"
TABLES = {
    "machine": ("in-process", machine),
    "routes": ("in-process", routes),
    "parts": ("in-process", parts),
    "codec": ("in-process", codec),
    "base64url": ("in-process", base64url),
    "lengths": ("in-process", lengths),
    "scaling": ("in-process", scaling),
    "others": ("in-process", others),
    "growing": ("callgrind", growing),
    "profile": ("profile", profile),
    "aims": (AIMED, aims),
    "aims_to_parts": (AIMED, aims_to_parts),
    "aims_within": (TIMED, aims_within),
    "callgrind": ("callgrind", callgrind),
    "loopback": ("loopback", loopback),
}


# Cells.


def markdown(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def times(time):
    return [micros(time[key]) for key in ("minimum", "median", "maximum")]


def micros(nanoseconds):
    return f"{nanoseconds / 1000:.2f}"


def ratio(found):
    return f"{found['median']:.2f} ({found['minimum']:.2f})" if found else ""


def thousands(number):
    return f"{number:,.0f}".replace(",", " ")


main()
