//! One line per statement, `analysis.jsonl`: each holds all its rows, and what made them.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::folder::JSON_LINES_FILE;
use crate::output::SCHEMA_VERSION;
use crate::output::files::{Complete, OutputFile};
use crate::output::rows::FailureRow;
use crate::output::run::Provenance;
use crate::output::schema::json_schema_of;
use crate::output::tables::{Counts, DocumentTables};
use crate::output::writer::{Writer, WriterSetup};

/// A line of `analysis.jsonl`.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(title = "demarche analysis, a line")]
enum AnalysisLine<'a> {
    /// A statement that was analysed.
    Statement {
        /// The version of this layout.
        schema_version: &'a str,
        /// What made the line.
        provenance: &'a Provenance,
        /// The rows.
        #[serde(flatten)]
        tables: &'a DocumentTables,
    },
    /// A statement that could not be analysed.
    Failure {
        /// The version of this layout.
        schema_version: &'a str,
        /// What made the line.
        provenance: &'a Provenance,
        /// What went wrong.
        failure: &'a FailureRow,
    },
}

/// The JSON Schema (2020-12) of one line of `analysis.jsonl`.
pub fn line_schema() -> Value {
    json_schema_of::<AnalysisLine<'_>>()
}

/// The JSON Lines report of one run.
pub(in crate::output) struct JsonLinesReport {
    file: OutputFile,
    provenance: Provenance,
}

impl JsonLinesReport {
    pub(in crate::output) fn create(setup: &WriterSetup<'_>) -> Result<Self> {
        Ok(Self {
            file: setup.target.open(JSON_LINES_FILE)?,
            provenance: setup.provenance().clone(),
        })
    }
}

impl Writer for JsonLinesReport {
    fn write(&mut self, tables: &DocumentTables, _text: &str) -> Result<()> {
        let written = write_line(&mut self.file, &self.provenance, Ok(tables));
        written.map_err(Error::writing(&self.file.path))
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        let written = write_line(&mut self.file, &self.provenance, Err(failure));
        written.map_err(Error::writing(&self.file.path))
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
        Ok(tables) => AnalysisLine::Statement {
            schema_version,
            provenance,
            tables,
        },
        Err(failure) => AnalysisLine::Failure {
            schema_version,
            provenance,
            failure,
        },
    };
    serde_json::to_writer(&mut *to, &line)?;
    to.write_all(b"\n")
}
