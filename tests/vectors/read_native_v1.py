#!/usr/bin/env python3
"""Checks the vectors of the native format, version 1, without the library.

Written only from the manual's page on the format (secure-session/src/manual/format.md). Needs PyNaCl
for the cipher.
"""

import hashlib
import hmac
import json
import pathlib
import sys
from dataclasses import dataclass, fields
from typing import Any

try:
    from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt
    from nacl.exceptions import CryptoError
except ImportError:
    sys.exit("PyNaCl is missing: pip install pynacl (on Debian: apt-get install python3-nacl)")

FILE = pathlib.Path(__file__).with_name("native-v1.json")

MAX_COOKIE_BYTES = 4096
VERSION = 1
HEADER_BYTES = 1 + 4 + 24
TAG_BYTES = 16
MAX_NUMBER_BYTES = 6
MAX_TIME = 2**40 - 1
MAX_SKEW_SECONDS = 60
OWN_END, AUTHENTICATED, SCHEMA_VERSION, EXTENSIONS = 1, 2, 4, 8
MAX_EXTENSIONS = 16
MAX_EXTENSION_BYTES = 512

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Refused(Exception):
    """The value does not open; the text is the reason."""


@dataclass
class Envelope:
    id: str
    created: int
    seen: int
    own_end: int | None
    authenticated: int | None
    schema_version: int
    extensions: list[list[Any]]


@dataclass
class Opened:
    data: dict[str, Any]
    envelope: Envelope
    key: int


def open_value(setting):
    """Decrypts the value of a vector, or raises `Refused`; `setting` is what a reader knows."""
    name, value = setting["cookie"], setting["value"]
    if len(f"{name}={value}".encode()) > MAX_COOKIE_BYTES:
        raise Refused("malformed")
    sealed = base64url(value)
    if len(sealed) < HEADER_BYTES + TAG_BYTES or sealed[0] != VERSION:
        raise Refused("malformed")
    header, message = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
    key_id, nonce = header[1:5], header[5:]
    keys = [session_key(bytes.fromhex(key), setting) for key in setting["keys_hex"]]
    ids = [hashlib.sha256(b"actix-secure-session key id" + key).digest()[:4] for key in keys]
    if key_id not in ids:
        raise Refused("unknown-key")
    index = ids.index(key_id)
    try:
        plaintext = decrypt(message, header, nonce, keys[index])
    except CryptoError:
        raise Refused("forged") from None
    envelope, text = read_envelope(plaintext)
    if any(tag % 2 == 1 for tag, _ in envelope.extensions):
        raise Refused("newer-build")
    check_times(envelope, setting)
    return Opened(read_object(text), envelope, index)


def base64url(text):
    """RFC 4648 §5 without padding, bit by bit: Python's decoder skips unknown characters."""
    number = 0
    for character in text:
        digit = ALPHABET.find(character)
        if digit < 0:
            raise Refused("malformed")
        number = number << 6 | digit
    length, unused = divmod(6 * len(text), 8)
    # A single last character is less than a byte; unused bits must be zero.
    if unused == 6 or number & ((1 << unused) - 1):
        raise Refused("malformed")
    return (number >> unused).to_bytes(length, "big")


