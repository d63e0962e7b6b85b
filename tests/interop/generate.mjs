// Writes ../vectors/fastify.json from the real npm packages.
//
//   node generate.mjs           write the file
//   node generate.mjs --check   fail if the file differs from the current output
//
// Every expectation below is written by hand and asserted against the Node package.

import { strict as assert } from 'node:assert'
import { fileURLToPath } from 'node:url'
import {
  DEFAULT_EXPIRY, DEFAULT_SALT, Peer, TransitionBook, VectorBook,
  deriveKey, emit, pwhashParameters, seal, sign, signingSecret, testKey, testNonce, tryConfig, versions
} from './harness.mjs'

const A = testKey('a')
const B = testKey('b')
const C = testKey('c')

const ISSUED = 1_700_000_000_000
const TS = ISSUED / 1000
const NOW = ISSUED + 5_000

const book = new VectorBook({ keys: [A], now: NOW, issued: ISSUED })

// --- 1. Values written by the package: data shapes -------------------------

const set = (data) => Object.entries(data).map(([key, value]) => ['set', key, value])
const shape = (name, about, data, extra = {}) =>
  book.fromPlugin({ name, about, ops: set(data), expect: 'ok', data, rotated: false, ...extra })

await shape('one-string', 'The smallest useful session; __ts is the first key of a session begun in a request.',
  { user: 'alice' }, { plaintext: `{"__ts":${TS},"user":"alice"}` })
await book.fromPlugin({
  name: 'empty-session', about: 'touch() on a new session: nothing but the timestamp.',
  ops: [['touch']], plaintext: `{"__ts":${TS}}`, expect: 'ok', data: {}, rotated: false
})
await shape('unicode-bmp', 'Letters beyond ASCII are written as UTF-8, never as \\u escapes.',
  { city: 'Zürich', name: 'Ελένη', jp: '日本語', rtl: 'שלום', 'clé': 'valeur' })
await shape('unicode-astral', 'Code points beyond the BMP, joiners and combining marks.',
  { emoji: '🦀', family: '👩‍👩‍👧', combined: 'e\u0301', flag: '🇨🇭', math: '𝔘' })
await shape('escapes', 'Control characters are escaped as JSON.stringify does; DEL, U+2028 and the solidus are not.',
  { c: '\u0000\u0001\b\t\n\u000b\f\r\u001f', q: '"\\/', s: '\u007f\u0080\u2028\u2029\ufeff' },
  { plaintext: `{"__ts":${TS},"c":"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f","q":"\\"\\\\/","s":"\u007f\u0080\u2028\u2029\ufeff"}` })
await shape('nested', 'Objects in arrays in objects.',
  { cart: { items: [{ sku: 'a-1', qty: 2, tags: [] }, { sku: 'b-2', qty: 1, tags: ['x', ['y']] }], meta: { a: { b: { c: null } } } } })
await shape('floats', 'Numbers in the shortest form of ECMAScript: exponents with a sign, no trailing .0, no -0.',
  { f: [0.1, 1.5, -2.25, 1e21, 1e-7, 123456789012345680000, 5e-324, 1.7976931348623157e308, 100.0], zero: 0 },
  { plaintext: `{"__ts":${TS},"f":[0.1,1.5,-2.25,1e+21,1e-7,123456789012345680000,5e-324,1.7976931348623157e+308,100],"zero":0}` })
await shape('integers', 'The whole range in which the peer keeps integers exact, and 32-bit edges.',
  { max: 9007199254740991, min: -9007199254740991, u32: 4294967295, i32: -2147483648, zero: 0 })
await shape('nulls-and-booleans', 'null is kept as a value.', { none: null, yes: true, no: false, list: [null, true, false] })
await shape('empties', 'Empty string, array and object, and a key that is the empty string.',
  { s: '', a: [], o: {}, '': 'empty key' })
await shape('long-value', 'A cookie beyond the 4096 bytes that browsers keep; the peer sends it all the same.',
  { text: 'The quick brown fox jumps over the lazy dog. '.repeat(100) })
await shape('many-keys', 'Sixty keys in insertion order.',
  Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`key_${i}`, i])))
await shape('integer-like-keys', 'Integer-like keys come first in ascending order, before __ts, whatever the order of set().',
  { z: 1, 10: 'ten', 2: 'two', a: 2 }, { ops: [['set', 'z', 1], ['set', '10', 'ten'], ['set', '2', 'two'], ['set', 'a', 2]], plaintext: `{"2":"two","10":"ten","__ts":${TS},"z":1,"a":2}` })
