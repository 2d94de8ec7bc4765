//! The reports of the samples in `input/`, byte for byte.
//!
//! A change that alters them on purpose renews them with `DEMARCHE_RENEW=1 cargo test --test golden`; the difference
//! in `tests/golden` is then part of the change, to be read like code.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

#[test]
fn the_reports_of_the_samples_are_as_agreed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let golden = root.join("tests/golden");
    let out = tempfile::tempdir().unwrap();
    Command::cargo_bin("demarche")
        .unwrap()
        .current_dir(root)
        .args([
            "analyze",
            "input",
            "--engine",
            "rules",
            "--format",
            "csv,json,json-lines",
            "-o",
        ])
        .arg(out.path())
        .assert()
        .code(0);
    let names = |folder: &Path| -> Vec<_> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    if std::env::var_os("DEMARCHE_RENEW").is_some() {
        fs::create_dir_all(&golden).unwrap();
        for name in names(out.path()) {
            fs::copy(out.path().join(&name), golden.join(&name)).unwrap();
        }
    }
    assert_eq!(names(out.path()), names(&golden));
    for name in names(&golden) {
        let (wanted, got) = (
            fs::read_to_string(golden.join(&name)).unwrap(),
            fs::read_to_string(out.path().join(&name)).unwrap(),
        );
        for (number, (wanted, got)) in wanted.lines().zip(got.lines()).enumerate() {
            assert_eq!(wanted, got, "{}, line {}", name.display(), number + 1);
        }
        assert_eq!(wanted.len(), got.len(), "{}", name.display());
    }
}
