//! The documents say what the program does.

#![allow(clippy::unwrap_used, clippy::panic)]

use clap::ValueEnum;
use demarche::output::Format;
use demarche::output::schema::{tables, workbook_tables};

const REPORTS: &str = include_str!("../docs/reports.md");
const README: &str = include_str!("../README.md");

/// The data dictionary is the row types' own: the same columns, in the same order, in the same words.
#[test]
fn every_column_is_explained_and_none_is_invented() {
    for table in tables(&[]).into_iter().chain(workbook_tables(&[])) {
        let heading = format!("\n## {}\n", table.name);
        let section = REPORTS
            .split(&heading)
            .nth(1)
            .unwrap_or_else(|| panic!("no section for {}", table.name));
        let explained: Vec<(&str, &str)> = section
            .lines()
            .take_while(|line| !line.starts_with("## "))
            .filter_map(|line| {
                line.strip_prefix("| ")?
                    .strip_suffix(" |")?
                    .split_once(" | ")
            })
            .filter(|(column, _)| *column != "column")
            .collect();
        let columns = table.columns.iter();
        let wanted: Vec<(&str, &str)> = columns
            .map(|column| (column.name.as_str(), column.about.as_str()))
            .collect();
        assert_eq!(explained, wanted, "{}", table.name);
    }
}

#[test]
fn every_format_is_explained() {
    for format in Format::value_variants() {
        let value = format.to_possible_value().unwrap();
        let name = format!("`{}`", value.get_name());
        assert!(REPORTS.contains(&name), "docs/reports.md lacks {name}");
        assert!(README.contains(&name), "README.md lacks {name}");
    }
}
