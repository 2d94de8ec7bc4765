//! Reports that other programs open, opened again: every cell, offset and link is where it should be.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use calamine::{Data, Reader, Xlsx};
use clap::ValueEnum;
use demarche::analysis::themes::Taxonomy;
use demarche::engines::EngineKind;
use demarche::input::stdin;
use demarche::output::{Finished, ReportFiles, ReportFormat, Table, WorkbookTable};
use demarche::pipeline::Pipeline;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;
use tempfile::TempDir;

/// All report formats, commas between.
fn all() -> String {
    let names = ReportFormat::value_variants().iter();
    let names = names.map(|format| format.to_possible_value().unwrap().get_name().to_owned());
    names.collect::<Vec<_>>().join(",")
}

/// Wrapped lines, a character beyond the first plane, a sum, markup and a formula.
const STATEMENT: &str = "\
Joint Statement on Supply Chains

SEOUL, 14 May 2025 (TDI): The Foreign Ministers of Japan and the Republic of Korea met \u{1F54A} today.

The two ministers thanked all those who had prepared the meeting on behalf of Japan and of the Republic
of Korea. Japan will provide $60.5 million over five years for trade and supply chains.

=cmd|' /C calc'!A0 was read by the ministers of Japan.

<script>document.title = 'read'</script> and <b>tags</b> & \"quotes\" mean nothing to trade in São Tomé and Príncipe.

- Japan & Ghana will lend up to €2 billion a year to fight terrorism.
";

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.put("in/seoul/statement.txt", STATEMENT);
        desk.put("in/other.txt", "ACCRA, 3 June 2024: Ghana and Togo signed a treaty on climate change.\r\n\r\nGhana pledged GHS 5 million.\r\n");
        desk.put("in/empty.txt", "");
        desk
    }

    fn put(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Analyses `in`; one of its files is empty and fails.
    fn analyse(&self, formats: &str, more: &[&str]) {
        Command::cargo_bin("demarche")
            .unwrap()
            .timeout(std::time::Duration::from_secs(600))
            .current_dir(self.0.path())
            .args(["analyze", "in", "--engine", "rules", "--format", formats])
            .args(more)
            .assert()
            .code(1);
    }

    fn rows(&self, table: &str) -> Vec<BTreeMap<String, String>> {
        csv::Reader::from_path(self.path(&format!("out/{table}.csv")))
            .unwrap()
            .deserialize()
            .map(Result::unwrap)
            .collect()
    }
}

fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(tree(&path));
        } else {
            files.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    files
}

