//! A server on loopback, and a client that shows each byte of the response.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    web::{self, ServiceConfig},
};
use secure_session::SessionMiddleware;

/// A server with one worker on its own port. It stops when dropped.
#[derive(Debug)]
pub struct Loopback {
    /// The address on which it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Loopback {
    /// Starts a server with this middleware and these routes.
    ///
    /// # Panics
    ///
    /// If no port is available.
    #[must_use]
    pub fn start(
        sessions: &SessionMiddleware,
        routes: impl Fn(&mut ServiceConfig) + Send + Clone + 'static,
    ) -> Self {
        let (sender, receiver) = mpsc::channel();
        let sessions = sessions.clone();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let routes = routes.clone();
                    App::new()
                        .wrap(sessions.clone())
                        .service(web::scope("").configure(routes))
                })
                .workers(1)
                .disable_signals()
                .bind(("127.0.0.1", 0))?;
                let address = server.addrs().first().copied();
                let server = server.run();
                let sent = sender.send((address, server.handle()));
                assert!(sent.is_ok(), "the test has gone");
                server.await
            })
        });
        let (address, handle) = receiver.recv().expect("the server starts");
        Self {
            address: address.expect("one address"),
            handle,
            thread: Some(thread),
        }
    }

    /// Opens a connection for several requests.
    ///
    /// # Panics
    ///
    /// If the server does not respond.
    #[must_use]
    pub fn connect(&self) -> Connection {
        Connection::open(&self.address.to_string())
    }

    /// Sends one request over a new connection.
    #[must_use]
    pub fn get(&self, path: &str, cookies: &[u8]) -> RawAnswer {
        self.connect().get(path, cookies)
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        // Creating the future sends the command; then wait for the thread.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A keep-alive connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Opens a connection to the server at this address.
    ///
    /// # Panics
    ///
    /// If nothing listens there.
    #[must_use]
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        let limit = Some(Duration::from_secs(20));
        stream.set_read_timeout(limit).expect("a limit");
        stream.set_nodelay(true).expect("no delay");
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// Sends a request and reads the response.
    ///
    /// # Panics
    ///
    /// If the server closes the connection before the response is complete.
    pub fn get(&mut self, path: &str, cookies: &[u8]) -> RawAnswer {
        self.try_get(path, cookies).expect("a whole answer")
    }

    /// Sends a request and reads the response, if there is one.
    ///
    /// # Errors
    ///
    /// If the server closes the connection before the response is complete.
    pub fn try_get(&mut self, path: &str, cookies: &[u8]) -> io::Result<RawAnswer> {
        self.send(path, cookies)?;
        self.answer()
    }

    /// Sends the bytes of a request and reads the response.
    ///
    /// # Errors
    ///
    /// If the server closes the connection before the response is complete.
    pub fn exchange(&mut self, request: &[u8]) -> io::Result<RawAnswer> {
        self.stream.write_all(request)?;
        self.answer()
    }

    fn answer(&mut self) -> io::Result<RawAnswer> {
        let head = self.read_head()?;
        let body = if let Some(len) = header(&head, "content-length") {
            self.read_exact(len.parse().map_err(io::Error::other)?)?
        } else if header(&head, "transfer-encoding").is_some() {
            self.read_until(b"\r\n0\r\n\r\n")?
        } else {
            Vec::new()
        };
        Ok(RawAnswer { head, body })
    }
    /// Sends a request and reads nothing.
    ///
    /// # Errors
    ///
    /// If the connection is closed.
    pub fn send(&mut self, path: &str, cookies: &[u8]) -> io::Result<()> {
        let mut request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n").into_bytes();
        if !cookies.is_empty() {
            request.extend_from_slice(b"Cookie: ");
            request.extend_from_slice(cookies);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        self.stream.write_all(&request)
    }

    fn read_head(&mut self) -> io::Result<String> {
        let head = self.read_until(b"\r\n\r\n")?;
        Ok(String::from_utf8_lossy(&head).into_owned())
    }

    fn read_until(&mut self, end: &[u8]) -> io::Result<Vec<u8>> {
        loop {
            let found = self.buffer.windows(end.len()).position(|part| part == end);
            if let Some(start) = found {
                return Ok(self.buffer.drain(..start + end.len()).collect());
            }
            self.read_more()?;
        }
    }

    fn read_exact(&mut self, len: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < len {
            self.read_more()?;
        }
        Ok(self.buffer.drain(..len).collect())
    }

    fn read_more(&mut self) -> io::Result<()> {
        let mut part = [0; 4096];
        match self.stream.read(&mut part)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            len => {
                self.buffer.extend_from_slice(&part[..len]);
                Ok(())
            }
        }
    }
}

/// A response as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawAnswer {
    /// Status line and headers.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl RawAnswer {
    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        let code = self.head.split(' ').nth(1).unwrap_or_default();
        code.parse().unwrap_or_default()
    }

    /// All headers with this name in lower case.
    #[must_use]
    pub fn headers(&self, name: &str) -> Vec<&str> {
        headers(&self.head, name).collect()
    }

    /// Everything that must be the same for two requests: head and body without the date, with the
    /// value of each new cookie masked.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let lines = self.head.lines().filter(|line| {
            let date = line.to_ascii_lowercase().starts_with("date:");
            !date
        });
        let lines: Vec<String> = lines.map(blot_out_value).collect();
        format!(
            "{}\n{}",
            lines.join("\n"),
            String::from_utf8_lossy(&self.body)
        )
    }
}

fn blot_out_value(line: &str) -> String {
    if !line.to_ascii_lowercase().starts_with("set-cookie:") {
        return line.to_owned();
    }
    let (start, rest) = line.split_once('=').unwrap_or((line, ""));
    let (value, attributes) = rest.split_once(';').unwrap_or((rest, ""));
    format!("{start}=<{} characters>;{attributes}", value.len())
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    headers(head, name).next()
}

fn headers<'a>(head: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let lines = head.lines().skip(1);
    let pairs = lines.filter_map(|line| line.split_once(':'));
    let chosen = pairs.filter(move |(key, _)| key.eq_ignore_ascii_case(name));
    chosen.map(|(_, value)| value.trim())
}
