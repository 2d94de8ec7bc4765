//! Comparisons to files: one file a format, all written from [`Comparison`].

mod html;
pub mod rows;
mod text;
mod xlsx;

use std::io::Write;
use std::path::PathBuf;

use super::csv::Table;
use super::{Complete, Target, publish, write_error};
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
    /// A workbook with one sheet a table and a chart, `comparison.xlsx`.
    Xlsx,
    /// One self-contained page with charts, `comparison.html`.
    Html,
}

impl ComparisonFormat {
    /// Whether the report is one file, which can go to standard output.
    pub const fn is_one_file(self) -> bool {
        match self {
            Self::Csv => false,
            Self::Text | Self::Json | Self::Xlsx | Self::Html => true,
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
        match format {
            ComparisonFormat::Text => {
                complete.extend(write_file(target, "comparison.txt", &text(comparison))?);
            }
            ComparisonFormat::Csv => complete.extend(write_csv(comparison, target, bom)?),
            ComparisonFormat::Json => {
                let json = serde_json::to_string_pretty(comparison).unwrap_or_default() + "\n";
                complete.extend(write_file(target, "comparison.json", &json)?);
            }
            ComparisonFormat::Xlsx => complete.extend(xlsx::write(comparison, target)?),
            ComparisonFormat::Html => {
                let page = html::page(comparison);
                complete.extend(write_file(target, "comparison.html", &page)?);
            }
        }
    }
    publish(target, complete, None)
}

fn write_file(target: &Target, name: &str, content: &str) -> Result<Option<Complete>> {
    let mut file = target.open(name)?;
    let path = file.path.clone();
    file.write_all(content.as_bytes())
        .map_err(write_error(&path))?;
    file.finish()
}

fn write_csv(of: &Comparison, target: &Target, bom: bool) -> Result<Vec<Complete>> {
    let mut complete = Vec::new();
    for of_name in rows::tables(&of.themes) {
        let file = format!("comparison_{}.csv", of_name.name);
        let columns = of_name.columns.into_iter().map(|column| column.name);
        let mut table = Table::create(target, &file, columns.collect(), bom)?;
        of.rows(of_name.name)
            .try_for_each(|row| table.write(&row))?;
        complete.extend(table.finish()?);
    }
    Ok(complete)
}
