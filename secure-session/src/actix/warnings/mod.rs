//! Warnings about mistakes that show only when a server runs.

pub(crate) mod insecure_cookie;
pub(crate) mod per_worker_keys;
