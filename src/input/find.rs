//! Finds the files that the user means, opens tables and archives, and gives each statement a stable id.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use super::formats::Content;
use super::origin::{Candidate, Opened, Origin, Stamp, slug, wrong};
use super::{Found, InputFormat, archive, table};
use crate::error::{Error, Result};
use crate::folder::{ReportNames, report_names};
use crate::text::hex;

/// What a search for statements gave.
#[derive(Debug, Default)]
pub struct Findings {
    /// The statements, ordered by id: the order of the arguments does not matter.
    pub statements: Vec<Found>,
    /// What was asked for and could not be searched.
    pub failures: Vec<(PathBuf, Error)>,
    /// How many of them are files and folders that could not be searched, as against rows of a table.
    pub unsearched: usize,
    /// Files passed over in a folder because of their extension, counted by extension.
    pub skipped: BTreeMap<String, usize>,
    /// How many files were passed over because they are reports of this program.
    pub reports: usize,
    /// The lists of reports that had something to say of what was searched, by the folder that they are about.
    pub lists: BTreeMap<PathBuf, ReportList>,
}

/// A list of reports, as the search for statements met it.
#[derive(Debug, Default)]
pub struct ReportList {
    /// How many files were passed over because it names them.
    pub passed_over: usize,
    /// What is wrong with it.
    pub trouble: Option<String>,
}

/// The error for a `path` that holds no statement, only so many reports of this program.
pub fn nothing_found(path: &Path, reports: usize) -> Error {
    Error::NothingFound {
        path: path.into(),
        reports,
        extensions: InputFormat::extensions(),
    }
}

impl Findings {
    fn fail(&mut self, path: PathBuf, error: Error) {
        self.unsearched += 1;
        self.failures.push((path, error));
    }

    fn skip(&mut self, path: &Path) {
        let extension = path
            .extension()
            .map_or_else(|| "none".into(), |e| e.to_string_lossy().into_owned());
        *self.skipped.entry(extension).or_default() += 1;
    }
}

/// A file: its name below the folder that was given, which becomes the id; its path; whether the user named the file
/// itself.
type NamedFile = (PathBuf, PathBuf, bool);

/// The statements that a file holds: one, or those of a table or an archive. None for a table without a column `text`
/// that was only found in a folder.
fn open(relative: PathBuf, path: &Path, named: bool) -> Result<Option<Opened>> {
    match InputFormat::of(path).profile().content {
        Content::Files => archive::open(&relative, path).map(Some),
        Content::Records(records) => {
            let opened = table::open(&relative, path, records)?;
            if opened.is_none() && named {
                return Err(wrong(path, "it has no column `text`"));
            }
            Ok(opened)
        }
        Content::Text { .. } | Content::Parsed(_) => Ok(Some(Opened {
            statements: vec![Candidate::file(relative, path.into())],
            ..Opened::default()
        })),
    }
}

/// Finds the statements that `paths` mean: files (of any extension), folders (searched for the formats that are read;
/// hidden files are left out), patterns such as `2023/*.txt` where no file of that name exists. Tables and archives are
/// opened. Reports of this program are not statements.
pub fn find(paths: &[PathBuf]) -> Findings {
    let (mut files, mut findings) = find_files(paths);
    let mut seen = HashSet::new();
    files.retain(|(_, path, _)| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    let mut candidates = Vec::new();
    for (relative, path, named) in files {
        match open(relative, &path, named) {
            Ok(Some(opened)) => {
                candidates.extend(opened.statements);
                findings.failures.extend(opened.failures);
                opened.skipped.iter().for_each(|path| findings.skip(path));
            }
            Ok(None) => findings.skip(&path),
            Err(error) => findings.fail(path, error),
        }
    }
    findings.statements = name_all(candidates);
    findings.failures.sort_by(|a, b| a.0.cmp(&b.0));
    findings
}

/// The files that `paths` mean, with their size and time: when two snapshots differ, [`find`] may give something else.
pub fn snapshot(paths: &[PathBuf]) -> BTreeMap<PathBuf, Option<Stamp>> {
    let (files, findings) = find_files(paths);
    let failed = findings.failures.into_iter().map(|(path, _)| (path, None));
    let files = files.into_iter().map(|(_, path, _)| {
        let stamp = std::fs::metadata(&path).map(|metadata| Stamp::of(&metadata));
        (path, stamp.ok())
    });
    failed.chain(files).collect()
}

/// The files that `paths` mean, in order, perhaps one under several names. The findings hold what could not be searched
/// and what was passed over.
fn find_files(paths: &[PathBuf]) -> (Vec<NamedFile>, Findings) {
    let mut findings = Findings::default();
    let mut reports = Reports::default();
    let mut files: Vec<NamedFile> = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, parent(path), &mut reports, &mut files, &mut findings);
        } else if path.exists() || !is_pattern(path) {
            match std::fs::metadata(path) {
                Ok(_) if reports.has(path, parent(path)) => {}
                Ok(_) => files.push((file_name(path), path.clone(), true)),
                Err(source) => findings.fail(path.clone(), Error::reading(path)(source)),
            }
        } else {
            expand(path, &mut reports, &mut files, &mut findings);
        }
    }
    // The order of the arguments must not decide which of two spellings of one path is kept.
    files.sort();
    findings.reports = reports.lists.values().map(|list| list.passed_over).sum();
    findings.lists = reports.lists;
    (files, findings)
}

