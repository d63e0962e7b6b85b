//! The origin that a request is sent to. It is read from the request head only, because actix-web's
//! `connection_info` writes to the request's extensions and panics while they are borrowed.

use actix_web::{
    dev::RequestHead,
    http::header::{
        FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue, X_FORWARDED_HOST, X_FORWARDED_PROTO,
    },
};

/// The scheme and the hosts of a request, according to its head.
///
/// Hosts include the port unless it is the scheme's default. Values are neither validated nor
/// converted to lower case. A header that is not visible ASCII counts as absent.
///
/// # Security
///
/// Clients can forge these headers, unless a proxy replaces them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RequestOrigin<'a> {
    /// The scheme from the proxy, or else from the URI, or `https` over TLS. `None` for a plain
    /// connection without further information: a proxy may have terminated TLS.
    pub(super) scheme: Option<&'a str>,
    /// The host from the request itself (RFC 9110 §7.2).
    pub(super) host: Option<&'a str>,
    /// The host from the proxy (RFC 7239 §4, or `X-Forwarded-Host`).
    pub(super) forwarded_host: Option<&'a str>,
}

impl<'a> RequestOrigin<'a> {
    /// Reads the origin from a request head. `is_tls` is actix-web's `AppConfig::secure`.
    pub(super) fn of(head: &'a RequestHead, is_tls: bool) -> Self {
        let scheme = scheme(head, is_tls);
        let without_port = |host| without_default_port(host, scheme);
        Self {
            scheme,
            host: requested_host(head).map(without_port),
            forwarded_host: forwarded_host(head).map(without_port),
        }
    }
}

/// Returns true if a serialized web origin (RFC 6454 §6.2) is the one that a request is for.
///
/// The host may be the one from the request or the one from the proxy, because a proxy may replace
/// `Host`. If the request's scheme is unknown, `http` and `https` are equal to it. `http` in the
/// URI (HTTP/2 without TLS) counts as unknown, because a proxy may have terminated TLS. `is_tls` is
/// actix-web's `AppConfig::secure`.
#[inline]
pub(super) fn is_own_origin(head: &RequestHead, is_tls: bool, origin: &[u8]) -> bool {
    let (web_scheme, host) = match origin.strip_prefix(b"https://") {
        Some(host) => ("https", host),
        None => match origin.strip_prefix(b"http://") {
            Some(host) => ("http", host),
            None => return false,
        },
    };
    let is_host = |own: &str| is_same_host(own, host, web_scheme);
    let is_https = || is_tls || head.uri.scheme_str() == Some("https");
    let scheme = forwarded_scheme(head).or_else(|| is_https().then_some("https"));
    !host.is_empty()
        && scheme.is_none_or(|own| is_scheme_of(web_scheme, own))
        && (is_host_header(head, host)
            || requested_host(head).is_some_and(is_host)
            || forwarded_host(head).is_some_and(is_host))
}

/// Returns true if the host is byte for byte the one of the `Host` header, which is the usual case.
/// [`requested_host`] checks each character.
fn is_host_header(head: &RequestHead, host: &[u8]) -> bool {
    let is_same = |own: &HeaderValue| own.as_bytes() == host;
    host.is_ascii()
        && head.uri.authority().is_none()
        && head.headers().get(&HOST).is_some_and(is_same)
}

/// Returns true if pages with this scheme send requests with the scheme `own`. Some proxies forward
/// `ws` and `wss` for WebSocket handshakes. Any page may send one with an unknown scheme.
fn is_scheme_of(web_scheme: &str, own: &str) -> bool {
    let is = |text: &str| own.eq_ignore_ascii_case(text);
    if is("http") || is("ws") {
        web_scheme == "http"
    } else if is("https") || is("wss") {
        web_scheme == "https"
    } else {
        true
    }
}

/// Compares hosts. Browsers omit a default port, but a proxy may add it.
fn is_same_host(own: &str, host: &[u8], scheme: &str) -> bool {
    own.as_bytes() == host
        || str::from_utf8(host).is_ok_and(|host| {
            let [own, host] = [own, host].map(|host| without_default_port(host, Some(scheme)));
            own.eq_ignore_ascii_case(host)
        })
}

/// Returns the scheme from the proxy, or else from the URI, or `https` over TLS.
fn scheme(head: &RequestHead, is_tls: bool) -> Option<&str> {
    forwarded_scheme(head)
        .or_else(|| head.uri.scheme_str())
        .or_else(|| is_tls.then_some("https"))
}