fn words(text: &str, start: &Value, end: &Value) -> String {
    let offset = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    let (start, end) = (offset(start), offset(end));
    text.chars().skip(start).take(end - start).collect()
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_format_is_the_same_bytes_on_any_number_of_threads() {
    let desk = Desk::new();
    desk.analyse(&all(), &["-o", "one", "--threads", "1"]);
    desk.analyse(&all(), &["-o", "eight", "--threads", "8"]);
    let below = |folder: &str| -> Vec<(PathBuf, Vec<u8>)> {
        let root = desk.path(folder);
        let files = tree(&root).into_iter();
        files
            .map(|(path, bytes)| (path.strip_prefix(&root).unwrap().to_path_buf(), bytes))
            .collect()
    };
    let (one, eight) = (below("one"), below("eight"));
    let names = |files: &[(PathBuf, Vec<u8>)]| -> Vec<PathBuf> {
        files.iter().map(|(path, _)| path.clone()).collect()
    };
    assert_eq!(names(&one), names(&eight));
    assert!(names(&one).contains(&"brat/seoul/statement.ann".into()));
    for ((name, one), (_, eight)) in one.iter().zip(&eight) {
        assert!(one == eight, "{}", name.display());
    }
}

/// A table that is declared and that nothing fills would be empty here.
#[test]
fn every_table_has_rows_and_every_format_has_the_same() {
    let desk = Desk::new();
    desk.analyse("csv,json,xlsx,parquet", &["-o", "out"]);
    let json: Value = serde_json::from_str(&desk.read("out/analysis.json")).unwrap();
    let run: Value = serde_json::from_str(&desk.read("out/run.json")).unwrap();
    let mut workbook: Xlsx<_> = calamine::open_workbook(desk.path("out/analysis.xlsx")).unwrap();
    for table in Table::ALL.map(Table::name) {
        let rows = desk.rows(table).len();
        assert!(rows > 0, "{table}");
        assert_eq!(json[table].as_array().unwrap().len(), rows, "{table}");
        assert_eq!(run["rows"][table], rows, "{table}");
        let sheet = workbook.worksheet_range(table).unwrap();
        assert_eq!(sheet.height(), rows + 1, "{table}");
        let file = fs::File::open(desk.path(&format!("out/{table}.parquet"))).unwrap();
        let parquet = SerializedFileReader::new(file).unwrap();
        let in_parquet = parquet.metadata().file_metadata().num_rows();
        assert_eq!(usize::try_from(in_parquet).unwrap(), rows, "{table}");
    }
}

#[test]
fn every_format_writes_the_files_of_the_list() {
    let desk = Desk::new();
    for format in ReportFormat::value_variants() {
        let name = format.to_possible_value().unwrap().get_name().to_owned();
        desk.analyse(&name, &["-o", &name]);
        let folder = desk.path(&name);
        let files = tree(&folder).into_keys();
        let files = files.map(|path| path.strip_prefix(&folder).unwrap().to_path_buf());
        let files: Vec<PathBuf> = files
            .filter(|file| !file.starts_with(".demarche") && file != Path::new("run.json"))
            .collect();
        let expected = match format.files() {
            ReportFiles::Named(names) => names.len(),
            ReportFiles::PerTable(_) => Table::ALL.len(),
            // The configuration, and text and annotation of two statements.
            ReportFiles::PerStatement(_) => 5,
        };
        assert_eq!(files.len(), expected, "{name}: {files:?}");
        for file in files {
            assert!(format.files().include(&file), "{name}: {}", file.display());
        }
    }
}

#[test]
fn a_column_that_is_not_known_is_not_taken_for_a_theme() {
    let taxonomy = Taxonomy::embedded().unwrap();
    let mut pipeline = Pipeline::load(EngineKind::Rules, taxonomy.clone(), 1).unwrap();
    let statement = stdin(b"Samoa and Tonga signed a treaty.".into());
    let mut kept = Value::Null;
    pipeline
        .run(&[statement], &mut |outcome| {
            kept = serde_json::to_value(Finished::new(outcome.unwrap(), &taxonomy)).unwrap();
            Ok(())
        })
        .unwrap();
    let read = |value: &Value| serde_json::from_value::<Finished>(value.clone());
    assert_eq!(serde_json::to_value(read(&kept).unwrap()).unwrap(), kept);
    for cell in [serde_json::json!(0.5), serde_json::json!("new")] {
        let mut newer = kept.clone();
        newer["tables"]["sentences"][0]["tone"] = cell;
        assert!(read(&newer).is_err());
    }
}

#[test]
fn the_workbook_holds_the_tables_with_numbers_and_dates() {
    let desk = Desk::new();
    desk.analyse("csv,xlsx", &["-o", "out", "--no-bom"]);
    let mut book: Xlsx<_> = calamine::open_workbook(desk.path("out/analysis.xlsx")).unwrap();
    let names = book.sheet_names();
    let mut sheets = vec!["About"];
    sheets.extend(WorkbookTable::ALL.map(WorkbookTable::name));
    sheets.extend(Table::ALL.map(Table::name));
    assert_eq!(names, sheets);
    let about = book.worksheet_range("About").unwrap();
    let explained: HashSet<(String, String)> = about
        .rows()
        .map(|row| (row[0].to_string(), row[1].to_string()))
        .collect();
    for name in &names[1..] {
        let sheet = book.worksheet_range(name).unwrap();
        for column in sheet.rows().next().unwrap() {
            let key = (name.clone(), column.to_string());
            assert!(explained.contains(&key), "About does not explain {key:?}");
        }
    }
    for name in &names[3..] {
        let sheet = book.worksheet_range(name).unwrap();
        let columns: Vec<String> = sheet
            .rows()
            .next()
            .unwrap()
            .iter()
            .map(Data::to_string)
            .collect();
        let rows = desk.rows(name);
        assert_eq!(sheet.rows().count(), rows.len() + 1, "{name}");
        for (got, wanted) in sheet.rows().skip(1).zip(&rows) {
            for (column, cell) in columns.iter().zip(got) {
                let wanted = &wanted[column];
                // CSV disarms formulas; in a workbook a string is never one.
                let plain = wanted.strip_prefix('\'').unwrap_or(wanted);
                match cell {
                    Data::Empty => assert_eq!(wanted, "", "{name} {column}"),
                    Data::Float(number) => {
                        assert_eq!(*number, wanted.parse::<f64>().unwrap(), "{name} {column}");
                    }
                    Data::DateTime(day) => {
                        assert_eq!(column, "date");
                        let days = jiff::Span::new().days(day.as_f64() as i64);
                        let date = jiff::civil::date(1899, 12, 30) + days;
                        assert_eq!(&date.to_string(), wanted);
                    }
                    other => {
                        assert_eq!(other.to_string(), plain, "{name} {column}");
                        assert_ne!(column, "amount");
                    }
                }
            }
        }
    }
    let formulas = book.worksheet_formula("sentences").unwrap();
    assert!(formulas.rows().flatten().all(String::is_empty));
    let sums = book.worksheet_range("sums by currency").unwrap();
    let sums: Vec<Vec<String>> = sums
        .rows()
        .skip(1)
        .map(|row| row.iter().map(Data::to_string).collect())
        .collect();
    let of = |currency: &str| sums.iter().find(|row| row[0] == currency).unwrap();
    assert_eq!(of("USD")[5], "60500000");
    assert_eq!(of("GHS")[5], "5000000");
    // Up to two billion a year is no exact amount.
    assert_eq!(
        (of("EUR")[1].as_str(), of("EUR")[5].as_str()),
        ("per_year", "")
    );
}

#[test]
fn parquet_holds_the_tables_with_their_types() {
    let desk = Desk::new();
    desk.analyse("csv,parquet", &["-o", "out", "--no-bom"]);
    let (mut dates, mut amounts) = (0, 0);
    for table in Table::ALL.map(Table::name) {
        let file = fs::File::open(desk.path(&format!("out/{table}.parquet"))).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let rows = desk.rows(table);
        let got: Vec<_> = reader
            .get_row_iter(None)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(got.len(), rows.len(), "{table}");
        for (got, wanted) in got.iter().zip(&rows) {
            for (column, field) in got.get_column_iter() {
                let wanted = &wanted[column];
                let plain = wanted.strip_prefix('\'').unwrap_or(wanted);
                match field {
                    Field::Null => assert_eq!(wanted, "", "{table} {column}"),
                    Field::Str(text) => assert_eq!(text, plain, "{table} {column}"),
                    Field::Double(number) => assert_eq!(*number, wanted.parse::<f64>().unwrap()),
                    Field::Long(number) => assert_eq!(&number.to_string(), wanted),
                    Field::Date(_) => {
                        dates += 1;
                        assert_eq!(field.to_string(), *wanted);
                    }
                    Field::Decimal(_) => {
                        amounts += 1;
                        let got: f64 = field.to_string().parse().unwrap();
                        assert_eq!(got, wanted.parse::<f64>().unwrap(), "{column}");
                    }
                    other => panic!("{table} {column}: {other:?}"),
                }
            }
        }
    }
    assert_eq!((dates, amounts), (2, 3));
}

#[test]
fn label_studio_regions_are_the_words_at_their_offsets() {
    let desk = Desk::new();
    desk.analyse("label-studio", &["-o", "out"]);
    let tasks: Value = serde_json::from_str(&desk.read("out/label-studio.json")).unwrap();
    let interface = desk.read("out/label-studio.xml");
    let (mut regions, mut themes) = (0, 0);
    for task in tasks.as_array().unwrap() {
        let text = task["data"]["text"].as_str().unwrap();
        for region in task["predictions"][0]["result"].as_array().unwrap() {
            let value = &region["value"];
            assert_eq!(
                words(text, &value["start"], &value["end"]),
                value["text"].as_str().unwrap()
            );
            for label in value["labels"].as_array().unwrap() {
                let label = format!("<Label value={label}/>");
                assert!(interface.contains(&label), "{label}");
            }
            let name = format!("name={}", region["from_name"]);
            assert!(interface.contains(&name), "{name}");
            regions += 1;
            themes += usize::from(region["from_name"] == "theme");
        }
    }
    assert!(themes >= 3 && regions > themes + 8, "{regions} {themes}");
}

#[test]
fn doccano_labels_are_the_mentions_of_the_tables() {
    let desk = Desk::new();
    desk.analyse("csv,doccano", &["-o", "out", "--no-bom"]);
    let mut got = Vec::new();
    for line in desk.read("out/doccano.jsonl").lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        for label in line["label"].as_array().unwrap() {
            let words = words(line["text"].as_str().unwrap(), &label[0], &label[1]);
            got.push((collapsed(&words), label[2].as_str().unwrap().to_owned()));
        }
    }
    let rows = desk.rows("entities");
    let wanted: Vec<_> = rows
        .iter()
        .map(|row| (collapsed(&row["text"]), row["type"].clone()))
        .collect();
    assert!(wanted.len() > 10);
    assert_eq!(got, wanted);
}

