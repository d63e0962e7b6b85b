//! The unavoidable parts once more, called by handlers of actix-web without a session.
//!
//! Alone each part finds its code and its data where it left them; in a request other code and other
//! data have been at work since the one before.

use std::rc::Rc;

use actix_web::{App, HttpResponse, test::init_service, web};

use crate::{
    apps::{Contender, Route},
    measure::{Case, Cost, Measured},
    parts, routes,
    target::Target,
};

/// Those that have parts.
pub const ROUTES: [Route; 3] = [Route::Read, Route::Count, Route::Login];

pub fn name(route: Route) -> String {
    format!("within/{}", route.name())
}

/// The parts of a route beyond a request that does nothing.
pub fn added(route: Route, measured: &Measured) -> Cost {
    let bare = measured.get(&routes::name(Contender::Bare, route));
    Cost::added(measured.get(&name(route)), bare)
}

pub async fn cases() -> Result<Vec<Case>, String> {
    let app = App::new()
        .route("/unused", web::get().to(nothing))
        .route("/read", web::get().to(read))
        .route("/count", web::get().to(count))
        .route("/login", web::get().to(login));
    // As without a session it has no cookie to begin with, and sends the same as there.
    let target = Rc::new(Target::of(Contender::Bare, init_service(app).await));
    target.freshen().await?;
    let case = |route| routes::case(name(route), &target, route, 0);
    Ok(ROUTES.map(case).into())
}

async fn nothing() -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn read() -> HttpResponse {
    parts::once(Route::Read);
    HttpResponse::Ok().finish()
}

async fn count() -> HttpResponse {
    parts::once(Route::Count);
    HttpResponse::Ok().finish()
}

async fn login() -> HttpResponse {
    parts::once(Route::Login);
    HttpResponse::Ok().finish()
}
