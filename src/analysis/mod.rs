//! The questions that the user asks of a statement, one file a question.
//!
//! All of it is pure: no files, threads or printing.

pub mod compare;
pub mod entities;
pub mod money;
pub mod sentences;
pub mod themes;
pub mod weighting;
