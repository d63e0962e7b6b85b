#!/usr/bin/env python3
"""Generates revocation-v1.json from the description of the format alone, without the library.

Needs the standard library only. The file is permanent, because stores hold entries of version 1.
Entries may be added but must not change; the script refuses to write a file with a changed entry.
"""

import hashlib
import json
import pathlib
import sys

FILE = pathlib.Path(__file__).with_name("revocation-v1.json")
VERSION = 1
SESSION, GROUP, TYPE, FENCE, WITHDRAWN = 1, 2, 3, 4, 5
NAMES = {SESSION: "session", GROUP: "group", TYPE: "type", FENCE: "fence"}
ENTRY_BYTES = 32
MAX_NUMBER = 2**63 - 1
MAX_UNTIL = 2**32 - 1

T0_MINUTES = 30_000_000
T0_MILLIS = 1_800_000_000_000
ID = bytes(range(0xA0, 0xB0))
KEY = bytes(range(0xC0, 0xD0))
NUMBER = T0_MILLIS << 20
UNTIL = T0_MINUTES + 47


def session(id=ID, until=UNTIL):
    return padded(SESSION, id + until.to_bytes(4, "big"))


def group(key=KEY, number=NUMBER, until=UNTIL, kind=GROUP):
    return padded(kind, key + number.to_bytes(8, "big") + until.to_bytes(4, "big"))


def type_(**fields):
    return group(kind=TYPE, **fields)


def fence(number=NUMBER):
    return padded(FENCE, number.to_bytes(8, "big"))


def padded(kind, content, version=VERSION):
    return (bytes([version, kind]) + content).ljust(ENTRY_BYTES, b"\0")


def with_byte(entry, index, value):
    return entry[:index] + bytes([value]) + entry[index + 1 :]


def read(entry):
    """The kind and the fields of an entry; `until` is what the entry says, not cut to 401 days."""
    assert len(entry) == ENTRY_BYTES
    version, kind = entry[0], entry[1]
    if version > VERSION:
        return {"kind": "newer"}
    junk = {"kind": "junk"}
    if version < VERSION or kind not in NAMES:
        return junk
    found = {"kind": NAMES[kind]}
    rest = entry[2:]
    if kind == SESSION:
        found["id"], rest = rest[:16].hex(), rest[16:]
    if kind in (GROUP, TYPE):
        found["key"], rest = rest[:16].hex(), rest[16:]
    if kind != SESSION:
        number, rest = int.from_bytes(rest[:8], "big"), rest[8:]
        if number > MAX_NUMBER or kind == FENCE and number == 0:
            return junk
        found["number"] = str(number)
    if kind != FENCE:
        found["until"], rest = int.from_bytes(rest[:4], "big"), rest[4:]
    return junk if any(rest) else found


def row(kind, name, entry):
    found = read(entry)
    assert found["kind"] == kind, (name, found)
    return {"name": name, "hex": entry.hex()} | found


def trailing(label, entry, first):
    """One row for each byte after the content, with one bit set."""
    return [
        row("junk", f"{label} with byte {index} set", with_byte(entry, index, 1 << index % 8))
        for index in range(first, ENTRY_BYTES)
    ]


def entries():
    yield row("session", "a session", session())
    yield row("session", "a session of zero bytes", session(bytes(16), 0))
    yield row("session", "a session until minute 1", session(until=1))
    yield row("session", "a session of the highest values", session(b"\xff" * 16, MAX_UNTIL))
    yield row("session", "a session whose bytes all differ", session(bytes(range(16)), 0x12345678))

    for kind, make in (("group", group), ("type", type_)):
        yield row(kind, f"a {kind}", make())
        yield row(kind, f"a {kind} without a number yet", make(number=0))
        yield row(kind, f"a {kind} of zero bytes", make(key=bytes(16), number=0, until=0))
        yield row(kind, f"a {kind} with number 1 until minute 1", make(number=1, until=1))
        yield row(
            kind,
            f"a {kind} of the highest values",
            make(key=b"\xff" * 16, number=MAX_NUMBER, until=MAX_UNTIL),
        )
        yield row(
            kind,
            f"a {kind} whose bytes all differ",
            make(key=bytes(range(16)), number=0x2122232425262728, until=0x12345678),
        )

    yield row("fence", "a fence", fence())
    yield row("fence", "a fence with number 1", fence(1))
    yield row("fence", "a fence with the highest number", fence(MAX_NUMBER))
    yield row("fence", "a fence whose bytes all differ", fence(0x2122232425262728))

    yield from trailing("a session", session(), 22)
    yield from trailing("a group", group(), 30)
    yield from trailing("a type", type_(), 30)
    yield from trailing("a fence", fence(), 10)

    for label, make in (("a group", group), ("a type", type_), ("a fence", fence)):
        yield row("junk", f"{label} with number 2^63", make(number=2**63))
        yield row("junk", f"{label} with number 2^64 - 1", make(number=2**64 - 1))
    yield row("junk", "a fence with number 0", fence(0))

    for kind in (0, WITHDRAWN, 6, 128, 255):
        yield row("junk", f"kind {kind}", padded(kind, b""))
        yield row("junk", f"kind {kind} with a session's content", with_byte(session(), 1, kind))

    yield row("junk", "only zero bytes", bytes(ENTRY_BYTES))
    yield row("junk", "version 0 of a session", with_byte(session(), 0, 0))
    yield row("junk", "version 0 of a group", with_byte(group(), 0, 0))
    yield row("junk", "version 0 of an unknown kind", padded(255, b"", version=0))

    for version in (2, 128, 255):
        yield row("newer", f"version {version} of a session", with_byte(session(), 0, version))
        yield row("newer", f"version {version} of nothing", padded(0, b"", version=version))
    yield row("newer", "version 2 of an unknown kind", padded(6, b"\x01", version=2))
    yield row("newer", "version 2 of a fence with number 0", with_byte(fence(0), 0, 2))
    yield row("newer", "version 2 with number 2^63", with_byte(group(number=2**63), 0, 2))
    yield row("newer", "version 2 with its last byte set", padded(1, b"\x01".rjust(30, b"\0"), 2))
    yield row("newer", "only bytes of 255", b"\xff" * ENTRY_BYTES)


