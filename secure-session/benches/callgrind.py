#!/usr/bin/env python3
"""Instructions for one request, counted by callgrind.

Each case runs twice, with N and 2 N requests. The difference is the cost of N requests without
startup, shutdown and checks. Where cookies differ in length, the result is the median of nine such
pairs. A count includes the creation of the request, also for `bare`, so the cost of a session is in
the added column. System calls are not counted; for random bytes, only the code that leads to the call
is.
"""

import argparse
import re
import statistics
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from common import RESULTS, build, require, write


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help="names of --list; default: all")
    parser.add_argument("--iterations", type=int, default=1000, metavar="N")
    parser.add_argument("--jobs", type=int, default=1, help="cases counted at one time")
    parser.add_argument("--json", type=Path, default=RESULTS / "callgrind.json")
    arguments = parser.parse_args()
    require("valgrind", "valgrind")
    binary = build()
    listed = subprocess.run([binary, "--list"], check=True, stdout=subprocess.PIPE, text=True)
    names = arguments.cases or listed.stdout.splitlines()
    growing = [name for name in names if name.startswith("scaling/")]
    parts = [name for name in names if name.startswith("parts/")]
    checks = [name for name in names if name.startswith(("origin/", "guards/"))]
    routes = [name for name in names if name not in growing + parts + checks]
    # The added columns are relative to `bare`, and those of a check to the same request without it.
    bare = [f"bare/{name.split('/')[1]}" for name in routes]
    routes = list(dict.fromkeys(routes + bare))
    checks = [name for name in checks if without_check(name) != name]
    names = list(dict.fromkeys(routes + checks + [*map(without_check, checks)] + parts + growing))
    with ThreadPoolExecutor(arguments.jobs) as pool:
        counts = pool.map(lambda name: per_request(binary, name, arguments.iterations), names)
        counts = dict(zip(names, counts))
    rows = []
    print(f"{'case':28} {'instructions':>12} {'added':>8} {'to actix-session':>17}")
    for name in routes:
        contender, route = name.split("/")
        count = counts[name]
        added = count - counts[f"bare/{route}"]
        peer = counts.get(f"actix-session/{route}")
        ratio = added / (peer - counts[f"bare/{route}"]) if peer and added else None
        rows.append(
            {
                "contender": contender,
                "route": route,
                "instructions": count,
                "added": added,
                "to_actix_session": ratio,
            }
        )
        print(f"{name:28} {count:12.0f} {added:8.0f} {f'{ratio:.2f}' if ratio else '':>17}")
    checks = [check_row(name, counts) for name in checks]
    for row in checks:
        print(f"{row['name']:28} {row['instructions']:12.0f} {row['added']:8.0f}")
    parts = [{"name": name.removeprefix("parts/"), "instructions": counts[name]} for name in parts]
    for row in parts:
        print(f"{row['name']:28} {row['instructions']:12.0f}")
    scaling = [scaling_row(name, counts) for name in growing]
    for row in scaling:
        print(f"{row['name']:28} {row['instructions']:12.0f} {'to the first':>16} {row['to_first']:.3f}")
    results = {"iterations": arguments.iterations, "cases": rows}
    results |= {"checks": checks, "parts": parts, "scaling": scaling}
    write(arguments.json, results)


def without_check(name):
    """The case with the same request that is not checked."""
    return name.replace("/checked", "/unchecked").replace("guards/guard", "guards/session")


def check_row(name, counts):
    added = counts[name] - counts[without_check(name)]
    return {"name": name, "instructions": counts[name], "added": added}


def scaling_row(name, counts):
    """The count of one case, and its ratio to the case with the smallest number."""
    kind, number = name.rsplit("/", 1)
    first = next(count for other, count in counts.items() if other.startswith(f"{kind}/"))
    return {
        "name": name,
        "kind": kind.removeprefix("scaling/"),
        "number": int(number),
        "instructions": counts[name],
        "to_first": counts[name] / first,
    }


# Their cookies vary in length, because they escape some of their random bytes. So the two runs of a
# case differ in more than the number of requests.
ESCAPING = {"actix-session", "fastify-format"}


def per_request(binary, name, iterations):
    def once():
        counts = [counted(binary, name, times * iterations) for times in (1, 2)]
        return (counts[1] - counts[0]) / iterations

    is_escaped = name.split("/")[0] in ESCAPING
    return statistics.median(once() for _ in range(9 if is_escaped else 1))


def counted(binary, name, iterations):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    command += [binary, "--callgrind-case", name, "--iterations", str(iterations)]
    run = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not collected:
        raise SystemExit(f"{name}: {run.stderr}")
    return int(collected[1])


main()
