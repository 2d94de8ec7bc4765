//! The documents say what the program does.

#![allow(clippy::unwrap_used, clippy::panic)]

use demarche::output::comparison;
use demarche::output::schema::columns;

#[test]
fn every_column_is_explained_and_none_is_invented() {
    let text = include_str!("../docs/reports.md");
    let compared = comparison::rows::columns(&[]).into_iter();
    // The table of failures is the same as that of an analysis.
    let compared = compared.filter(|(table, _)| *table != "failures");
    let compared = compared.map(|(table, columns)| (format!("comparison: {table}"), columns));
    let analysed = columns(&[]).into_iter();
    let analysed = analysed.map(|(table, columns)| (table.to_owned(), columns));
    for (table, columns) in analysed.chain(compared) {
        let heading = format!("\n## {table}\n");
        let section = text
            .split(&heading)
            .nth(1)
            .unwrap_or_else(|| panic!("no section for {table}"));
        let explained: Vec<&str> = section
            .lines()
            .take_while(|line| !line.starts_with("## "))
            .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
            .filter(|column| *column != "column")
            .collect();
        assert_eq!(explained, columns, "{table}");
    }
}
