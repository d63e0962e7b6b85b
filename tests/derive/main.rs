//! The generated code, used as in an application.

mod default;
mod format;
mod keep;
mod lints;
mod names;
mod places;
mod public;
mod rest;
mod shapes;
mod skip;
mod stored_names;
mod support;
mod visibility;
mod with;