await book.fromPlugin({
  name: 'overwrite-keeps-place', about: 'Setting a key again changes the value, not its place.',
  ops: [['set', 'a', 1], ['set', 'b', 2], ['set', 'a', 3]],
  plaintext: `{"__ts":${TS},"a":3,"b":2}`, expect: 'ok', data: { a: 3, b: 2 }, rotated: false
})
await book.fromPlugin({
  name: 'javascript-only-values', about: 'undefined is dropped, NaN and Infinity become null, -0 becomes 0, a Date becomes its ISO text.',
  script: (session) => {
    session.set('gone', undefined)
    session.set('nan', NaN)
    session.set('inf', [Infinity, undefined])
    session.set('negative_zero', -0)
    session.set('date', new Date(Date.UTC(2024, 1, 29, 12, 30, 0, 7)))
  },
  plaintext: `{"__ts":${TS},"nan":null,"inf":[null,null],"negative_zero":0,"date":"2024-02-29T12:30:00.007Z"}`,
  expect: 'ok', rotated: false
})
await book.fromPlugin({
  name: 'lone-surrogate', about: 'JavaScript strings may hold half a surrogate pair; it is written as an escape that strict JSON readers refuse. `data` is null here, see data_json.',
  script: (session) => session.set('half', 'a\ud800b'),
  plaintext: `{"__ts":${TS},"half":"a\\ud800b"}`, expect: 'ok', rotated: false, dataAsJson: false, level: 'quirk'
})
await shape('reserved-looking-keys', 'Keys that are names of session members in the peer are ordinary data.',
  { changed: 'a', deleted: false, data: 1, get: 'g', set: 's', constructor: 'c', 'a.b': 1, 'a b': 2 })
await book.fromEncoder({
  name: 'encoder-timestamp-last', about: 'Sessions made by createSecureSession(object) carry __ts as the last key.',
  object: () => ({ user: 'bob', admin: true }), plaintext: `{"user":"bob","admin":true,"__ts":${TS}}`,
  expect: 'ok', data: { user: 'bob', admin: true }, rotated: false
})
await book.fromEncoder({
  name: 'encoder-keeps-given-timestamp', about: 'createSecureSession keeps a __ts it is given, in its place.',
  object: () => ({ a: 1, __ts: TS - 60, b: 2 }), plaintext: `{"a":1,"__ts":${TS - 60},"b":2}`,
  expect: 'ok', data: { a: 1, b: 2 }, rotated: false
})

// Base64 of the ciphertext with no, one and two padding characters, and with
// `+` and `/` in both halves (asserted below).
await shape('padding-none', 'Ciphertext length divisible by three: no padding.', { k: '' })
await shape('padding-one', 'One padding character.', { k: 'xx' })
await shape('padding-two', 'Two padding characters.', { k: 'x' })
for (const [name, pad] of [['padding-none', ''], ['padding-one', '='], ['padding-two', '==']]) {
  const cipher = book.get(name).cookie_value_raw.split(';')[0]
  assert.equal(/=*$/.exec(cipher)[0], pad, name)
}
await shape('all-zero-key-and-nonce', 'Key and nonce of zero bytes.', { k: 'v' }, { keys: [Buffer.alloc(32)], nonce: Buffer.alloc(24) })
await shape('all-ones-key-and-nonce', 'Key and nonce of 0xff bytes: the nonce is thirty-two slashes, each %2F in the header.',
  { k: 'v' }, { keys: [Buffer.alloc(32, 0xff)], nonce: Buffer.alloc(24, 0xff) })
await shape('plus-and-slash', 'A nonce with both + and /.', { k: 'plus+slash/equals=percent%' },
  { nonce: Buffer.from('+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/', 'base64') })
assert.match(book.get('plus-and-slash').set_cookie_header, /%3B%2B%2F%2B%2F/)
await shape('host-prefixed-name', 'Another cookie name.', { id: 7 }, { cookieName: '__Host-session' })
await shape('dotted-name', 'A cookie name with a dot and a dash.', { id: 8 }, { cookieName: 'my-app.sid' })

// --- 2. Time ----------------------------------------------------------------

await shape('timestamp-rounds-up', 'The clock is rounded to the nearest second, half up: .500 belongs to the next second.',
  { k: 1 }, { issued: ISSUED + 500, now: ISSUED + 500, plaintext: `{"__ts":${TS + 1},"k":1}` })
await shape('timestamp-rounds-down', '.499 belongs to the second that has begun.',
  { k: 1 }, { issued: ISSUED + 499, now: ISSUED + 499, plaintext: `{"__ts":${TS},"k":1}` })
const END = (TS + DEFAULT_EXPIRY) * 1000
await shape('expiry-last-millisecond', 'Valid until just before (__ts + expiry) seconds.', { k: 1 }, { now: END - 1 })
await shape('expiry-exact', 'Expired from (__ts + expiry) seconds on.', { k: 1 }, { now: END, expect: 'expired', data: undefined })
await shape('expiry-later', 'Expired a year later.', { k: 1 }, { now: END + 365 * 86_400_000, expect: 'expired', data: undefined })
await shape('expiry-default-is-a-second-more-than-a-day', 'The default is 86401 seconds, not 86400.',
  { k: 1 }, { now: ISSUED + 86_400_000 })
await shape('expiry-one-minute-valid', 'A short expiry, last valid millisecond.', { k: 1 }, { expiry: 60, now: ISSUED + 59_999 })
await shape('expiry-one-minute-over', 'A short expiry, first expired millisecond.', { k: 1 }, { expiry: 60, now: ISSUED + 60_000, expect: 'expired', data: undefined })
await shape('expiry-is-the-readers', 'Expiry is a setting of the reader, not part of the cookie: thirty days here.',
  { k: 1 }, { expiry: 30 * 86_400, now: ISSUED + 29 * 86_400_000 })
await shape('clock-behind', 'A reader whose clock is an hour behind the writer accepts the cookie.', { k: 1 }, { now: ISSUED - 3_600_000 })

