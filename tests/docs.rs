//! The documents say what the program does.

#![allow(clippy::unwrap_used, clippy::panic)]

use clap::ValueEnum;
use demarche::compare::ComparisonTable;
use demarche::compare::formats::ComparisonFormat;
use demarche::output::{ReportFormat, tables, workbook_tables};

const REPORTS: &str = include_str!("../docs/reports.md");
const README: &str = include_str!("../README.md");

/// The columns that the section `heading` of the data dictionary explains, with their explanations.
fn explained(heading: &str) -> Vec<(&'static str, &'static str)> {
    let section = REPORTS
        .split(&format!("\n## {heading}\n"))
        .nth(1)
        .unwrap_or_else(|| panic!("no section for {heading}"));
    section
        .lines()
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| {
            line.strip_prefix("| ")?
                .strip_suffix(" |")?
                .split_once(" | ")
        })
        .filter(|(column, _)| *column != "column")
        .collect()
}

/// The data dictionary is the row types' own: the same columns, in the same order, in the same words.
#[test]
fn every_column_is_explained_and_none_is_invented() {
    for table in tables(&[]).into_iter().chain(workbook_tables(&[])) {
        let columns = table.columns.iter();
        let wanted: Vec<(&str, &str)> = columns
            .map(|column| (column.name.as_str(), column.about.as_str()))
            .collect();
        assert_eq!(explained(table.name), wanted, "{}", table.name);
    }
}

#[test]
fn every_column_of_a_comparison_is_explained() {
    // The table of failures is the same as that of an analysis.
    let compared = ComparisonTable::ALL.into_iter();
    for table in compared.filter(|table| *table != ComparisonTable::Failures) {
        let table = table.columns(&[]);
        let columns = table.columns.iter();
        let wanted: Vec<(&str, &str)> = columns
            .map(|column| (column.name.as_str(), column.about.as_str()))
            .collect();
        let heading = format!("comparison: {}", table.name);
        assert_eq!(explained(&heading), wanted, "{}", table.name);
    }
}

#[test]
fn every_format_is_explained() {
    for format in ReportFormat::value_variants() {
        let value = format.to_possible_value().unwrap();
        let name = format!("`{}`", value.get_name());
        assert!(REPORTS.contains(&name), "docs/reports.md lacks {name}");
        assert!(README.contains(&name), "README.md lacks {name}");
    }
    for format in ComparisonFormat::value_variants() {
        let value = format.to_possible_value().unwrap();
        let name = format!("`{}`", value.get_name());
        let of_comparison = REPORTS.split("\n# The comparison").nth(1).unwrap();
        assert!(
            of_comparison.contains(&name),
            "docs/reports.md lacks {name}"
        );
    }
}
