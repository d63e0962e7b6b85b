//! The origins that an application trusts, from its builder.

use actix_web::http::header::HeaderValue;
use url::Url;

use super::report::Reports;

/// The settings of the origin check that all sessions of a middleware share.
#[derive(Debug, Default)]
pub(in crate::actix) struct OriginSettings {
    pub(in crate::actix) trusted: TrustedOrigins,
    /// Refused requests are only logged.
    pub(in crate::actix) report_only: bool,
    pub(in crate::actix) reports: Reports,
}

impl OriginSettings {
    /// Checks the origins that the builder was given.
    ///
    /// # Errors
    ///
    /// A sentence for each problem.
    pub(in crate::actix) fn new(
        origins: &[String],
        report_only: bool,
    ) -> Result<Self, Vec<String>> {
        let (mut trusted, mut problems) = (Vec::new(), Vec::new());
        for origin in origins {
            match normalized(origin) {
                Ok(origin) => trusted.push(origin),
                Err(problem) => problems.push(format!(
                    "`trusted_origin(\"{}\")` {problem}",
                    origin.escape_default()
                )),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            trusted: TrustedOrigins(trusted),
            report_only,
            reports: Reports::default(),
        })
    }
}

/// Origins as browsers send them: in lower case, without default ports.
#[derive(Debug, Default)]
pub(in crate::actix) struct TrustedOrigins(Vec<String>);

impl TrustedOrigins {
    pub(super) fn contains(&self, origin: &HeaderValue) -> bool {
        let origin = origin.as_bytes();
        (self.0.iter()).any(|trusted| trusted.as_bytes().eq_ignore_ascii_case(origin))
    }
}

/// Returns the origin as browsers send it.
fn normalized(text: &str) -> Result<String, String> {
    if text.eq_ignore_ascii_case("null") {
        return Err(
            "must not be `null`, because sandboxed frames of every site send it".to_owned(),
        );
    }
    if text.contains('*') {
        return Err("must not contain a wildcard; call it once for each origin".to_owned());
    }
    // The parser would drop them.
    if text.contains(|character: char| character.is_control() || character.is_whitespace()) {
        return Err("must not contain spaces or control characters".to_owned());
    }
    let Some((_, rest)) = text.split_once("://") else {
        return Err("needs a scheme, such as `https://app.example.com`".to_owned());
    };
    let url = Url::parse(text).map_err(|err| {
        format!("is not a valid origin ({err}); write it like `https://app.example.com`")
    })?;
    if matches!(url.scheme(), "ws" | "wss" | "ftp") {
        return Err(
            "is not the origin of a page; write it like `https://app.example.com`".to_owned(),
        );
    }
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or("needs a host, such as `https://app.example.com`")?;
    let port = url.port().map(|port| format!(":{port}"));
    let origin = [url.scheme(), "://", host, &port.unwrap_or_default()].concat();
    if rest.contains(['/', '\\', '?', '#', '@']) {
        return Err(format!(
            "must be only a scheme, a host and a port; write `{origin}`"
        ));
    }
    Ok(origin)
}

#[cfg(test)]
mod tests {
    use super::normalized;

    #[test]
    fn trusted_origin_is_normalized_as_browsers_send_it() {
        for (text, sent) in [
            ("https://app.example.com", "https://app.example.com"),
            ("HTTPS://App.Example.com:443", "https://app.example.com"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[2001:DB8::1]:80", "http://[2001:db8::1]"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            assert_eq!(normalized(text).as_deref(), Ok(sent));
        }
    }

    #[test]
    fn invalid_trusted_origin_is_rejected_with_what_to_write() {
        for (text, part) in [
            ("null", "must not be `null`"),
            ("https://*.example.com", "must not contain a wildcard"),
            ("app.example.com", "needs a scheme"),
            ("", "needs a scheme"),
            ("https://", "is not a valid origin"),
            ("file://", "needs a host"),
            ("wss://app.example.com", "is not the origin of a page"),
            (
                "https://app.example.com/",
                "write `https://app.example.com`",
            ),
            (
                "https://app.example.com/login",
                "write `https://app.example.com`",
            ),
            (
                "https://app.example.com:443?a",
                "write `https://app.example.com`",
            ),
            (
                "https://app.example.com#",
                "write `https://app.example.com`",
            ),
            (
                "https://ada:x@app.example.com",
                "write `https://app.example.com`",
            ),
            ("https://app.example.com:port", "is not a valid origin"),
            ("https://app example.com", "must not contain spaces"),
            ("https://app.example.com\u{1b}", "must not contain spaces"),
            (
                "https://app.example.com\\",
                "write `https://app.example.com`",
            ),
        ] {
            let problem = normalized(text).unwrap_err();
            assert!(problem.contains(part), "{text:?}: {problem}");
        }
    }
}