// --- 3. Several keys --------------------------------------------------------

await shape('first-of-two-keys', 'Sealed with the current key: nothing is sent again.', { k: 1 }, { keys: [A, B], sealKey: A })
await shape('second-of-two-keys', 'Sealed with the older key: readable, and sealed again with the current key, __ts and key order untouched.',
  { b: 1, a: { z: 1, y: 2 } }, { keys: [A, B], sealKey: B, rotated: true })
await shape('third-of-three-keys', 'Any key after the first counts as rotated.', { k: 1 }, { keys: [A, B, C], sealKey: C, rotated: true })
await shape('older-key-and-expired', 'Expiry wins: an expired session is not sealed again.',
  { k: 1 }, { keys: [A, B], sealKey: B, now: END, expect: 'expired', data: undefined, rotated: false })
await shape('older-key-last-millisecond', 'Rotation in the last valid millisecond does not extend the session.',
  { k: 1 }, { keys: [A, B], sealKey: B, now: END - 1, rotated: true })
await shape('key-not-listed', 'Sealed with a key the reader does not have.',
  { k: 1 }, { keys: [A, B], sealKey: C, expect: 'undecryptable', data: undefined, rotated: false })
await shape('same-key-twice', 'The same key listed twice: the first match is the current one, so no rotation.', { k: 1 }, { keys: [A, A] })

// --- 4. Passphrases ---------------------------------------------------------

await shape('passphrase-default-salt', 'A passphrase without salt uses the built-in salt.',
  { k: 1 }, { secret: 'averylogphrasebiggerthanthirtytwochars' })
await shape('passphrase-text-salt', 'A salt given as text of sixteen ASCII characters.',
  { k: 1 }, { secret: 'averylogphrasebiggerthanthirtytwochars', salt: 'mq9hDxBVDbspDR6n' })
await shape('passphrase-binary-salt', 'A salt given as bytes.',
  { k: 1 }, { secret: 'correct horse battery staple, and then some', salt: Buffer.from('00ff10ef20df30cf40bf50af609f708f', 'hex') })
await shape('passphrase-counted-in-bytes', 'The minimum of 32 counts UTF-8 bytes: sixteen two-byte letters are enough.',
  { k: 1 }, { secret: 'é'.repeat(16) })

// --- 5. Values that do not open ---------------------------------------------

const base = 'one-string'
const good = book.get(base).cookie_value_raw
const [cipher64, nonce64] = good.split(';')
const cipher = Buffer.from(cipher64, 'base64')
const nonce = Buffer.from(nonce64, 'base64')
const b64 = (buf) => buf.toString('base64')
const flipped = (buf, index, mask = 1) => {
  const copy = Buffer.from(buf)
  copy[index < 0 ? copy.length + index : index] ^= mask
  return copy
}
const bad = (name, about, value, expect, reason, extra = {}) => book.altered({ name, about, value, expect, reason, ...extra })

await bad('value-empty', 'session= with nothing after it, as a deleted cookie may come back.', '', 'malformed', 'no_separator')
await bad('value-no-separator', 'Ciphertext alone.', cipher64, 'malformed', 'no_separator')
await bad('value-other-separator', 'A comma in place of the semicolon.', `${cipher64},${nonce64}`, 'malformed', 'no_separator')
await bad('value-only-separator', 'A lone semicolon.', ';', 'malformed', 'cipher_too_short')
await bad('value-empty-cipher', 'Nothing before the semicolon; the cipher is looked at before the nonce.', `;${nonce64}`, 'malformed', 'cipher_too_short')
await bad('value-empty-nonce', 'Nothing after the semicolon.', `${cipher64};`, 'malformed', 'nonce_length')
await bad('cipher-15-bytes', 'One byte short of an authentication tag.', `${b64(cipher.subarray(0, 15))};${nonce64}`, 'malformed', 'cipher_too_short')
await bad('cipher-16-bytes', 'Long enough for a tag, but it does not authenticate.', `${b64(cipher.subarray(0, 16))};${nonce64}`, 'undecryptable')
await bad('nonce-23-bytes', 'Nonce one byte short.', `${cipher64};${b64(nonce.subarray(0, 23))}`, 'malformed', 'nonce_length')
await bad('nonce-25-bytes', 'Nonce one byte long.', `${cipher64};${b64(Buffer.concat([nonce, Buffer.alloc(1)]))}`, 'malformed', 'nonce_length')
await bad('nonce-with-text-appended', 'Ten characters appended to the whole value land in the nonce.', `${good}${'a'.repeat(10)}`, 'malformed', 'nonce_length')
await bad('flip-in-tag', 'One bit changed in the tag.', `${b64(flipped(cipher, 0))};${nonce64}`, 'undecryptable')
await bad('flip-in-body-first', 'One bit changed in the first byte after the tag.', `${b64(flipped(cipher, 16, 0x80))};${nonce64}`, 'undecryptable')
await bad('flip-in-body-last', 'One bit changed in the last byte.', `${b64(flipped(cipher, -1))};${nonce64}`, 'undecryptable')
await bad('flip-in-nonce', 'One bit changed in the nonce.', `${cipher64};${b64(flipped(nonce, 12))}`, 'undecryptable')
await bad('cipher-truncated', 'The last byte cut off.', `${b64(cipher.subarray(0, -1))};${nonce64}`, 'undecryptable')
await bad('value-truncated', 'The last five characters cut off.', good.slice(0, -5), 'malformed', 'nonce_length')
await bad('halves-swapped', 'nonce;cipher in place of cipher;nonce.', `${nonce64};${cipher64}`, 'malformed', 'nonce_length')
await bad('hexadecimal-halves', 'Hexadecimal text in place of base64 reads as other bytes.', `${cipher.toString('hex')};${nonce.toString('hex')}`, 'malformed', 'nonce_length')
await bad('plain-text', 'Something that never was a session.', 'hello world', 'malformed', 'no_separator')
await bad('not-base64-at-all', 'No character of the base64 alphabet: both halves decode to nothing.', '@@@@;####', 'malformed', 'cipher_too_short')
await bad('junk-inside-cipher', 'The peer skips characters outside the alphabet, so this still opens there. No peer writes it.',
  `${cipher64.slice(0, 8)}!${cipher64.slice(8)};${nonce64}`, 'ok', 'ok', { level: 'quirk', data: { user: 'alice' } })

