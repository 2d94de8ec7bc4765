//! The report formats: the one list, with the names of their files.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::tables::Table;

/// A report format.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum ReportFormat {
    /// One file per table, for spreadsheets.
    Csv,
    /// One document with all tables, `analysis.json`.
    Json,
    /// One line per statement, `analysis.jsonl`.
    JsonLines,
    /// A workbook with one sheet per table, `analysis.xlsx`.
    Xlsx,
    /// One self-contained page to read, filter and print, `report.html`.
    Html,
    /// One typed, compressed file per table, for pandas, R and DuckDB.
    Parquet,
    /// Tasks with predictions for Label Studio, `label-studio.json`.
    LabelStudio,
    /// One token per line with BIO tags, as in CoNLL-2003, `analysis.conll`.
    Conll,
    /// Standoff annotation for brat, the folder `brat`.
    Brat,
    /// Texts with spans, for doccano and spaCy, `doccano.jsonl`.
    Doccano,
}

/// The files of a report format, relative to the folder of the reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFiles {
    /// Files of these names.
    Named(&'static [&'static str]),
    /// One file per table, which has the table's name and this extension.
    PerTable(&'static str),
    /// Files per statement, in this folder.
    PerStatement(&'static str),
}

impl ReportFormat {
    /// The files that it is written to.
    pub const fn files(self) -> ReportFiles {
        match self {
            Self::Csv => ReportFiles::PerTable("csv"),
            Self::Json => ReportFiles::Named(&["analysis.json"]),
            Self::JsonLines => ReportFiles::Named(&["analysis.jsonl"]),
            Self::Xlsx => ReportFiles::Named(&["analysis.xlsx"]),
            Self::Html => ReportFiles::Named(&["report.html"]),
            Self::Parquet => ReportFiles::PerTable("parquet"),
            Self::LabelStudio => ReportFiles::Named(&["label-studio.json", "label-studio.xml"]),
            Self::Conll => ReportFiles::Named(&["analysis.conll"]),
            Self::Brat => ReportFiles::PerStatement("brat"),
            Self::Doccano => ReportFiles::Named(&["doccano.jsonl"]),
        }
    }

    /// Whether the report is one file, which can go to standard output.
    pub const fn is_one_file(self) -> bool {
        matches!(self.files(), ReportFiles::Named([_]))
    }
}

impl ReportFiles {
    /// Whether one of the files may have this name.
    pub fn include(self, name: &Path) -> bool {
        match self {
            Self::Named(names) => names.iter().any(|one| name == Path::new(one)),
            Self::PerTable(extension) => Table::ALL
                .iter()
                .any(|table| name == Path::new(&format!("{}.{extension}", table.name()))),
            Self::PerStatement(folder) => name.starts_with(folder),
        }
    }
}
