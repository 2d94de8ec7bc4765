//! Statements as they are published, through the real binary: a mixed folder, scans, archives, tables, metadata, limits.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../fuzz/checks.rs"]
mod fuzzed;

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use demarche::input::{InputFormat, Limits, extract_here, find};
use proptest::prelude::*;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A line of a page: where it begins, its height from the foot of the page, the size of its letters, its words.
type Line<'a> = (u32, u32, u32, &'a str);

/// A PDF with these pages, in Helvetica.
fn pdf(pages: &[&[Line<'_>]]) -> Vec<u8> {
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
    let kids: Vec<String> = (0..pages.len())
        .map(|at| format!("{} 0 R", 4 + 2 * at))
        .collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!(
            "<< /Type /Pages /Kids [{}] /Count {} >>",
            kids.join(" "),
            pages.len()
        ),
        font.to_owned(),
    ];
    for (at, lines) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {} 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
            5 + 2 * at
        ));
        let content: String = lines
            .iter()
            .map(|(x, y, size, words)| format!("BT /F1 {size} Tf {x} {y} Td ({words}) Tj ET\n"))
            .collect();
        objects.push(format!(
            "<< /Length {} >>\nstream\n{content}endstream",
            content.len()
        ));
    }
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    let xref = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        out.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    out.extend(
        format!(
            "trailer << /Size {} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n",
            objects.len() + 1
        )
        .bytes(),
    );
    out
}

