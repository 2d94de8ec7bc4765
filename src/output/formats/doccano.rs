//! One line per statement, `doccano.jsonl`: the text and its spans. doccano imports it as it is; for spaCy each span is an
//! argument list of `Doc.char_span`.

use std::io::{self, Write};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::folder::DOCCANO_FILE;
use crate::output::files::{Complete, OutputFile};
use crate::output::tables::{Counts, DocumentTables};
use crate::output::writer::{Writer, WriterSetup};

/// The JSON Lines of one run.
pub(in crate::output) struct Doccano {
    file: OutputFile,
}

#[derive(Serialize)]
struct LabelledText<'a> {
    doc_id: &'a str,
    text: &'a str,
    /// Start, end and type of every mention; the name is doccano's.
    label: Vec<(usize, usize, &'a str)>,
}

impl Doccano {
    pub(in crate::output) fn create(setup: &WriterSetup<'_>) -> Result<Self> {
        Ok(Self {
            file: setup.target.open(DOCCANO_FILE)?,
        })
    }
}

impl Writer for Doccano {
    fn write(&mut self, tables: &DocumentTables, text: &str) -> Result<()> {
        let spans = tables.entities.iter();
        let line = LabelledText {
            doc_id: &tables.document.doc_id,
            text,
            label: spans
                .map(|row| (row.start, row.end, row.entity_type.as_str()))
                .collect(),
        };
        let path = self.file.path.clone();
        serde_json::to_writer(&mut self.file, &line)
            .map_err(io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(Error::writing(&path))
    }

    fn finish(self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        Ok(self.file.finish()?.into_iter().collect())
    }
}
