//! Engines: whatever reads sentences and says their themes and the names in them.

mod rules;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use rules::RulesEngine;

use crate::analysis::entities::{EntityGrammar, Mention};
use crate::analysis::themes::Taxonomy;
use crate::document::{Document, Sentence};
use crate::error::Result;

/// A document and its sentences, as an engine gets them: the whole document, so that it may use the context.
#[derive(Debug, Clone, Copy)]
pub struct DocumentSentences<'a> {
    /// The document.
    pub document: &'a Document,
    /// Its sentences, in order.
    pub sentences: &'a [Sentence],
}

impl<'a> DocumentSentences<'a> {
    /// The words of every sentence, in order.
    pub fn texts(&self) -> Vec<&'a str> {
        let text: &'a str = &self.document.text;
        self.sentences.iter().map(|s| s.span.of(text)).collect()
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
}

/// The engines that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineKind {
    /// Cue lexicon, gazetteers and patterns; no weights.
    #[default]
    Rules,
}

impl EngineKind {
    /// The name as on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rules => "rules",
        }
    }

    /// Makes the engine ready to read.
    ///
    /// # Errors
    /// When the data that it needs is missing or wrong.
    pub fn load(
        self,
        taxonomy: &Taxonomy,
        entities: &Arc<EntityGrammar>,
    ) -> Result<Box<dyn Engine>> {
        match self {
            Self::Rules => Ok(Box::new(RulesEngine::new(taxonomy, Arc::clone(entities))?)),
        }
    }
}
