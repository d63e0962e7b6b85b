//! What the derive generates, used as an application uses it.

mod default;
mod format;
mod keep;
mod lints;
mod names;
mod places;
mod rest;
mod shapes;
mod skip;
mod stored_names;
mod support;
mod visibility;
mod with;
