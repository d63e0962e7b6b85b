"""Shared by the scripts in this folder."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
RESULTS = FOLDER / "target"


def build():
    """Builds the release binary and returns its path."""
    command = ["cargo", "build", "--release", "--locked", "--manifest-path", FOLDER / "Cargo.toml"]
    command += ["--message-format", "json-render-diagnostics"]
    built = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    messages = (json.loads(line) for line in built.stdout.splitlines())
    (binary,) = [message["executable"] for message in messages if message.get("executable")]
    return binary


def require(program, package):
    """Exits and names the package to install if a program is missing."""
    if not shutil.which(program):
        sys.exit(f"{program} is missing; on Debian: apt-get install {package}")


def load():
    """The load average over the last minute."""
    return os.getloadavg()[0]


def write(path, results):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=2) + "\n")
