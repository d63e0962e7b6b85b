//! A logout holds whatever happens to the rest of the request.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

use actix_secure_session_tests::http::Loopback;
use actix_web::{App, Error, HttpResponse, HttpServer, error::ErrorBadRequest, web};
use secure_session::Session;

use super::support::{Auth, Site};

async fn logout_then_error(auth: Session<Auth>) -> Result<HttpResponse, Error> {
    auth.destroy();
    Err(ErrorBadRequest("no"))
}

async fn logout_then_panic(auth: Session<Auth>) -> HttpResponse {
    auth.destroy();
    panic!("on purpose")
}

async fn login_then_panic(auth: Session<Auth>) -> HttpResponse {
    auth.sign_in();
    panic!("on purpose")
}

async fn logout_then_wait(auth: Session<Auth>, done: web::Data<mpsc::Sender<()>>) -> HttpResponse {
    auth.destroy();
    done.send(()).expect("the test waits");
    actix_web::rt::time::sleep(Duration::from_secs(3600)).await;
    HttpResponse::Ok().finish()
}

async fn logout_then_write(auth: Session<Auth>) -> HttpResponse {
    auth.destroy();
    // A value that cannot be stored.
    auth.set_tenant("x".repeat(5000));
    HttpResponse::Ok().finish()
}

#[test]
fn logout_before_an_error_a_panic_or_a_value_that_does_not_fit_holds() {
    let site = Site::new();
    let server = Loopback::start(&site.sessions, |routes| {
        routes
            .route("/error", web::get().to(logout_then_error))
            .route("/panic", web::get().to(logout_then_panic))
            .route("/login", web::get().to(login_then_panic))
            .route("/large", web::get().to(logout_then_write));
    });
    for path in ["/error", "/large"] {
        let cookie = site.signed_in();
        let _ = server.get(path, cookie.as_bytes());
        assert!(!site.accepts(&cookie), "{path}");
    }
    for path in ["/panic", "/login"] {
        let cookie = site.signed_in();
        let mut stream = request(&server.address.to_string(), path, &cookie);
        let mut response = Vec::new();
        // The connection is closed without a response.
        let _ = stream.read_to_end(&mut response);
        assert!(!site.accepts(&cookie), "{path}");
    }
}

#[test]
fn logout_holds_if_the_client_resets_the_connection() {
    let site = Site::new();
    let (done, is_done) = mpsc::channel::<()>();
    let done = web::Data::new(done);
    let server = Loopback::start(&site.sessions, move |routes| {
        routes
            .app_data(done.clone())
            .route("/", web::get().to(logout_then_wait));
    });
    let cookie = site.signed_in();
    let stream = request(&server.address.to_string(), "/", &cookie);
    is_done
        .recv_timeout(Duration::from_secs(10))
        .expect("the handler runs");
    stream.shutdown(Shutdown::Both).expect("open");
    drop(stream);
    assert!(!site.accepts(&cookie));
}

#[test]
fn logout_holds_if_the_server_is_stopped_without_grace() {
    let site = Site::new();
    let (done, is_done) = mpsc::channel::<()>();
    let (started, server) = mpsc::channel();
    let (sessions, done) = (site.sessions.clone(), web::Data::new(done));
    let thread = thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(done.clone())
                    .wrap(sessions.clone())
                    .route("/", web::get().to(logout_then_wait))
            });
            let server = server
                .workers(1)
                .disable_signals()
                .bind(("127.0.0.1", 0))
                .expect("a port");
            let address = server.addrs()[0];
            let running = server.run();
            started
                .send((address, running.handle()))
                .expect("the test waits");
            running.await
        })
    });
    let (address, handle) = server.recv().expect("the server starts");
    let cookie = site.signed_in();
    let stream = request(&address.to_string(), "/", &cookie);
    is_done
        .recv_timeout(Duration::from_secs(10))
        .expect("the handler runs");
    drop(handle.stop(false));
    thread.join().expect("no panic").expect("it stops");
    drop(stream);
    assert!(!site.accepts(&cookie));
}

fn request(address: &str, path: &str, cookie: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let limit = Some(Duration::from_secs(20));
    stream.set_read_timeout(limit).expect("a limit");
    let text = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n");
    stream.write_all(text.as_bytes()).expect("sent");
    stream
}
