//! What every engine is.

use std::ops::Range;

use crate::analysis::UnreadDocument;
use crate::analysis::entities::Mention;
use crate::error::Result;

/// What an engine says of one sentence.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// One probability per theme, in the order of the taxonomy.
    pub theme_scores: Vec<f32>,
    /// The names found; spans count from the start of the sentence.
    pub mentions: Vec<Mention>,
}

/// A model that reads sentences. It owns its threads; callers never share one inside rayon.
pub trait Engine: Send {
    /// Reads every sentence of a window of documents: one list per document, one [`Reading`] per sentence.
    ///
    /// # Errors
    /// When the model fails. The caller tries again document by document, so that only the guilty one is reported.
    fn read(&mut self, window: &[&UnreadDocument]) -> Result<Vec<Vec<Reading>>>;

    /// The score from which a sentence is about a theme: one per theme, in the order of the taxonomy. Engines have their
    /// own, since each is calibrated by itself.
    fn thresholds(&self) -> Vec<f32>;

    /// Which sentences of a document are read together with this one, so that they bear on its themes; itself included.
    ///
    /// # Errors
    /// When the document cannot be prepared for reading.
    fn together(&self, _: &UnreadDocument, sentence: usize) -> Result<Range<usize>> {
        Ok(sentence..sentence + 1)
    }

    /// What the user should know of how the themes in force are read.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}
