#!/usr/bin/env python3
"""Generates native-v1.json from the description of the format alone, without the library.

Needs PyNaCl (pip install pynacl). The file is permanent, because cookies of version 1 are in use.
Entries may be added but must not change; the script refuses to write a file with a changed entry.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as aead

FILE = pathlib.Path(__file__).with_name("native-v1.json")
T0 = 1_800_000_000
KEYS = [bytes(range(first, first + 32)) for first in (1, 2)]
ID = bytes(range(0xA0, 0xB0))
NONCE = bytes(range(0x40, 0x58))


def hkdf(key, info):
    """HKDF-SHA-256 without salt, 32 bytes (RFC 5869)."""
    pseudorandom = hmac.new(bytes(32), key, hashlib.sha256).digest()
    return hmac.new(pseudorandom, info + b"\x01", hashlib.sha256).digest()


def field(text):
    data = text.encode()
    return len(data).to_bytes(4, "big") + data


def session_key(key, entry):
    names = ["actix-secure-session", "native-v1"]
    names += [entry["application"], entry["cookie"], entry["purpose"]]
    return hkdf(key, b"".join(map(field, names)))


def key_id(key):
    return hashlib.sha256(b"actix-secure-session key id" + key).digest()[:4]


def leb128(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def envelope(entry):
    created = entry["created"]
    optional = [
        entry["own_end"] is not None and leb128(entry["own_end"] - created),
        entry["authenticated"] is not None and leb128(entry["authenticated"] - created),
        entry["schema_version"] != 0 and leb128(entry["schema_version"]),
    ]
    extensions = "extensions" in entry and sized(entries(entry["extensions"]))
    flags = sum(1 << bit for bit, part in enumerate([*optional, extensions]) if part)
    out = bytes([flags]) + bytes.fromhex(entry["id"]) + created.to_bytes(5, "big")
    out += leb128(entry["seen"] - created) + b"".join(part for part in optional if part)
    return out + (extensions or b"")


def sized(data):
    return leb128(len(data)) + data


def entries(extensions):
    return b"".join(leb128(tag) + sized(bytes.fromhex(value)) for tag, value in extensions)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(data):
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode()


def base(name, **changes):
    entry = {
        "name": name,
        "keys_hex": [KEYS[0].hex()],
        "application": "",
        "cookie": "__Host-auth",
        "purpose": "",
        "idle": 1800,
        "absolute": 43200,
        "now": T0 + 60,
        "sealed_by": 0,
        "nonce_hex": NONCE.hex(),
        "id": ID.hex(),
        "created": T0,
        "seen": T0,
        "own_end": None,
        "authenticated": None,
        "schema_version": 0,
        "data": {"name": "Ada", "user_id": 7},
    }
    assert set(changes) <= {*entry, "extensions"}, changes
    return entry | changes


def seal(entry, *, plaintext=None, key=None, version=1, identifier=None, associated=True):
    configured = bytes.fromhex(entry["keys_hex"][entry["sealed_by"]])
    key = key or session_key(configured, entry)
    nonce = bytes.fromhex(entry["nonce_hex"])
    identifier = identifier or key_id(session_key(configured, entry))
    header = bytes([version]) + identifier + nonce
    plaintext = envelope(entry) + compact(entry["data"]) if plaintext is None else plaintext
    return header + aead(plaintext, header if associated else b"", nonce, key)


def opens(name, **changes):
    entry = base(name, **changes)
    return entry | {"value": b64(seal(entry))}


def fails(name, reason, value, **changes):
    """`value` is the text, or a function that makes the bytes from the entry."""
    entry = base(name, **changes)
    text = value if isinstance(value, str) else b64(value(entry))
    keep = ["name", "keys_hex", "application", "cookie", "purpose", "idle", "absolute", "now"]
    return {key: entry[key] for key in keep} | {"reason": reason, "value": text}


def altered(index, mask=1):
    def change(entry):
        data = bytearray(seal(entry))
        data[index] ^= mask
        return bytes(data)

    return change


def inside(plaintext):
    """Encrypted correctly, with other content."""
    return lambda entry: seal(entry, plaintext=plaintext(entry))


def with_json(text):
    return inside(lambda entry: envelope(entry) + text)


def with_extensions(block):
    """`block` replaces the length and the entries of the extensions."""
    return inside(
        lambda entry: b"\x08" + envelope(entry)[1:] + block + compact(entry["data"])
    )


def sealed_for(**changes):
    return lambda entry: seal(entry | changes)


SOUND = b64(seal(base("")))
# A one-byte value, so that the last character of the text has unused bits.
ODD = b64(seal(base("", data={"a": 1})))

MUST_OPEN = [
    opens("a session"),
    opens("no fields", data={}),
    opens("text of all kinds", data={"a": "\u0000\u001f\"\\/", "b": "äöü €", "c": "😀", "": ""}),
    opens(
        "numbers of all kinds",
        data={"a": 0, "b": -1, "c": 2**64 - 1, "d": -(2**63), "e": 0.1, "f": 123456.789, "g": 5e-324},
    ),
    opens("all kinds of JSON", data={"a": None, "b": [True, False, []], "c": {"d": {}}}),
    opens("sixty-four levels", data={"a": json.loads("[" * 64 + "]" * 64)}),
    opens("last seen later", seen=T0 + 50),
    opens("last seen much later", seen=T0 + 40_000, now=T0 + 41_000),
    opens("an own end, both limits passed", own_end=T0 + 34_560_000, now=T0 + 34_559_999),
    opens("authenticated", authenticated=T0),
    opens("authenticated later", authenticated=T0 + 300, seen=T0 + 300, now=T0 + 300),
    opens("a schema version", schema_version=1),
    opens("the highest schema version", schema_version=2**32 - 1),
    opens("every optional part", own_end=T0 + 999_999, authenticated=T0 + 1, schema_version=300),
    opens("a second before the idle limit", now=T0 + 1799),
    opens("a second before the absolute limit", seen=T0 + 43_000, now=T0 + 43_199),
    opens("a minute ahead of the reader's clock", now=T0 - 60),
    opens("no idle limit", idle=None, now=T0 + 43_199),
    opens("the first second of all", created=0, seen=0, now=0),
    opens("sealed by the second key", keys_hex=[k.hex() for k in KEYS], sealed_by=1),
    opens("an application and a purpose", application="shop", purpose="login"),
    opens("an application beyond ASCII", application="Läden ☂"),
    opens("another cookie name", cookie="prefs"),
    opens("other nonce and id", nonce_hex=bytes(24).hex(), id=bytes(16).hex()),
    opens("an extension", extensions=[[2, "0123456789abcdef"]]),
    opens("an extension without a value", extensions=[[0, ""]]),
    opens("sixteen extensions", extensions=[[2 * n, f"{n:02x}"] for n in range(16)]),
    opens("extensions of 512 bytes", extensions=[[2, "ab" * 255], [4, "cd" * 251]]),
    opens("the largest tag", extensions=[[2**42 - 2, "00"]]),
    opens(
        "an extension after every optional part",
        own_end=T0 + 999_999,
        authenticated=T0 + 1,
        schema_version=300,
        extensions=[[2, "ff"], [1000, "00ff"]],
    ),
]

MUST_FAIL = [
    fails("empty", "malformed", ""),
    fails("one character", "malformed", "A"),
    fails("a blank inside", "malformed", SOUND[:9] + " " + SOUND[9:]),
    fails("a tail of another kind", "malformed", SOUND + ".AAAA"),
    fails("padding", "malformed", ODD + "=" * (-len(ODD) % 4 or 1)),
    fails("standard alphabet", "malformed", "++//" + SOUND[4:]),
    fails("percent-encoded", "malformed", "%41" + SOUND[1:]),
    fails("version 0", "malformed", lambda entry: seal(entry, version=0)),
    fails("version 2", "malformed", lambda entry: seal(entry, version=2)),
    fails("shorter than header and tag", "malformed", lambda entry: seal(entry)[:44]),
    fails("header and tag alone", "forged", lambda entry: seal(entry)[:45]),
    fails("last byte cut", "forged", lambda entry: seal(entry)[:-1]),
    fails("a byte more", "forged", lambda entry: seal(entry) + b"\0"),
    fails("key id altered", "unknown-key", altered(1)),
    fails("nonce altered", "forged", altered(5)),
    fails("ciphertext altered", "forged", altered(29)),
    fails("tag altered", "forged", altered(-1, 0x80)),
    fails("header not authenticated", "forged", lambda entry: seal(entry, associated=False)),
    fails("the configured key itself", "forged", lambda entry: seal(entry, key=KEYS[0])),
    fails("a key that is not in the ring", "unknown-key", sealed_for(keys_hex=[KEYS[1].hex()])),
    fails("another application", "unknown-key", sealed_for(application="shop")),
    fails("another cookie name", "unknown-key", sealed_for(cookie="prefs")),
    fails("another purpose", "unknown-key", sealed_for(purpose="login")),
    fails(
        "application and cookie name run together",
        "unknown-key",
        sealed_for(application="__Host-", cookie="auth"),
    ),
    fails("longer than a cookie", "malformed", sealed_for(data={"a": "x" * 4000})),
    fails("at the idle limit", "expired", seal, now=T0 + 1800),
    fails("at the absolute limit", "expired", sealed_for(seen=T0 + 43_000), now=T0 + 43_200),
    fails("at its own end", "expired", sealed_for(own_end=T0 + 100), now=T0 + 100),
    fails("created 61 seconds ahead", "malformed", seal, now=T0 - 61),
    fails("seen 61 seconds ahead", "malformed", sealed_for(seen=T0 + 121)),
    fails("authenticated 61 seconds ahead", "malformed", sealed_for(authenticated=T0 + 121)),
    fails("no plaintext", "malformed", inside(lambda entry: b"")),
    fails("half an envelope", "malformed", inside(lambda entry: envelope(entry)[:12])),
    fails(
        "an unknown flag",
        "malformed",
        inside(lambda entry: b"\x08" + envelope(entry)[1:] + compact(entry["data"])),
    ),
    fails(
        "a number in a longer form",
        "malformed",
        inside(lambda entry: envelope(entry)[:-1] + b"\x80\x00" + compact(entry["data"])),
    ),
    fails(
        "a number without end",
        "malformed",
        inside(lambda entry: envelope(entry)[:-1] + b"\x80" * 9 + compact(entry["data"])),
    ),
    fails(
        "a time beyond 40 bits",
        "malformed",
        inside(lambda entry: envelope(entry)[:-1] + leb128(2**40 - 1) + compact(entry["data"])),
    ),
    fails(
        "schema version 0 with its flag",
        "malformed",
        inside(lambda entry: b"\x04" + envelope(entry)[1:] + b"\0" + compact(entry["data"])),
    ),
    fails("no JSON", "malformed", with_json(b"")),
    fails("JSON null", "malformed", with_json(b"null")),
    fails("a JSON array", "malformed", with_json(b"[]")),
    fails("half a JSON object", "malformed", with_json(b'{"name":"Ada"')),
    fails("something behind the object", "malformed", with_json(b"{}{}")),
    fails("a member twice", "malformed", with_json(b'{"name":"Ada","name":"Bob"}')),
    fails("a member twice, once escaped", "malformed", with_json(b'{"name":1,"n\\u0061me":2}')),
    fails("text that is not UTF-8", "malformed", with_json(b'{"name":"\xff"}')),
    fails("unused bits set in the last character", "malformed", SOUND[:-1] + chr(ord(SOUND[-1]) + 1)),
    fails(
        "an own end beyond 40 bits",
        "malformed",
        inside(
            lambda entry: b"\x01" + envelope(entry)[1:] + leb128(2**40 - 1) + compact(entry["data"])
        ),
    ),
    fails(
        "a schema version beyond 32 bits",
        "malformed",
        inside(lambda entry: b"\x04" + envelope(entry)[1:] + leb128(2**32) + compact(entry["data"])),
    ),
    fails("a number that is none", "malformed", with_json(b'{"name":NaN}')),
    fails("a comma too many", "malformed", with_json(b'{"name":"Ada",}')),
    fails("a byte-order mark", "malformed", with_json(b'\xef\xbb\xbf{"name":"Ada"}')),
    fails("an extension with an odd tag", "newer-build", sealed_for(extensions=[[1, ""]])),
    fails(
        "an odd tag after even ones",
        "newer-build",
        sealed_for(extensions=[[2, "00"], [4, ""], [2**42 - 1, "ff"]]),
    ),
    fails(
        "an odd tag in an expired session",
        "newer-build",
        sealed_for(extensions=[[3, "00"]]),
        now=T0 + 1800,
    ),
    fails("an even tag in an expired session", "expired", sealed_for(extensions=[[2, ""]]), now=T0 + 1800),
    fails("extensions without an entry", "malformed", with_extensions(b"\0")),
    fails("descending tags", "malformed", sealed_for(extensions=[[4, ""], [2, ""]])),
    fails("a tag twice", "malformed", sealed_for(extensions=[[2, "00"], [2, "00"]])),
    fails("an odd tag twice", "malformed", sealed_for(extensions=[[3, ""], [3, ""]])),
    fails("an extension cut in its value", "malformed", with_extensions(sized(b"\x02\x02\xff"))),
    fails("an extension cut after its tag", "malformed", with_extensions(sized(b"\x02"))),
    fails("an extension cut in its tag", "malformed", with_extensions(sized(b"\x82"))),
    fails(
        "an odd tag before a cut extension",
        "malformed",
        with_extensions(sized(b"\x01\0\x02\x02\xff")),
    ),
    fails("a byte behind the last extension", "malformed", with_extensions(sized(b"\x02\0\0"))),
    fails(
        "extensions that end before their length",
        "malformed",
        inside(lambda entry: b"\x08" + envelope(entry)[1:] + b"\x06\x02\x04{}"),
    ),
    fails("a length of extensions and nothing else", "malformed", inside(lambda entry: b"\x08" + envelope(entry)[1:])),
    fails("a tag in a longer form", "malformed", with_extensions(sized(b"\x82\0\0"))),
    fails("a length of an extension in a longer form", "malformed", with_extensions(sized(b"\x02\x80\0"))),
    fails("the length of the extensions in a longer form", "malformed", with_extensions(b"\x82\0\x02\0")),
    fails("a tag of seven bytes", "malformed", with_extensions(sized(b"\x80" * 6 + b"\x01\0"))),
    fails(
        "seventeen extensions",
        "malformed",
        sealed_for(extensions=[[2 * n, ""] for n in range(17)]),
    ),
    fails(
        "extensions of 513 bytes",
        "malformed",
        sealed_for(extensions=[[2, "ab" * 255], [4, "cd" * 252]]),
    ),
]

document = {
    "format": "native-v1",
    "about": "See the documentation of the codec; times are Unix seconds, durations seconds.",
    "must_open": MUST_OPEN,
    "must_fail": MUST_FAIL,
}

if FILE.exists():
    known = json.loads(FILE.read_text())
    for part in ("must_open", "must_fail"):
        now = {entry["name"]: entry for entry in document[part]}
        for entry in known[part]:
            if now.get(entry["name"]) != entry:
                sys.exit(f"{part}: '{entry['name']}' would change")
FILE.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
print(f"{len(MUST_OPEN)} open, {len(MUST_FAIL)} fail")
