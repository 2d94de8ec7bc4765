//! What writes a report: one writer per format.

use super::files::{Complete, Target};
use super::rows::FailureRow;
use super::run::{Provenance, Run};
use super::tables::{Counts, DocumentTables};
use crate::analysis::themes::Taxonomy;
use crate::error::Result;

/// What every writer is made from.
pub(super) struct WriterSetup<'a> {
    pub target: &'a Target,
    pub taxonomy: &'a Taxonomy,
    pub run: &'a Run,
}

impl WriterSetup<'_> {
    /// The theme ids, in the order of the taxonomy.
    pub fn themes(&self) -> Vec<String> {
        let themes = self.taxonomy.themes().iter();
        themes.map(|theme| theme.id.clone()).collect()
    }

    pub fn provenance(&self) -> &Provenance {
        &self.run.provenance
    }
}

/// A report being written: the rows of a statement at a time.
pub(super) trait Writer: Send {
    /// Adds the rows of one statement; `text` is what their offsets point into.
    fn write(&mut self, tables: &DocumentTables, text: &str) -> Result<()>;

    /// Adds a statement that could not be analysed; exports for other tools have no place for it.
    fn write_failure(&mut self, _failure: &FailureRow) -> Result<()> {
        Ok(())
    }

    /// What the user should know of how the report had to be written.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Completes the files; none for standard output.
    fn finish(self: Box<Self>, counts: Counts) -> Result<Vec<Complete>>;
}
