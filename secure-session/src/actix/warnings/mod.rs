//! Warnings about mistakes that can only be detected while a server runs.

pub(crate) mod insecure_cookie;
pub(crate) mod per_worker_keys;
