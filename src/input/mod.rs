//! Paths in, sources out: finds the files that the user means and reads each in its format.
//!
//! Whatever a library parses (web pages, PDF, Word) is read in a process of its own where the program has named one
//! ([`Limits::helper`]): a file that makes the library loop, panic or take all memory fails alone.

mod archive;
mod extract;
mod find;
mod formats;
mod found;
pub mod metadata;
mod origin;
mod readers;
mod shard;
mod table;

pub use extract::{EXTRACT_COMMAND, Limits, extract_here, serve};
pub use find::{Findings, ReportList, find, nothing_found, settle, snapshot};
pub use formats::InputFormat;
pub use found::{Fetched, Found, pipe, stdin, stdin_line};
pub use origin::{Origin, Stamp};
pub use readers::text::decode;
pub use shard::Shard;
