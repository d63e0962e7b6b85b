//! The unavoidable parts again, called by actix-web handlers without a session.
//!
//! Run alone, each part finds its code and data in the caches. In a request, other code and data
//! have used the caches since the previous run.

use std::rc::Rc;

use actix_web::{App, HttpResponse, test::init_service, web};

use crate::{
    apps::{Contender, Route},
    measure::{Case, Cost, Measured},
    parts, routes,
    target::Target,
};

/// The routes that have parts.
pub const ROUTES: [Route; 3] = [Route::Read, Route::Count, Route::Login];

pub fn name(route: Route) -> String {
    format!("within/{}", route.name())
}

/// The cost of a route's parts above a request that does nothing.
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
    // Like `bare`, it has no cookie to begin with and sends the same requests.
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
