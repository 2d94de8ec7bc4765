//! One line a statement, `analysis.jsonl`: each holds all its rows, and what made them.

use std::io::{self, Write};

use super::rows::{DocumentTables, FailureRow};
use super::schema::Line;
use super::{
    Complete, Counts, OutputFile, Provenance, SCHEMA_VERSION, Target, Writer, write_error,
};
use crate::error::Result;

/// The JSON Lines report of one run.
pub(super) struct JsonLinesReport {
    file: OutputFile,
    provenance: Provenance,
}

impl JsonLinesReport {
    pub(super) fn create(target: &Target, provenance: &Provenance) -> Result<Self> {
        Ok(Self {
            file: target.open("analysis.jsonl")?,
            provenance: provenance.clone(),
        })
    }
}

impl Writer for JsonLinesReport {
    fn write(&mut self, tables: &DocumentTables, _text: &str) -> Result<()> {
        let written = write_line(&mut self.file, &self.provenance, Ok(tables));
        written.map_err(write_error(&self.file.path))
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        let written = write_line(&mut self.file, &self.provenance, Err(failure));
        written.map_err(write_error(&self.file.path))
    }

    fn finish(self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        Ok(self.file.finish()?.into_iter().collect())
    }
}

/// Writes what became of one statement, as a line.
///
/// # Errors
/// Those of `to`.
pub fn write_line(
    to: &mut impl Write,
    provenance: &Provenance,
    outcome: std::result::Result<&DocumentTables, &FailureRow>,
) -> io::Result<()> {
    let schema_version = SCHEMA_VERSION;
    let line = match outcome {
        Ok(tables) => Line::Statement {
            schema_version,
            provenance,
            tables,
        },
        Err(failure) => Line::Failure {
            schema_version,
            provenance,
            failure,
        },
    };
    serde_json::to_writer(&mut *to, &line)?;
    to.write_all(b"\n")
}