/// Tells the reports of this program, which are not statements, from other files.
#[derive(Default)]
struct Reports {
    /// The names of those in a folder.
    of: HashMap<PathBuf, BTreeSet<PathBuf>>,
    /// What is to be said of the lists.
    lists: BTreeMap<PathBuf, ReportList>,
}

impl Reports {
    /// Whether the file is a report in `root` or in a folder below it; it is counted.
    fn has(&mut self, path: &Path, root: &Path) -> bool {
        let folders = path.ancestors().skip(1);
        let list = folders
            .take_while(|folder| folder.starts_with(root))
            .find(|folder| {
                let name = path.strip_prefix(folder);
                name.is_ok_and(|name| self.names(folder).contains(name))
            });
        if let Some(folder) = list {
            self.lists.entry(folder.into()).or_default().passed_over += 1;
        }
        list.is_some()
    }

    fn names(&mut self, folder: &Path) -> &BTreeSet<PathBuf> {
        let lists = &mut self.lists;
        self.of.entry(folder.into()).or_insert_with(|| {
            let ReportNames { names, trouble } = report_names(folder);
            if trouble.is_some() {
                lists.entry(folder.into()).or_default().trouble = trouble;
            }
            names
        })
    }
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

fn file_name(path: &Path) -> PathBuf {
    path.file_name().map_or_else(|| path.into(), PathBuf::from)
}

/// The folder that a path is in; empty for a name in the current folder.
fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// Walks a folder. Reports that a folder up to `above` lists are passed over, too.
fn walk(
    root: &Path,
    above: &Path,
    reports: &mut Reports,
    files: &mut Vec<NamedFile>,
    findings: &mut Findings,
) {
    let entries = walkdir::WalkDir::new(root)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        // The root itself may be called `.` or `.drafts`: the user named it.
        .filter_entry(|entry| {
            entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
        });
    for entry in entries {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => {
                let path = entry.path();
                if reports.has(path, above) {
                    continue;
                }
                if InputFormat::by_extension(path).is_some() {
                    let relative = path.strip_prefix(root).unwrap_or(path);
                    files.push((relative.into(), path.into(), false));
                } else {
                    findings.skip(path);
                }
            }
            Err(error) => {
                let path = error.path().unwrap_or(root).to_path_buf();
                let source = error
                    .into_io_error()
                    .unwrap_or_else(|| std::io::Error::other("a link that leads back to itself"));
                findings.fail(path.clone(), Error::reading(&path)(source));
            }
        }
    }
}

fn expand(
    pattern: &Path,
    reports: &mut Reports,
    files: &mut Vec<NamedFile>,
    findings: &mut Findings,
) {
    let options = glob::MatchOptions {
        // As in a shell, `*` does not match hidden files.
        require_literal_leading_dot: true,
        ..glob::MatchOptions::default()
    };
    let matches: Vec<PathBuf> = glob::glob_with(&pattern.to_string_lossy(), options)
        .map(|paths| paths.flatten().collect())
        .unwrap_or_default();
    let root: PathBuf = pattern
        .components()
        // Matches come without it.
        .filter(|part| *part != Component::CurDir)
        .take_while(|part| !is_pattern(part.as_ref()))
        .collect();
    if matches.is_empty() {
        let path = pattern.to_path_buf();
        findings.fail(path.clone(), Error::NoMatch { path });
    }
    for path in matches {
        if path.is_dir() {
            walk(&path, &root, reports, files, findings);
        } else if !reports.has(&path, &root) {
            files.push((file_name(&path), path, true));
        }
    }
}

