//! Reports, byte for byte: the tables of all samples in `input/`, every format for one of them, and their comparison.
//!
//! A change that alters them on purpose renews them with `DEMARCHE_RENEW=1 cargo test --test golden`; the difference
//! in `tests/golden` is then part of the change, to be read like code.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use demarche::folder::HIDDEN;

#[test]
fn the_tables_of_all_samples() {
    check("samples", "analyze", &["input", "--format", "csv"]);
}

#[test]
fn every_format_of_one_sample() {
    let sample = "input/2021-news-report-india-gulf-visit.txt";
    check(
        "formats",
        "analyze",
        &[sample, "--format", "csv,json,json-lines"],
    );
}

#[test]
fn the_comparison_of_all_samples() {
    check("comparison", "compare", &["input", "--format", "text,csv"]);
}

fn check(name: &str, command: &str, arguments: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let golden = root.join("tests/golden").join(name);
    let out = tempfile::tempdir().unwrap();
    Command::cargo_bin("demarche")
        .unwrap()
        .timeout(std::time::Duration::from_secs(600))
        .current_dir(root)
        .args([command, "--engine", "rules", "-o"])
        .arg(out.path())
        .args(arguments)
        .assert()
        .code(0);
    let made = |name: &OsString| {
        let text = fs::read_to_string(out.path().join(name)).unwrap();
        if name == "run.json" {
            without_build(&text)
        } else {
            text
        }
    };
    if std::env::var_os("DEMARCHE_RENEW").is_some() {
        fs::create_dir_all(&golden).unwrap();
        for name in names(out.path()) {
            fs::write(golden.join(&name), made(&name)).unwrap();
        }
    }
    assert_eq!(names(out.path()), names(&golden));
    for name in names(&golden) {
        let wanted = fs::read_to_string(golden.join(&name)).unwrap();
        let got = made(&name);
        for (number, (wanted, got)) in wanted.lines().zip(got.lines()).enumerate() {
            assert_eq!(wanted, got, "{}, line {}", name.display(), number + 1);
        }
        assert!(
            wanted == got,
            "{} differs in length or line ends",
            name.display()
        );
    }
}

/// `run.json` without what is another with every commit and on every machine.
fn without_build(run: &str) -> String {
    run.lines()
        .map(|line| {
            let key = line.split_once(':').map_or(line, |(key, _)| key);
            match key.trim() {
                "\"commit\"" | "\"source_sha256\"" | "\"platform\"" => {
                    assert!(line.len() > key.len() + 6, "{line}");
                    format!("{key}: \"...\",\n")
                }
                _ => format!("{line}\n"),
            }
        })
        .collect()
}

/// The files in a folder; what the program keeps for itself is left out.
fn names(folder: &Path) -> Vec<OsString> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name != HIDDEN)
        .collect();
    names.sort();
    names
}
