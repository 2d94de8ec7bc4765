//! The documents say what the program does.
//!
//! The tables of columns in docs/reports.md are those of the row types, and the example row above each is a row of a
//! report. `DEMARCHE_RENEW=1 cargo test --test docs` writes them anew where they are not (an example that is gone gives
//! way to the row most like it); headings and prose stay. The difference is to be read like code.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use assert_cmd::Command;
use calamine::{Data, Reader, Xlsx};
use clap::ValueEnum;
use demarche::analysis::themes::Taxonomy;
use demarche::compare::ComparisonTable;
use demarche::compare::formats::ComparisonFormat;
use demarche::engines::EngineKind;
use demarche::input::{InputFormat, find};
use demarche::output::rows::{MoneyRow, SentenceRow};
use demarche::output::{DocumentTables, ReportFormat, Table, TableSchema, WorkbookTable};
use demarche::pipeline::Pipeline;
use regex::Regex;

/// The page of all tables.
const REPORTS: &str = "docs/reports.md";

fn at_root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    let text = fs::read_to_string(at_root(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    // A checkout on Windows.
    text.replace("\r\n", "\n")
}

/// The program, in `folder`.
fn run(folder: &Path, code: i32, arguments: &[&str]) {
    let mut command = Command::cargo_bin("demarche").unwrap();
    command.timeout(std::time::Duration::from_secs(600));
    let command = command.current_dir(folder).args(arguments);
    command.args(["--engine", "rules"]).assert().code(code);
}

/// A table that the page explains, and a report that has it: the lines of a CSV file, header first.
struct Section {
    heading: String,
    schema: TableSchema,
    lines: Vec<String>,
}

fn sections() -> Vec<Section> {
    let of_workbook = workbook();
    let analysis = Table::ALL.into_iter().map(|table| {
        let schema = table.for_themes(&[]);
        let lines = match schema.name {
            "failures" => failures(),
            name => csv_lines(&at_root(&format!("tests/golden/samples/{name}.csv"))),
        };
        (schema.name.to_owned(), schema, lines)
    });
    let of_workbook = WorkbookTable::ALL.into_iter().map(|table| {
        let schema = table.for_themes(&[]);
        let lines = sheet_lines(&of_workbook, schema.name);
        (schema.name.to_owned(), schema, lines)
    });
    // The table of failures is the same as that of an analysis.
    let compared = ComparisonTable::ALL.into_iter();
    let compared = compared.filter(|table| *table != ComparisonTable::Failures);
    let compared = compared.map(|table| {
        let schema = table.for_themes(&[]);
        let lines = match schema.name {
            "baseline" => baseline(),
            name => {
                let file = format!("tests/golden/comparison/comparison_{name}.csv");
                csv_lines(&at_root(&file))
            }
        };
        (format!("comparison: {}", schema.name), schema, lines)
    });
    let all = analysis.chain(of_workbook).chain(compared);
    all.map(|(heading, schema, lines)| Section {
        heading,
        schema,
        lines,
    })
    .collect()
}

fn csv_lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let text = text.trim_start_matches('\u{feff}');
    text.lines().map(str::to_owned).collect()
}

/// The failures of a run that had an empty file to read.
fn failures() -> Vec<String> {
    let desk = tempfile::tempdir().unwrap();
    fs::create_dir(desk.path().join("drafts")).unwrap();
    fs::write(desk.path().join("drafts/empty.txt"), "").unwrap();
    fs::write(desk.path().join("ghana.txt"), "Ghana signed the treaty.\n").unwrap();
    let paths = ["ghana.txt", "drafts/empty.txt"];
    let arguments = [
        "analyze", paths[0], paths[1], "-o", "out", "--format", "csv",
    ];
    run(desk.path(), 1, &arguments);
    csv_lines(&desk.path().join("out/failures.csv"))
}

/// Two samples against all.
fn baseline() -> Vec<String> {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().to_str().unwrap();
    let sides = [
        "input/2024-joint-statement-korea-japan.txt",
        "input/2025-joint-vision-chile-new-zealand.md",
    ];
    let arguments = [
        &["compare", sides[0], sides[1], "--baseline", "input"][..],
        &["-o", folder, "--format", "csv"],
    ];
    run(&at_root(""), 0, &arguments.concat());
    csv_lines(&out.path().join("comparison_baseline.csv"))
}

/// The workbook of the samples.
fn workbook() -> Vec<u8> {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().to_str().unwrap();
    run(
        &at_root(""),
        0,
        &["analyze", "input", "-o", folder, "--format", "xlsx"],
    );
    fs::read(out.path().join("analysis.xlsx")).unwrap()
}

