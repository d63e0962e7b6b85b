//! A WebSocket that knows its visitor: the codec outside a request.
//!
//! ```text
//! cargo run --example websocket   # http://127.0.0.1:8080, or another PORT
//! ```
//!
//! A socket on another host receives no cookie. On the same host it receives the cookie from any
//! site that opens it, and it cannot set cookies. So the page fetches a ticket and sends it as the
//! first message. A ticket is a session that its codec encrypts and decrypts. It is valid for half
//! a minute, during which it can be reused. Its `purpose` makes it useless anywhere else.

use std::{
    env,
    error::Error,
    sync::atomic::{AtomicU32, Ordering},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, error, rt, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode};
use secure_session::{
    Key, SecureSession, Session, SessionMiddleware,
    codec::{Codec, Opened},
};

#[derive(SecureSession)]
struct Auth {
    name: Option<String>,
}

/// The data that the socket needs.
#[derive(SecureSession)]
#[session(purpose = "socket", idle = "30s", absolute = "30s")]
struct Ticket {
    name: String,
}

/// Opening the page signs a visitor in.
async fn page(auth: Session<Auth>) -> HttpResponse {
    static VISITORS: AtomicU32 = AtomicU32::new(1);
    if auth.name().is_none() {
        let number = VISITORS.fetch_add(1, Ordering::Relaxed);
        auth.sign_in();
        auth.set_name(format!("visitor {number}"));
    }
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(PAGE)
}

async fn ticket(
    auth: Session<Auth>,
    codec: web::Data<Codec<Ticket>>,
) -> Result<String, actix_web::Error> {
    let name = auth
        .name()
        .ok_or_else(|| error::ErrorForbidden("open the page first"))?;
    let ticket = Ticket {
        name: name.to_owned(),
    };
    codec.seal(&ticket).map_err(error::ErrorInternalServerError)
}

async fn socket(
    request: HttpRequest,
    body: web::Payload,
    codec: web::Data<Codec<Ticket>>,
) -> Result<HttpResponse, actix_web::Error> {
    let (response, socket, messages) = actix_ws::handle(&request, body)?;
    let messages = messages.max_frame_size(4096).aggregate_continuations();
    rt::spawn(talk(codec, socket, messages.max_continuation_size(4096)));
    Ok(response)
}

/// Runs long after the response, when there is no longer a `Session`.
async fn talk(
    codec: web::Data<Codec<Ticket>>,
    mut socket: actix_ws::Session,
    mut messages: AggregatedMessageStream,
) {
    let mut visitor: Option<Opened<Ticket>> = None;
    while let Some(Ok(message)) = messages.recv().await {
        let sent = match (&visitor, message) {
            (None, AggregatedMessage::Text(text)) => match codec.open(text.trim()) {
                Ok(ticket) => {
                    let welcome = format!("welcome, {}", ticket.name);
                    visitor = Some(ticket);
                    socket.text(welcome).await
                }
                // The reason is for the log; clients must not see it.
                Err(reason) => {
                    println!("invalid ticket: {reason}");
                    break;
                }
            },
            (Some(visitor), AggregatedMessage::Text(text)) => {
                socket.text(format!("{}: {text}", visitor.name)).await
            }
            (_, AggregatedMessage::Ping(bytes)) => socket.pong(&bytes).await,
            (_, AggregatedMessage::Close(_)) => break,
            _ => Ok(()),
        };
        if sent.is_err() {
            return;
        }
    }
    // Closing fails if it is already closed.
    let _ = socket.close(Some(CloseCode::Normal.into())).await;
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // An application reads its keys: KeyRing::from_env("SESSION_KEYS")?
    let key = Key::generate()?;
    let sessions = SessionMiddleware::builder(key.clone())
        .plain_http()
        .session::<Auth>()
        .build()?;
    // A codec needs no middleware.
    let codec = web::Data::new(Codec::<Ticket>::builder(key).build()?);

    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse())?;
    let server = HttpServer::new(move || {
        App::new()
            .wrap(sessions.clone())
            .app_data(codec.clone())
            .route("/", web::get().to(page))
            .route("/ticket", web::get().to(ticket))
            .route("/socket", web::get().to(socket))
    })
    .workers(1)
    .bind(("127.0.0.1", port))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    server.run().await?;
    Ok(())
}

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>WebSocket</title>
<form><input aria-label="Message" autofocus> <button>Send</button></form>
<pre></pre>
<script type="module">
const [form, input, log] = ["form", "input", "pre"].map((name) => document.querySelector(name));
const ticket = await (await fetch("/ticket")).text();
const socket = new WebSocket(`ws://${location.host}/socket`);
socket.onopen = () => socket.send(ticket);
socket.onmessage = ({ data }) => log.append(data, "\n");
socket.onclose = () => log.append("closed\n");
form.onsubmit = (event) => {
    event.preventDefault();
    socket.send(input.value);
    input.value = "";
};
</script>
</html>
"#;
