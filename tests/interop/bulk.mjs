// The real plugin without HTTP, for thousands of sessions: reads one JSON command per line from
// standard input and writes one JSON response per line.
//
// It keeps every value that it created or changed, so that another implementation is compared with
// JavaScript's own objects and never with its own parser.

import { strict as assert } from 'node:assert'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import Fastify from 'fastify'
import secureSession from '@fastify/secure-session'

const sodium = createRequire(import.meta.url)('sodium-native')

const realNow = Date.now
let pinned = null
Date.now = () => pinned ?? realNow()

// One application for each configuration.
const apps = new Map()
async function appOf ({ keys, secret, salt, cookie = 'session', expiry, signed = false }) {
  const id = JSON.stringify([keys, secret, salt, cookie, expiry, signed])
  if (!apps.has(id)) {
    const app = Fastify()
    const options = { cookieName: cookie, cookie: { signed } }
    if (secret) Object.assign(options, { secret, salt: Buffer.from(salt, 'base64') })
    else options.key = keys.map((hex) => Buffer.from(hex, 'hex'))
    if (expiry !== undefined) options.expiry = expiry
    app.register(secureSession, options)
    await app.ready()
    apps.set(id, app)
  }
  return apps.get(id)
}

// Parses the value of a Cookie header like the package's request hook.
function open (app, signed, text) {
  let value = decodeURIComponent(text)
  if (signed) {
    const unsigned = app.unsignCookie(value)
    if (!unsigned.valid) return null
    value = unsigned.value
  }
  return app.decodeSecureSession(value)
}

const seal = (app, session) => encodeURIComponent(app.encodeSecureSession(session))

// --- Random sessions --------------------------------------------------------

// mulberry32: the same numbers for the same seed.
function generator (seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  return { next, below: (limit) => next() % limit, pick: (list) => list[next() % list.length] }
}

const EDGES = [0, 1, -1, 2 ** 53, -(2 ** 53), 2 ** 53 - 1, 2 ** 31, 2 ** 32, 1e21, 1e-7, 0.1, 5e-324, Number.MAX_VALUE]
const SIGNS = ['\u0000', '\u0001', '\b', '\t', '\n', '\u000b', '\f', '\r', '\u001f', '"', '\\', '/', '\u007f', '\u0080',
  '\u2028', '\u2029', '\ufeff', 'é', 'ß', 'Ж', '日', '\ud7ff', '\ue000', '\uffff', '🦀', '𝔘', '\u{10ffff}', 'e\u0301', ' ']

function double (random) {
  const bits = new DataView(new ArrayBuffer(8))
  for (;;) {
    bits.setUint32(0, random.next())
    bits.setUint32(4, random.next())
    const number = bits.getFloat64(0)
    if (Number.isFinite(number)) return number
  }
}

const integer = (random) => (random.next() * 2 ** 21 + (random.next() >>> 11)) * random.pick([1, -1])

const number = (random) => random.pick([
  () => random.pick(EDGES), () => double(random), () => integer(random), () => random.below(100)
])()

const text = (random) =>
  Array.from({ length: random.below(12) }, () => random.pick([() => random.pick(SIGNS), () => String.fromCharCode(97 + random.below(26))])()).join('')

function value (random, depth) {
  const kind = random.below(depth > 0 ? 7 : 5)
  if (kind === 0) return null
  if (kind === 1) return random.below(2) === 1
  if (kind === 2) return text(random)
  if (kind < 5) return number(random)
  const size = random.below(4)
  const members = () => Array.from({ length: size }, () => value(random, depth - 1))
  if (kind === 5) return members()
  return Object.fromEntries(members().map((member, index) => [index === 0 ? random.pick(['', 'k']) : `${text(random)}${index}`, member]))
}

// A list or object nested in another, exactly this deep.
function nested (random, depth) {
  let inner = number(random)
  for (let level = 0; level < depth; level++) inner = random.pick([[inner], { d: inner }, { '': inner }])
  return inner
}

