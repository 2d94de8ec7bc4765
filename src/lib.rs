//! demarche reads diplomatic statements and answers, as tables, what they are about:
//! which sentences, which themes, which names, which sums of money.
//!
//! `docs/ARCHITECTURE.md` has the floors of the house and the flow from a path to a report, in types.

pub mod analysis;
pub mod cache;
pub mod chance;
pub mod cli;
pub mod compare;
pub mod document;
pub mod engines;
pub mod error;
pub mod evaluate;
pub mod explain;
pub mod folder;
pub mod input;
pub mod open;
pub mod output;
pub mod pipeline;
pub mod text;

pub use error::{Error, Result};
