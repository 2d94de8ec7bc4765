//! A statement whose rows are made, as it is written, kept in the cache and passed on by shards.

use serde::{Deserialize, Serialize};

use super::schema::NO_THEME;
use super::tables::DocumentTables;
use crate::analysis::DocumentAnalysis;
use crate::analysis::themes::Taxonomy;

/// A statement with nothing left to do but to be written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Finished {
    /// Its rows.
    pub tables: DocumentTables,
    /// What their offsets point into.
    pub text: String,
}

impl Finished {
    /// The rows of an analysis.
    pub fn new(analysis: DocumentAnalysis, taxonomy: &Taxonomy) -> Self {
        Self {
            tables: DocumentTables::new(&analysis, taxonomy),
            text: analysis.document.text,
        }
    }
}

/// A [`Finished`] as it was read.
#[derive(Deserialize)]
struct Unchecked {
    tables: DocumentTables,
    text: String,
}

impl TryFrom<Unchecked> for Finished {
    type Error = String;

    /// Refuses rows with columns that this program does not know: another version wrote them.
    fn try_from(Unchecked { tables, text }: Unchecked) -> Result<Self, String> {
        let themes = tables.themes.iter().map(|row| row.theme.as_str());
        let themes: Vec<&str> = themes.filter(|theme| *theme != NO_THEME).collect();
        for row in &tables.sentences {
            let columns = row.probabilities.0.iter().map(|(theme, _)| theme.as_str());
            if !columns.eq(themes.iter().copied()) {
                return Err(format!("{} has columns that are not themes", row.sent_id));
            }
        }
        Ok(Self { tables, text })
    }
}
