//! C80: the page to return to is on this site.

use std::fmt::Write as _;

use actix_web::http::Method;
use secure_session::ReturnTo;
use url::{Url, form_urlencoded};

use crate::support::{Server, get};

/// The place to which a login with this query redirects.
fn place(query: &str) -> String {
    let server = Server::new();
    let request = get(&format!("/login?{query}"), &[]).method(Method::POST);
    let answer = server.send(request);
    assert_eq!(answer.status, 303);
    answer.header("Location").unwrap().to_owned()
}

#[test]
fn login_returns_to_paths_of_this_site_only() {
    for (query, expected) in [
        ("next=/admin", "/admin"),
        ("next=%2Fadmin%3Fa%3Db%26c", "/admin?a=b&c"),
        ("a=b&next=%2F", "/"),
        ("", "/account"),
        ("next=", "/account"),
        ("next=//evil.example", "/account"),
        ("next=%2F%5Cevil.example", "/account"),
        ("next=%5C%2Fevil.example", "/account"),
        ("next=/%09/evil.example", "/account"),
        ("next=%2F%0D%0ASet-Cookie:a", "/account"),
        ("next=https://evil.example", "/account"),
        ("next=javascript:alert(1)", "/account"),
        ("next=/login", "/account"),
        ("next=/login%3Fnext=/login", "/account"),
        ("next=/a/../login", "/account"),
        ("next=/a/%252e%252E/login", "/account"),
        ("next=/admin%23part", "/account"),
        ("next=/a&next=/b", "/account"),
        ("NEXT=/admin", "/account"),
    ] {
        assert_eq!(place(query), expected, "{query}");
    }
}

#[test]
fn fallback_that_is_no_path_is_replaced() {
    let location = |to: &ReturnTo, fallback: &str| {
        let response = to.see_other_or(fallback);
        response
            .headers()
            .get("Location")
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    let none = ReturnTo::of("//evil.example");
    assert_eq!(none.path(), None);
    assert_eq!(location(&none, "//evil.example"), "/");
    assert_eq!(location(&none, "/home"), "/home");
    let admin = ReturnTo::of("/admin?a=b c");
    assert_eq!(admin.path(), None);
    let admin = none.or(ReturnTo::of("/admin?a=b&c"));
    assert_eq!(location(&admin, "/home"), "/admin?a=b&c");
    assert_eq!(
        admin.append_to("/login"),
        "/login?next=%2Fadmin%3Fa%3Db%26c"
    );
    assert_eq!(
        admin.append_to("/login?lang=de"),
        "/login?lang=de&next=%2Fadmin%3Fa%3Db%26c"
    );
    assert_eq!(ReturnTo::default().append_to("/login"), "/login");
}

/// Pieces of which addresses of other hosts are made.
const PIECES: [&str; 34] = [
    "/",
    "//",
    "\\",
    "/\\",
    "\t",
    "\n",
    "\r",
    " ",
    "%2f",
    "%5c",
    "%09",
    "%00",
    "\0",
    "@",
    ":",
    "?",
    "#",
    ".",
    "..",
    ";",
    "&",
    "evil.example",
    "https:",
    "http://",
    "javascript:",
    "data:",
    "[::1]",
    "\u{2215}",
    "\u{ff0f}",
    "\u{e9}",
    "\u{200b}",
    "a",
    "next=",
    "\u{7f}",
];

/// C80: 100,000 strings; each that is accepted stays on the host for the WHATWG parser.
#[test]
fn accepted_strings_stay_on_the_host_for_the_whatwg_parser() {
    let base = Url::parse("https://shop.example/login?next=x").unwrap();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    let mut accepted = 0;
    for _ in 0..100_000 {
        let mut text = String::from(if next(3) == 0 { "" } else { "/" });
        for _ in 0..next(7) {
            let piece = PIECES[next(PIECES.len())];
            write!(text, "{piece}").unwrap();
        }
        let to = ReturnTo::of(&text);
        let Some(path) = to.path() else { continue };
        accepted += 1;
        let resolved = base.join(path).unwrap();
        assert_eq!(resolved.origin(), base.origin(), "{text:?}");
        assert_eq!(resolved.host_str(), Some("shop.example"), "{text:?}");
        // What a login page writes into its address is read back unchanged.
        let query = to.append_to("/login");
        let query = query.strip_prefix("/login?").unwrap();
        let read = form_urlencoded::parse(query.as_bytes()).next().unwrap().1;
        assert_eq!(read, path);
    }
    assert!(accepted > 1_000, "{accepted}");
}
