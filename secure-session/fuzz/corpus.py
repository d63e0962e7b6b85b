#!/usr/bin/env python3
"""Unpacks the stored corpus for the fuzzer, or adds the fuzzer's findings to it.

`corpus.py unpack TARGET` writes each line of tests/hostile/corpus/TARGET.hex to a file in
corpus/TARGET. `corpus.py pack TARGET FOLDER` adds the files of a folder that are missing, up to 800
lines in total. If there are more, it picks some of each length. Failing inputs are always added.
"""

import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEPT = HERE.parent.parent / "tests/hostile/corpus"
MOST_LINES = 800
MOST_BYTES = 1000


def main(what, target, folder=None):
    kept = KEPT / f"{target}.hex"
    lines = kept.read_text().split("\n")[:-1]
    if what == "unpack":
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for line in lines:
            data = bytes.fromhex(line)
            (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)
    else:
        files = list(Path(folder).iterdir())
        failures = [file for file in files if file.name.startswith(("crash-", "oom-", "timeout-"))]
        lines += sorted({file.read_bytes().hex() for file in failures} - set(lines))
        found = {file.read_bytes().hex() for file in files}
        new = sorted(found - set(lines), key=lambda line: (len(line), line))
        new = [line for line in new if len(line) <= 2 * MOST_BYTES]
        room = max(0, MOST_LINES - len(lines))
        if len(new) > room:
            new = [new[index * len(new) // room] for index in range(room)]
        lines += new
        kept.write_text("".join(line + "\n" for line in lines))
    print(f"{target}: {len(lines)} inputs")


if __name__ == "__main__":
    main(*sys.argv[1:])