// Members that the other side's struct names, each only in some sessions, and others.
function session (random) {
  for (;;) {
    const members = {
      flag: random.below(2) === 1,
      count: random.next(),
      big: integer(random),
      ratio: number(random),
      triple: [random.below(256), random.below(256), random.below(256)],
      pair: [random.below(2 ** 31) * random.pick([1, -1]), random.below(2) === 1],
      name: text(random),
      items: Array.from({ length: random.below(4) }, () => text(random)),
      user_id: random.next(),
      nickname: random.pick([null, text(random)]),
      scores: Array.from({ length: random.below(4) }, () => random.below(1000)),
      // Members that the other side's struct does not know, which it must send back.
      address: { street: text(random), number: random.next(), ...random.pick([{}, { more: value(random, 2), half: 'x\ud83d' }]) },
      limits: { [text(random)]: [number(random)], '': [] },
      extra: value(random, 3),
      visits: random.below(1000)
    }
    for (const name of Object.keys(members)) if (random.below(3) === 0) delete members[name]
    for (const name of ['flag', 'count', 'items', 'visits']) if (name in members && random.below(8) === 0) members[name] = null
    const others = { half: 'x\ud83d', '': value(random, 2), theirs: nested(random, random.below(21)), 'a.b c': value(random, 4), __ts_: text(random) }
    for (const name of Object.keys(others)) if (random.below(2) === 0) members[name] = others[name]
    const shuffled = Object.entries(members).sort(() => random.below(3) - 1)
    const made = Object.fromEntries(shuffled)
    if (Buffer.byteLength(JSON.stringify(made)) < 2000) return made
  }
}

// --- Commands ---------------------------------------------------------------

const kept = new Map()
const stored = (object) => JSON.parse(JSON.stringify(object))

const commands = {
  // Sessions created here.
  async make ({ config, seed, first, count }) {
    const app = await appOf(config)
    return Array.from({ length: count }, (_, offset) => {
      const made = session(generator(seed + first + offset))
      kept.set(first + offset, stored(made))
      return { value: seal(app, app.createSecureSession({ ...made })), json: JSON.stringify(made) }
    })
  },

  // Sessions created elsewhere: read, changed, encrypted.
  async change ({ config, seed, first, values }) {
    const app = await appOf(config)
    return values.map((text, offset) => {
      const opened = open(app, config.signed, text)
      if (opened === null) return null
      const before = JSON.stringify(opened.data())
      const random = generator(seed + first + offset)
      opened.set('theirs', nested(random, random.below(21)))
      opened.set('', value(random, 2))
      opened.set('count', random.next())
      opened.set('name', opened.get('name') === undefined ? 'new' : opened.get('name') + '🦀')
      kept.set(first + offset, stored(opened.data()))
      return { before, value: seal(app, opened), after: JSON.stringify(opened.data()) }
    })
  },

  // Whether the values contain the data kept here, with these changes. Returns the differences.
  async compare ({ config, first, sessions }) {
    const app = await appOf(config)
    return sessions.flatMap(({ value: text, set, removed }, offset) => {
      const opened = open(app, config.signed, text)
      if (opened === null) return [`${first + offset}: does not open`]
      const expected = { ...kept.get(first + offset), ...set }
      for (const name of removed) delete expected[name]
      try {
        assert.deepStrictEqual(stored(opened.data()), stored(expected))
        return []
      } catch (error) {
        return [`${first + offset}: ${error.message}`]
      }
    })
  },

  // Whether values contain these data, at a given time, each with its own configuration. Returns
  // the names of those that do not.
  async read ({ sessions }) {
    const wrong = []
    for (const { name, config, now, value: text, json } of sessions) {
      const app = await appOf(config)
      pinned = now
      const opened = open(app, config.signed, text)
      pinned = null
      try {
        assert.notEqual(opened, null)
        assert.deepStrictEqual(stored(opened.data()), JSON.parse(json))
      } catch (error) {
        wrong.push(`${name}: ${error.message}`)
      }
    }
    return wrong
  },

  // Keys from passphrases, derived with libsodium.
  async derive ({ inputs }) {
    return inputs.map(({ secret, salt }) => {
      const key = Buffer.alloc(sodium.crypto_secretbox_KEYBYTES)
      sodium.crypto_pwhash(
        key,
        Buffer.from(secret, 'base64'),
        Buffer.from(salt, 'base64'),
        sodium.crypto_pwhash_OPSLIMIT_MODERATE,
        sodium.crypto_pwhash_MEMLIMIT_MODERATE,
        sodium.crypto_pwhash_ALG_DEFAULT
      )
      return key.toString('hex')
    })
  }
}

console.log('"ready"')
for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...rest } = JSON.parse(line)
  console.log(JSON.stringify(await commands[op](rest)))
}
