//! The applications on a socket, for `loopback.py`.

use actix_web::HttpServer;

use crate::apps::{Contender, with_app};

/// Serves until the process is stopped; prints its address.
pub async fn serve(contender: Contender, port: u16) -> Result<(), String> {
    with_app!(contender, make => {
        let server = HttpServer::new(make)
            .workers(1)
            .bind(("127.0.0.1", port))
            .map_err(|err| err.to_string())?;
        for address in server.addrs() {
            println!("listening {address}");
        }
        server.run().await.map_err(|err| err.to_string())
    })
}
