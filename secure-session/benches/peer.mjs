// A Fastify application with the real @fastify/secure-session: the routes of the other servers, for
// `loopback.py`. The packages are those of tests/interop.
//
// Prints one line, "listening 127.0.0.1:<port>", when it is ready.

import { createRequire } from 'node:module'

const require = createRequire(new URL('../../tests/interop/package.json', import.meta.url))
const Fastify = require('fastify')
const secureSession = require('@fastify/secure-session')

const account = {
  user_id: 12345678,
  name: 'Ada Lovelace',
  email: 'ada.l@example.com',
  roles: ['admin', 'editor'],
  theme: 'dark',
  visits: 7
}

const app = Fastify()
app.register(secureSession, {
  key: Buffer.from(Array.from({ length: 32 }, (_, index) => index + 1)),
  cookie: { path: '/', httpOnly: true, secure: true, sameSite: 'lax' }
})

const fill = (session, names) => {
  for (const name of names) session.set(name, account[name])
}

app.get('/begin', (request, reply) => {
  fill(request.session, Object.keys(account))
  reply.send()
})

app.get('/show', (request, reply) => {
  const { user_id = 0, name = '', email = '', roles = [], theme = '', visits = 0 } = request.session.data()
  reply.send({ user_id, name, email, roles, theme, visits })
})

app.get('/unused', (request, reply) => {
  reply.send()
})

app.get('/read', (request, reply) => {
  const known = request.session.get('user_id') === account.user_id && request.session.get('name') === account.name
  reply.code(known ? 200 : 401).send()
})

app.get('/count', (request, reply) => {
  request.session.set('visits', (request.session.get('visits') ?? 0) + 1)
  reply.send()
})

app.get('/login', (request, reply) => {
  request.session.regenerate()
  fill(request.session, ['user_id', 'name', 'email', 'roles', 'theme'])
  reply.send()
})

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => app.close().then(() => process.exit(0)))
}

const address = await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 0) })
console.log(`listening ${address.replace('http://', '')}`)