// --- 6. How the value is sent -----------------------------------------------

const full = encodeURIComponent(good)
const wire = (name, about, header, expect, reason, extra = {}) => book.altered({ name, about, header, expect, reason, ...extra })
const same = { data: { user: 'alice' } }

await wire('wire-only-semicolon-encoded', 'Only the semicolon has to be encoded.', `session=${cipher64}%3B${nonce64}`, 'ok', 'ok', same)
await wire('wire-lower-case-escapes', 'Escapes in lower-case hexadecimal.', `session=${full.replace(/%../g, (x) => x.toLowerCase())}`, 'ok', 'ok', same)
await wire('wire-everything-encoded', 'Escapes for characters that need none.',
  `session=${[...Buffer.from(good)].map((x) => `%${x.toString(16).toUpperCase().padStart(2, '0')}`).join('')}`, 'ok', 'ok', same)
await wire('wire-raw', 'The bare semicolon ends the cookie: only the ciphertext arrives.', `session=${good}`, 'malformed', 'no_separator')
await wire('wire-encoded-twice', 'One layer of escapes is removed, no more.', `session=${encodeURIComponent(full)}`, 'malformed', 'no_separator')
await wire('wire-broken-escape', 'One broken escape and nothing in the value is decoded.', `session=${full}%ZZ`, 'malformed', 'no_separator')
await wire('wire-quoted', 'Quotes are not removed by the parser, and then skipped as junk by the base64 reader.', `session="${full}"`, 'ok', 'ok', { level: 'quirk', ...same })
await wire('wire-among-others', 'Other cookies around it, without blanks.', `a=1;session=${full};b=2`, 'ok', 'ok', same)
await wire('wire-absent', 'Only other cookies.', 'a=1; b=2', 'absent', 'no_cookie')
await wire('wire-name-case', 'Cookie names are case-sensitive.', `Session=${full}`, 'absent', 'no_cookie')

// --- 7. Signed cookies ------------------------------------------------------

await shape('signed', 'cipher;nonce followed by a dot and an HMAC; the dot is not encoded.', { user: 'alice' }, { signed: true })
await shape('signed-passphrase', 'With a passphrase the HMAC key is the passphrase itself.', { user: 'alice' },
  { signed: true, secret: 'averylogphrasebiggerthanthirtytwochars' })
const signedGood = book.get('signed').cookie_value_raw
const signedPlain = signedGood.slice(0, signedGood.lastIndexOf('.'))
await bad('signed-tampered', 'The last five characters of the signature changed.', `${signedGood.slice(0, -5)}AAAAA`, 'malformed', 'nonce_length', { signed: true })
await bad('signed-by-another-key', 'A signature made with another secret.', sign(signedPlain, signingSecret({ keys: [B] })), 'malformed', 'nonce_length', { signed: true })
await bad('signed-but-unsigned-arrives', 'The peer does not insist: a cookie without signature is read all the same.', signedPlain, 'ok', 'ok',
  { signed: true, level: 'quirk', ...same })
await bad('signed-reaches-unsigned-reader', 'A reader without `signed` takes the signature for part of the nonce.', signedGood, 'malformed', 'nonce_length')
await book.sealed({
  name: 'signed-and-rotated', about: 'Only the current key makes signatures, so a signed cookie does not survive rotation in the peer.',
  plaintext: `{"__ts":${TS},"user":"alice"}`, keys: [A, B], sealKey: B, signed: true, expect: 'malformed', reason: 'nonce_length', rotated: false, level: 'quirk'
})

// --- 8. Plaintexts that the package did not write ---------------------------

const plain = (name, about, plaintext, expect, reason, extra = {}) => book.sealed({ name, about, plaintext, expect, reason, ...extra })

await plain('timestamp-in-the-middle', 'Key order does not matter to the reader.', `{"a":1,"__ts":${TS},"b":2}`, 'ok', 'ok', { data: { a: 1, b: 2 } })
await plain('other-json-layout', 'Blanks, line ends and escapes other than the peer writes.',
  ` {\n\t"__ts" : ${TS} , "a" : "\\u0061\\/" }\r\n`, 'ok', 'ok', { data: { a: 'a/' } })
