//! Stores of revocations, and the test of one.

mod conformance;
mod faulty;
mod memory;

pub use self::{
    conformance::{StoreState, store_conformance},
    faulty::FaultyStore,
    memory::MemoryStore,
};
