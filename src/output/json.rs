//! All tables in one JSON document, `analysis.json`.
//!
//! The tables stand one after the other in the document but grow together during the run, so each waits in a file of
//! its own and they are joined at the end: memory stays flat whatever the number of statements.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use serde::Serialize;
use serde_json::json;

use super::rows::{DocumentTables, FailureRow};
use super::{
    Complete, Counts, OutputFile, Provenance, SCHEMA_VERSION, Target, Writer, write_error,
};
use crate::error::Result;

/// The JSON report of one run.
pub(super) struct JsonReport {
    file: OutputFile,
    head: String,
    documents: Spool,
    sentences: Spool,
    entities: Spool,
    money: Spool,
    themes: Spool,
    failures: Spool,
}

impl JsonReport {
    pub(super) fn create(target: &Target, provenance: &Provenance) -> Result<Self> {
        let spool = || target.spool().map(|rows| Spool { rows, empty: true });
        let provenance = json!(provenance);
        Ok(Self {
            head: format!(
                "{{\n\"schema_version\": \"{SCHEMA_VERSION}\",\n\"provenance\": {provenance}"
            ),
            file: target.open("analysis.json")?,
            documents: spool()?,
            sentences: spool()?,
            entities: spool()?,
            money: spool()?,
            themes: spool()?,
            failures: spool()?,
        })
    }
}

impl Writer for JsonReport {
    fn write(&mut self, tables: &DocumentTables, _text: &str) -> Result<()> {
        let path = &self.file.path;
        let mut add_all = || -> io::Result<()> {
            self.documents.add(&tables.document)?;
            tables
                .sentences
                .iter()
                .try_for_each(|row| self.sentences.add(row))?;
            tables
                .entities
                .iter()
                .try_for_each(|row| self.entities.add(row))?;
            tables
                .money
                .iter()
                .try_for_each(|row| self.money.add(row))?;
            tables
                .themes
                .iter()
                .try_for_each(|row| self.themes.add(row))
        };
        add_all().map_err(write_error(path))
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        self.failures
            .add(failure)
            .map_err(write_error(&self.file.path))
    }

    fn finish(mut self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        let path = self.file.path.clone();
        let tables = [
            ("documents", self.documents),
            ("sentences", self.sentences),
            ("entities", self.entities),
            ("money", self.money),
            ("themes", self.themes),
            ("failures", self.failures),
        ];
        let join = || -> io::Result<()> {
            self.file.write_all(self.head.as_bytes())?;
            for (name, spool) in tables {
                write!(self.file, ",\n\"{name}\": [")?;
                spool.copy_to(&mut self.file)?;
                self.file.write_all(b"]")?;
            }
            self.file.write_all(b"\n}\n")
        };
        join().map_err(write_error(&path))?;
        Ok(self.file.finish()?.into_iter().collect())
    }
}

/// The rows of one table, a line each, waiting for the end of the run.
struct Spool {
    rows: BufWriter<File>,
    empty: bool,
}

impl Spool {
    fn add(&mut self, row: &impl Serialize) -> io::Result<()> {
        let before: &[u8] = if std::mem::replace(&mut self.empty, false) {
            b"\n"
        } else {
            b",\n"
        };
        self.rows.write_all(before)?;
        serde_json::to_writer(&mut self.rows, row).map_err(io::Error::from)
    }

    fn copy_to(self, to: &mut impl Write) -> io::Result<()> {
        let mut rows = self
            .rows
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        rows.seek(SeekFrom::Start(0))?;
        io::copy(&mut rows, to)?;
        if !self.empty {
            to.write_all(b"\n")?;
        }
        Ok(())
    }
}