#[test]
fn brat_spans_are_the_words_at_their_offsets() {
    let desk = Desk::new();
    desk.analyse("brat,csv", &["-o", "out", "--no-bom"]);
    let configuration = desk.read("out/brat/annotation.conf");
    let (mut mentions, mut parted) = (0, 0);
    for name in ["seoul/statement", "other"] {
        let text = desk.read(&format!("out/brat/{name}.txt"));
        assert_eq!(text, desk.read(&format!("in/{name}.txt")));
        for line in desk.read(&format!("out/brat/{name}.ann")).lines() {
            let cells: Vec<&str> = line.split('\t').collect();
            if line.starts_with('#') {
                assert!(cells[1].starts_with("AnnotatorNotes T"), "{line}");
                continue;
            }
            let (kind, spans) = cells[1].split_once(' ').unwrap();
            assert!(configuration.contains(&format!("\n{kind}\n")), "{kind}");
            let parts: Vec<String> = spans
                .split(';')
                .map(|span| {
                    let (start, end) = span.split_once(' ').unwrap();
                    let (start, end): (usize, usize) =
                        (start.parse().unwrap(), end.parse().unwrap());
                    text.chars().skip(start).take(end - start).collect()
                })
                .collect();
            assert_eq!(parts.join(" "), cells[2]);
            assert!(!cells[2].contains('\n'));
            mentions += 1;
            parted += usize::from(parts.len() > 1);
        }
    }
    assert_eq!(mentions, desk.rows("entities").len());
    assert_eq!(parted, 1, "the Republic of Korea stands on two lines");
}

