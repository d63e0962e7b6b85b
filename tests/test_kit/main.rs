//! The test kit: what it sends for a test, what it says of a response, and how it fails.

mod own_session;
