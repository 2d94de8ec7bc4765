//! The text of every statement, into which its offsets point: `text/<doc_id>.txt`.

use crate::error::Result;
use crate::folder::TEXT_FOLDER;
use crate::output::files::{Complete, ManyFiles, Target};
use crate::output::tables::{Counts, DocumentTables};
use crate::output::writer::Writer;

/// The texts of one run.
pub(in crate::output) struct Texts {
    files: ManyFiles,
}

impl Texts {
    pub(in crate::output) fn new(target: &Target) -> Self {
        Self {
            files: ManyFiles::new(target),
        }
    }
}

impl Writer for Texts {
    fn write(&mut self, tables: &DocumentTables, text: &str) -> Result<()> {
        let name = format!("{TEXT_FOLDER}/{}.txt", tables.document.doc_id);
        self.files.put(&name, text)
    }

    fn finish(self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        Ok(self.files.finish())
    }
}
