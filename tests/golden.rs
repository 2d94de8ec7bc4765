//! Reports, byte for byte: the tables of all samples in `input/`, every format for one of them, and their comparison.
//!
//! A change that alters them on purpose renews them with `DEMARCHE_RENEW=1 cargo test --test golden`; the difference
//! in `tests/golden` is then part of the change, to be read like code.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use assert_cmd::Command;

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
        .current_dir(root)
        .args([command, "--engine", "rules", "-o"])
        .arg(out.path())
        .args(arguments)
        .assert()
        .code(0);
    if std::env::var_os("DEMARCHE_RENEW").is_some() {
        fs::create_dir_all(&golden).unwrap();
        for name in names(out.path()) {
            fs::copy(out.path().join(&name), golden.join(&name)).unwrap();
        }
    }
    assert_eq!(names(out.path()), names(&golden));
    for name in names(&golden) {
        let read = |folder: &Path| fs::read_to_string(folder.join(&name)).unwrap();
        let (wanted, got) = (read(&golden), read(out.path()));
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

fn names(folder: &Path) -> Vec<OsString> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}