/// Returns the scheme from the proxy.
fn forwarded_scheme(head: &RequestHead) -> Option<&str> {
    let headers = head.headers();
    forwarded(headers, "proto").or_else(|| first_value(headers, &X_FORWARDED_PROTO))
}

/// Returns the host from the proxy, including any port.
fn forwarded_host(head: &RequestHead) -> Option<&str> {
    let headers = head.headers();
    forwarded(headers, "host").or_else(|| first_value(headers, &X_FORWARDED_HOST))
}

/// Returns the host from the request itself, including any port: the one of the URI, which takes
/// precedence over the `Host` header (RFC 9110 §7.2), or else the one of the header.
pub(super) fn requested_host(head: &RequestHead) -> Option<&str> {
    let Some(authority) = head.uri.authority() else {
        return text(head.headers().get(&HOST)?);
    };
    let authority = authority.as_str();
    let without_user = authority.rsplit_once('@').map(|(_, host)| host);
    without_user.or(Some(authority))
}

/// Returns the first value of a parameter of `Forwarded` (RFC 7239 §4).
///
/// Like actix-web, ends a value at every `;` and `,`, even within quotes.
#[inline]
fn forwarded<'a>(headers: &'a HeaderMap, parameter: &str) -> Option<&'a str> {
    // `contains_key` is the cheapest lookup, and most proxies send `X-Forwarded-…` instead.
    if !headers.contains_key(&FORWARDED) {
        return None;
    }
    forwarded_value(headers, parameter)
}

fn forwarded_value<'a>(headers: &'a HeaderMap, parameter: &str) -> Option<&'a str> {
    let lines = headers.get_all(&FORWARDED).filter_map(text);
    let pairs = lines.flat_map(|line| line.split([';', ',']));
    let value = pairs.filter_map(|pair| pair.split_once('='));
    let mut values = value.filter(|(name, _)| name.trim().eq_ignore_ascii_case(parameter));
    values
        .next()
        .map(|(_, value)| value.trim().trim_matches('"'))
}

