//! What is a sentence about?
//!
//! The themes and their cues are data: `models/themes.toml`, or a file of the user's own in the same shape.
//! [`Taxonomy`] is that file, read and checked; [`ThemeScorer`] reads sentences by its cues.

mod cues;
mod lexicon;
mod taxonomy;

pub use lexicon::{Evidence, ThemeScorer};
pub use taxonomy::{Taxonomy, Theme, assign};
