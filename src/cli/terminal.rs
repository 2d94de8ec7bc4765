//! What the user sees: warnings, failures, progress and the summary on standard error, data on standard output.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::exit::Exit;
use crate::error::{Error, Result};
use crate::output::rows::FailureRow;
use crate::output::summary::Summary;

/// How much the user wants to see.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    /// Errors only.
    pub quiet: bool,
    /// The whole summary and every warning, also where standard error is no terminal.
    pub verbose: bool,
}

impl Terminal {
    /// Whether the user sees the whole summary rather than its last line.
    pub fn is_full(self) -> bool {
        self.verbose || io::stderr().is_terminal()
    }

    /// Says what was asked for.
    pub fn always(self, line: &str) {
        tell(line);
    }

    /// Says something that is neither a warning nor an error.
    pub fn note(self, line: &str) {
        if !self.quiet {
            tell(line);
        }
    }

    pub fn warn(self, warnings: &[String]) {
        if !self.quiet {
            let style = Style::new().fg_color(Some(AnsiColor::Yellow.into())).bold();
            for warning in warnings {
                tell(&format!("{style}warning:{style:#} {warning}"));
            }
        }
    }

    pub fn failure(self, failure: &FailureRow) {
        let style = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
        tell(&format!(
            "{style}failed:{style:#} {}\nhint: {}",
            failure.reason, failure.hint
        ));
    }

    pub fn error(self, error: &Error) {
        let style = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
        tell(&format!(
            "{style}error:{style:#} {error}\nhint: {}",
            error.hint()
        ));
    }

    pub fn summary(self, summary: &Summary) {
        let full = self.is_full();
        self.warn(&summary.warnings(full));
        for failure in summary.first_failures() {
            self.failure(failure);
        }
        if full && summary.documents() > 0 {
            self.note(summary.block().trim_end());
        }
        self.note(&summary.line());
    }

    pub fn progress(self, statements: usize) -> ProgressBar {
        if self.quiet || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(statements as u64);
        let template = "{bar:30} {pos}/{len} statements, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar
    }
}

/// Writes a line to standard error; that nobody may be reading it is no reason to stop.
fn tell(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Writes data to standard output.
pub(super) fn print(bytes: &[u8]) -> Result<Exit> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(stdout_error)?;
    Ok(Exit::Done)
}

/// Writes paths to standard output, one per line.
pub(super) fn print_paths(paths: &[PathBuf]) -> Result<Exit> {
    let lines = paths.iter().map(|path| format!("{}\n", path.display()));
    print(lines.collect::<String>().as_bytes())
}

/// An [`Error::Write`] for standard output.
pub(super) fn stdout_error(source: io::Error) -> Error {
    Error::Write {
        path: "standard output".into(),
        source,
    }
}

/// How figures are printed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FigureFormat {
    /// Aligned columns.
    Table,
    /// One JSON object.
    Json,
}

impl FigureFormat {
    /// Prints figures to standard output.
    pub fn print(self, figures: &(impl Serialize + Display)) -> Result<Exit> {
        let text = match self {
            Self::Table => figures.to_string(),
            Self::Json => format!("{:#}\n", serde_json::json!(figures)),
        };
        print(text.as_bytes())
    }
}
