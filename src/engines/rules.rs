//! The engine without weights: the taxonomy's cues for themes, gazetteers and patterns for names.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Engine, Reading};
use crate::analysis::UnreadDocument;
use crate::analysis::entities::EntityGrammar;
use crate::analysis::themes::{Taxonomy, ThemeScorer};
use crate::error::Result;

/// Reads by rules alone. It is the baseline that a trained model has to beat, and it needs nothing but the taxonomy.
pub struct RulesEngine {
    themes: ThemeScorer,
    entities: Arc<EntityGrammar>,
    thresholds: Vec<f32>,
}

impl RulesEngine {
    /// An engine for the cues of `taxonomy`.
    ///
    /// # Errors
    /// When the cues cannot be compiled.
    pub fn new(taxonomy: &Taxonomy, entities: Arc<EntityGrammar>) -> Result<Self> {
        Ok(Self {
            themes: ThemeScorer::new(taxonomy)?,
            entities,
            thresholds: taxonomy
                .themes()
                .iter()
                .map(|theme| theme.threshold)
                .collect(),
        })
    }
}

impl Engine for RulesEngine {
    fn read(&mut self, window: &[&UnreadDocument]) -> Result<Vec<Vec<Reading>>> {
        let (themes, entities) = (&self.themes, &self.entities);
        let readings = window
            .par_iter()
            .map(|document| {
                let texts = document.texts();
                entities
                    .find(&texts)
                    .into_iter()
                    .zip(&texts)
                    .map(|(mentions, text)| Reading {
                        theme_scores: themes.score(text),
                        mentions,
                    })
                    .collect()
            })
            .collect();
        Ok(readings)
    }

    fn thresholds(&self) -> Vec<f32> {
        self.thresholds.clone()
    }
}