#[test]
fn conll_tags_give_back_the_mentions() {
    let desk = Desk::new();
    desk.analyse("conll,csv", &["-o", "out", "--no-bom"]);
    let conll = desk.read("out/analysis.conll");
    let mut got: Vec<(String, String)> = Vec::new();
    let mut documents = 0;
    let mut before = "O".to_owned();
    for line in conll.lines() {
        if line.is_empty() {
            before = "O".into();
            continue;
        }
        let columns: Vec<&str> = line.split(' ').collect();
        assert_eq!(columns.len(), 4, "{line}");
        if columns[0] == "-DOCSTART-" {
            documents += 1;
            continue;
        }
        assert_eq!(columns[1..3], ["-X-", "_"]);
        if let Some(name) = columns[3].strip_prefix("B-") {
            got.push((columns[0].into(), name.into()));
        } else if let Some(name) = columns[3].strip_prefix("I-") {
            assert!(before.ends_with(name), "{line} after {before}");
            got.last_mut().unwrap().0 += columns[0];
        }
        before = columns[3].into();
    }
    let solid = |text: &str| text.split_whitespace().collect::<String>();
    let wanted: Vec<_> = desk
        .rows("entities")
        .iter()
        .map(|row| (solid(&row["text"]), row["type"].clone()))
        .collect();
    assert_eq!(documents, 2);
    assert_eq!(got, wanted);
}

