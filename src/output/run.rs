//! `run.json`: what was run, on what, with what; enough to run it again and to cite it.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SCHEMA_VERSION;
use super::files::{Complete, OutputFile, Spool, Target};
use super::format::{ReportFiles, ReportFormat};
use super::rows::{FailureRow, NEEDS_OCR};
use super::schema::json_schema_of;
use super::tables::{Counts, DocumentTables};
use crate::engines::EngineKind;
use crate::error::{Error, Result};
use crate::folder::{RUN_FILE, TEXT_FOLDER};
use crate::input::Shard;

/// The files with the texts of statements.
pub(super) const TEXTS: ReportFiles = ReportFiles::PerStatement(TEXT_FOLDER);

/// What made a report: enough to make it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// The program.
    pub program: String,
    /// Its version.
    pub version: String,
    /// The engine that read the sentences.
    #[schemars(with = "String")]
    pub engine: EngineKind,
    /// SHA-256 of the weights that it read with, of several models with `;` between; missing for an engine without weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights_sha256: Option<String>,
    /// The taxonomy's file name; `built-in` for the one compiled in.
    pub taxonomy: String,
    /// SHA-256 of the taxonomy's text.
    pub taxonomy_sha256: String,
    /// Files larger than this were refused.
    pub max_megabytes: u64,
}

/// What is known of a run before its first statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The version of the layout.
    pub schema_version: String,
    /// What makes the reports.
    pub provenance: Provenance,
    /// The commit that the program was built from, with `-modified` behind it where the sources differ from it; none in a
    /// developers' build.
    pub commit: Option<String>,
    /// SHA-256 of the sources that the program was built from.
    pub source_sha256: String,
    /// System and processor.
    pub platform: String,
    /// The settings in force.
    pub settings: RunSettings,
    /// The names of all metadata of the statements, in order.
    pub metadata: Vec<String>,
    /// Which part of the statements this run is about.
    pub shard: Option<Shard>,
    /// Warnings about the run as a whole; those about single statements stand in the documents table.
    pub warnings: Vec<String>,
}

/// The settings that decide what a report holds, besides those in the provenance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunSettings {
    /// Files, folders and patterns, as given.
    pub input: Vec<String>,
    /// The report formats.
    #[schemars(with = "Vec<String>")]
    pub format: Vec<ReportFormat>,
    /// Whether CSV files begin with a byte-order mark.
    pub bom: bool,
    /// Whether the texts were saved.
    pub save_text: bool,
    /// The table of metadata.
    pub metadata: Option<String>,
    /// What the names of the files say.
    pub name_pattern: Option<String>,
    /// The folders of the user's own models, for the engine `rust-bert`.
    pub model: Vec<String>,
    /// The model of natural language inference.
    pub zero_shot: Option<String>,
    /// What the labels of the models mean.
    pub labels: Option<String>,
    /// SHA-256 of the labels, configurations and tokenizers of these models.
    pub model_files_sha256: Option<String>,
    /// What the models run on, where there is a choice.
    pub device: Option<String>,
    /// The most tokens that the engine reads at a time.
    pub batch_tokens: Option<u32>,
}

impl RunSettings {
    /// Whether a report may get this name, which is relative to the folder of the reports.
    pub fn may_write(&self, name: &Path) -> bool {
        ReportFiles::Named(&[RUN_FILE]).include(name)
            || self.save_text && TEXTS.include(name)
            || self
                .format
                .iter()
                .any(|format| format.files().include(name))
    }
}

/// `run.json`: a run and what became of it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "demarche run")]
pub struct RunRecord {
    /// What was known before.
    #[serde(flatten)]
    pub run: Run,
    /// Rows per table.
    pub rows: Counts,
    /// Statements of which the documents table has something to say.
    pub documents_with_warnings: usize,
    /// Statements that were left when the run was interrupted; 0 for a complete run.
    pub not_analysed: usize,
    /// Every statement.
    pub inputs: Vec<InputRow>,
}

/// The JSON Schema (2020-12) of `run.json`.
pub fn run_schema() -> Value {
    json_schema_of::<RunRecord>()
}

/// What was read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InputRow {
    /// Its id; missing for what failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc_id: Option<String>,
    /// The path as it was given.
    pub path: String,
    /// SHA-256 of its bytes; missing for what failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// That of the documents table, or `failed`.
    pub status: String,
}

impl Run {
    /// SHA-256 of the sources of this program.
    pub const SOURCE_SHA256: &str = env!("DEMARCHE_SOURCE_SHA256");

    /// A run of this program on this machine.
    pub fn new(provenance: Provenance, settings: RunSettings) -> Self {
        let commit = env!("DEMARCHE_COMMIT");
        Self {
            schema_version: SCHEMA_VERSION.into(),
            provenance,
            commit: (!commit.is_empty()).then(|| commit.into()),
            source_sha256: Self::SOURCE_SHA256.into(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            settings,
            metadata: Vec::new(),
            shard: None,
            warnings: Vec::new(),
        }
    }
}

/// `run.json` being written.
pub(super) struct RunFile {
    run: Run,
    file: OutputFile,
    /// The inputs, one per line: they wait until the rest is known.
    inputs: Spool,
    with_warnings: usize,
    /// Paths that are in the documents table and will be in that of failures too.
    need_ocr: HashSet<String>,
}

impl RunFile {
    pub fn create(target: &Target, run: &Run) -> Result<Self> {
        Ok(Self {
            run: run.clone(),
            file: target.open(RUN_FILE)?,
            inputs: target.spool()?,
            with_warnings: 0,
            need_ocr: HashSet::new(),
        })
    }

    pub fn write(&mut self, tables: &DocumentTables) -> Result<()> {
        let document = &tables.document;
        self.with_warnings += usize::from(document.warnings.is_some());
        if document.status == NEEDS_OCR {
            self.need_ocr.insert(document.path.clone());
        }
        self.add(&InputRow {
            doc_id: Some(document.doc_id.clone()),
            path: document.path.clone(),
            sha256: Some(document.sha256.clone()),
            status: document.status.clone(),
        })
    }

    pub fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        if self.need_ocr.contains(&failure.path) {
            return Ok(());
        }
        self.add(&InputRow {
            doc_id: None,
            path: failure.path.clone(),
            sha256: None,
            status: "failed".into(),
        })
    }

    fn add(&mut self, input: &InputRow) -> Result<()> {
        self.inputs
            .add_row(input, "    ")
            .map_err(Error::writing(&self.file.path))
    }

    /// Completes the file; `notes` are what the user is told of how the reports were written.
    pub fn finish(
        mut self,
        counts: Counts,
        notes: Vec<String>,
        left: usize,
    ) -> Result<Option<Complete>> {
        self.run.warnings.extend(notes);
        let record = RunRecord {
            run: self.run,
            rows: counts,
            documents_with_warnings: self.with_warnings,
            not_analysed: left,
            inputs: Vec::new(),
        };
        let path = self.file.path.clone();
        let write = || -> io::Result<()> {
            let mut head = serde_json::to_string_pretty(&record)?;
            // The inputs are as many as the statements: they are copied, not held.
            head.truncate(head.trim_end_matches(['}', '\n', ']']).len());
            self.file.write_all(head.as_bytes())?;
            let has_inputs = self.inputs.copy_to(&mut self.file)?;
            let foot: &[u8] = if has_inputs { b"\n  ]\n}\n" } else { b"]\n}\n" };
            self.file.write_all(foot)
        };
        write().map_err(Error::writing(&path))?;
        self.file.finish()
    }
}
