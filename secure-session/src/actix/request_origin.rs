//! The scheme and the hosts of a request, read from its head alone.
//!
//! actix-web's `connection_info()` says the same, but borrows the extensions of the request mutably:
//! it panics while the application holds them.

use actix_web::{
    HttpRequest,
    http::{
        header::{FORWARDED, HOST, HeaderMap, X_FORWARDED_HOST, X_FORWARDED_PROTO},
        uri::{Authority, Scheme},
    },
};

/// Where a request was sent to, as it says itself and as a proxy says.
///
/// Header values that are not visible ASCII count as absent. A port that is the scheme's default is
/// left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RequestOrigin<'a> {
    /// `Forwarded` (RFC 7239 §5.4), else `X-Forwarded-Proto`, else the request's target, else
    /// whether the server's socket uses TLS.
    pub(super) scheme: &'a str,
    /// `Host` (RFC 9110 §7.2), else the authority of the request's target, else the server's name.
    pub(super) host: &'a str,
    /// `Forwarded` (RFC 7239 §5.3), else `X-Forwarded-Host`; of several values the first.
    pub(super) forwarded_host: Option<&'a str>,
}

impl<'a> RequestOrigin<'a> {
    pub(super) fn of(request: &'a HttpRequest) -> Self {
        let (headers, uri) = (request.headers(), request.uri());
        let config = request.app_config();
        let forwarded = |name| forwarded(headers, name);
        let scheme = forwarded("proto")
            .or_else(|| first(headers.get(X_FORWARDED_PROTO)?.to_str().ok()?))
            .or_else(|| uri.scheme().map(Scheme::as_str))
            .unwrap_or(if config.secure() { "https" } else { "http" });
        let host = host_of(request);
        let forwarded_host =
            forwarded("host").or_else(|| first(headers.get(X_FORWARDED_HOST)?.to_str().ok()?));
        Self {
            scheme,
            host: without_default_port(scheme, host),
            forwarded_host: forwarded_host.map(|host| without_default_port(scheme, host)),
        }
    }

    /// Returns the host that the client knows, if a proxy says it.
    pub(super) fn public_host(&self) -> &'a str {
        self.forwarded_host.unwrap_or(self.host)
    }
}

/// Returns the host as the request itself names it, whatever a proxy says.
pub(super) fn host_of(request: &HttpRequest) -> &str {
    let host = request.headers().get(HOST);
    host.and_then(|host| host.to_str().ok())
        .or_else(|| request.uri().authority().map(Authority::as_str))
        .unwrap_or_else(|| request.app_config().host())
}

/// The first value of a parameter of `Forwarded` (RFC 7239 §4): that of the proxy next to the client.
fn forwarded<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers
        .get_all(FORWARDED)
        .filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split([';', ',']));
    let mut parameters = pairs.filter_map(|pair| pair.split_once('='));
    let is_it = |(other, _): &(&str, &str)| other.trim().eq_ignore_ascii_case(name);
    let (_, value) = parameters.find(is_it)?;
    Some(value.trim().trim_matches('"'))
}

/// The first of the values that a header lists.
fn first(list: &str) -> Option<&str> {
    list.split(',').next().map(str::trim)
}

fn without_default_port<'a>(scheme: &str, host: &'a str) -> &'a str {
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return host,
    };
    host.strip_suffix(port).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::HeaderValue, test::TestRequest};

    use super::*;

    /// Values that a header may have; `None` leaves it out.
    const FORWARDED_LINES: [Option<&str>; 8] = [
        None,
        Some("proto=https;host=a.example"),
        Some("for=1.2.3.4, for=5.6.7.8; PROTO = \"http\" ;Host=\"b.example:8443\""),
        Some("host=\"[2001:db8::1]:443\";proto=https"),
        Some("by=x"),
        Some("proto=;host="),
        Some("proto"),
        Some("host=one, host=two;proto=wss"),
    ];
    const PROTO: [Option<&str>; 4] = [None, Some("https"), Some(" https , http"), Some("")];
    const FORWARDED_HOST: [Option<&str>; 4] = [
        None,
        Some("c.example"),
        Some("d.example:80 ,e.example"),
        Some("f.example:443"),
    ];
    const HOSTS: [Option<&str>; 5] = [
        None,
        Some("shop.example"),
        Some("shop.example:80"),
        Some("[::1]:8080"),
        Some("é"),
    ];

    #[test]
    fn origin_is_what_actix_web_says_but_for_default_ports() {
        let mut sets = 0;
        for forwarded in FORWARDED_LINES {
            for proto in PROTO {
                for forwarded_host in FORWARDED_HOST {
                    for host in HOSTS {
                        let mut request = TestRequest::get().uri("/path");
                        for (name, value) in [
                            (FORWARDED, forwarded),
                            (X_FORWARDED_PROTO, proto),
                            (X_FORWARDED_HOST, forwarded_host),
                            (HOST, host),
                        ] {
                            if let Some(value) = value {
                                let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
                                request = request.append_header((name, value));
                            }
                        }
                        let request = request.to_http_request();
                        let theirs = {
                            let connection = request.connection_info();
                            (connection.scheme().to_owned(), connection.host().to_owned())
                        };
                        let ours = RequestOrigin::of(&request);
                        assert_eq!(ours.scheme, theirs.0, "{request:?}");
                        let host = without_default_port(ours.scheme, &theirs.1);
                        assert_eq!(ours.public_host(), host, "{request:?}");
                        sets += 1;
                    }
                }
            }
        }
        assert_eq!(sets, 640);
    }

    #[test]
    fn default_ports_are_left_out() {
        for (scheme, host, expected) in [
            ("http", "a.example:80", "a.example"),
            ("https", "a.example:443", "a.example"),
            ("https", "a.example:80", "a.example:80"),
            ("https", "[::1]:443", "[::1]"),
            ("ws", "a.example:80", "a.example:80"),
        ] {
            assert_eq!(without_default_port(scheme, host), expected);
        }
    }
}
