//! All tables in one JSON document, `analysis.json`.
//!
//! The tables stand one after the other in the document but grow together during the run, so each waits in a file of
//! its own and they are joined at the end: memory stays flat whatever the number of statements.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::output::SCHEMA_VERSION;
use crate::output::files::{Complete, OutputFile};
use crate::output::format::ReportFormat;
use crate::output::rows::FailureRow;
use crate::output::run::Provenance;
use crate::output::schema::{add_properties, json_schema_of};
use crate::output::tables::{Counts, DocumentTables, PerTable, Table};
use crate::output::writer::{Setup, Writer};

/// The JSON report of one run.
pub(in crate::output) struct JsonReport {
    file: OutputFile,
    head: String,
    tables: PerTable<Spool>,
}

impl JsonReport {
    pub(in crate::output) fn create(setup: &Setup<'_>) -> Result<Self> {
        let spool = |_| {
            let rows = setup.target.spool()?;
            Ok(Spool { rows, empty: true })
        };
        let provenance = json!(setup.provenance());
        Ok(Self {
            head: format!(
                "{{\n\"schema_version\": \"{SCHEMA_VERSION}\",\n\"provenance\": {provenance}"
            ),
            file: setup.open(ReportFormat::Json, 0)?,
            tables: PerTable::new(spool)?,
        })
    }
}

impl Writer for JsonReport {
    fn write(&mut self, tables: &DocumentTables, _text: &str) -> Result<()> {
        let mut rows = tables.rows();
        rows.try_for_each(|(table, row)| self.tables.get_mut(table).add(row))
            .map_err(Error::writing(&self.file.path))
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        let failures = self.tables.get_mut(Table::Failures);
        failures
            .add(failure)
            .map_err(Error::writing(&self.file.path))
    }

    fn finish(mut self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        let path = self.file.path.clone();
        let tables = Table::ALL.into_iter().zip(self.tables.into_iter());
        let join = || -> io::Result<()> {
            self.file.write_all(self.head.as_bytes())?;
            for (table, rows) in tables {
                write!(self.file, ",\n\"{}\": [", table.name())?;
                rows.copy_to(&mut self.file)?;
                self.file.write_all(b"]")?;
            }
            self.file.write_all(b"\n}\n")
        };
        join().map_err(Error::writing(&path))?;
        Ok(self.file.finish()?.into_iter().collect())
    }
}

/// The rows of one table, one per line, waiting for the end of the run.
struct Spool {
    rows: BufWriter<File>,
    empty: bool,
}

impl Spool {
    fn add(&mut self, row: &(impl Serialize + ?Sized)) -> io::Result<()> {
        let before: &[u8] = if std::mem::replace(&mut self.empty, false) {
            b"\n"
        } else {
            b",\n"
        };
        self.rows.write_all(before)?;
        serde_json::to_writer(&mut self.rows, row).map_err(io::Error::from)
    }

    fn copy_to(self, to: &mut impl Write) -> io::Result<()> {
        let mut rows = self
            .rows
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        rows.seek(SeekFrom::Start(0))?;
        io::copy(&mut rows, to)?;
        if !self.empty {
            to.write_all(b"\n")?;
        }
        Ok(())
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
