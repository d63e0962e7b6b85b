#!/usr/bin/env python3
"""Fills the tables of BENCHMARKS.md and NOTES.md and draws chart.svg from the results of the runs.

Each table is between `<!-- table NAME -->` and `<!-- end -->` in one of the two pages. A table or
chart without results stays unchanged.
"""

import argparse
import json
import re
import tomllib
from html import escape
from pathlib import Path

from common import FOLDER, RESULTS, ROOT

PAGES = [ROOT / "BENCHMARKS.md", FOLDER / "NOTES.md"]
CHART = FOLDER / "chart.svg"
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
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder with the JSON files")
    folder = parser.parse_args().results
    results = {}
    runs = ("in-process", "lto", "newer-libc", "newer-libc-lto", "callgrind", "profile", "loopback")
    for name in runs:
        path = folder / f"{name}.json"
        if path.is_file():
            results[name] = json.loads(path.read_text())
    texts = {page: page.read_text() for page in PAGES}
    for name, (needed, table) in TABLES.items():
        missing = [source for source in needed.split() if source not in results]
        if missing:
            print(f"{name}: {missing[0]}.json is missing, table left unchanged")
            continue
        pattern = rf"(<!-- table {name} -->\n).*?(<!-- end -->)"
        filled = table(*(results[source] for source in needed.split()))
        places = 0
        for page, text in texts.items():
            texts[page], found = re.subn(
                pattern, lambda match: match[1] + filled + match[2], text, flags=re.DOTALL
            )
            places += found
        if places != 1:
            pages = " and ".join(page.name for page in PAGES)
            raise SystemExit(f"{pages} have {places} places for the table {name}; one is needed")
    for page, text in texts.items():
        page.write_text(text)
    if "in-process" in results:
        CHART.write_text(chart(results["in-process"]))
    else:
        print("chart: in-process.json is missing, chart left unchanged")


# The tables of BENCHMARKS.md.

HANDLERS = {
    "unused": "does not use the session",
    "read": "reads two fields",
    "count": "increments a counter",
    "login": "starts a session and sets five fields",
}


def summary(results):
    """The medians of this library with both cipher backends and of actix-session."""
    rows = []
    for route, does in HANDLERS.items():
        ours, pure_rust, theirs, alone = (
            row_of(results["routes"], contender, route)
            for contender in ("native", "native-pure-rust", "actix-session", "bare")
        )
        rows.append(
            [route, does, micros(alone["time"]["median"])]
            + [micros(row["added"]["median"]) for row in (theirs, ours)]
            + [f"{ours['to_actix_session']['median']:.2f}"]
            + [micros(pure_rust["added"]["median"])]
        )
    head = ["Route", "The handler", "actix-web alone", "actix-session adds", "This library adds"]
    return markdown([*head, "Ratio", "Pure Rust adds"], rows)


def setup(results):
    about = results["machine"]
    compared = ["actix-web", "actix-session", "ring"]
    rows = [
        ["Processor", about["processor"]],
        ["System", about["system"]],
        ["C library", about["c_library"]],
        ["Compiler", about["compiler"]],
        ["Packages", ", ".join(f"{name} {versions(name)}" for name in compared)],
    ]
    return warning(about["load_before"]) + markdown(["", ""], rows)


# The tables of NOTES.md.


def machine(results):
    about = results["machine"]
    rows = [
        ["Processor", about["processor"]],
        ["Cores", about["cores"]],
        ["System", about["system"]],
        ["C library", about["c_library"]],
        ["Compiler", about["compiler"]],
        ["Profile", f"{about['profile']}, Cargo's defaults: `opt-level = 3`, no LTO across crates"],
        ["Rounds", results["rounds"]],
        ["Measurements disturbed by other programs", results["disturbed"]],
        ["Load average before the run", about["load_before"]],
    ]
    return warning(about["load_before"]) + markdown(["", ""], rows) + "\n" + packages()


def warning(load):
    """Warns about a run on a machine that was not idle."""
    if load <= 1:
        return ""
    return "**Other programs ran during this run; repeat it on an idle machine.**\n\n"


def packages():
    """The versions in the lock file of the measured programs."""
    wanted = ["actix-web", "actix-session", "cookie", "ring", "chacha20poly1305", "chacha20"]
    wanted += ["serde_json", "base64", "getrandom"]
    return markdown(["Package", "Version"], [[f"`{name}`", versions(name)] for name in wanted])


