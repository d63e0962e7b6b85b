//! The log: each event has a name that stays, the manual lists them all, and the page on symptoms
//! shows the line that answers.

mod cost;
mod events;
mod hints;
mod noise;
mod page;
mod secrets;
mod situations;
mod stderr;
mod symptoms;
