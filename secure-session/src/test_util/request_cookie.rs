//! Cookies that a request brings.

use actix_web::http::header::{COOKIE, HeaderName};

use crate::{
    codec::{Codec, Opened},
    error::EncodeError,
    schema::SecureSession,
};

/// Gives the header of a request that comes with this value, sealed now as a new session that
/// nobody signed in to.
///
/// For the session of an earlier response there is [`next_request_cookie`]. A request with several
/// sessions takes `append_header` for each, as `insert_header` keeps the last one only.
///
/// # Errors
///
/// As [`Codec::seal`].
pub fn request_cookie<T: SecureSession>(
    codec: &Codec<T>,
    value: &T,
) -> Result<(HeaderName, String), EncodeError> {
    let text = codec.seal(value)?;
    Ok((COOKIE, format!("{}={text}", codec.cookie_name())))
}

/// Gives the header of a request that comes with a session as it was opened: its id, its clocks,
/// and whether it was signed in to.
///
/// # Errors
///
/// As [`Opened::seal`].
pub fn next_request_cookie<T: SecureSession>(
    codec: &Codec<T>,
    session: &Opened<T>,
) -> Result<(HeaderName, String), EncodeError> {
    let text = session.seal(codec)?;
    Ok((COOKIE, format!("{}={text}", codec.cookie_name())))
}
