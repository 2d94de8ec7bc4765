//! Comparisons to files: one file per format, all written from [`Comparison`].

mod html;
mod text;
mod xlsx;

use std::io::Write;
use std::path::PathBuf;

use super::rows::{Comparison, ComparisonTable};
use crate::error::{Error, Result};
use crate::output::Target;
use crate::output::files::{Complete, publish};
use crate::output::formats::csv::CsvTable;
pub use text::text;

/// A format of the report of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum ComparisonFormat {
    /// The findings in words and small tables, `comparison.txt`.
    Text,
    /// One file per table, for spreadsheets, `comparison_*.csv`.
    Csv,
    /// One document with all tables, `comparison.json`.
    Json,
    /// A workbook with one sheet per table and a chart, `comparison.xlsx`.
    Xlsx,
    /// One self-contained page with charts, `comparison.html`.
    Html,
}

impl ComparisonFormat {
    /// The name of its file; none for the one that has a file per table.
    const fn file(self) -> Option<&'static str> {
        match self {
            Self::Text => Some("comparison.txt"),
            Self::Csv => None,
            Self::Json => Some("comparison.json"),
            Self::Xlsx => Some("comparison.xlsx"),
            Self::Html => Some("comparison.html"),
        }
    }

    /// Whether the report is one file, which can go to standard output.
    pub const fn is_one_file(self) -> bool {
        self.file().is_some()
    }
}

/// Writes a comparison in these formats. The paths of the files written, in order.
///
/// # Errors
/// When a file cannot be written.
pub fn write(
    comparison: &Comparison,
    target: &Target,
    formats: &[ComparisonFormat],
    bom: bool,
) -> Result<Vec<PathBuf>> {
    let mut formats = formats.to_vec();
    formats.sort_unstable();
    formats.dedup();
    let mut complete = Vec::new();
    for format in formats {
        match format.file() {
            None => complete.extend(write_csv(comparison, target, bom)?),
            Some(name) => complete.extend(write_file(comparison, target, format, name)?),
        }
    }
    publish(target, complete, None)
}

fn write_file(
    of: &Comparison,
    target: &Target,
    format: ComparisonFormat,
    name: &str,
) -> Result<Option<Complete>> {
    let mut file = target.open(name)?;
    let path = file.path.clone();
    let bytes = match format {
        ComparisonFormat::Text => text(of).into_bytes(),
        ComparisonFormat::Json => {
            (serde_json::to_string_pretty(of).unwrap_or_default() + "\n").into_bytes()
        }
        ComparisonFormat::Html => html::page(of).into_bytes(),
        ComparisonFormat::Xlsx => xlsx::workbook(of, target, &file)?,
        ComparisonFormat::Csv => Vec::new(),
    };
    file.write_all(&bytes).map_err(Error::writing(&path))?;
    file.finish()
}

fn write_csv(of: &Comparison, target: &Target, bom: bool) -> Result<Vec<Complete>> {
    let mut complete = Vec::new();
    for table in ComparisonTable::ALL {
        let name = format!("comparison_{}.csv", table.name());
        let mut file = CsvTable::create(target, &name, table.columns(&of.themes), bom)?;
        of.rows(table).try_for_each(|row| file.write(&row))?;
        complete.extend(file.finish()?);
    }
    Ok(complete)
}
