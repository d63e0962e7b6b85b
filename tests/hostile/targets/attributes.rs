//! Names, paths and domains of cookies in an application's configuration.

use actix_secure_session_tests::{Auth, Prefs, ada, jar::SetCookie, ring};
use secure_session::{codec::Codec, policy::SameSite};

/// Flags, then name, path and domain, separated by zero bytes.
///
/// Another parser reads accepted attributes as meant; nothing is added to the header.
pub(crate) fn run(data: &[u8]) {
    let Some((flags, rest)) = data.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    let mut parts = text.split('\0');
    let mut part = || parts.next().unwrap_or_default();
    let (name, path, domain) = (part(), part(), part());
    let wants = |bit: u8| flags >> bit & 1 == 1;
    let domain = wants(0).then_some(domain);
    let same_site = match flags >> 1 & 3 {
        0 => SameSite::Lax,
        1 => SameSite::Strict,
        2 => SameSite::None,
        _ => SameSite::Unspecified,
    };
    let codec = Codec::<Auth>::builder(ring(&[1])).policy(|policy| {
        let policy = policy
            .cookie(name)
            .path(path)
            .same_site(same_site)
            .secure(!wants(3))
            .http_only(!wants(4))
            .partitioned(wants(5));
        match domain {
            Some(domain) => policy.domain(domain),
            None => policy,
        }
    });
    let former = Codec::<Prefs>::builder(ring(&[1]))
        .policy(|policy| policy.remove_legacy_cookie(name, path, domain))
        .build();
    drop(former);
    let Ok(codec) = codec.build() else {
        return;
    };
    let session = codec.new_session(ada()).unwrap();
    for header in [codec.set_cookie(&session), Ok(codec.removal_cookie())] {
        // A long name may leave no room for the value.
        let Ok(header) = header else { continue };
        assert!(
            header.bytes().all(|byte| (0x20..0x7f).contains(&byte)),
            "{header}"
        );
        let parsed = SetCookie::parse(&header);
        assert_eq!(parsed.name, name);
        let attribute = |name: &str| parsed.attributes.get(name).map(String::as_str);
        assert_eq!(attribute("path"), Some(path));
        assert_eq!(attribute("domain"), domain);
        assert_eq!(attribute("secure").is_some(), !wants(3));
        assert_eq!(attribute("httponly").is_some(), !wants(4));
        assert_eq!(attribute("partitioned").is_some(), wants(5));
        let site = match same_site {
            SameSite::Lax => Some("Lax"),
            SameSite::Strict => Some("Strict"),
            SameSite::None => Some("None"),
            SameSite::Unspecified => None,
        };
        assert_eq!(attribute("samesite"), site);
        let known = [
            "path",
            "domain",
            "secure",
            "httponly",
            "partitioned",
            "samesite",
            "max-age",
            "expires",
        ];
        let names = parsed.attributes.keys();
        assert!(
            names.into_iter().all(|name| known.contains(&name.as_str())),
            "{header}"
        );
    }
}
