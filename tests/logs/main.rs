//! The log: each event has a stable name, the manual lists all events, and the page on symptoms
//! shows the line that explains each.

mod cost;
mod events;
mod hints;
mod noise;
mod page;
mod revocation;
mod secrets;
mod situations;
mod stderr;
mod symptoms;
