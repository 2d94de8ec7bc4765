//! All tables in one JSON document, `analysis.json`.
//!
//! The tables stand one after the other in the document but grow together during the run, so each waits in a file of
//! its own and they are joined at the end: memory stays flat whatever the number of statements.

use std::borrow::Cow;
use std::io::{self, Write};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::folder::JSON_FILE;
use crate::output::SCHEMA_VERSION;
use crate::output::files::{Complete, OutputFile, Spool};
use crate::output::rows::FailureRow;
use crate::output::run::Provenance;
use crate::output::schema::{add_properties, json_schema_of};
use crate::output::tables::{Counts, DocumentTables, Table};
use crate::output::writer::{Writer, WriterSetup};

/// The JSON report of one run.
pub(in crate::output) struct JsonReport {
    file: OutputFile,
    head: String,
    /// The rows of every table.
    tables: Vec<Spool>,
}

impl JsonReport {
    pub(in crate::output) fn create(setup: &WriterSetup<'_>) -> Result<Self> {
        let provenance = json!(setup.provenance());
        Ok(Self {
            head: format!(
                "{{\n\"schema_version\": \"{SCHEMA_VERSION}\",\n\"provenance\": {provenance}"
            ),
            file: setup.target.open(JSON_FILE)?,
            tables: Table::ALL
                .map(|_| setup.target.spool())
                .into_iter()
                .collect::<Result<_>>()?,
        })
    }
}

impl Writer for JsonReport {
    fn write(&mut self, tables: &DocumentTables, _text: &str) -> Result<()> {
        let mut rows = tables.rows();
        rows.try_for_each(|(table, row)| self.tables[table.place()].add_row(row, ""))
            .map_err(Error::writing(&self.file.path))
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        self.tables[Table::Failures.place()]
            .add_row(failure, "")
            .map_err(Error::writing(&self.file.path))
    }

    fn finish(mut self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        let path = self.file.path.clone();
        let tables = Table::ALL.into_iter().zip(self.tables);
        let join = || -> io::Result<()> {
            self.file.write_all(self.head.as_bytes())?;
            for (table, rows) in tables {
                write!(self.file, ",\n\"{}\": [", table.name())?;
                let has_rows = rows.copy_to(&mut self.file)?;
                self.file.write_all(if has_rows { b"\n]" } else { b"]" })?;
            }
            self.file.write_all(b"\n}\n")
        };
        join().map_err(Error::writing(&path))?;
        Ok(self.file.finish()?.into_iter().collect())
    }
}

/// The JSON Schema (2020-12) of `analysis.json`.
pub fn report_schema() -> Value {
    json_schema_of::<AnalysisDocument>()
}

/// `analysis.json`, of which there is only a schema: the file is written piece by piece.
struct AnalysisDocument;

impl JsonSchema for AnalysisDocument {
    fn schema_name() -> Cow<'static, str> {
        "demarche analysis".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        #[derive(JsonSchema)]
        #[expect(dead_code, reason = "only its schema is used")]
        struct ReportHead {
            /// The version of this layout.
            schema_version: String,
            /// What made the report.
            provenance: Provenance,
        }
        let mut schema = ReportHead::json_schema(generator);
        schema.insert("title".into(), "demarche analysis".into());
        let lists = Table::ALL.map(|table| (table.name(), table.list_schema(generator)));
        add_properties(&mut schema, lists);
        schema.insert("description".into(), "The tables of one run.".into());
        schema
    }
}
