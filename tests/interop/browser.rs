//! A browser with one jar for several servers of one host, over keep-alive connections.

use std::collections::BTreeMap;

use actix_secure_session_tests::{http::Connection, jar::SetCookie};
use serde_json::Value;

/// Cookies by name. They belong to a host; ports share them (RFC 6265 §8.5).
#[derive(Debug, Clone, Default)]
pub(crate) struct Browser {
    pub(crate) jar: BTreeMap<String, String>,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) set_cookies: Vec<SetCookie>,
}

impl Browser {
    pub(crate) fn get(&mut self, server: &mut Connection, path: &str) -> Reply {
        self.send(server, "GET", path, None)
    }

    /// `null` means no body.
    pub(crate) fn post(&mut self, server: &mut Connection, path: &str, body: &Value) -> Reply {
        self.send(
            server,
            "POST",
            path,
            Some(body).filter(|body| !body.is_null()),
        )
    }

    fn send(
        &mut self,
        server: &mut Connection,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Reply {
        let pairs = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let cookies = match pairs.collect::<Vec<_>>() {
            pairs if pairs.is_empty() => String::new(),
            pairs => format!("Cookie: {}\r\n", pairs.join("; ")),
        };
        let body = body.map_or_else(String::new, Value::to_string);
        let kind = if body.is_empty() {
            ""
        } else {
            "Content-Type: application/json\r\n"
        };
        let len = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{cookies}{kind}Content-Length: {len}\r\n\r\n\
             {body}"
        );
        let answer = server.exchange(request.as_bytes()).expect("an answer");
        let set_cookies = answer.headers("set-cookie").into_iter();
        let reply = Reply {
            status: answer.status(),
            body: serde_json::from_slice(&answer.body).unwrap_or(Value::Null),
            set_cookies: set_cookies.map(SetCookie::parse).collect(),
        };
        for cookie in &reply.set_cookies {
            if cookie.is_removal() {
                self.jar.remove(&cookie.name);
            } else {
                self.jar.insert(cookie.name.clone(), cookie.value.clone());
            }
        }
        reply
    }
}
