//! Comparisons to files: one file per format, all written from [`Comparison`].

mod html;
mod text;
mod xlsx;

use std::io::Write;
use std::path::PathBuf;

use super::rows::{Comparison, ComparisonTable};
use crate::error::{Error, Result};
use crate::folder::{
    COMPARISON_HTML, COMPARISON_JSON, COMPARISON_TABLE, COMPARISON_TEXT, COMPARISON_XLSX,
    CSV_EXTENSION,
};
use crate::output::Target;
use crate::output::files::{Complete, OutputFile, publish};
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
    /// Whether the report is one file, which can go to standard output.
    pub const fn is_one_file(self) -> bool {
        match self {
            Self::Text | Self::Json | Self::Xlsx | Self::Html => true,
            Self::Csv => false,
        }
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
        complete.extend(match format {
            ComparisonFormat::Text => {
                write_file(target, COMPARISON_TEXT, |_| Ok(text(comparison).into()))?
            }
            ComparisonFormat::Csv => write_csv(comparison, target, bom)?,
            ComparisonFormat::Json => write_file(target, COMPARISON_JSON, |_| {
                let json = serde_json::to_string_pretty(comparison).unwrap_or_default();
                Ok((json + "\n").into())
            })?,
            ComparisonFormat::Xlsx => write_file(target, COMPARISON_XLSX, |file| {
                xlsx::workbook(comparison, target, file)
            })?,
            ComparisonFormat::Html => write_file(target, COMPARISON_HTML, |_| {
                Ok(html::page(comparison).into())
            })?,
        });
    }
    publish(target, complete, None)
}

/// Writes what `content` gives, which gets the open file.
fn write_file(
    target: &Target,
    name: &str,
    content: impl FnOnce(&OutputFile) -> Result<Vec<u8>>,
) -> Result<Vec<Complete>> {
    let mut file = target.open(name)?;
    let bytes = content(&file)?;
    let path = file.path.clone();
    file.write_all(&bytes).map_err(Error::writing(&path))?;
    Ok(file.finish()?.into_iter().collect())
}

fn write_csv(of: &Comparison, target: &Target, bom: bool) -> Result<Vec<Complete>> {
    let mut complete = Vec::new();
    for table in ComparisonTable::ALL {
        let name = format!("{COMPARISON_TABLE}{}.{CSV_EXTENSION}", table.name());
        let mut file = CsvTable::create(target, &name, table.for_themes(&of.themes), bom)?;
        of.rows(table).try_for_each(|row| file.write(&row))?;
        complete.extend(file.finish()?);
    }
    Ok(complete)
}