/// Returns the first value of the first line of a header.
fn first_value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let line = text(headers.get(name)?)?;
    line.split(',').next().map(str::trim)
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// Removes the default port, which browsers omit. An unknown scheme counts as http.
fn without_default_port<'a>(host: &'a str, scheme: Option<&str>) -> &'a str {
    let is = |name: &str| scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(name));
    match host.rsplit_once(':') {
        Some((name, "80")) if scheme.is_none() || is("http") => name,
        Some((name, "443")) if is("https") => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "the tests compare the origin with `connection_info`"
    )]

    use actix_web::{HttpRequest, http::header::HeaderValue, test::TestRequest};

    use super::*;

    /// The lines of one header.
    type Lines = &'static [&'static [u8]];

    const HOSTS: [Lines; 10] = [
        &[],
        &[b"shop.example"],
        &[b"shop.example:80"],
        &[b"shop.example:443"],
        &[b"SHOP.example:8080"],
        &[b"[2001:db8::1]:80"],
        &[b"[::1]"],
        &[b""],
        &[b"sh\xf6p.example"],
        &[b"first.example", b"second.example"],
    ];
    const FORWARDED_LINES: [Lines; 17] = [
        &[],
        &[b""],
        &[b"host=front.example"],
        &[b"proto=https"],
        &[b"proto=https;host=front.example:443"],
        &[b"for=192.0.2.1; PROTO=\"https\" ; Host = \"[2001:db8::2]:443\""],
        &[b"for=192.0.2.1, for=192.0.2.2;proto=HTTPS;host=FRONT.example"],
        &[b"proto=http;host=a.example, proto=https;host=b.example"],
        &[b"host=\"a.example,b.example\";proto=\"ht;tps\""],
        &[b"host=a=b;proto==https"],
        &[b"host=;proto="],
        &[b"host;proto;=https"],
        &[b"host=\"\"\"a.example;proto=\"\""],
        &[b"by=front;for=unknown;scheme=https"],
        &[b"for=192.0.2.1", b"host=second.example", b"proto=https"],
        &[b"host=fr\xf6nt.example;proto=http", b"proto=https"],
        &[b"\tproto=https\t;\thost=front.example:80 "],
    ];
    const PROTOCOLS: [Lines; 9] = [
        &[],
        &[b"https"],
        &[b"http"],
        &[b" HTTPS , http"],
        &[b"http,https"],
        &[b"\"https\""],
        &[b""],
        &[b"https\xff", b"https"],
        &[b"wss", b"https"],
    ];
    const FORWARDED_HOSTS: [Lines; 8] = [
        &[],
        &[b"front.example"],
        &[b"front.example:443, other.example"],
        &[b" [2001:db8::3]:80 "],
        &[b", other.example"],
        &[b""],
        &[b"fr\xf6nt.example"],
        &[b"a.example:80", b"b.example"],
    ];
    /// URIs, with the `Host` header that names the same host.
    const URIS: [(&str, Option<Lines>); 3] = [
        ("/path", None),
        ("http://ada@uri.example:80/", Some(&[b"uri.example:80"])),
        ("https://uri.example/", Some(&[b"uri.example"])),
    ];

    fn request(uri: &str, headers: &[(HeaderName, Lines)]) -> HttpRequest {
        let mut request = TestRequest::with_uri(uri);
        for (name, lines) in headers {
            for line in *lines {
                let value = HeaderValue::from_bytes(line).unwrap();
                request = request.append_header((name.clone(), value));
            }
        }
        request.to_http_request()
    }

    fn assert_equal_to_connection_info(uri: (&str, Option<Lines>), headers: [Lines; 4]) {
        let [host, forwarded, protocol, forwarded_host] = headers;
        let request = |host| {
            let headers = [
                (HOST, host),
                (FORWARDED, forwarded),
                (X_FORWARDED_PROTO, protocol),
                (X_FORWARDED_HOST, forwarded_host),
            ];
            request(uri.0, &headers)
        };
        let ours = request(host);
        let origin = RequestOrigin::of(ours.head(), false);
        let found_host = origin.forwarded_host.or(origin.host);
        let found = (
            origin.scheme.unwrap_or("http"),
            found_host.unwrap_or(ours.app_config().host()),
        );

        // actix-web prefers the `Host` header to the URI.
        let theirs = request(uri.1.unwrap_or(host));
        let info = theirs.connection_info();
        let default_port = match info.scheme() {
            "http" => ":80",
            "https" | "HTTPS" => ":443",
            _ => "no port",
        };
        let host = info.host();
        let host = host.strip_suffix(default_port).unwrap_or(host);
        assert_eq!(found, (info.scheme(), host), "{ours:?}");
    }

    #[test]
    fn scheme_and_host_equal_those_of_connection_info() {
        let mut compared = 0;
        for uri in URIS {
            for host in HOSTS {
                for forwarded in FORWARDED_LINES {
                    for protocol in PROTOCOLS {
                        for forwarded_host in FORWARDED_HOSTS {
                            let headers = [host, forwarded, protocol, forwarded_host];
                            assert_equal_to_connection_info(uri, headers);
                            compared += 1;
                        }
                    }
                }
            }
        }
        assert!(compared >= 200);
    }

    #[test]
    fn each_part_of_an_origin_is_read_from_its_own_source() {
        let headers: [(HeaderName, Lines); 3] = [
            (HOST, &[b"inside.example:443"]),
            (X_FORWARDED_PROTO, &[b"https"]),
            (X_FORWARDED_HOST, &[b"shop.example:8443"]),
        ];
        let origin = |uri, headers, is_tls| {
            let request = request(uri, headers);
            let origin = RequestOrigin::of(request.head(), is_tls);
            let owned = |part: Option<&str>| part.map(str::to_owned);
            [origin.scheme, origin.host, origin.forwarded_host].map(owned)
        };
        let is = |found: [Option<String>; 3], expected: [Option<&str>; 3]| {
            assert_eq!(found.each_ref().map(Option::as_deref), expected);
        };
        let inside = Some("inside.example");
        is(
            origin("/", &headers, false),
            [Some("https"), inside, Some("shop.example:8443")],
        );
        is(
            origin("/", &headers[..1], true),
            [Some("https"), inside, None],
        );
        is(
            origin("/", &headers[..1], false),
            [None, Some("inside.example:443"), None],
        );
        is(
            origin("http://ada@uri.example:80/", &headers[..1], true),
            [Some("http"), Some("uri.example"), None],
        );
        is(origin("/", &[], false), [None, None, None]);
    }

    #[test]
    fn http_is_another_origin_over_tls_and_unknown_without() {
        let is_own = |uri, is_tls, origin: &str| {
            let request = request(uri, &[(HOST, &[b"shop.example"])]);
            is_own_origin(request.head(), is_tls, origin.as_bytes())
        };
        for (uri, is_tls, is_http_own) in [
            ("/", true, false),
            ("https://shop.example/", false, false),
            ("/", false, true),
            ("http://shop.example/", false, true),
        ] {
            assert!(is_own(uri, is_tls, "https://shop.example"), "{uri}");
            let found = is_own(uri, is_tls, "http://shop.example");
            assert_eq!(found, is_http_own, "{uri} {is_tls}");
        }
    }
}
