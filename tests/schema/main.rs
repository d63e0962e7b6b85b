//! Changing the struct logs nobody out: earlier and later builds read each other's cookies.

mod deploys;
mod golden;
mod lenient;
mod shapes;
mod support;
mod versions;
