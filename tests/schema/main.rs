//! Changes of a struct that log nobody out: earlier and later builds read each other's cookies.

mod deploys;
mod golden;
mod lenient;
mod shapes;
mod support;
mod versions;
