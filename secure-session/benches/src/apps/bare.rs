//! actix-web alone: the cost of a request without a session.

use actix_web::{HttpResponse, web};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/unused", web::get().to(answer))
        .route("/read", web::get().to(answer))
        .route("/refresh", web::get().to(answer))
        .route("/count", web::get().to(answer))
        .route("/login", web::get().to(answer));
}

async fn answer() -> HttpResponse {
    HttpResponse::Ok().finish()
}
