//! The report formats: the one list, with their files.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::tables::Table;
use crate::folder::{
    BRAT_FOLDER, CONLL_FILE, CSV_EXTENSION, DOCCANO_FILE, HTML_FILE, JSON_FILE, JSON_LINES_FILE,
    LABEL_STUDIO_INTERFACE, LABEL_STUDIO_TASKS, PARQUET_EXTENSION, XLSX_FILE,
};

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
            Self::Csv => ReportFiles::PerTable(CSV_EXTENSION),
            Self::Json => ReportFiles::Named(&[JSON_FILE]),
            Self::JsonLines => ReportFiles::Named(&[JSON_LINES_FILE]),
            Self::Xlsx => ReportFiles::Named(&[XLSX_FILE]),
            Self::Html => ReportFiles::Named(&[HTML_FILE]),
            Self::Parquet => ReportFiles::PerTable(PARQUET_EXTENSION),
            Self::LabelStudio => ReportFiles::Named(&[LABEL_STUDIO_TASKS, LABEL_STUDIO_INTERFACE]),
            Self::Conll => ReportFiles::Named(&[CONLL_FILE]),
            Self::Brat => ReportFiles::PerStatement(BRAT_FOLDER),
            Self::Doccano => ReportFiles::Named(&[DOCCANO_FILE]),
        }
    }

    /// Whether the report is one file, which can go to standard output.
    pub const fn is_one_file(self) -> bool {
        match self.files() {
            ReportFiles::Named(names) => names.len() == 1,
            ReportFiles::PerTable(_) | ReportFiles::PerStatement(_) => false,
        }
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

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;
    use crate::folder::{RUN_FILE, is_report_name};
    use crate::output::run::TEXTS;

    /// The search for statements, which knows no formats, has a list of its own.
    #[test]
    fn every_file_is_known_as_a_report() {
        let formats = ReportFormat::value_variants().iter();
        for files in formats.map(|format| format.files()).chain([TEXTS]) {
            let names: Vec<String> = match files {
                ReportFiles::Named(names) => names.iter().map(|name| (*name).into()).collect(),
                ReportFiles::PerTable(extension) => Table::ALL
                    .map(|table| format!("{}.{extension}", table.name()))
                    .into(),
                ReportFiles::PerStatement(folder) => vec![format!("{folder}/a/b.txt")],
            };
            for name in names {
                assert!(is_report_name(Path::new(&name)), "{name}");
            }
        }
        assert!(is_report_name(Path::new(RUN_FILE)));
    }
}