def compact(value):
    """JSON as the library writes it: escapes only quotes, backslashes and control characters."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def sized(text):
    data = text.encode()
    return len(data).to_bytes(2, "big") + data


def group_key(value, field="user_id", **changes):
    return key(field, compact(value), **changes)


def type_key(**changes):
    return key("", "", **changes)


def key(field, text, application="shop", name="__Host-auth", purpose="login"):
    parts = {
        "application": application,
        "name": name,
        "purpose": purpose,
        "field": field,
        "text": text,
    }
    digest = hashlib.sha256(b"".join(map(sized, parts.values()))).digest()
    return parts | {"key": digest[:16].hex()}


CONTROLS = "".join(map(chr, range(0x20)))

KEYS = [
    group_key(42),
    group_key(0),
    group_key(-1),
    group_key(2**63 - 1),
    group_key(-(2**63)),
    group_key(2**64 - 1),
    group_key(True),
    group_key(False),
    group_key("42"),
    group_key("true"),
    group_key(""),
    group_key("Ada"),
    group_key("ada"),
    group_key(' "Ada" '),
    group_key("a\\b/c"),
    group_key("\\u0041"),
    group_key("\b\f\n\r\t"),
    group_key("\0\x01\x0b\x1b\x1f"),
    group_key(CONTROLS),
    group_key("\x7f\x80\u2028\ufeff"),
    group_key("äöü €"),
    group_key("😀"),
    # The same letter twice: composed, and with a combining accent.
    group_key("\u00e9"),
    group_key("e\u0301"),
    group_key("67e55044-10b1-426f-9247-bb680e5fe0c8"),
    group_key("x" * 1000),
    group_key("https://id.example/tenants/7", field="tenant"),
    group_key(42, field="größe"),
    group_key(42, application=""),
    group_key(42, purpose=""),
    group_key(42, application="", purpose=""),
    group_key(42, application="Läden ☂", purpose="Büro"),
    group_key(42, name="auth"),
    # Equal to the first key without lengths.
    group_key(42, application="shop__", name="Host-auth"),
    group_key(42, application="", name="shop__Host-auth"),
    group_key(42, name="__Host-authlogin", purpose=""),
    group_key(42, purpose="loginuser", field="_id"),
    group_key(2, field="user_id4"),
    type_key(purpose="loginuser_id42"),
    # Types.
    type_key(),
    type_key(application=""),
    type_key(purpose=""),
    type_key(application="", purpose=""),
    type_key(application="Läden ☂", name="auth"),
    # Equal to the first type without lengths.
    type_key(name="__Host-authlogin", purpose=""),
]


def number(highest, millis):
    given = min(max(highest + 1, millis << 20), MAX_NUMBER)
    return {"highest": str(highest), "millis": millis, "number": str(given)}


NUMBERS = [
    number(0, 0),
    number(0, 1),
    number(0, T0_MILLIS),
    number(1, 0),
    # The clock is ahead of the highest number: by a millisecond, by two steps, by an hour.
    number(NUMBER, T0_MILLIS + 1),
    number(NUMBER - 2, T0_MILLIS),
    number(NUMBER, T0_MILLIS + 3_600_000),
    # The clock equals the highest number plus one; then the highest number itself.
    number(NUMBER - 1, T0_MILLIS),
    number(NUMBER, T0_MILLIS),
    # The clock is behind: by less than a millisecond, by one, by an hour, at zero.
    number(NUMBER + 12_345, T0_MILLIS),
    number(NUMBER, T0_MILLIS - 1),
    number(NUMBER + 7, T0_MILLIS - 3_600_000),
    number(NUMBER, 0),
    # Near the maximum: the last number is given again and again.
    number(MAX_NUMBER - 2, T0_MILLIS),
    number(MAX_NUMBER - 1, T0_MILLIS),
    number(MAX_NUMBER, T0_MILLIS),
    number(0, 2**43 - 1),
    number(MAX_NUMBER - 1, 2**43 - 1),
    number(0, 2**43),
    number(MAX_NUMBER, 2**43),
    # The product would wrap around to an ordinary number in 64 bits.
    number(0, 2**44 + T0_MILLIS),
]

document = {
    "format": "revocation-v1",
    "about": "See the documentation of revocation entries; `until` is in Unix minutes, as stored.",
    "entries": list(entries()),
    "keys": KEYS,
    "numbers": NUMBERS,
}
PARTS = ("entries", "keys", "numbers")

for part, unique in (("entries", "name"), ("entries", "hex"), ("keys", "key")):
    values = [entry[unique] for entry in document[part]]
    assert len(set(values)) == len(values), f"{part}: the same {unique} twice"

if FILE.exists():
    known = json.loads(FILE.read_text())
    for part in PARTS:
        for entry in known[part]:
            if entry not in document[part]:
                sys.exit(f"{part}: {json.dumps(entry)} would change")
FILE.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
print(", ".join(f"{len(document[part])} {part}" for part in PARTS))
