//! What Node's parsers make of our `Set-Cookie`, and what a jar sends back.

use actix_secure_session_tests::meant;

use crate::peer::Parsers;

#[test]
fn two_parsers_of_node_read_every_header_as_it_is_meant() {
    let mut parsers = Parsers::start();
    for meant in meant::all() {
        let read = parsers.read(&meant.header);
        assert_eq!(read["parser"], meant.cookie, "{}", meant.header);
        assert_eq!(read["tough"], meant.cookie, "{}", meant.header);
        let name = meant.cookie["name"].as_str().unwrap();
        let value = meant.cookie["value"].as_str().unwrap();
        let sent = if value.is_empty() || meant.header.contains("a b") {
            // Removed; or under a path that no address of a page has.
            String::new()
        } else {
            format!("{name}={value}")
        };
        assert_eq!(read["back"], sent, "{}", meant.header);
    }
}
