//! Comparisons to files: one file a format, all written from [`Comparison`].

pub mod rows;
mod text;

use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::csv::Table;
use super::{Target, write_error};
use crate::error::Result;
pub use rows::Comparison;
pub use text::text;

/// A format of the report of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum ComparisonFormat {
    /// The findings in words and small tables, `comparison.txt`.
    Text,
    /// One file a table, for spreadsheets, `comparison_*.csv`.
    Csv,
    /// One document with all tables, `comparison.json`.
    Json,
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
    let mut paths = Vec::new();
    for format in formats {
        match format {
            ComparisonFormat::Text => {
                paths.extend(write_file(target, "comparison.txt", &text(comparison))?);
            }
            ComparisonFormat::Csv => paths.extend(write_csv(comparison, target, bom)?),
            ComparisonFormat::Json => {
                let json = serde_json::to_string_pretty(comparison).unwrap_or_default() + "\n";
                paths.extend(write_file(target, "comparison.json", &json)?);
            }
        }
    }
    Ok(paths)
}

fn write_file(target: &Target, name: &str, content: &str) -> Result<Option<PathBuf>> {
    let mut file = target.open(name)?;
    let path = file.path.clone();
    file.write_all(content.as_bytes())
        .map_err(write_error(&path))?;
    file.finish()
}

fn write_csv(of: &Comparison, target: &Target, bom: bool) -> Result<Vec<PathBuf>> {
    let mut tables = Vec::new();
    for (name, columns) in rows::columns(&of.themes) {
        let file = format!("comparison_{name}.csv");
        let mut table = Table::create(target, &file, columns, bom)?;
        match name {
            "sides" => write_rows(&mut table, &of.sides)?,
            "shares" => write_rows(&mut table, &of.shares)?,
            "matrix" => write_rows(&mut table, &of.matrix())?,
            "differences" => write_rows(&mut table, &of.differences)?,
            "divergences" => write_rows(&mut table, &of.divergences)?,
            "trends" => write_rows(&mut table, &of.trends)?,
            "words" => write_rows(&mut table, &of.words)?,
            "mentions" => write_rows(&mut table, &of.mentions)?,
            "baseline" => write_rows(&mut table, &of.baseline)?,
            _ => write_rows(&mut table, &of.failures)?,
        }
        tables.push(table);
    }
    // No file gets its name before all are complete.
    let mut paths = Vec::new();
    for table in tables {
        paths.extend(table.finish()?);
    }
    Ok(paths)
}

fn write_rows(table: &mut Table, rows: &[impl Serialize]) -> Result<()> {
    rows.iter().try_for_each(|row| table.write(row))
}
