// What the table of README.md says of @fastify/secure-session: a cell is true while its test passes.

import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import Fastify from 'fastify'
import secureSession from '@fastify/secure-session'

const KEYS = [1, 2].map((first) => Buffer.from(Array.from({ length: 32 }, (_, i) => first * 64 + i)))

const realNow = Date.now
let ahead = 0
Date.now = () => realNow() + ahead

// An application with these options and a route for each handler.
async function appOf (options, routes) {
  const app = Fastify()
  app.register(secureSession, options)
  for (const [path, handler] of Object.entries(routes)) app.get(path, handler)
  await app.ready()
  return app
}

// Sends a request; returns its body and the cookies that the response sets.
async function send (app, url, cookie) {
  const response = await app.inject({ url, headers: cookie ? { cookie } : {} })
  const cookies = [response.headers['set-cookie'] ?? []].flat()
  return { body: response.body, cookies, cookie: cookies[0]?.split(';')[0] }
}

const ROUTES = {
  '/login': async (request) => { request.session.set('user', 42); return 'signed in' },
  '/touch': async (request) => { request.session.touch(); return '' },
  '/user': async (request) => String(request.session.get('user')),
  '/logout': async (request) => { request.session.delete(); return '' }
}

test('fields have no types', async () => {
  const app = await appOf({ key: KEYS[0] }, {
    '/': async (request) => {
      request.session.set('user', 42)
      request.session.set('user', 'forty-two')
      return [typeof request.session.get('user'), typeof request.session.get('usr')].join()
    }
  })
  assert.equal((await send(app, '/')).body, 'string,undefined')
})

test('several sessions have their own cookies', async () => {
  const sessions = [
    { sessionName: 'auth', cookieName: 'a', key: KEYS[0] },
    { sessionName: 'prefs', cookieName: 'p', key: KEYS[1] }
  ]
  const app = await appOf(sessions, {
    '/': async (request) => { request.auth.set('user', 42); request.prefs.set('theme', 'dark'); return '' }
  })
  const { cookies } = await send(app, '/')
  assert.deepEqual(cookies.map((cookie) => cookie[0]).sort(), ['a', 'p'])
})

test('one limit counts from the last write', async () => {
  const app = await appOf({ key: KEYS[0], expiry: 100 }, ROUTES)
  const { cookie } = await send(app, '/login')
  ahead = 60_000
  const read = await send(app, '/user', cookie)
  assert.deepEqual([read.body, read.cookies], ['42', []])
  const touched = (await send(app, '/touch', cookie)).cookie
  ahead = 120_000
  assert.equal((await send(app, '/user', cookie)).body, 'undefined')
  assert.equal((await send(app, '/user', touched)).body, '42')
  ahead = 0
})

test('keys rotate', async () => {
  const { cookie } = await send(await appOf({ key: [KEYS[0]] }, ROUTES), '/login')
  const rotated = await appOf({ key: [KEYS[1], KEYS[0]] }, ROUTES)
  assert.equal((await send(rotated, '/user', cookie)).body, '42')
  const without = await appOf({ key: [KEYS[1]] }, ROUTES)
  assert.equal((await send(without, '/user', cookie)).body, 'undefined')
})

test('a copied cookie is valid after a logout', async () => {
  const app = await appOf({ key: KEYS[0] }, ROUTES)
  const { cookie } = await send(app, '/login')
  await send(app, '/logout', cookie)
  assert.equal((await send(app, '/user', cookie)).body, '42')
})

// The package sends such a cookie; browsers drop it (RFC 6265bis §5.6).
test('more than 4 KB is a cookie that browsers drop', async () => {
  const app = await appOf({ key: KEYS[0] }, {
    '/': async (request) => { request.session.set('notes', 'x'.repeat(5000)); return '' }
  })
  assert.ok((await send(app, '/')).cookie.length > 4096)
})
