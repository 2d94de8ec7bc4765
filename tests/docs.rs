//! The documents say what the program does.

#![allow(clippy::unwrap_used, clippy::panic)]

use demarche::output::schema::columns;

#[test]
fn every_column_is_explained_and_none_is_invented() {
    let text = include_str!("../docs/reports.md");
    for (table, columns) in columns(&[]) {
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
