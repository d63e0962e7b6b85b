//! A browser that holds one jar for several servers of one host, over connections that are kept.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use actix_secure_session_tests::set_cookie::SetCookie;
use serde_json::Value;

/// Cookies by name. They belong to a host; ports share them (RFC 6265 §8.5).
#[derive(Debug, Clone, Default)]
pub(crate) struct Browser {
    pub(crate) jar: BTreeMap<String, String>,
}

/// A connection to a server.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) set_cookies: Vec<SetCookie>,
}

impl Connection {
    pub(crate) fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        let limit = Some(Duration::from_secs(20));
        stream.set_read_timeout(limit).expect("a limit");
        stream.set_nodelay(true).expect("no delay");
        Self {
            stream: BufReader::new(stream),
        }
    }

    fn send(&mut self, request: &str) -> Reply {
        let stream = self.stream.get_mut();
        stream
            .write_all(request.as_bytes())
            .expect("the server reads");
        let status = self.line();
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let (mut len, mut set_cookies) = (None, Vec::new());
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => len = value.parse().ok(),
                "set-cookie" => set_cookies.push(SetCookie::parse(value)),
                _ => {}
            }
        }
        let mut body = vec![0; len.expect("both servers tell the length")];
        self.stream.read_exact(&mut body).expect("a whole body");
        Reply {
            status: status.expect("a status"),
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
            set_cookies,
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).expect("a whole head");
        assert!(read > 0, "the server has closed the connection");
        line.trim_end().to_owned()
    }
}

impl Browser {
    pub(crate) fn get(&mut self, server: &mut Connection, path: &str) -> Reply {
        self.send(server, "GET", path, None)
    }

    /// `null` is no body.
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
        let reply = server.send(&request);
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