await plain('number-spellings', 'Other spellings of the same numbers.', `{"__ts":1.7e9,"a":1.0,"b":1E2,"c":-0}`, 'ok', 'ok', { data: { a: 1, b: 100, c: -0 } })
await plain('integer-beyond-double', 'Integers beyond 2^53 are valid JSON, but the peer reads the nearest double.',
  `{"__ts":${TS},"id":9007199254740993}`, 'ok', 'ok', { level: 'quirk', data: { id: 9007199254740992 } })
await plain('timestamp-missing', 'As written by plugin versions before 7.3.0. The peer reads it as issued now, on every request, so it never expires.',
  '{"user":"old"}', 'ok', 'ok', { level: 'quirk', data: { user: 'old' }, now: NOW + 10 * 365 * 86_400_000 })
await plain('plaintext-not-json', 'Another application shares the key: the peer fails the request with status 500.', 'hello', 'throws', 'plaintext_not_json', { level: 'quirk' })
await plain('plaintext-null', 'JSON, but not an object: status 500 as well.', 'null', 'throws', 'plaintext_not_an_object', { level: 'quirk' })

// --- Transitions ------------------------------------------------------------

const steps = new TransitionBook({ keys: [A], now: NOW })
const NOW_TS = NOW / 1000
const DEFAULTS = 'HttpOnly; SameSite=Lax'
const GONE = `Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; ${DEFAULTS}`
const IN = `{"__ts":${TS},"user":"alice","n":1}`
const later = (rest) => `{"__ts":${NOW_TS},${rest}}`
const step = (name, about, ops, rest) => steps.add({ name, about, ops, ...rest })

await step('new-set', 'set() on a session that did not exist.', [['set', 'a', 1]], { out: later('"a":1'), attributes: DEFAULTS })
await step('new-read', 'Reading a session that did not exist sends nothing.', [['get', 'a']], {})
await step('new-touch', 'touch() on a session that did not exist starts one.', [['touch']], { out: `{"__ts":${NOW_TS}}`, attributes: DEFAULTS })
await step('new-delete', 'delete() sends a removal even when no cookie came in.', [['delete']], { attributes: GONE })
await step('read', 'Reading sends nothing.', [['get', 'user']], { incoming: IN })
await step('set-new-key', 'set() renews __ts and appends.', [['set', 'b', 2]], { incoming: IN, out: later('"user":"alice","n":1,"b":2'), attributes: DEFAULTS })
await step('set-existing-key', 'set() on a key keeps its place.', [['set', 'user', 'bob']], { incoming: IN, out: later('"user":"bob","n":1'), attributes: DEFAULTS })
await step('set-same-value', 'set() with the value already there counts as a change.', [['set', 'n', 1]], { incoming: IN, out: later('"user":"alice","n":1'), attributes: DEFAULTS })
await step('set-null', 'set() to null keeps the key.', [['set', 'user', null]], { incoming: IN, out: later('"user":null,"n":1'), attributes: DEFAULTS })
await step('touch', 'touch() renews __ts and nothing else.', [['touch']], { incoming: IN, out: later('"user":"alice","n":1'), attributes: DEFAULTS })
await step('delete', 'delete() sends an empty value that is already over.', [['delete']], { incoming: IN, attributes: GONE })
await step('set-then-delete', 'delete() wins over an earlier set().', [['set', 'b', 2], ['delete']], { incoming: IN, attributes: GONE })
await step('delete-then-set', 'delete() wins over a later set(), too: there is no way back within the request.', [['delete'], ['set', 'b', 2]], { incoming: IN, attributes: GONE, level: 'quirk' })
await step('regenerate', 'regenerate() drops all data and renews __ts.', [['regenerate']], { incoming: IN, out: `{"__ts":${NOW_TS}}`, attributes: DEFAULTS })
await step('regenerate-keeping', 'regenerate([names]) keeps those names.', [['regenerate', ['n']]], { incoming: IN, out: later('"n":1'), attributes: DEFAULTS })
await step('regenerate-keeping-unknown', 'Names that are not there are no error.', [['regenerate', ['nope']]], { incoming: IN, out: `{"__ts":${NOW_TS}}`, attributes: DEFAULTS })
await step('regenerate-given-text', 'A name that is not in a list is ignored: everything goes.', [['regenerate', 'n']], { incoming: IN, out: `{"__ts":${NOW_TS}}`, attributes: DEFAULTS, level: 'quirk' })
await step('regenerate-then-set', 'Data set after regenerate() is kept.', [['regenerate'], ['set', 'user', 'carol']], { incoming: IN, out: later('"user":"carol"'), attributes: DEFAULTS })
await step('rotate-read', 'A session under an older key is sealed again with the current one, __ts unchanged.', [['get', 'user']], { keys: [A, B], incomingKey: B, incoming: IN, out: IN, attributes: DEFAULTS })
await step('rotate-touch', 'Rotation and touch(): __ts renewed.', [['touch']], { keys: [A, B], incomingKey: B, incoming: IN, out: later('"user":"alice","n":1'), attributes: DEFAULTS })
await step('rotate-delete', 'Rotation and delete(): removal only.', [['delete']], { keys: [A, B], incomingKey: B, incoming: IN, attributes: GONE })
await step('rotate-other-layout', 'Rotation parses and writes the JSON anew, so layout and number spellings are normalised.', [],
  { keys: [A, B], incomingKey: B, incoming: `{ "a": 1.0, "b": "\\u0041", "__ts": ${TS} }`, out: `{"a":1,"b":"A","__ts":${TS}}`, attributes: DEFAULTS })
