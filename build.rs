//! Says what the program is made of, for `run.json`: the commit, and a digest of the sources, which tells two builds of
//! one version apart.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

/// What decides about results. Weights are there by their digests, which `models/manifest.toml` holds.
const SOURCES: [&str; 5] = ["src", "models", "Cargo.toml", "Cargo.lock", "build.rs"];

/// Larger files are weights.
const LARGEST_SOURCE: u64 = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let mut files = Vec::new();
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
        collect(&root.join(source), &mut files)?;
    }
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        let name = file
            .strip_prefix(&root)?
            .to_string_lossy()
            .replace('\\', "/");
        let content = fs::read(&file)?;
        digest.update(format!("{name} {}\n", content.len()));
        digest.update(content);
    }
    let digest: String = digest
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    println!("cargo:rustc-env=DEMARCHE_SOURCE_SHA256={digest}");
    // A developers' build would be compiled anew with every commit.
    let is_release = std::env::var("PROFILE")? == "release";
    let commit = if is_release {
        commit(&root)
    } else {
        String::new()
    };
    println!("cargo:rustc-env=DEMARCHE_COMMIT={commit}");
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if path.is_dir() {
        // How the weights were made does not decide what they say.
        if path.ends_with("models/training") {
            return Ok(());
        }
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.exists() && fs::metadata(path)?.len() <= LARGEST_SOURCE {
        files.push(path.into());
    }
    Ok(())
}

/// The commit that is built, with `-modified` when the sources are not those of it; empty outside a repository.
fn commit(root: &Path) -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .current_dir(root)
            .args(arguments)
            .output();
        let output = output.ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    // The sources may lie in the repository of something else.
    let is_ours = git(&["rev-parse", "--show-prefix"]).is_some_and(|prefix| prefix.is_empty());
    let Some(commit) = git(&["rev-parse", "HEAD"]).filter(|_| is_ours) else {
        return String::new();
    };
    // Every commit and every switch to another adds a line to this file.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo:rerun-if-changed={log}");
    }
    let mut status = vec!["status", "--porcelain", "--"];
    status.extend(SOURCES);
    match git(&status) {
        Some(changes) if changes.is_empty() => commit,
        _ => format!("{commit}-modified"),
    }
}