def versions(name):
    lock = tomllib.loads((FOLDER / "Cargo.lock").read_text())
    found = [package["version"] for package in lock["package"] if package["name"] == name]
    return ", ".join(found)


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
    head = ["Route", "", "Minimum", "Median", "Maximum", "Added", "vs. actix-session", "vs. parts"]
    return markdown([*head, "vs. parts (in request)"], rows)


def parts(results):
    rows = [[part["name"], *times(part["time"])] for part in results["parts"]]
    for each in results["sums"]:
        if each["time"]["median"]:
            costs = [("sum", each["time"]), ("in a request", each["within"])]
            for name, cost in filter(lambda cost: cost[1], costs):
                cells = [micros(cost["minimum"]), micros(cost["median"]), ""]
                rows.append([f"**{each['route']}**, {name}", *cells])
    return markdown(["Part", "Minimum", "Median", "Maximum"], rows)


def codec(results):
    rows = [
        [row["operation"], row["size"], NAMES[row["contender"]], *times(row["time"])]
        + [f"{row['to_jar']:.2f}"]
        for row in results["codec"]
    ]
    head = ["", "Bytes of JSON", "", "Minimum", "Median", "Maximum", "vs. `PrivateJar`"]
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
        [GROWING[kind].format(row["number"]), *times(row["time"])]
        for kind in ("keys", "sessions")
        for row in results[kind]
    ]
    return markdown(["", "Minimum", "Median", "Maximum"], rows)


GROWING = {
    "keys": "open, keys: {} (the last one decrypts)",
    "sessions": "read, sessions registered: {}",
    "members": "open in the fastify format, unknown members: {}",
    "expired": "reject an expired session in the fastify format, unknown members: {}",
    "others/bare": "actix-web alone, other cookies: {}",
    "others/native": "read, other cookies: {}",
}


def growing(results):
    rows = [
        [GROWING[row["kind"]].format(row["number"]), thousands(row["instructions"])]
        + [f"{row['to_first']:.3f}"]
        for row in results["scaling"]
    ]
    return markdown(["", "Instructions", "vs. the first"], rows)


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
    table = markdown(["Route", "", "Instructions", "Added", "vs. actix-session"], rows)
    rows = [[part["name"], thousands(part["instructions"])] for part in results["parts"]]
    return table + "\n" + markdown(["Part", "Instructions"], rows)


# The names of the steps in profile.py and in the table.
STEPS = {
    "the request is entered": "attach sessions to the request",
    "the session is found, or made": "find or create the session",
    "base64, opening": "decode base64",
    "the cipher, opening": "decrypt",
    "times and id": "read and write times and id",
    "the JSON is read": "read the JSON",
    "a value is made to write to": "copy the value for writing",
    "the JSON is written": "write the JSON",
    "the cipher, sealing": "encrypt",
    "the text of `Set-Cookie`, with base64": "write the text of `Set-Cookie`, including base64",
    "its bytes are checked, as a header's": "check its bytes as a header value",
    "headers are put into the response": "add headers to the response",
    "the session is dropped": "drop the session",
}


def profile(results):
    found = results["routes"]
    rows = []
    for step in found["read"]["steps"]:
        counts = (found[route]["steps"][step] for route in found)
        cells = [thousands(count) if count else "" for count in counts]
        rows.append([STEPS.get(step, step), *cells])
    rows.append(["**added**", *(thousands(found[route]["added"]) for route in found)])
    return markdown(["Step", *found], rows)


# The goal and the stretch goal relative to actix-session, and the goal relative to the parts.
AIMS = {
    "unused": ("1/25", "", ""),
    "read": ("0.45", "0.40", "1.4"),
    "count": ("0.60", "0.55", "1.6"),
    "login": ("0.70", "0.65", ""),
}
PARTS = {"read": slice(0, 3), "count": slice(0, 7), "login": slice(3, 7)}


def aims(counted, *timed):
    """The added cost relative to actix-session's, with the goals."""
    rows = []
    for route, (goal, aim, _) in AIMS.items():
        ratios = (native(run["routes"], route)["to_actix_session"]["median"] for run in timed)
        times = [f"{found:.2f}" for found in ratios]
        instructions = native(counted["cases"], route)["to_actix_session"]
        rows.append([route, goal, aim, *times, f"{instructions:.2f}"])
    return markdown(["Route", "Goal", "Stretch goal", *run_names(timed), "Instructions"], rows)


