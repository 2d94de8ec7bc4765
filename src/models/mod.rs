//! Engines: whatever reads sentences and says their themes and the names in them.

pub mod manifest;
mod minilm;
mod rules;
#[cfg(feature = "rust-bert")]
mod rust_bert;
mod settings;
mod tagging;

use std::ops::Range;

pub use minilm::MinilmEngine;
pub use rules::RulesEngine;
pub use settings::{Device, EngineKind, EngineSettings};

use crate::analysis::entities::Mention;
use crate::analysis::money::Money;
use crate::document::{Document, Sentence, Span};
use crate::error::Result;

/// A document and its sentences, as an engine gets them: the whole document, so that it may use the context.
#[derive(Debug, Clone, Copy)]
pub struct DocumentSentences<'a> {
    /// The document.
    pub document: &'a Document,
    /// Its sentences, in order.
    pub sentences: &'a [Sentence],
    /// The sums in each of them.
    pub money: &'a [Vec<Money>],
}

impl<'a> DocumentSentences<'a> {
    /// The words of every sentence, in order.
    pub fn texts(&self) -> Vec<&'a str> {
        let text: &'a str = &self.document.text;
        self.sentences.iter().map(|s| s.span.of(text)).collect()
    }

    /// Where the sums stand in every sentence.
    pub fn sums(&self) -> Vec<Vec<Span>> {
        let sentences = self.money.iter();
        sentences
            .map(|sums| sums.iter().map(|sum| sum.span).collect())
            .collect()
    }
}

/// What an engine says of one sentence.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// A probability a theme, in the order of the taxonomy.
    pub theme_scores: Vec<f32>,
    /// The names found; spans count from the start of the sentence.
    pub mentions: Vec<Mention>,
}

/// A model that reads sentences. It owns its threads; callers never share one inside rayon.
pub trait Engine: Send {
    /// Reads every sentence of a window of documents: one list a document, one [`Reading`] a sentence.
    ///
    /// # Errors
    /// When the model fails. The caller tries again document by document, so that only the guilty one is reported.
    fn read(&mut self, window: &[DocumentSentences<'_>]) -> Result<Vec<Vec<Reading>>>;

    /// The score from which a sentence is about a theme, a theme of the taxonomy, in its order: engines are calibrated
    /// each in its own way.
    fn thresholds(&self) -> Vec<f32>;

    /// Which sentences of a document are read together with this one, so that they bear on its themes; itself included.
    ///
    /// # Errors
    /// When the document cannot be prepared for reading.
    fn together(&self, _: &DocumentSentences<'_>, sentence: usize) -> Result<Range<usize>> {
        Ok(sentence..sentence + 1)
    }

    /// What the user should know of how the themes in force are read.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
