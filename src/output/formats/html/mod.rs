//! One self-contained page, `report.html`: an overview, and every statement with its sentences marked.
//!
//! The page makes no request: its Content-Security-Policy allows the one style sheet and the one script that it holds,
//! by their digests, and nothing else, so there are no `style` attributes: charts are SVG with classes. It works without
//! its script. Statements wait in a file until the overview is known; memory grows with their number, not with their
//! text.

pub(crate) mod chart;
mod overview;
pub(crate) mod page;
mod statement;
pub(crate) mod theme;

use std::io::{self, Write};

use crate::error::{Error, Result};
use crate::folder::HTML_FILE;
use crate::output::code_points::CodePoints;
use crate::output::files::{Complete, OutputFile, Spool};
use crate::output::rows::FailureRow;
use crate::output::run::Provenance;
use crate::output::tables::{Counts, DocumentTables};
use crate::output::writer::{Writer, WriterSetup};
use overview::Overview;
use theme::{PageTheme, themes};

/// The HTML report of one run.
pub(in crate::output) struct HtmlReport {
    file: OutputFile,
    statements: Spool,
    overview: Overview,
    themes: Vec<PageTheme>,
    provenance: Provenance,
}

impl HtmlReport {
    pub(in crate::output) fn create(setup: &WriterSetup<'_>) -> Result<Self> {
        Ok(Self {
            file: setup.target.open(HTML_FILE)?,
            statements: setup.target.spool()?,
            overview: Overview::default(),
            themes: themes(setup.taxonomy),
            provenance: setup.provenance().clone(),
        })
    }

    fn save(mut self, counts: Counts) -> io::Result<OutputFile> {
        let file = &mut self.file;
        let overview = self.overview.markup(&self.themes, counts, &self.provenance);
        file.write_all(page::head("What the statements say").as_bytes())?;
        file.write_all(overview.into_string().as_bytes())?;
        self.statements.copy_to(file)?;
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
            .add_text(&markup.into_string())
            .map_err(Error::writing(&self.file.path))
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        self.overview.add_failure(failure);
        Ok(())
    }

    fn finish(self: Box<Self>, counts: Counts) -> Result<Vec<Complete>> {
        let path = self.file.path.clone();
        let file = self.save(counts).map_err(Error::writing(&path))?;
        Ok(file.finish()?.into_iter().collect())
    }
}