await step('unknown-keys-survive', 'Keys the handler knows nothing about are written back.', [['set', 'mine', 1]],
  { incoming: `{"__ts":${TS},"theirs":{"deep":[1,2,{"x":null}]},"other":"x"}`, out: later('"theirs":{"deep":[1,2,{"x":null}]},"other":"x","mine":1'), attributes: DEFAULTS })
await step('expired-then-set', 'An expired session starts empty; its data is not carried over.', [['set', 'a', 1]],
  { incoming: `{"__ts":${TS - 90_000},"user":"alice"}`, out: later('"a":1'), attributes: DEFAULTS })
await step('expired-read', 'An expired cookie is not removed by reading.', [['get', 'user']], { incoming: `{"__ts":${TS - 90_000},"user":"alice"}` })
await step('undecryptable-read', 'A cookie that does not open is not removed by reading.', [], { incoming: IN, incomingKey: C })
await step('undecryptable-then-set', 'A cookie that does not open is replaced on set().', [['set', 'a', 1]], { incoming: IN, incomingKey: C, out: later('"a":1'), attributes: DEFAULTS })
await step('malformed-then-set', 'So is a malformed one.', [['set', 'a', 1]], { cookieHeader: 'session=garbage', out: later('"a":1'), attributes: DEFAULTS })
await step('no-timestamp-read', 'A session without __ts is not written back by reading.', [['get', 'user']], { incoming: '{"user":"old"}', level: 'quirk' })
await step('no-timestamp-set', 'Writing to a session without __ts appends one before the new key.', [['set', 'a', 1]],
  { incoming: '{"user":"old"}', out: `{"user":"old","__ts":${NOW_TS},"a":1}`, attributes: DEFAULTS })
await step('no-timestamp-rotate', 'A session without __ts under an older key is sealed again with a __ts of now: its clock starts.', [],
  { keys: [A, B], incomingKey: B, incoming: '{"user":"old"}', out: `{"user":"old","__ts":${NOW_TS}}`, attributes: DEFAULTS, level: 'quirk' })
await step('set-timestamp-by-hand', 'Nothing keeps a handler from setting __ts; this session is expired on arrival.', [['set', '__ts', 5]],
  { incoming: IN, out: '{"__ts":5,"user":"alice","n":1}', attributes: DEFAULTS, level: 'quirk' })
await step('handler-fails-after-set', 'Changes made before the handler fails are sent with the error response.', [['set', 'a', 1], ['fail']],
  { incoming: IN, out: later('"user":"alice","n":1,"a":1'), attributes: DEFAULTS, status: 500, level: 'quirk' })

// Cookie attributes.
await step('path', 'Attributes stand in this order: Max-Age, Domain, Path, Expires, HttpOnly, Secure, Partitioned, Priority, SameSite.', [['touch']],
  { cookieOptions: { path: '/' }, out: `{"__ts":${NOW_TS}}`, attributes: 'Path=/; HttpOnly; SameSite=Lax' })
await step('all-attributes', 'Every attribute at once. `expires` is milliseconds here.', [['touch']], {
  cookieOptions: { sameSite: 'none', priority: 'high', partitioned: true, secure: true, httpOnly: true, expires: 1_800_000_000_000, path: '/app', domain: 'example.com', maxAge: 3600 },
  out: `{"__ts":${NOW_TS}}`,
  attributes: 'Max-Age=3600; Domain=example.com; Path=/app; Expires=Fri, 15 Jan 2027 08:00:00 GMT; HttpOnly; Secure; Partitioned; Priority=High; SameSite=None'
})
await step('http-only-off', 'httpOnly: false is honoured.', [['touch']], { cookieOptions: { httpOnly: false }, out: `{"__ts":${NOW_TS}}`, attributes: 'SameSite=Lax' })
await step('same-site-strict', 'sameSite: true is strict.', [['touch']], { cookieOptions: { sameSite: true }, out: `{"__ts":${NOW_TS}}`, attributes: 'HttpOnly; SameSite=Strict' })
await step('same-site-off', 'sameSite: false leaves the attribute out.', [['touch']], { cookieOptions: { sameSite: false }, out: `{"__ts":${NOW_TS}}`, attributes: 'HttpOnly' })
await step('max-age-zero', 'maxAge: 0 is written.', [['touch']], { cookieOptions: { maxAge: 0 }, out: `{"__ts":${NOW_TS}}`, attributes: 'Max-Age=0; HttpOnly; SameSite=Lax' })
await step('options', 'options() is laid over the configured attributes for this response.', [['set', 'a', 1], ['options', { maxAge: 3600000 }]],
  { cookieOptions: { maxAge: 42, path: '/' }, out: later('"a":1'), attributes: 'Max-Age=3600000; Path=/; HttpOnly; SameSite=Lax' })
