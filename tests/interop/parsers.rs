//! How Node's parsers read our `Set-Cookie`, and what a jar sends back.

use actix_secure_session_tests::meant;

use crate::peer::Parsers;

#[test]
fn two_node_parsers_read_every_header_as_meant() {
    let mut parsers = Parsers::start();
    for meant in meant::all() {
        let read = parsers.read(&meant.header);
        assert_eq!(read["parser"], meant.cookie, "{}", meant.header);
        assert_eq!(read["tough"], meant.cookie, "{}", meant.header);
        let name = meant.cookie["name"].as_str().unwrap();
        let value = meant.cookie["value"].as_str().unwrap();
        let sent = if value.is_empty() || meant.header.contains("a b") {
            // Removed, or under a path that no page can have.
            String::new()
        } else {
            format!("{name}={value}")
        };
        assert_eq!(read["back"], sent, "{}", meant.header);
    }
}
