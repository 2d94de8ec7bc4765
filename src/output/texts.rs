//! The text of every statement, into which its offsets point: `text/<doc_id>.txt`.

use super::files::ManyFiles;
use super::rows::DocumentTables;
use super::{Complete, Counts, Target, Writer};
use crate::error::Result;

/// The texts of one run.
pub(super) struct Texts {
    files: ManyFiles,
}

impl Texts {
    pub(super) fn new(target: &Target) -> Self {
        Self {
            files: ManyFiles::new(target),
        }
    }
}

impl Writer for Texts {
    fn write(&mut self, tables: &DocumentTables, text: &str) -> Result<()> {
        let name = format!("text/{}.txt", tables.document.doc_id);
        self.files.put(&name, text)
    }

    fn finish(self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        Ok(self.files.finish())
    }
}
