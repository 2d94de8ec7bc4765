//! From options and settings to what a command works with, each thing made and checked once.

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::options::{EngineOptions, Settings};
use crate::analysis::themes::Taxonomy;
use crate::analysis::{Failure, Stage};
use crate::compare::ComparisonTable;
use crate::engines::EngineSettings;
use crate::error::{Error, Result};
use crate::folder::{HIDDEN, REPORT_NAMES};
use crate::input::{self, Findings};
use crate::open::{self, MEGABYTE};
use crate::output::rows::FailureRow;
use crate::output::{Provenance, ReportFormat, Table, Target, WorkbookTable};
use crate::pipeline::Pipeline;
use crate::text::{counted, escape_controls, hex, shown};

/// Files larger than this are refused unless the user says otherwise: no statement is as long.
const MAX_MEGABYTES: u64 = 20;

/// More threads than this only get in each other's way.
const MAX_THREADS: usize = 256;

/// What statements are read with.
pub(super) struct Prepared {
    pub engine: EngineSettings,
    pub taxonomy: Taxonomy,
    /// What every report says of how it was made.
    pub provenance: Provenance,
    pub pool: rayon::ThreadPool,
}

impl Prepared {
    /// # Errors
    /// When one of the options is wrong, or names something that cannot be read.
    pub fn new(
        options: &EngineOptions,
        settings: &Settings,
        max_megabytes: Option<u64>,
    ) -> Result<Self> {
        let options = options.or(&settings.engine);
        let (name, taxonomy) = taxonomy(options.themes.as_deref())?;
        let engine = options.settings();
        let max_megabytes = max_megabytes.or(settings.file.max_megabytes);
        let provenance = Provenance {
            program: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            engine: engine.kind,
            weights_sha256: engine.weights_sha256()?,
            taxonomy: name,
            taxonomy_sha256: hex(&Sha256::digest(taxonomy.toml().as_bytes())),
            max_megabytes: max_megabytes.unwrap_or(MAX_MEGABYTES),
        };
        Ok(Self {
            pool: thread_pool(options.threads.unwrap_or(0))?,
            engine,
            taxonomy,
            provenance,
        })
    }

    /// Loads the engine and everything around it.
    ///
    /// # Errors
    /// When the data that it needs is missing or wrong.
    pub fn pipeline(&self) -> Result<Pipeline> {
        let (engine, taxonomy) = (self.engine.clone(), self.taxonomy.clone());
        let pipeline = Pipeline::load(engine, taxonomy, self.max_megabytes())?;
        Ok(pipeline.with_helper(std::env::current_exe().ok()))
    }

    pub fn max_megabytes(&self) -> u64 {
        self.provenance.max_megabytes
    }

    /// Reads the examples of the taxonomy. A warning for each that is not about the themes that it should be about.
    ///
    /// # Errors
    /// When its cues cannot be compiled.
    pub fn misread_examples(&self) -> Result<Vec<String>> {
        let misread = self.taxonomy.misread_examples()?.into_iter();
        let name = &self.provenance.taxonomy;
        Ok(misread
            .map(|misread| format!("{name}: {misread}"))
            .collect())
    }
}

/// The taxonomy in force, and its name.
pub(super) fn taxonomy(path: Option<&Path>) -> Result<(String, Taxonomy)> {
    let Some(path) = path else {
        return Ok(("built-in".into(), Taxonomy::embedded()?));
    };
    let toml = open::named_text(path)?;
    let taxonomy = Taxonomy::from_toml(&toml, &path.display().to_string())?;
    if let Some(id) = id_of_column(&taxonomy) {
        let reason =
            format!("`{id}` cannot be the id of a theme: the reports use the word already");
        return Err(Error::data(path.display().to_string(), reason));
    }
    let name = path.file_name().unwrap_or_default();
    Ok((name.to_string_lossy().into_owned(), taxonomy))
}

/// The id of a theme that would be the name of two columns of a table.
fn id_of_column(taxonomy: &Taxonomy) -> Option<String> {
    let themes = taxonomy.themes().iter();
    let ids: Vec<String> = themes.map(|theme| theme.id.clone()).collect();
    let of_analysis = Table::ALL.map(|table| table.for_themes(&ids));
    let of_workbook = WorkbookTable::ALL.map(|table| table.for_themes(&ids));
    let of_comparison = ComparisonTable::ALL.map(|table| table.for_themes(&ids));
    let tables = of_analysis
        .into_iter()
        .chain(of_workbook)
        .chain(of_comparison);
    tables.into_iter().find_map(|table| {
        let mut names = HashSet::new();
        let mut columns = table.columns.into_iter().map(|column| column.name);
        columns.find(|name| !names.insert(name.clone()))
    })
}

fn thread_pool(threads: usize) -> Result<rayon::ThreadPool> {
    let wrong = |reason: String| Error::Settings {
        file: "--threads".into(),
        reason,
        hint: format!("ask for 0, which is one per core, up to {MAX_THREADS}"),
    };
    if threads > MAX_THREADS {
        return Err(wrong(format!("{threads} threads are too many")));
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| wrong(error.to_string()))
}

