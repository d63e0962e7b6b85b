// Third-party parsers of Set-Cookie: reads one header per line from standard input, as a JSON
// string, and writes the result of each parser.

import { createInterface } from 'node:readline'
import { parseSetCookie } from 'set-cookie-parser'
import { Cookie, CookieJar } from 'tough-cookie'

const orNull = (value) => value ?? null

function bySetCookieParser (header) {
  const [cookie] = parseSetCookie([header], { decodeValues: false })
  return {
    name: cookie.name,
    value: cookie.value,
    path: orNull(cookie.path),
    domain: orNull(cookie.domain),
    secure: cookie.secure ?? false,
    httpOnly: cookie.httpOnly ?? false,
    sameSite: orNull(cookie.sameSite?.toLowerCase()),
    partitioned: cookie.partitioned ?? false,
    maxAge: orNull(cookie.maxAge)
  }
}

function byToughCookie (header) {
  const cookie = Cookie.parse(header)
  return {
    name: cookie.key,
    value: cookie.value,
    path: orNull(cookie.path),
    domain: orNull(cookie.domain),
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    sameSite: orNull(cookie.sameSite),
    // It does not know this attribute, and keeps it.
    partitioned: (cookie.extensions ?? []).includes('Partitioned'),
    maxAge: orNull(cookie.maxAge)
  }
}

// The Cookie header that a jar sends for a page that has just received this header.
function sentBack (header, { domain, path }) {
  const jar = new CookieJar(undefined, { prefixSecurity: 'strict' })
  const url = `https://${domain ?? 'shop.example.com'}${encodeURI(path)}`
  jar.setCookieSync(header, url)
  return jar.getCookieStringSync(url)
}

for await (const line of createInterface({ input: process.stdin })) {
  const header = JSON.parse(line)
  const tough = byToughCookie(header)
  console.log(JSON.stringify({ parser: bySetCookieParser(header), tough, back: sentBack(header, tough) }))
}