def session_key(configured, setting):
    names = ["actix-secure-session", "native-v1"]
    names += [setting["application"], setting["cookie"], setting["purpose"]]
    info = b"".join(len(name.encode()).to_bytes(4, "big") + name.encode() for name in names)
    # HKDF of one block: extract with a salt of zeros, expand to 32 bytes.
    extracted = hmac.digest(bytes(32), configured, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def read_envelope(plaintext):
    """Returns the envelope and the bytes after it."""
    reader = Reader(plaintext)
    flags = reader.take(1)[0]
    if flags & ~(OWN_END | AUTHENTICATED | SCHEMA_VERSION | EXTENSIONS):
        raise Refused("malformed")
    identifier = reader.take(16)
    created = int.from_bytes(reader.take(5), "big")
    seen = reader.time_after(created)
    own_end = reader.time_after(created) if flags & OWN_END else None
    authenticated = reader.time_after(created) if flags & AUTHENTICATED else None
    version = reader.number() if flags & SCHEMA_VERSION else None
    if version is not None and not 1 <= version < 2**32:
        raise Refused("malformed")
    extensions = read_extensions(reader) if flags & EXTENSIONS else []
    envelope = Envelope(
        identifier.hex(), created, seen, own_end, authenticated, version or 0, extensions
    )
    return envelope, reader.rest


def read_extensions(reader):
    """Returns the tags with their values in hexadecimal."""
    block = reader.take(reader.number())
    if not 1 <= len(block) <= MAX_EXTENSION_BYTES:
        raise Refused("malformed")
    entries = Reader(block)
    extensions = []
    while entries.rest:
        tag = entries.number()
        value = entries.take(entries.number())
        if len(extensions) == MAX_EXTENSIONS or (extensions and tag <= extensions[-1][0]):
            raise Refused("malformed")
        extensions.append([tag, value.hex()])
    return extensions


class Reader:
    def __init__(self, data):
        self.rest = data

    def take(self, count):
        if len(self.rest) < count:
            raise Refused("malformed")
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def number(self):
        number = 0
        for index in range(MAX_NUMBER_BYTES):
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << 7 * index
            if byte < 0x80:
                if byte == 0 and index > 0:
                    break
                return number
        raise Refused("malformed")

    def time_after(self, created):
        time = created + self.number()
        if time > MAX_TIME:
            raise Refused("malformed")
        return time


def check_times(envelope, setting):
    now = setting["now"]
    if max(envelope.seen, envelope.authenticated or 0) > now + MAX_SKEW_SECONDS:
        raise Refused("malformed")
    if envelope.own_end is not None:
        end = envelope.own_end
    else:
        end = envelope.created + setting["absolute"]
        if setting["idle"] is not None:
            end = min(end, envelope.seen + setting["idle"])
    if now >= end:
        raise Refused("expired")


class Object(dict):
    """A JSON object that records whether a member occurs twice."""

    def __init__(self, members):
        super().__init__(members)
        self.is_sound = len(self) == len(members)


def read_object(data):
    try:
        value = json.loads(data.decode(), object_pairs_hook=Object, parse_constant=no_number)
    except (ValueError, RecursionError):
        raise Refused("malformed") from None
    if not isinstance(value, Object) or not value.is_sound:
        raise Refused("malformed")
    return value


def no_number(text):
    """Python accepts NaN and infinities, which are not JSON."""
    raise ValueError(text)


def differences(vector):
    """The differences in a value that must open, one line each."""
    try:
        opened = open_value(vector)
    except Refused as err:
        return [f"refused as {err}"]
    vector = {"extensions": []} | vector
    expected = Envelope(**{part.name: vector[part.name] for part in fields(Envelope)})
    rows = [
        ("data", as_text(opened.data), as_text(vector["data"])),
        ("envelope", opened.envelope, expected),
        ("key", opened.key, vector["sealed_by"]),
    ]
    return [f"{what}: {came} instead of {wanted}" for what, came, wanted in rows if came != wanted]


def as_text(data):
    """For comparison, because 1, 1.0 and True are equal in Python."""
    return json.dumps(data, sort_keys=True)


def wrong_verdict(vector):
    """The problem with a value that must fail, in at most one line."""
    try:
        open_value(vector)
    except Refused as err:
        reason = str(err)
        return [] if reason == vector["reason"] else [f"{reason} instead of {vector['reason']}"]
    return [f"opens instead of being refused as {vector['reason']}"]


def main():
    vectors = json.loads(FILE.read_text(encoding="utf-8"))
    passed = failed = 0
    for part, check in (("must_open", differences), ("must_fail", wrong_verdict)):
        for vector in vectors[part]:
            problems = check(vector)
            passed += not problems
            failed += bool(problems)
            for problem in problems:
                print(f"{part}: '{vector['name']}': {problem}")
    print(f"{passed} passed, {failed} failed")
    # A file without vectors proves nothing.
    sys.exit(failed > 0 or passed == 0)


main()