await step('options-twice', 'A second options() replaces the first; it is not added to it.', [['touch'], ['options', { maxAge: 5, path: '/x' }], ['options', { domain: 'a.example' }]],
  { cookieOptions: { path: '/' }, out: `{"__ts":${NOW_TS}}`, attributes: 'Domain=a.example; Path=/; HttpOnly; SameSite=Lax' })
await step('options-null', 'options(null) goes back to the configured attributes.', [['touch'], ['options', { maxAge: 5 }], ['options', null]],
  { cookieOptions: { path: '/' }, out: `{"__ts":${NOW_TS}}`, attributes: 'Path=/; HttpOnly; SameSite=Lax' })
await step('options-alone', 'options() by itself is not a change: nothing is sent.', [['options', { maxAge: 5 }]], { incoming: IN })
await step('options-http-only-null', 'An attribute set to null or false overrides the safe default.', [['touch'], ['options', { httpOnly: null }]],
  { out: `{"__ts":${NOW_TS}}`, attributes: 'SameSite=Lax', level: 'quirk' })
await step('options-and-delete', 'Removal keeps domain and path, from wherever they come, so that it hits the same cookie; lifetime is overridden.',
  [['options', { maxAge: 5, domain: 'a.example' }], ['delete']],
  { cookieOptions: { path: '/app', maxAge: 3600, secure: true }, incoming: IN, attributes: 'Max-Age=0; Domain=a.example; Path=/app; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax' })
await step('signed-delete', 'With `signed` the removal is not empty: it is the signature of the empty text.', [['delete']],
  { cookieOptions: { signed: true, path: '/' }, cookieHeader: null, attributes: 'Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax', level: 'quirk' })

// --- Passphrase derivations -------------------------------------------------

const derivations = []
for (const [name, secret, salt] of [
  ['default-salt', 'averylogphrasebiggerthanthirtytwochars', undefined],
  ['text-salt', 'averylogphrasebiggerthanthirtytwochars', 'mq9hDxBVDbspDR6n'],
  ['latin1-salt', 'a'.repeat(32), 'é'.repeat(16)],
  ['utf8-secret', 'Straße–日本語–🦀–Straße–日本語', undefined],
  ['long-secret', 'x'.repeat(300), Buffer.alloc(16)]
]) {
  const effective = salt === undefined ? DEFAULT_SALT : Buffer.isBuffer(salt) ? salt : Buffer.from(salt, 'latin1')
  const key = deriveKey(secret, effective)
  // The real plugin must derive the same key.
  const { accepted, value } = await tryConfig({ secret, ...(salt === undefined ? {} : { salt }) })
  assert.ok(accepted && value)
  const peer = await Peer.get({ secret, ...(salt === undefined ? {} : { salt }) })
  assert.equal(peer.decode(seal(`{"__ts":${TS}}`, key, testNonce(name)), NOW).expect, 'ok', name)
  derivations.push({
    name,
    secret,
    salt_text: typeof salt === 'string' ? salt : null,
    salt_b64: effective.toString('base64'),
    key_hex: key.toString('hex'),
    signing_secret: signingSecret({ secret })
  })
}

// --- Key and passphrase settings: accepted and rejected ---------------------

const inputs = []
const input = async (name, about, options, accepted, extra = {}) => {
  const outcome = await tryConfig(options)
  assert.equal(outcome.accepted, accepted, `${name}: ${outcome.message}`)
  inputs.push({ name, about, options: extra.shown ?? options, accepted, key_hex: extra.key ? extra.key.toString('hex') : null, error: outcome.message ?? null, level: extra.level ?? 'must' })
  if (accepted && extra.key) {
    const peer = await Peer.get({ keyInput: options.key })
    assert.equal(peer.decode(seal(`{"__ts":${TS}}`, extra.key, testNonce(name)), NOW).expect, 'ok', name)
  }
}
const F = Buffer.alloc(32, 0xfb)
await input('base64', 'Text keys are base64.', { key: F.toString('base64') }, true, { key: F })
await input('base64-unpadded', 'Padding may be missing.', { key: F.toString('base64').replace('=', '') }, true, { key: F })
await input('base64url', 'So may the alphabet be the URL-safe one.', { key: F.toString('base64url') }, true, { key: F })
await input('base64-with-line-end', 'A line end after the key is skipped.', { key: `${F.toString('base64')}\n` }, true, { key: F })
await input('hexadecimal', 'Hexadecimal text is read as base64 and comes out too long.', { key: F.toString('hex') }, false)
await input('base64-31-bytes', 'One byte short.', { key: Buffer.alloc(31, 1).toString('base64') }, false)
await input('base64-33-bytes', 'One byte long.', { key: Buffer.alloc(33, 1).toString('base64') }, false)
await input('list', 'A list of keys.', { key: [F.toString('base64'), A.toString('base64')] }, true, { key: A })
await input('empty-list', 'An empty list.', { key: [] }, false)
await input('list-all-wrong', 'A list without any usable key.', { key: ['AAAA', 'BBBB'] }, false)
await input('list-wrong-second', 'A wrong length is only noticed when every key of the list is wrong; the peer starts, and fails requests later.',
  { key: [F.toString('base64'), 'AAAA'] }, true, { level: 'quirk' })
