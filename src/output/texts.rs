//! The text of every statement, into which its offsets point: `text/<doc_id>.txt`.

use std::path::PathBuf;

use super::rows::DocumentTables;
use super::{Complete, Counts, Writer};
use crate::error::Result;

/// The texts of one run.
pub(super) struct Texts {
    folder: PathBuf,
    written: Vec<Complete>,
}

impl Texts {
    /// Texts to be written into a folder of reports.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            written: Vec::new(),
        }
    }
}

impl Writer for Texts {
    fn write(&mut self, tables: &DocumentTables, text: &str) -> Result<()> {
        let name = format!("text/{}.txt", tables.document.doc_id);
        self.written.push(Complete::new(&self.folder, &name, text)?);
        Ok(())
    }

    fn finish(self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        Ok(self.written)
    }
}