def aims_to_parts(counted, *timed):
    """The added cost relative to the sum of the parts, with the goals."""
    parts = [part["instructions"] for part in counted["parts"]]
    rows = []
    for route, (_, _, goal) in AIMS.items():
        if route in PARTS:
            times = [f"{native(run['routes'], route)['to_parts']['median']:.2f}" for run in timed]
            instructions = native(counted["cases"], route)["added"] / sum(parts[PARTS[route]])
            rows.append([route, goal, *times, f"{instructions:.2f}"])
    return markdown(["Route", "Goal", *run_names(timed), "Instructions"], rows)


def aims_within(*timed):
    """The added cost relative to what the parts add to a request."""
    rows = [
        [route]
        + [f"{native(run['routes'], route)['to_parts_within']['median']:.2f}" for run in timed]
        for route in PARTS
    ]
    return markdown(["Route", *run_names(timed)], rows)


def native(rows, route):
    """The row of this library with its defaults."""
    return row_of(rows, "native", route)


def row_of(rows, contender, route):
    return next(row for row in rows if (row["contender"], row["route"]) == (contender, route))


def run_names(timed):
    names = [run["machine"]["c_library"] for run in timed]
    return [name + linked for name, linked in zip(names, ["", ", fat LTO"] * 2, strict=True)]


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
    head = ["Route", "", "Requests/s", "Range", "vs. actix-web alone", "CPU time per request"]
    about = [[name, version] for name, version in results["versions"].items()]
    about += [
        ["connections", results["connections"]],
        ["rounds", results["rounds"]],
        ["seconds per measurement", results["seconds"]],
        ["load average before the run", f"{results['load_before']:.2f}"],
    ]
    tables = markdown(head, rows) + "\n" + markdown(["", ""], about)
    return warning(results["load_before"]) + tables


ROUTES = ["unused", "read", "refresh", "count", "login"]

TIMED = "in-process lto newer-libc newer-libc-lto"
AIMED = f"callgrind {TIMED}"
TABLES = {
    "summary": ("in-process", summary),
    "setup": ("in-process", setup),
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


# The chart.

# Mid-grey and blue are readable on white and on black; the style only adds contrast on dark pages.
STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #737373 }
    .title, .route { font-weight: 600 }
    .note { font-size: 12px }
    .ours { fill: #2f81f7 }
    .theirs { fill: #8c8c8c }
    @media (prefers-color-scheme: dark) {
      text { fill: #a3a3a3 }
      .ours { fill: #58a6ff }
      .theirs { fill: #7d7d7d }
    }
"""
WIDTH, NAME_X, BAR_X, BAR_END = 720, 80, 180, 640
BAR, LINE, GAP, TOP = 14, 20, 12, 44


def chart(results):
    """The added cost of each route as horizontal bars, as SVG."""
    found = {
        (route, contender): row_of(results["routes"], contender, route)["added"]["median"]
        for route in HANDLERS
        for contender in ("actix-session", "native")
    }
    scale = (BAR_END - BAR_X) / max(found.values())
    lines, y, spoken = [], TOP, []
    for route in HANDLERS:
        lines.append(text(0, y + BAR - 3, route, "route"))
        for contender, kind in (("actix-session", "theirs"), ("native", "ours")):
            cost = found[route, contender]
            length = max(cost * scale, 1)
            lines.append(text(NAME_X, y + BAR - 3, NAMES[contender]))
            fill = "#8c8c8c" if kind == "theirs" else "#2f81f7"
            lines.append(
                f'<rect class="{kind}" x="{BAR_X}" y="{y}" width="{length:.1f}" height="{BAR}" '
                f'fill="{fill}"/>'
            )
            lines.append(text(round(BAR_X + length + 6), y + BAR - 3, f"{micros(cost)} µs"))
            spoken.append(f"{route}, {NAMES[contender]}: {micros(cost)} µs")
            y += LINE
        y += GAP
    title = "Time that a session adds to a request (median, less is better)"
    about = results["machine"]
    note = (
        f"actix-session {versions('actix-session')} with its cookie store; this library with ring "
        f"{versions('ring')}; {about['c_library']}, {about['processor']}"
    )
    height = y + 16
    lines = [text(0, 18, title, "title"), *lines, text(0, y + 8, note, "note")]
    label = escape(f"{title}. {'; '.join(spoken)}.")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-label="{label}">\n  <style>{STYLE}  </style>\n'
        + "".join(f"  {line}\n" for line in lines)
        + "</svg>\n"
    )


def text(x, y, content, kind=""):
    kind = f' class="{kind}"' if kind else ""
    return f'<text{kind} x="{x}" y="{y}" fill="#737373">{escape(content)}</text>'


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