/// The formats that are asked for on the command line, else in the settings, else the usual ones.
pub(super) fn formats(
    asked: &[ReportFormat],
    settings: &Settings,
    target: &Target,
) -> Result<Vec<ReportFormat>> {
    let asked = if asked.is_empty() {
        &settings.file.format
    } else {
        asked
    };
    match (target, asked) {
        (Target::Folder(_), []) => Ok(vec![ReportFormat::Csv, ReportFormat::Json]),
        (Target::Folder(_), _) => Ok(asked.to_vec()),
        (Target::Stdout, []) => Ok(vec![ReportFormat::Json]),
        (Target::Stdout, [format]) if format.is_one_file() => Ok(asked.to_vec()),
        (Target::Stdout, _) => Err(not_one_file(
            "add a format of one file, such as --format json, or name a folder with -o",
        )),
    }
}

/// The error of asking for more than standard output takes.
pub(super) fn not_one_file(hint: &str) -> Error {
    Error::Settings {
        file: "--output -".into(),
        reason: "standard output takes one report in one file".into(),
        hint: hint.into(),
    }
}

/// The paths of the command line, else of the settings, else `input`.
pub(super) fn paths(given: &[PathBuf], settings: &Settings) -> Vec<PathBuf> {
    match (given, &settings.file.input) {
        ([], Some(input)) => input.clone(),
        ([], None) => vec![PathBuf::from("input")],
        (given, _) => given.to_vec(),
    }
}

/// Finds the statements; standard input and pipes are read here, once, when they are among the paths.
///
/// # Errors
/// When standard input or a pipe cannot be read.
pub(super) fn find(paths: &[PathBuf], megabytes: u64) -> Result<Findings> {
    let (dashes, files): (Vec<PathBuf>, Vec<PathBuf>) = paths
        .iter()
        .cloned()
        .partition(|path| path == Path::new("-"));
    let (pipes, files): (Vec<PathBuf>, Vec<PathBuf>) =
        files.into_iter().partition(|path| open::is_pipe(path));
    let mut findings = input::find(&files);
    for path in &pipes {
        let bytes = open::pipe(path, megabytes)?;
        findings.statements.push(input::pipe(path, bytes));
    }
    if !dashes.is_empty() {
        let mut bytes = Vec::new();
        // A byte more than is allowed is enough to be refused.
        let most = megabytes.saturating_mul(MEGABYTE).saturating_add(1);
        let read = io::stdin().take(most).read_to_end(&mut bytes);
        read.map_err(Error::reading(Path::new("-")))?;
        findings.statements.push(input::stdin(bytes));
    }
    if pipes.len() + dashes.len() > 0 {
        input::settle(&mut findings.statements);
    }
    Ok(findings)
}

/// The warning about files that were passed over, if any were.
pub(super) fn skipped_warning(findings: &Findings) -> Option<String> {
    let skipped: Vec<String> = findings
        .skipped
        .iter()
        .map(|(extension, count)| format!("{count} .{}", escape_controls(extension)))
        .collect();
    (!skipped.is_empty()).then(|| {
        format!(
            "passed over files that are not statements: {}",
            skipped.join(", ")
        )
    })
}

/// The warnings about lists of reports in folders that were searched, but for that in `own`, the output folder: what they
/// hide is no statement only if they are to be trusted.
pub(super) fn list_warnings(findings: &Findings, own: Option<&Path>) -> Vec<String> {
    let real = |folder: &Path| {
        // A name in the current folder has the empty folder.
        let folder = Path::new(".").join(folder);
        folder.canonicalize().unwrap_or(folder)
    };
    let own = own.map(real);
    let lists = findings.lists.iter();
    lists
        .filter(|(folder, _)| own.as_ref() != Some(&real(folder)))
        .flat_map(|(folder, list)| {
            let place = shown(&folder.join(HIDDEN).join(REPORT_NAMES));
            let hidden = (list.passed_over > 0).then(|| {
                format!(
                    "passed over {} that {place} lists as reports of demarche",
                    counted(list.passed_over, "file")
                )
            });
            hidden.into_iter().chain(list.trouble.clone())
        })
        .collect()
}

/// What could not be searched, as rows.
pub(super) fn search_failures(findings: &Findings) -> Vec<FailureRow> {
    let failures = findings.failures.iter();
    failures
        .map(|(path, error)| FailureRow::from(&Failure::new(path, Stage::Find, error)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_is_not_called_like_a_column() {
        let id_of_column = |id: &str| {
            let toml =
                Taxonomy::EMBEDDED.replacen("id = \"security\"", &format!("id = \"{id}\""), 1);
            id_of_column(&Taxonomy::from_toml(&toml, "themes.toml").unwrap())
        };
        // Of the sentences, of the theme shares of a workbook, of the matrix of a comparison.
        for taken in ["kind", "date", "side"] {
            assert_eq!(id_of_column(taken).as_deref(), Some(taken));
        }
        assert_eq!(id_of_column("trade"), None);
    }
}
