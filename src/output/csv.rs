//! One RFC 4180 file a table, for spreadsheets.

use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::rows::{DocumentTables, FailureRow};
use super::{Complete, Counts, OutputFile, Target, Writer, io_error, schema, write_error};
use crate::error::Result;

/// The CSV files of one run.
pub(super) struct CsvTables {
    documents: Table,
    sentences: Table,
    entities: Table,
    money: Table,
    themes: Table,
    failures: Table,
}

impl CsvTables {
    pub(super) fn create(
        target: &Target,
        bom: bool,
        themes: &[String],
        metadata: &[String],
    ) -> Result<Self> {
        let columns = schema::columns(themes, metadata);
        let table = |name: &str| {
            let columns = columns.get(name).cloned().unwrap_or_default();
            Table::create(target, &format!("{name}.csv"), columns, bom)
        };
        Ok(Self {
            documents: table("documents")?,
            sentences: table("sentences")?,
            entities: table("entities")?,
            money: table("money")?,
            themes: table("themes")?,
            failures: table("failures")?,
        })
    }
}

impl Writer for CsvTables {
    fn write(&mut self, tables: &DocumentTables, _text: &str) -> Result<()> {
        self.documents.write(&tables.document)?;
        tables
            .sentences
            .iter()
            .try_for_each(|row| self.sentences.write(row))?;
        tables
            .entities
            .iter()
            .try_for_each(|row| self.entities.write(row))?;
        tables
            .money
            .iter()
            .try_for_each(|row| self.money.write(row))?;
        tables
            .themes
            .iter()
            .try_for_each(|row| self.themes.write(row))
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        self.failures.write(failure)
    }

    fn finish(self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        let tables = [
            self.documents,
            self.sentences,
            self.entities,
            self.money,
            self.themes,
            self.failures,
        ];
        let files = tables.into_iter().map(Table::finish);
        files.filter_map(Result::transpose).collect()
    }
}

pub(super) struct Table {
    csv: ::csv::Writer<OutputFile>,
    path: PathBuf,
    columns: Vec<String>,
}

impl Table {
    pub(super) fn create(
        target: &Target,
        name: &str,
        columns: Vec<String>,
        bom: bool,
    ) -> Result<Self> {
        let mut file = target.open(name)?;
        let path = file.path.clone();
        if bom {
            // Excel takes a file without the mark for the local legacy encoding.
            file.write_all("\u{FEFF}".as_bytes())
                .map_err(write_error(&path))?;
        }
        let csv = ::csv::WriterBuilder::new()
            .terminator(::csv::Terminator::CRLF)
            .from_writer(file);
        let mut table = Self { csv, path, columns };
        let header = table.columns.clone();
        table.write_record(&header)?;
        Ok(table)
    }

    pub(super) fn write(&mut self, row: &impl Serialize) -> Result<()> {
        let value = schema::flat_row(row).map_err(|error| write_error(&self.path)(error.into()))?;
        let cells: Vec<String> = self
            .columns
            .iter()
            .map(|column| cell(value.get(column).unwrap_or(&Value::Null)))
            .collect();
        self.write_record(&cells)
    }

    fn write_record(&mut self, cells: &[String]) -> Result<()> {
        self.csv
            .write_record(cells)
            .map_err(|error| write_error(&self.path)(io_error(&error)))
    }

    pub(super) fn finish(self) -> Result<Option<Complete>> {
        let path = self.path;
        match self.csv.into_inner() {
            Ok(file) => file.finish(),
            Err(error) => Err(write_error(&path)(error.into_error())),
        }
    }
}

/// A value as a CSV cell. Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers never.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
            format!("'{text}")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn formulas_are_disarmed_and_numbers_left_alone() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
            assert_eq!(cell(&json!(text)), format!("'{text}"));
        }
        assert_eq!(cell(&json!("Seoul = Tokyo")), "Seoul = Tokyo");
        assert_eq!(cell(&json!(-0.5)), "-0.5");
        assert_eq!(cell(&Value::Null), "");
    }
}
