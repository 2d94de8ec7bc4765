//! demarche reads diplomatic statements and answers, as tables, what they are about:
//! which sentences, which themes, which names, which sums of money.
//!
//! The flow, in types (`docs/ARCHITECTURE.md` has a paragraph for every arrow):
//!
//! ```text
//! paths --input--> Source --document--> Document --sentences--> Vec<Sentence>
//!   --money--> Vec<Money>   --Engine--> theme scores, mentions   --entities--> Vec<Entity>
//!   --weighting--> theme shares   --output--> CSV, JSON, JSON Lines
//! ```

pub mod analysis;
pub mod document;
pub mod error;
pub mod models;

pub use error::{Error, Result};
