//! One self-contained page, `report.html`: an overview, and every statement with its sentences marked.
//!
//! The page makes no request: its Content-Security-Policy allows the one style sheet and the one script that it holds,
//! by their digests, and nothing else. Statements wait in a file until the overview is known; memory grows with their
//! number, not with their text.

pub(super) mod chart;
mod overview;
pub(super) mod page;
mod statement;

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use super::rows::{CodePoints, DocumentTables, FailureRow, NO_THEME};
use super::{Complete, Counts, OutputFile, Provenance, Target, Writer, palette, write_error};
use crate::analysis::themes::Taxonomy;
use crate::error::Result;
use overview::Overview;

/// A theme as the page shows it.
#[derive(Debug, Clone)]
pub(super) struct Theme {
    pub id: String,
    /// The letters that stand for it beside every colour.
    pub code: String,
    pub title: String,
    pub description: String,
}

/// The themes of a taxonomy, and last the sentences that have none.
pub(super) fn themes(taxonomy: &Taxonomy) -> Vec<Theme> {
    let none = Theme {
        id: NO_THEME.into(),
        code: "–".into(),
        title: "No theme".into(),
        description: "Sentences that are about none of the themes.".into(),
    };
    let themes = taxonomy.themes().iter().map(|theme| Theme {
        id: theme.id.clone(),
        code: theme.code.clone(),
        title: theme.title.clone(),
        description: theme.description.clone(),
    });
    themes.chain([none]).collect()
}

/// The class that colours the theme at this position; `none` is the last of `themes`.
fn class(themes: &[Theme], position: usize) -> String {
    if position + 1 == themes.len() {
        "n".into()
    } else {
        format!("t{}", position % palette::THEMES.len())
    }
}

/// "12.3%".
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// The HTML report of one run.
pub(super) struct HtmlReport {
    file: OutputFile,
    statements: BufWriter<File>,
    overview: Overview,
    themes: Vec<Theme>,
    provenance: Provenance,
}

impl HtmlReport {
    pub(super) fn create(
        target: &Target,
        taxonomy: &Taxonomy,
        provenance: &Provenance,
    ) -> Result<Self> {
        Ok(Self {
            file: target.open("report.html")?,
            statements: target.spool()?,
            overview: Overview::default(),
            themes: themes(taxonomy),
            provenance: provenance.clone(),
        })
    }

    fn save(mut self, counts: Counts) -> io::Result<OutputFile> {
        let file = &mut self.file;
        let overview = self.overview.markup(&self.themes, counts, &self.provenance);
        file.write_all(page::head("What the statements say").as_bytes())?;
        file.write_all(overview.into_string().as_bytes())?;
        let mut statements = self
            .statements
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        statements.seek(SeekFrom::Start(0))?;
        io::copy(&mut statements, file)?;
        let foot = overview::foot(&self.themes, &self.provenance);
        file.write_all(foot.into_string().as_bytes())?;
        file.write_all(page::tail().as_bytes())?;
        Ok(self.file)
    }
}

impl Writer for HtmlReport {
    fn write(&mut self, tables: &DocumentTables, text: &str) -> Result<()> {
        let number = self.overview.add(tables, &self.themes);
        let markup = statement::section(number, tables, &CodePoints::new(text), &self.themes);
        self.statements
            .write_all(markup.into_string().as_bytes())
            .map_err(write_error(&self.file.path))
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        self.overview.add_failure(failure);
        Ok(())
    }

    fn finish(self: Box<Self>, counts: Counts) -> Result<Vec<Complete>> {
        let path = self.file.path.clone();
        let file = self.save(counts).map_err(write_error(&path))?;
        Ok(file.finish()?.into_iter().collect())
    }
}
