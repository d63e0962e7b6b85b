//! `Set-Cookie` headers of the library with their meaning, for third-party parsers.

use secure_session::{codec::Codec, policy::SameSite, test_util::TestClock};
use serde_json::{Value, json};

use crate::{Auth, T0, ada, ring};

/// A header, and its meaning to a browser.
#[derive(Debug, Clone)]
pub struct Meant {
    /// The value of the `Set-Cookie` header.
    pub header: String,
    /// `name`, `value`, `path`, `domain`, `secure`, `httpOnly`, `sameSite`, `partitioned`,
    /// `maxAge`; missing ones are `null` or `false`.
    pub cookie: Value,
}

/// Every combination of attributes that `build()` accepts, for a stored and for a removed session.
///
/// # Panics
///
/// If a session cannot be encrypted.
#[must_use]
pub fn all() -> Vec<Meant> {
    let mut all = Vec::new();
    for name in [
        "__Host-auth",
        "__Host-Http-auth",
        "__Http-auth",
        "__Secure-auth",
        "auth",
    ] {
        for (path, domain) in [
            ("/", None),
            ("/shop", None),
            ("/", Some("example.com")),
            ("/shop", Some("shop.example.com")),
        ] {
            for same_site in [
                SameSite::Lax,
                SameSite::Strict,
                SameSite::None,
                SameSite::Unspecified,
            ] {
                for flags in 0..16 {
                    all.extend(both(name, path, domain, same_site, flags));
                }
            }
        }
    }
    all
}

fn both(
    name: &str,
    path: &str,
    domain: Option<&str>,
    same_site: SameSite,
    flags: u8,
) -> Vec<Meant> {
    let [secure, http_only, partitioned, persistent] =
        [1, 2, 4, 8].map(|flag: u8| flags & flag != 0);
    let codec = Codec::<Auth>::builder(ring(&[1]))
        .clock(&TestClock::at(T0))
        .policy(|policy| {
            let policy = policy
                .cookie(name)
                .path(path)
                .same_site(same_site)
                .secure(secure)
                .http_only(http_only)
                .partitioned(partitioned)
                .persistent(persistent);
            match domain {
                Some(domain) => policy.domain(domain),
                None => policy,
            }
        })
        .build();
    let Ok(codec) = codec else { return Vec::new() };
    let session = codec.new_session(ada()).expect("random bytes");
    let stored = codec.set_cookie(&session).expect("it fits");
    let value = stored.split(['=', ';']).nth(1).unwrap_or_default();
    let cookie = |value: &str, max_age: Option<u64>| {
        json!({
            "name": name,
            "value": value,
            "path": path,
            "domain": domain,
            "secure": secure,
            "httpOnly": http_only,
            "sameSite": match same_site {
                SameSite::Lax => Some("lax"),
                SameSite::Strict => Some("strict"),
                SameSite::None => Some("none"),
                SameSite::Unspecified => None,
            },
            "partitioned": partitioned,
            "maxAge": max_age,
        })
    };
    vec![
        Meant {
            cookie: cookie(
                value,
                persistent.then_some(crate::ABSOLUTE.min(crate::IDLE)),
            ),
            header: stored.clone(),
        },
        Meant {
            cookie: cookie("", Some(0)),
            header: codec.removal_cookie(),
        },
    ]
}