/// A sheet as CSV.
fn sheet_lines(workbook: &[u8], sheet: &str) -> Vec<String> {
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(workbook)).unwrap();
    let rows = book.worksheet_range(sheet).unwrap();
    let mut csv = csv::Writer::from_writer(Vec::new());
    for row in rows.rows() {
        let cells = row.iter().map(|cell| match cell {
            Data::DateTime(date) => {
                let (year, month, day, ..) = date.to_ymd_hms_milli();
                format!("{year:04}-{month:02}-{day:02}")
            }
            cell => cell.to_string(),
        });
        csv.write_record(cells).unwrap();
    }
    let csv = String::from_utf8(csv.into_inner().unwrap()).unwrap();
    csv.lines().map(str::to_owned).collect()
}

/// Where the section with this heading stands in the page.
fn section_of(page: &str, heading: &str) -> Range<usize> {
    let heading_line = format!("\n## {heading}\n");
    let start = page.find(&heading_line);
    let start = start.unwrap_or_else(|| panic!("{REPORTS} has no section {heading}")) + 1;
    let length = page[start..].find("\n## ").or(page[start..].find("\n# "));
    start..length.map_or(page.len(), |length| start + length + 1)
}

/// What stands between `open` and `close` in a part of the page.
fn between(page: &str, part: Range<usize>, open: &str, close: &str) -> Range<usize> {
    let found = page[part.clone()]
        .split_once(open)
        .and_then(|(before, after)| {
            let start = part.start + before.len() + open.len();
            Some(start..start + after.find(close)?)
        });
    found.unwrap_or_else(|| panic!("{REPORTS}: no {open:?} in {:?}", &page[part]))
}

fn example_of(page: &str, heading: &str) -> Range<usize> {
    between(page, section_of(page, heading), "```csv\n", "\n```\n")
}

const COLUMNS: &str = "| column | what it holds |\n|---|---|\n";

fn columns_of(page: &str, heading: &str) -> Range<usize> {
    between(page, section_of(page, heading), COLUMNS, "\n\n")
}

/// The lines that explain the columns of a table.
fn explained(schema: &TableSchema) -> String {
    let columns = schema.columns.iter();
    let lines = columns.map(|column| format!("| {} | {} |", column.name, column.about));
    lines.collect::<Vec<_>>().join("\n")
}

/// The example as it should be: the header, and the row that stands there or, when there is none any more, the one most
/// like it.
fn example_now(stated: &str, lines: &[String]) -> String {
    let row = stated.lines().nth(1).unwrap_or_default();
    let alike = |line: &&String| {
        let both = line.chars().zip(row.chars());
        both.take_while(|(one, other)| one == other).count()
    };
    let rows = lines[1..].iter();
    let nearest = (rows.clone().find(|line| *line == row))
        .or_else(|| rows.max_by_key(alike))
        .map_or("", String::as_str);
    format!("{}\n{nearest}", lines[0])
}

/// The page; renewed before, where that is asked for.
fn page() -> &'static (String, Vec<Section>) {
    static PAGE: OnceLock<(String, Vec<Section>)> = OnceLock::new();
    PAGE.get_or_init(|| {
        let (mut page, sections) = (read(REPORTS), sections());
        if std::env::var_os("DEMARCHE_RENEW").is_some() {
            for section in &sections {
                let place = columns_of(&page, &section.heading);
                page.replace_range(place, &explained(&section.schema));
                let place = example_of(&page, &section.heading);
                let now = example_now(&page[place.clone()], &section.lines);
                page.replace_range(place, &now);
            }
            // Other tests may be reading it.
            let new = at_root(REPORTS).with_extension("new");
            fs::write(&new, &page).unwrap();
            fs::rename(&new, at_root(REPORTS)).unwrap();
        }
        (page, sections)
    })
}

/// The data dictionary is the row types' own: the same columns, in the same order, in the same words.
#[test]
fn every_column_is_explained_and_none_is_invented() {
    let (page, sections) = page();
    for section in sections {
        let stated = &page[columns_of(page, &section.heading)];
        assert_eq!(stated, explained(&section.schema), "{}", section.heading);
    }
}

#[test]
fn every_example_is_a_row_of_a_report() {
    let (page, sections) = page();
    for section in sections {
        let stated: Vec<&str> = page[example_of(page, &section.heading)].lines().collect();
        let [header, row] = stated[..] else {
            panic!("{}: not a header and a row: {stated:?}", section.heading)
        };
        assert_eq!(header, section.lines[0], "{}", section.heading);
        let is_there = section.lines[1..].iter().any(|line| line == row);
        assert!(is_there, "{}: no report has {row}", section.heading);
    }
}

#[test]
fn every_format_is_explained() {
    let (reports, scripting) = (read(REPORTS), read("docs/scripting.md"));
    for format in ReportFormat::value_variants() {
        let value = format.to_possible_value().unwrap();
        let name = format!("`{}`", value.get_name());
        assert!(reports.contains(&name), "{REPORTS} lacks {name}");
        assert!(scripting.contains(&name), "docs/scripting.md lacks {name}");
    }
    for format in ComparisonFormat::value_variants() {
        let value = format.to_possible_value().unwrap();
        let name = format!("`{}`", value.get_name());
        let of_comparison = reports.split("\n# The comparison").nth(1).unwrap();
        assert!(of_comparison.contains(&name), "{REPORTS} lacks {name}");
    }
}