fn communique() -> Vec<u8> {
    pdf(&[
        &[
            (60, 760, 9, "PIF/2031/7"),
            (
                60,
                700,
                12,
                "The Ministers of Samoa and Tonga welcomed the adop-",
            ),
            (
                60,
                686,
                12,
                "tion of the plan for a common patrol centre in Apia.",
            ),
            (
                60,
                652,
                12,
                "They pledged $5 million to the fund for climate adaptation and",
            ),
            (290, 30, 9, "1"),
        ],
        &[
            (60, 760, 9, "PIF/2031/7"),
            (60, 700, 12, "thanked all partners for their support."),
            (290, 30, 9, "2"),
        ],
        &[
            (60, 760, 9, "PIF/2031/7"),
            (60, 700, 12, "They will meet again in Suva in May 2032."),
            (290, 30, 9, "3"),
        ],
    ])
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn docx() -> Vec<u8> {
    let body = "<w:document xmlns:w=\"w\"><w:body><w:p><w:r><w:t>The leaders of Fiji and Nauru agreed on a plan for trade.</w:t></w:r></w:p></w:body></w:document>";
    zipped(&[("word/document.xml", body.as_bytes())])
}

const PAGE: &str = "<html><head><title>Joint statement of Apia</title></head><body><nav><a href='/'>Home</a></nav>\
    <article><h1>Joint statement of Apia</h1><p>The Ministers of Samoa and Fiji met on 3 May 2031 and agreed to protect \
    the ocean. They will open a research station in Suva.</p></article></body></html>";

struct Desk(TempDir);

impl Desk {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let root = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = root.path().join("in").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        Self(root)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::cargo_bin("demarche")
            .unwrap()
            .timeout(std::time::Duration::from_secs(600))
            .current_dir(self.path())
            .args(["analyze", "in", "--engine", "rules", "-o", "out"])
            .args(arguments)
            .output()
            .unwrap()
    }

    /// The rows of a table as maps from column to cell.
    fn rows(&self, table: &str) -> Vec<std::collections::BTreeMap<String, String>> {
        let path = self.path().join(format!("out/{table}.csv"));
        let text = fs::read_to_string(path).unwrap();
        let text = text.trim_start_matches('\u{feff}');
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        csv.deserialize().map(Result::unwrap).collect()
    }
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn a_mixed_folder_is_read_and_traced_to_pages_and_texts() {
    let desk = Desk::new(&[
        ("web.html", PAGE.as_bytes()),
        ("pif.pdf", &communique()),
        ("draft.docx", &docx()),
    ]);
    let output = desk.run(&["--save-text"]);
    assert_eq!(code(&output), Some(0), "{output:?}");
    let documents = desk.rows("documents");
    let ids: Vec<&str> = documents.iter().map(|row| row["doc_id"].as_str()).collect();
    assert_eq!(ids, ["draft", "pif", "web"]);
    assert_eq!(documents[2]["title"], "Joint statement of Apia");
    let sentences = desk.rows("sentences");
    let of_pdf: Vec<_> = sentences
        .iter()
        .filter(|row| row["doc_id"] == "pif")
        .collect();
    let read: Vec<(&str, &str)> = of_pdf
        .iter()
        .map(|row| (row["page"].as_str(), row["text"].as_str()))
        .collect();
    assert_eq!(
        read,
        [
            (
                "1",
                "The Ministers of Samoa and Tonga welcomed the adoption of the plan for a common patrol centre in Apia."
            ),
            (
                "1",
                "They pledged $5 million to the fund for climate adaptation and thanked all partners for their support."
            ),
            ("3", "They will meet again in Suva in May 2032."),
        ]
    );
    for row in &sentences {
        let text = fs::read_to_string(desk.path().join(format!("out/text/{}.txt", row["doc_id"])))
            .unwrap();
        let (start, end): (usize, usize) =
            (row["start"].parse().unwrap(), row["end"].parse().unwrap());
        let cell: String = text.chars().skip(start).take(end - start).collect();
        assert_eq!(cell, row["text"]);
    }
}

#[test]
fn a_scan_is_a_row_that_needs_ocr_and_a_failure_with_a_hint() {
    let desk = Desk::new(&[
        ("scan.pdf", &pdf(&[&[], &[]])),
        ("web.html", PAGE.as_bytes()),
    ]);
    let output = desk.run(&[]);
    assert_eq!(code(&output), Some(1));
    let documents = desk.rows("documents");
    assert_eq!(documents[0]["status"], "needs_ocr");
    assert_eq!(documents[1]["status"], "ok");
    let failures = desk.rows("failures");
    assert!(failures[0]["hint"].contains("ocrmypdf"), "{failures:?}");
}

#[test]
fn letters_without_meaning_are_told() {
    let shifted: String = "The Council of Ministers welcomed the report of the Chair and thanked all delegations for \
        the progress made on fisheries and trade and climate since their last meeting which was hosted by Samoa with \
        great care and the help of many partners"
        .chars()
        .map(|c| if c.is_ascii_alphabetic() { char::from(c as u8 - 29) } else { c })
        .filter(|c| !matches!(c, '(' | ')' | '\\'))
        .collect();
    let desk = Desk::new(&[("broken.pdf", &pdf(&[&[(10, 700, 3, &shifted)]]))]);
    desk.run(&[]);
    assert_eq!(desk.rows("documents")[0]["status"], "needs_ocr");
}

#[test]
fn tables_give_one_statement_per_row_and_keep_their_columns() {
    let csv = "id,text,Country,date\nfji-78,\"Fiji will host the forum, and thanks all.\nIt is ready.\",Fiji,2031-05-03\nton-78,Tonga supports the plan for trade.,Tonga,\n";
    let lines = "{\"id\": \"a/1\", \"text\": \"Samoa welcomed the decision on fisheries.\", \"year\": 2031}\n{\"id\": 2}\nnot json\n";
    let desk = Desk::new(&[
        ("speeches.csv", csv.as_bytes()),
        ("more.jsonl", lines.as_bytes()),
        ("other.csv", b"a,b\n1,2\n"),
    ]);
    let output = desk.run(&[]);
    assert_eq!(code(&output), Some(1), "{output:?}");
    let documents = desk.rows("documents");
    let read: Vec<(&str, &str, &str, &str)> = documents
        .iter()
        .map(|row| {
            (
                row["doc_id"].as_str(),
                row["meta_country"].as_str(),
                row["date"].as_str(),
                row["date_source"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        read,
        [
            ("more/a-1", "", "", ""),
            ("speeches/fji-78", "Fiji", "2031-05-03", "metadata"),
            ("speeches/ton-78", "Tonga", "", ""),
        ]
    );
    assert_eq!(documents[0]["meta_year"], "2031");
    assert_eq!(desk.rows("failures").len(), 2);
}

#[test]
fn archives_are_opened_and_do_not_lead_out() {
    let zip = zipped(&[
        (
            "2031/apia.txt",
            b"The Ministers of Samoa and Tonga met and agreed on a plan.",
        ),
        ("2031/web.html", PAGE.as_bytes()),
        ("../../evil.txt", b"The Ministers of Samoa met."),
        ("inner.zip", b"PK"),
        ("__MACOSX/2031/._apia.txt", b"x"),
    ]);
    let desk = Desk::new(&[("all.zip", &zip)]);
    let output = desk.run(&["--save-text"]);
    assert_eq!(code(&output), Some(1), "{output:?}");
    let ids: Vec<String> = desk
        .rows("documents")
        .into_iter()
        .map(|mut row| row.remove("doc_id").unwrap())
        .collect();
    assert_eq!(ids, ["all/2031/apia", "all/2031/web"]);
    let reasons: Vec<String> = desk
        .rows("failures")
        .into_iter()
        .map(|mut row| row.remove("reason").unwrap())
        .collect();
    assert!(
        reasons.iter().any(|reason| reason.contains("leads out")),
        "{reasons:?}"
    );
    assert!(
        !desk.path().join("evil.txt").exists()
            && desk.path().join("out/text/all/2031/apia.txt").exists()
    );
}

#[test]
fn an_archive_that_swells_is_stopped() {
    let bomb = zipped(&[
        ("bomb.txt", &vec![b' '; 30_000_000]),
        ("tight.txt", &vec![b'a'; 5_000_000]),
    ]);
    let desk = Desk::new(&[("bomb.zip", &bomb)]);
    let output = desk.run(&[]);
    assert_eq!(code(&output), Some(4), "{output:?}");
    let reasons: Vec<String> = desk
        .rows("failures")
        .into_iter()
        .map(|mut row| row.remove("reason").unwrap())
        .collect();
    assert!(reasons[0].contains("30 MB"), "{reasons:?}");
    assert!(reasons[1].contains("tighter"), "{reasons:?}");
}

#[test]
fn metadata_is_joined_and_read_from_names() {
    let desk = Desk::new(&[(
        "FJI_78_2031.txt",
        b"Fiji will host the forum and thanks all partners.",
    )]);
    fs::write(
        desk.path().join("docs.csv"),
        "file,Region,date\nFJI_78_2031.txt,Pacific,2031-06-01\n",
    )
    .unwrap();
    let output = desk.run(&[
        "--metadata",
        "docs.csv",
        "--name-pattern",
        "{country}_{session}_{year}",
    ]);
    assert_eq!(code(&output), Some(0), "{output:?}");
    let row = &desk.rows("documents")[0];
    assert_eq!(
        (row["meta_region"].as_str(), row["meta_country"].as_str()),
        ("Pacific", "FJI")
    );
    assert_eq!(
        (row["date"].as_str(), row["date_source"].as_str()),
        ("2031-06-01", "metadata")
    );
    assert_eq!(code(&desk.run(&["--metadata", "none.csv"])), Some(3));
}

#[test]
fn paragraphs_in_another_language_are_kept_and_weigh_nothing() {
    let text = "The Ministers of Fiji and Vanuatu met in Suva and agreed on a plan for climate adaptation.\n\n\
        Les Ministres des Fidji et du Vanuatu se sont réunis à Suva et sont convenus d'un plan pour l'adaptation au \
        changement climatique dans toute la région du Pacifique.\n";
    let desk = Desk::new(&[("two.txt", text.as_bytes())]);
    desk.run(&[]);
    let sentences = desk.rows("sentences");
    let languages: Vec<&str> = sentences
        .iter()
        .map(|row| row["language"].as_str())
        .collect();
    assert_eq!(languages, ["", "fr"]);
    let weighed: f64 = desk
        .rows("themes")
        .iter()
        .map(|row| row["sentences"].parse::<f64>().unwrap())
        .sum();
    assert!((weighed - 1.0).abs() < 1e-6, "{weighed}");
    assert!(desk.rows("documents")[0]["warnings"].contains("1 paragraph in another language (fr)"));
}

#[cfg(unix)]
#[test]
fn a_reader_that_hangs_or_dies_is_a_failure() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new(&[("web.html", PAGE.as_bytes())]);
    for (script, reason) in [
        ("exec sleep 60", "longer than 1 seconds"),
        ("kill -9 $$", "broke down"),
    ] {
        let helper = desk.path().join("helper");
        fs::write(&helper, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
        let limits = Limits {
            seconds: 1,
            helper: Some(helper),
            ..Limits::new(20)
        };
        let found = find(&[desk.path().join("in")]);
        let error = found.statements[0].read(&limits).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn links_that_lead_back_end() {
    let desk = Desk::new(&[("web.html", PAGE.as_bytes())]);
    std::os::unix::fs::symlink(desk.path().join("in"), desk.path().join("in/again")).unwrap();
    let output = desk.run(&[]);
    assert_eq!(code(&output), Some(1), "{output:?}");
    assert_eq!(desk.rows("documents").len(), 1);
}

#[test]
fn a_huge_file_is_refused_before_it_is_read() {
    let desk = Desk::new(&[]);
    fs::create_dir(desk.path().join("in")).unwrap();
    let file = fs::File::create(desk.path().join("in/huge.pdf")).unwrap();
    file.set_len(1_000_000_000).unwrap();
    let output = desk.run(&[]);
    assert_eq!(code(&output), Some(4));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("1000 MB"),
        "{output:?}"
    );
}

/// The seeds of `fuzz/`, and what broke a target once.
#[test]
fn the_fuzz_corpus_is_replayed() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, target) in fuzzed::TARGETS {
        let files: Vec<_> = fs::read_dir(corpus.join(name)).unwrap().collect();
        assert!(!files.is_empty(), "no seeds for {name}");
        for file in files {
            target(&fs::read(file.unwrap().path()).unwrap());
        }
    }
}

#[test]
fn a_table_that_changes_after_it_was_opened_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.csv");
    fs::write(&path, "id,text\na,The Ministers met in Apia.\n").unwrap();
    let found = find(std::slice::from_ref(&path));
    assert!(found.statements[0].read(&Limits::new(20)).is_ok());
    fs::write(
        &path,
        "id,text\nb,It was another table that they met over.\n",
    )
    .unwrap();
    let error = found.statements[0].read(&Limits::new(20)).unwrap_err();
    assert!(error.to_string().contains("changed"), "{error}");
}

/// Valid files with bytes changed: what readers meet in the wild.
fn broken(sound: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20).prop_map(
        move |changes| {
            let mut bytes = sound.clone();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any outcome but a panic is right; offsets of pages stand on characters, in order.
    #[test]
    fn no_reader_panics(
        html in broken(PAGE.as_bytes().to_vec()),
        pdf in broken(communique()),
        docx in broken(docx()),
        noise in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        for (format, bytes) in [(InputFormat::Html, &html), (InputFormat::Pdf, &pdf), (InputFormat::Docx, &docx)] {
            for bytes in [bytes, &noise] {
                if let Ok(decoded) = extract_here(format, bytes) {
                    let mut last = 0;
                    for (at, _) in decoded.pages {
                        prop_assert!(decoded.text.is_char_boundary(at) && at >= last);
                        last = at;
                    }
                }
            }
        }
    }

    /// The same for what holds several statements: what is found is read, or is an error.
    #[test]
    fn no_table_or_archive_panics(
        csv in broken(b"id,text,country\na,\"The Ministers met, and agreed.\",WSM\nb,They left.,TON\n".to_vec()),
        lines in broken(b"{\"id\": \"a\", \"text\": \"They met.\"}\n{\"id\": \"b\", \"text\": \"They left.\"}\n".to_vec()),
        archive in broken(zipped(&[("a.txt", b"The Ministers met."), ("b/c.md", b"# Communique\n\nThey left.")])),
    ) {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [("a.csv", &csv), ("a.jsonl", &lines), ("a.zip", &archive)] {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            for statement in find(&[path]).statements {
                if let Ok(source) = statement.read(&Limits::new(20)) {
                    prop_assert!(!source.decoded.text.trim().is_empty());
                }
            }
        }
    }
}