/// Gives every statement an id. Those whose ids would be the same all get their extension added; where that does not
/// tell them apart either, eight digits of the SHA-256 of the path.
fn name_all(candidates: Vec<Candidate>) -> Vec<Found> {
    // A record of a table has no extension that could be left out.
    let plain = |of: &Candidate| match of.origin {
        Origin::Record { .. } => slug(&of.relative),
        _ => slug(&of.relative.with_extension("")),
    };
    let full = |of: &Candidate| slug(&of.relative);
    let count = |ids: Vec<String>| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for id in ids {
            *counts.entry(id).or_default() += 1;
        }
        counts
    };
    let plain_counts = count(candidates.iter().map(plain).collect());
    let full_counts = count(candidates.iter().map(full).collect());
    let unique = |id: &String, counts: &BTreeMap<String, usize>| counts.get(id) == Some(&1);
    // `a.txt` is not the id of `a.txt.txt` where it may be that of `a.txt`.
    let is_full_of_another =
        |id: &String, of: &Candidate| *id != full(of) && full_counts.contains_key(id);
    let mut found: Vec<Found> = candidates
        .into_iter()
        .map(|candidate| {
            let mut doc_id = plain(&candidate);
            if !unique(&doc_id, &plain_counts) || is_full_of_another(&doc_id, &candidate) {
                doc_id = full(&candidate);
                if !unique(&doc_id, &full_counts) {
                    let path = candidate.origin.path().to_string_lossy();
                    let digest = hex(&Sha256::digest(path.as_bytes()));
                    doc_id = format!("{doc_id}-{}", digest.get(..8).unwrap_or_default());
                }
            }
            Found {
                doc_id: shortened(doc_id),
                origin: candidate.origin,
                format: candidate.format,
                metadata: candidate.metadata,
            }
        })
        .collect();
    settle(&mut found);
    found
}

/// Orders statements by id; those that still share one, such as rows of a table with one id, get a number.
pub fn settle(statements: &mut [Found]) {
    statements.sort_by(|a, b| (&a.doc_id, a.path()).cmp(&(&b.doc_id, b.path())));
    let mut before = String::new();
    let mut again = 1;
    for found in &mut *statements {
        if found.doc_id == before {
            again += 1;
            found.doc_id = format!("{before}-{again}");
        } else {
            before.clone_from(&found.doc_id);
            again = 1;
        }
    }
    statements.sort_by(|a, b| (&a.doc_id, a.path()).cmp(&(&b.doc_id, b.path())));
}

/// An id whose parts can be names of files with an extension, which file systems limit to 255 bytes: a longer one is cut,
/// and a digest tells it apart.
fn shortened(doc_id: String) -> String {
    const LONGEST: usize = 200;
    if doc_id.split('/').all(|part| part.len() <= LONGEST) {
        return doc_id;
    }
    let parts: Vec<String> = doc_id
        .split('/')
        .map(|part| match part.len() {
            0..=LONGEST => part.to_owned(),
            _ => {
                let digest = hex(&Sha256::digest(part));
                let begin = &part[..part.floor_char_boundary(LONGEST - 9)];
                format!("{begin}-{}", &digest[..8])
            }
        })
        .collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> Vec<String> {
        let files = names
            .iter()
            .map(|name| Candidate::file(PathBuf::from(name), Path::new("root").join(name)))
            .collect();
        name_all(files).into_iter().map(|f| f.doc_id).collect()
    }

    #[test]
    fn an_id_is_the_path_below_the_folder_without_extension() {
        assert_eq!(
            ids(&["seoul 2023.txt", "2024/tokyo.md"]),
            ["2024/tokyo", "seoul-2023"]
        );
    }

    #[test]
    fn files_that_would_share_an_id_keep_their_extension() {
        assert_eq!(ids(&["a.md", "a.txt", "b.txt"]), ["a.md", "a.txt", "b"]);
    }

    #[test]
    fn an_id_is_never_that_of_another() {
        let mut ids = ids(&["a.md", "a.txt", "a.txt.txt", "a.txt.txt.md"]);
        ids.dedup();
        assert_eq!(ids.len(), 4, "{ids:?}");
    }

    #[test]
    fn rows_of_one_id_are_numbered_and_long_ids_cut() {
        let long = format!("archive.jsonl/{}", "é".repeat(200));
        let longer = format!("{long}é");
        let mut ids = ids(&["t.csv/a", "t.csv/a", "t.csv/b", &long, &longer]);
        ids.dedup();
        assert_eq!(ids.len(), 5, "{ids:?}");
        assert!(
            ids.iter()
                .all(|id| id.split('/').all(|part| part.len() <= 200))
        );
    }

    #[test]
    fn names_that_differ_only_in_odd_characters_get_different_ids() {
        let ids = ids(&["a?.txt", "a!.txt"]);
        assert_eq!(ids.len(), 2);
        assert_ne!(ids[0], ids[1]);
    }
}
