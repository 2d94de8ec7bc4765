//! demarche reads diplomatic statements and answers, as tables, what they are about:
//! which sentences, which themes, which names, which sums of money.
//!
//! The flow, in types (`docs/ARCHITECTURE.md` has a paragraph for every arrow):
//!
//! ```text
//! paths --input--> Found --read--> Source --Document::parse--> Document --SentenceSplitter--> Vec<Sentence>
//!   Sentence --MoneyGrammar--> Vec<Money>
//!   sentences of a window --Engine--> theme scores, mentions --EntityGrammar::resolve--> Vec<Entity>
//!   all of it --pipeline--> DocumentAnalysis --Finished--> rows --output--> tables, a workbook, a page, exports
//! ```

pub mod analysis;
pub mod cache;
pub mod cli;
pub mod compare;
pub mod document;
pub mod engines;
pub mod error;
pub mod evaluate;
pub mod explain;
pub mod folder;
pub mod input;
pub mod output;
pub mod pipeline;
pub mod text;

pub use error::{Error, Result};
