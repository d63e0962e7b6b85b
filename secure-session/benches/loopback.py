#!/usr/bin/env python3
"""Requests over loopback: release servers with one worker each, driven by wrk in turn.

Server and client each have a separate core. A round measures every server on every route, in a
different order each time. A new session is created before each measurement, so that no refresh is
due. Besides the requests per second, the results have the server's processor time for one request,
which depends less on other programs.
"""

import argparse
import http.client
import json
import os
import random
import re
import statistics
import subprocess
from pathlib import Path

from common import FOLDER, RESULTS, ROOT, build, load, require, write

ACCOUNT = {
    "user_id": 12345678,
    "name": "Ada Lovelace",
    "email": "ada.l@example.com",
    "roles": ["admin", "editor"],
    "theme": "dark",
    "visits": 7,
}
ROUTES = ["unused", "read", "count", "login"]
SETS_COOKIE = {"count", "login"}
TICKS = os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--client-core", type=int, default=1)
    parser.add_argument("--without-node", action="store_true", help="no Fastify")
    parser.add_argument("--json", type=Path, default=RESULTS / "loopback.json")
    arguments = parser.parse_args()
    require("wrk", "wrk")
    require("taskset", "util-linux")
    before = load()
    servers = start(arguments)
    try:
        for server in servers:
            check(server)
        samples = measure(servers, arguments)
        for server in servers:
            check(server)
    finally:
        for server in servers:
            server.stop()
    rows = summarized(servers, samples)
    show(rows)
    results = {key: getattr(arguments, key) for key in ("rounds", "seconds", "connections")}
    results |= {"load_before": before, "versions": versions(arguments), "cases": rows}
    write(arguments.json, results)


class Server:
    """A server on its own core."""

    def __init__(self, name, command, core):
        self.name = name
        self.process = subprocess.Popen(
            ["taskset", "-c", str(core), *command], stdout=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        if not line.startswith("listening "):
            raise SystemExit(f"{name} does not listen: {line}")
        self.port = int(line.rsplit(":", 1)[1])

    def ask(self, path, cookie=None):
        """Status, `Set-Cookie` headers and body of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        return response.status, response.headers.get_all("Set-Cookie") or [], body

    def cookie(self):
        """A new session with all six fields."""
        if self.name == "bare":
            return "id=bare"
        status, (header,), _ = self.ask("/begin")
        return header.split(";")[0]

    def processor_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def stop(self):
        self.process.terminate()
        self.process.wait()


def start(arguments):
    binary = build()
    names = ["bare", "native", "native-pure-rust", "fastify-format", "actix-session"]
    commands = {name: [binary, "--serve", name] for name in names}
    if not arguments.without_node:
        require("node", "nodejs")
        if not (ROOT / "tests/interop/node_modules").is_dir():
            install = ["npm", "--prefix", ROOT / "tests/interop", "install", "--no-progress"]
            subprocess.run([*install, "--loglevel=error"], check=True, stdout=subprocess.DEVNULL)
        commands["fastify"] = ["node", FOLDER / "peer.mjs"]
    return [Server(name, command, arguments.server_core) for name, command in commands.items()]


def check(server):
    """Checks that each route does what its name says."""
    cookie = server.cookie()
    for route in ROUTES:
        sent = None if route == "login" else cookie
        status, headers, _ = server.ask(f"/{route}", sent)
        sets = route in SETS_COOKIE and server.name != "bare"
        expect(server, route, (status, len(headers)), (200, int(sets)))
        if sets:
            _, _, body = server.ask("/show", headers[0].split(";")[0])
            expect(server, route, json.loads(body), ACCOUNT | {"visits": 8 if sent else 0})
    if server.name != "bare":
        expect(server, "show", json.loads(server.ask("/show", cookie)[2]), ACCOUNT)
        expect(server, "read without a cookie", server.ask("/read")[0], 401)


def expect(server, what, found, expected):
    if found != expected:
        raise SystemExit(f"{server.name}, {what}: found {found}, expected {expected}")


def measure(servers, arguments):
    pairs = [(server, route) for server in servers for route in ROUTES]
    for server, route in pairs:
        drive(server, route, arguments, seconds=1)  # warms up compilers and caches
    samples = {(server.name, route): [] for server, route in pairs}
    for _ in range(arguments.rounds):
        random.shuffle(pairs)
        for server, route in pairs:
            samples[server.name, route].append(drive(server, route, arguments))
    return samples


def drive(server, route, arguments, seconds=None):
    """Requests per second, and the server's processor time for one in microseconds."""
    command = ["taskset", "-c", str(arguments.client_core), "wrk", "-t1"]
    command += [f"-c{arguments.connections}", f"-d{seconds or arguments.seconds}s"]
    if route != "login":
        command += ["-H", f"Cookie: {server.cookie()}"]
    before = server.processor_seconds()
    url = f"http://127.0.0.1:{server.port}/{route}"
    run = subprocess.run([*command, url], check=True, stdout=subprocess.PIPE, text=True)
    spent = server.processor_seconds() - before
    if "Non-2xx" in run.stdout or "Socket errors" in run.stdout:
        raise SystemExit(f"{server.name}, {route}: {run.stdout}")
    requests = int(re.search(r"(\d+) requests in", run.stdout)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", run.stdout)[1])
    return rate, spent * 1e6 / requests


def summarized(servers, samples):
    rows = []
    for route in ROUTES:
        for server in servers:
            rates, times = zip(*samples[server.name, route])
            rows.append(
                {
                    "route": route,
                    "server": server.name,
                    "rate": spread(rates),
                    "processor_us": spread(times),
                }
            )
    return rows


def spread(values):
    return {
        "minimum": min(values),
        "median": statistics.median(values),
        "maximum": max(values),
    }


def versions(arguments):
    """The versions of programs and packages that Cargo's lock file does not contain."""
    found = {"wrk": first_line(["wrk", "--version"]).split(" [")[0].removeprefix("wrk ")}
    if not arguments.without_node:
        found["node"] = first_line(["node", "--version"])
        for package in ("fastify", "@fastify/secure-session"):
            path = ROOT / "tests/interop/node_modules" / package / "package.json"
            found[package] = json.loads(path.read_text())["version"]
    return found


def first_line(command):
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return run.stdout.splitlines()[0].strip()


def show(rows):
    print(f"{'route':8} {'server':17} {'requests/s':>10} {'minimum':>9} {'maximum':>9} {'µs each':>8}")
    for row in rows:
        rate = row["rate"]
        print(
            f"{row['route']:8} {row['server']:17} {rate['median']:10.0f} {rate['minimum']:9.0f} "
            f"{rate['maximum']:9.0f} {row['processor_us']['median']:8.2f}"
        )


main()