#[test]
fn the_page_is_harmless_whole_and_its_links_lead_somewhere() {
    let desk = Desk::new();
    desk.analyse("html", &["-o", "out"]);
    let page = desk.read("out/report.html");
    assert!(page.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"));
    assert!(!page.contains("unsafe") && !page.contains("<b>tags</b>"));
    assert_eq!(page.matches("<script>").count(), 1, "the page's own");
    assert!(page.contains("&lt;script&gt;document.title"));
    assert!(page.contains("=cmd|"));
    assert!(page.contains("in/empty.txt"), "the failure is shown");
    for request in ["src=\"", "url(", "@import", "<link", "http://", "https://"] {
        let found = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!found.contains(request), "{request}");
    }
    assert!(!page.contains(" style=\""), "the policy forbids it");
    let values = |name: &str| -> Vec<&str> {
        page.split(&format!(" {name}=\""))
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect()
    };
    for tag in page.split('<').filter(|tag| !tag.starts_with("script")) {
        let tag = tag.split('>').next().unwrap();
        assert!(tag.matches(" class=").count() < 2, "{tag}");
    }
    let ids: HashSet<&str> = values("id").into_iter().collect();
    assert_eq!(ids.len(), values("id").len(), "an id is given twice");
    let links = values("href");
    assert!(links.len() > 20);
    for link in links {
        assert!(ids.contains(link.trim_start_matches('#')), "{link}");
    }
}

#[test]
fn a_taxonomy_of_twelve_themes_and_a_run_without_statements_make_reports() {
    let desk = Desk::new();
    let theme = |number: usize| {
        format!(
            "[[theme]]\nid = \"t{number}\"\ncode = \"X{number}\"\ntitle = \"Theme {number}\"\ndescription = \"D.\"\n\
             threshold = 0.5\nbias = -2\ncues = [{{ weight = 5, words = [\"trade\", \"w{number}\"] }}]\nexcept = []\n\
             examples = [\"The w{number} grew.\"]\nnot = [\"Nothing.\"]\n\n"
        )
    };
    let themes: String = (0..12).map(theme).collect();
    desk.put("own.toml", &format!("rivalry = 0.0\n\n{themes}"));
    desk.analyse("html,xlsx", &["-o", "out", "--themes", "own.toml"]);
    let page = desk.read("out/report.html");
    assert!(page.contains("X11") && page.contains("Theme 11"));
    Command::cargo_bin("demarche")
        .unwrap()
        .timeout(std::time::Duration::from_secs(600))
        .current_dir(desk.path("in"))
        .args(["analyze", "empty.txt", "--format", &all(), "-o", "none"])
        .args(["--engine", "rules"])
        .assert()
        .code(4);
    assert!(desk.read("in/none/report.html").contains("empty.txt"));
    assert_eq!(desk.read("in/none/label-studio.json"), "[]\n");
    let mut book: Xlsx<_> = calamine::open_workbook(desk.path("in/none/analysis.xlsx")).unwrap();
    assert_eq!(book.worksheet_range("failures").unwrap().rows().count(), 2);
}

#[test]
fn a_comparison_opens_as_a_workbook() {
    let desk = Desk::new();
    desk.put(
        "b.txt",
        "Ghana and Togo will cut emissions under the Paris Agreement.\n",
    );
    let sheets = |folder: &str| {
        assert_cmd::Command::cargo_bin("demarche")
            .unwrap()
            .timeout(std::time::Duration::from_secs(600))
            .current_dir(desk.0.path())
            .args(["compare", "in/seoul/statement.txt", "in/other.txt"])
            .args(["--engine", "rules", "--format", "xlsx,csv", "-o", folder])
            .assert()
            .code(0);
        fs::read(desk.path(&format!("{folder}/comparison.xlsx"))).unwrap()
    };
    let bytes = sheets("out");
    assert!(bytes == sheets("again"), "the same comparison, other bytes");
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    assert_eq!(names[..2], ["About", "matrix"], "{names:?}");
    let matrix = book.worksheet_range("matrix").unwrap();
    let rows = desk.rows("comparison_matrix");
    assert_eq!(matrix.height(), rows.len() + 1);
    let head: Vec<String> = matrix
        .rows()
        .next()
        .unwrap()
        .iter()
        .map(Data::to_string)
        .collect();
    for (got, wanted) in matrix.rows().skip(1).zip(&rows) {
        for (name, cell) in head.iter().zip(got) {
            match cell {
                Data::Float(number) => assert_eq!(*number, wanted[name].parse::<f64>().unwrap()),
                other => assert_eq!(other.to_string(), wanted[name]),
            }
        }
    }
}
