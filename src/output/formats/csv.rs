//! One RFC 4180 file per table, for spreadsheets.

use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::folder::CSV_EXTENSION;
use crate::output::files::{Complete, OutputFile, Target, io_error};
use crate::output::rows::FailureRow;
use crate::output::schema::TableSchema;
use crate::output::tables::{Counts, DocumentTables, Table, flat, flat_row};
use crate::output::writer::{Writer, WriterSetup};

/// The CSV files of one run.
pub(in crate::output) struct CsvReport(Vec<CsvTable>);

impl CsvReport {
    pub(in crate::output) fn create(setup: &WriterSetup<'_>) -> Result<Self> {
        let themes = setup.themes();
        let create = |table: Table| {
            let schema = flat(table, &themes, &setup.run.metadata);
            let name = format!("{}.{CSV_EXTENSION}", schema.name);
            CsvTable::create(setup.target, &name, schema, setup.run.settings.bom)
        };
        Table::ALL
            .into_iter()
            .map(create)
            .collect::<Result<_>>()
            .map(Self)
    }
}

impl Writer for CsvReport {
    fn write(&mut self, tables: &DocumentTables, _text: &str) -> Result<()> {
        let mut rows = tables.rows();
        rows.try_for_each(|(table, row)| self.0[table.place()].write(row))
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        self.0[Table::Failures.place()].write(failure)
    }

    fn finish(self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        let files = self.0.into_iter().map(CsvTable::finish);
        files.filter_map(Result::transpose).collect()
    }
}

/// One table being written.
pub(crate) struct CsvTable {
    csv: ::csv::Writer<OutputFile>,
    path: PathBuf,
    columns: Vec<String>,
}

impl CsvTable {
    pub(crate) fn create(
        target: &Target,
        name: &str,
        table: TableSchema,
        bom: bool,
    ) -> Result<Self> {
        let columns = table.columns.into_iter().map(|column| column.name);
        let columns: Vec<String> = columns.collect();
        let mut file = target.open(name)?;
        let path = file.path.clone();
        if bom {
            // Excel takes a file without the mark for the local legacy encoding.
            file.write_all("\u{FEFF}".as_bytes())
                .map_err(Error::writing(&path))?;
        }
        let csv = ::csv::WriterBuilder::new()
            .terminator(::csv::Terminator::CRLF)
            .from_writer(file);
        let header = columns.clone();
        let mut table = Self { csv, path, columns };
        table.write_record(&header)?;
        Ok(table)
    }

    pub(crate) fn write(&mut self, row: &(impl Serialize + ?Sized)) -> Result<()> {
        let value = flat_row(row).map_err(|error| Error::writing(&self.path)(error.into()))?;
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
            .map_err(|error| Error::writing(&self.path)(io_error(&error)))
    }

    pub(crate) fn finish(self) -> Result<Option<Complete>> {
        let path = self.path;
        match self.csv.into_inner() {
            Ok(file) => file.finish(),
            Err(error) => Err(Error::writing(&path)(error.into_error())),
        }
    }
}

/// What begins a formula. A spreadsheet may take the full-width forms, with which Chinese and Japanese are written, for the
/// plain ones.
const FORMULA: [char; 10] = [
    '=', '+', '-', '@', '\t', '\r', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}',
];

/// A value as a CSV cell. Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers never.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(FORMULA) => {
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
        for text in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\tx",
            "\rx",
            "＝1+1",
            "＋1",
            "－1",
            "＠SUM(A1)",
        ] {
            assert_eq!(cell(&json!(text)), format!("'{text}"));
        }
        assert_eq!(cell(&json!("Seoul = Tokyo")), "Seoul = Tokyo");
        assert_eq!(cell(&json!(-0.5)), "-0.5");
        assert_eq!(cell(&Value::Null), "");
    }
}
