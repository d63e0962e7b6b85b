//! What other people's code makes of our `Set-Cookie`, and we of their `Cookie`.

use actix_secure_session_tests::{Auth, T0, ada, meant, ring};
use cookie::{Cookie, CookieJar, SameSite};
use secure_session::{
    Origin,
    codec::Codec,
    test_util::{TestClock, TestSession},
};
use serde_json::json;

/// The crate `cookie`; `interop/parsers.rs` asks two of Node's.
#[test]
fn the_cookie_crate_reads_every_header_as_it_is_meant() {
    let all = meant::all();
    assert!(all.len() > 100, "{}", all.len());
    for meant in all {
        let read = Cookie::parse(meant.header.as_str()).unwrap();
        let read = json!({
            "name": read.name(),
            "value": read.value(),
            "path": read.path(),
            "domain": read.domain(),
            "secure": read.secure().unwrap_or_default(),
            "httpOnly": read.http_only().unwrap_or_default(),
            "sameSite": read.same_site().map(|site| match site {
                SameSite::Lax => "lax",
                SameSite::None => "none",
                SameSite::Strict => "strict",
            }),
            "partitioned": read.partitioned().unwrap_or_default(),
            "maxAge": read.max_age().map(|age| age.whole_seconds()),
        });
        assert_eq!(read, meant.cookie, "{}", meant.header);
    }
}

#[test]
fn a_header_that_the_cookie_crate_writes_is_read() {
    let codec = Codec::<Auth>::builder(ring(&[1])).clock(&TestClock::at(T0));
    let codec = codec.build().unwrap();
    let mut jar = CookieJar::new();
    jar.add(("a", "1"));
    jar.add((codec.cookie_name().to_owned(), codec.seal(&ada()).unwrap()));
    jar.add(("z", "odd \" value"));
    let pairs: Vec<String> = jar
        .iter()
        .map(|cookie| cookie.stripped().encoded().to_string())
        .collect();
    let session = TestSession::from_cookie_header(&codec, pairs.join("; ")).session();
    assert_eq!(session.info().origin(), Origin::Restored);
    assert_eq!(session.snapshot(), ada());
}