#[test]
fn every_input_format_is_named() {
    let extensions = InputFormat::extensions();
    for page in ["README.md", "docs/analyst.md"] {
        assert!(
            read(page).contains(&extensions),
            "{page} lacks {extensions}"
        );
    }
}

/// The rows that the README shows are what the program makes of the samples.
#[test]
fn the_table_of_the_readme_is_real() {
    let readme = read("README.md");
    let (_, shown) = readme.split_once("\n| sentence | ").unwrap();
    let shown = shown.split("\n\n").next().unwrap().lines().skip(2);
    let shown: Vec<&str> = shown.collect();
    let samples = [
        "input/2010-joint-declaration-eu-central-asia.txt",
        "input/2024-fact-sheet-australia-indonesia.txt",
        "input/2024-joint-statement-korea-japan.txt",
    ];
    let taxonomy = Taxonomy::embedded().unwrap();
    let mut pipeline = Pipeline::load(EngineKind::Minilm, taxonomy.clone(), 20).unwrap();
    let mut made = Vec::new();
    pipeline
        .run(&find(&samples.map(at_root)).statements, &mut |outcome| {
            let tables = DocumentTables::new(&outcome.unwrap(), &taxonomy);
            made.extend(tables.sentences.iter().map(|of| readme_row(of, &tables)));
            Ok(())
        })
        .unwrap();
    assert!(!shown.is_empty());
    for row in shown {
        assert!(made.iter().any(|made| made == row), "not so: {row}");
    }
}

/// `| sentence | themes | names | sums |`.
fn readme_row(sentence: &SentenceRow, tables: &DocumentTables) -> String {
    let names = tables.entities.iter();
    let names: Vec<String> = names
        .filter(|name| name.sent_id == sentence.sent_id && name.entity_type != "MONEY")
        .map(|name| format!("{} ({})", name.canonical, name.entity_type))
        .collect();
    let sums = tables.money.iter();
    let sums: Vec<String> = sums
        .filter(|sum| sum.sent_id == sentence.sent_id)
        .map(amount)
        .collect();
    let themes = sentence.themes.as_deref().unwrap_or("none");
    let (text, names, sums) = (&sentence.text, names.join(", "), sums.join(", "));
    format!("| {text} | {themes} | {names} | {sums} |")
}

/// "NZD 150000000 over:4y"; a range has two amounts, a vague sum none.
fn amount(sum: &MoneyRow) -> String {
    let amounts = [sum.amount, sum.amount_min, sum.amount_max];
    let amounts = amounts
        .into_iter()
        .flatten()
        .map(|amount| amount.to_string());
    let words = sum.currency.clone().into_iter().chain(amounts);
    let words: Vec<String> = words.chain(sum.period.clone()).collect();
    words.join(" ")
}

/// The settings file that docs/scripting.md shows is one that the program takes.
#[test]
fn the_settings_of_the_page_are_settings() {
    let page = read("docs/scripting.md");
    let desk = tempfile::tempdir().unwrap();
    let settings = page.split("```toml\n").nth(1).unwrap();
    let settings = settings.split("```").next().unwrap();
    fs::write(desk.path().join("demarche.toml"), settings).unwrap();
    fs::create_dir_all(desk.path().join("drafts")).unwrap();
    fs::create_dir_all(desk.path().join("statements")).unwrap();
    fs::write(
        desk.path().join("drafts/a.md"),
        "Ghana signed the treaty.\n",
    )
    .unwrap();
    fs::write(
        desk.path().join("statements/b.txt"),
        "Togo signed it, too.\n",
    )
    .unwrap();
    fs::copy(
        at_root("models/themes.toml"),
        desk.path().join("my-themes.toml"),
    )
    .unwrap();
    run(desk.path(), 0, &["analyze", "--dry-run"]);
}

/// Every link between the documents leads to a file that is there, and to a heading that it has.
#[test]
fn no_link_is_dead() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let pages = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
    ];
    let mut pages: Vec<PathBuf> = pages.map(at_root).into();
    for entry in fs::read_dir(at_root("docs")).unwrap() {
        pages.push(entry.unwrap().path());
    }
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    assert!(pages.len() > 8);
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for target in link.captures_iter(&text).map(|found| found[1].to_owned()) {
            if target.contains("://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
            let file = match file {
                "" => page.clone(),
                file => page.parent().unwrap().join(file),
            };
            assert!(file.exists(), "{page:?} links to {target}");
            if !heading.is_empty() {
                let text = fs::read_to_string(&file).unwrap();
                let mut headings = text
                    .lines()
                    .filter(|line| line.starts_with('#'))
                    .map(anchor);
                let is_there = headings.any(|known| known == heading);
                assert!(is_there, "{page:?} links to {target}");
            }
        }
    }
}

/// What a link calls a heading.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
