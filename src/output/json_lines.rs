//! One line a statement, `analysis.jsonl`: each holds all its rows, and what made them.

use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::rows::{DocumentTables, FailureRow};
use super::schema::Line;
use super::{Counts, OutputFile, Provenance, SCHEMA_VERSION, Target, Writer, write_error};
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
        let line = Line::Statement {
            schema_version: SCHEMA_VERSION,
            provenance: &self.provenance,
            tables,
        };
        write_line(&mut self.file, &line)
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        let line = Line::Failure {
            schema_version: SCHEMA_VERSION,
            provenance: &self.provenance,
            failure,
        };
        write_line(&mut self.file, &line)
    }

    fn finish(self: Box<Self>, _counts: Counts) -> Result<Vec<PathBuf>> {
        Ok(self.file.finish()?.into_iter().collect())
    }
}

fn write_line(file: &mut OutputFile, line: &impl Serialize) -> Result<()> {
    let path = file.path.clone();
    serde_json::to_writer(&mut *file, line).map_err(|error| write_error(&path)(error.into()))?;
    file.write_all(b"\n").map_err(write_error(&path))
}