await input('empty-text', 'An empty key counts as no key.', { key: '' }, false)
await input('nothing', 'Neither key nor passphrase.', {}, false)
await input('secret-31-bytes', 'A passphrase needs 32 bytes.', { secret: 'a'.repeat(31) }, false)
await input('salt-15-characters', 'A salt needs exactly 16 bytes.', { secret: 'a'.repeat(32), salt: 'a'.repeat(15) }, false)
await input('salt-17-characters', 'A salt needs exactly 16 bytes.', { secret: 'a'.repeat(32), salt: 'a'.repeat(17) }, false)
await input('key-and-secret', 'A key wins over a passphrase, which is then not looked at.', { key: F.toString('base64'), secret: 'short', salt: 'x' }, true, { key: F, level: 'quirk' })

// --- Signing ----------------------------------------------------------------

const signing = []
for (const [name, key] of [['key-a', A], ['key-b', B], ['zero-key', Buffer.alloc(32)]]) {
  const secret = signingSecret({ keys: [key] })
  const peer = await Peer.get({ keys: [key], cookieOptions: { signed: true } })
  const value = seal(`{"__ts":${TS}}`, key, testNonce(`signing ${name}`))
  assert.equal(peer.app.signCookie(value), sign(value, secret), name)
  signing.push({ name, key_hex: key.toString('hex'), signing_secret: secret, value, signed_value: sign(value, secret) })
}

await Peer.closeAll()

const fields = {
  level: '"must": peer and library have to agree. "quirk": what the peer does, recorded for migration; a library may differ on purpose and should say so.',
  origin: '"plugin": sealed by the peer inside a request; "encoder": by createSecureSession and encodeSecureSession; "sealed": by libsodium from a given plaintext; "altered": no seal, a changed value or header.',
  key_hex: 'The key the value was sealed with (for altered values: the current key of the reader).',
  keys_hex: 'The keys of the reader, the current one first.',
  secret: 'The passphrase both sides are configured with, if any; then key_hex is what it derives to with salt_b64.',
  signed: 'Whether the reader has the cookie attribute signed: true.',
  nonce_b64: 'The nonce of the seal, 24 bytes.',
  issued: 'Milliseconds since the epoch at which the peer sealed the value.',
  plaintext_json: 'The sealed text, exactly; null where nothing was sealed, or where plaintext_b64 holds it because it is not UTF-8.',
  cookie_value_raw: 'The value the peer hands to its session decoder, after its cookie parser removed percent-escapes; null when there is none.',
  cookie_header: 'The Cookie request header, exactly.',
  set_cookie_header: 'The Set-Cookie response header that carried the value, exactly; null for altered values.',
  now: 'Milliseconds since the epoch on the clock of the reader.',
  expiry: 'Seconds, a setting of the reader.',
  expect: 'ok, expired, malformed, undecryptable, absent, or throws (the peer fails the request with status 500). Everything but ok and throws gives an empty session and no error. A library has to agree on ok and expired; which kind of refusal it reports otherwise is its own affair.',
  reason: 'Which check of the peer decided.',
  peer_status: 'The status of the request in the peer.',
  rotated: 'Whether an older key opened the value; the peer then sends the session again, see reissue.',
  reissue: 'The session as the peer sent it again after rotation, with the nonce it used.',
  data: 'What the session holds, without __ts; null unless ok, and null where a JSON reader might refuse it (nesting, lone surrogates). data_json is the same as text, in key order.',
  transitions: 'One request each: cookie_header comes in (null: none), ops run on the session in order, set_cookie_header goes out (null: none), sealed with nonce_b64 from plaintext_json. cookie_options are the configured attributes, in the names of the peer; expires is milliseconds. The op "get" reads, "fail" makes the handler fail.',
  key_inputs: 'Settings as given to the peer, and whether it starts with them.'
}

// Valid behaviour of the package from which this library departs on purpose (see BEHAVIOURS.md,
// part 5).
const departures = new Set([
  'set-same-value', 'set-null', 'options-twice', 'options-null', 'all-attributes', 'max-age-zero', 'no-timestamp-set',
  'clock-behind', 'long-value'
])
for (const entry of [...book.vectors, ...steps.transitions]) if (departures.has(entry.name)) entry.level = 'quirk'

emit(fileURLToPath(new URL('../vectors/fastify.json', import.meta.url)), {
  about: 'Session cookies of @fastify/secure-session: what the peer wrote, and what it made of what it was given. Keys and passphrases are test material.',
  packages: versions(),
  format: {
    value: 'base64(secretbox(plaintext)) ";" base64(nonce), standard alphabet with padding; the tag is the first 16 bytes of the ciphertext',
    cipher: 'XSalsa20-Poly1305 (crypto_secretbox_easy)',
    header: 'percent-encoded like encodeURIComponent: "+" %2B, "/" %2F, "=" %3D, ";" %3B; a signature adds "." as it is',
    expired: '(__ts + expiry) * 1000 - now <= 0',
    issued: '__ts = floor(now / 1000 + 0.5)',
    default_expiry: DEFAULT_EXPIRY,
    passphrase: pwhashParameters(),
    signature: 'value "." base64-without-padding(HMAC-SHA-256(signing secret, value)); the signing secret is the passphrase, or the lower-case hexadecimal text of BLAKE2b-256(current key)'
  },
  fields,
  vectors: book.vectors,
  transitions: steps.transitions,
  derivations,
  key_inputs: inputs,
  signing
})
