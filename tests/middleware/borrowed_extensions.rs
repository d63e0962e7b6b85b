//! An application may borrow the extensions of a request or a response for any length of time.

#![expect(
    clippy::await_holding_refcell_ref,
    reason = "what applications do is tried here"
)]

use std::{cell::Cell, future::pending, mem, rc::Rc};

use actix_secure_session_tests::{
    Auth, ada,
    app::{Answer, Server, block_on},
};
use actix_web::{
    App, Error, HttpMessage as _, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{HttpServiceFactory, ServiceRequest, ServiceResponse},
    guard::fn_guard,
    middleware::{Next, from_fn},
    rt::{spawn, task::yield_now},
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{Session, SessionExt as _};

/// Borrows the extensions in a task that never ends. The task starts when the caller yields; then
/// the flag is set.
fn borrow_in_task(request: HttpRequest) -> Rc<Cell<bool>> {
    let is_borrowed = Rc::new(Cell::new(false));
    let in_task = Rc::clone(&is_borrowed);
    spawn(async move {
        let _extensions = request.extensions();
        in_task.set(true);
        pending::<()>().await;
    });
    is_borrowed
}

/// Asserts that a request to another machine receives the cookie that its handler writes.
fn assert_cookie_is_sent<S: HttpServiceFactory + 'static>(service: impl FnOnce(&Server) -> S) {
    let server = Server::default();
    let answer = block_on(async {
        let app = init_service(App::new().service(service(&server))).await;
        let request = TestRequest::get()
            .insert_header(("Host", "shop.example"))
            .insert_header(("Cookie", server.cookie(&ada())));
        Answer::of(call_service(&app, request.to_request()).await).await
    });
    assert_eq!(answer.status, 200);
    assert_eq!(server.stored(&answer).unwrap().visits, 6);
}

async fn counts_the_visit(auth: Session<Auth>, request: HttpRequest) -> HttpResponse {
    yield_now().await;
    let again = request.session::<Auth>().unwrap();
    again.set_visits(auth.visits() + 1);
    HttpResponse::Ok().finish()
}

async fn borrows_in_a_task(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_borrowed = borrow_in_task(request.request().clone());
    let response = next.call(request).await?;
    assert!(is_borrowed.get());
    Ok(response)
}

/// The routes inside must not have a method guard, which borrows the extensions mutably.
async fn borrows_around_the_handler(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let borrowed = request.request().clone();
    let extensions = borrowed.extensions();
    let response = next.call(request).await?;
    assert!(!extensions.contains::<u8>());
    // The response passes the session middleware in the same poll, so nothing ends this borrow.
    mem::forget(borrowed.extensions());
    Ok(response)
}

async fn asks_while_it_borrows_the_response(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let extensions = response.response_mut().extensions_mut();
    assert!(!extensions.contains::<u8>());
    drop(extensions);
    let extensions = response.response().extensions();
    assert_eq!(response.session::<Auth>()?.visits(), 6);
    drop(extensions);
    Ok(response)
}

#[test]
fn cookie_is_sent_while_the_handlers_task_borrows_extensions() {
    async fn handler(auth: Session<Auth>, request: HttpRequest) -> HttpResponse {
        let is_borrowed = borrow_in_task(request);
        yield_now().await;
        assert!(is_borrowed.get());
        auth.set_visits(6);
        HttpResponse::Ok().finish()
    }
    assert_cookie_is_sent(|server| {
        let resource = web::resource("/").get(handler);
        resource.wrap(server.sessions.clone())
    });
}

#[test]
fn guard_gets_a_session_while_it_borrows_the_request_data() {
    let guard = fn_guard(|context| {
        let extensions = context.req_data();
        let visits = context.session::<Auth>().map(|auth| auth.visits());
        assert!(!extensions.contains::<u8>());
        visits == Ok(5)
    });
    assert_cookie_is_sent(|server| {
        let resource = web::resource("/").guard(guard).get(counts_the_visit);
        web::scope("")
            .service(resource)
            .wrap(server.sessions.clone())
    });
}

#[test]
fn cookie_is_sent_while_an_outer_middlewares_task_borrows() {
    assert_cookie_is_sent(|server| {
        let resource = web::resource("/").get(counts_the_visit);
        let resource = resource.wrap(server.sessions.clone());
        resource.wrap(from_fn(borrows_in_a_task))
    });
}

#[test]
fn cookie_is_sent_while_an_inner_middleware_borrows_extensions() {
    assert_cookie_is_sent(|server| {
        let resource = web::resource("/").to(counts_the_visit);
        let resource = resource.wrap(from_fn(borrows_around_the_handler));
        resource.wrap(server.sessions.clone())
    });
}

#[test]
fn nested_middleware_is_entered_while_extensions_are_borrowed() {
    assert_cookie_is_sent(|server| {
        let resource = web::resource("/").to(counts_the_visit);
        let resource = resource.wrap(server.sessions.clone());
        let resource = resource.wrap(from_fn(borrows_around_the_handler));
        resource.wrap(server.sessions.clone())
    });
}

#[test]
fn cookie_is_sent_while_the_responses_extensions_are_borrowed() {
    async fn handler(auth: Session<Auth>) -> HttpResponse {
        auth.set_visits(6);
        let mut response = HttpResponse::Ok().finish();
        // No borrow of a response lives longer than this one, because a leaked borrow never ends.
        mem::forget(response.extensions_mut());
        response
    }
    assert_cookie_is_sent(|server| {
        let resource = web::resource("/").get(handler);
        resource.wrap(server.sessions.clone())
    });
    assert_cookie_is_sent(|server| {
        let resource = web::resource("/").get(counts_the_visit);
        let resource = resource.wrap(from_fn(asks_while_it_borrows_the_response));
        resource.wrap(server.sessions.clone())
    });
}
