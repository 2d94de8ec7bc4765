//! Standoff annotation for brat, a folder `brat/`: the text of every statement, its mentions beside it, and the
//! configuration that brat asks for. The canonical name of a mention and its code are a note.

use std::fmt::Write as _;

use crate::analysis::entities::EntityType;
use crate::error::Result;
use crate::folder::{BRAT_CONFIGURATION, BRAT_FOLDER};
use crate::output::code_points::CodePoints;
use crate::output::files::{Complete, ManyFiles};
use crate::output::rows::EntityRow;
use crate::output::tables::{Counts, DocumentTables};
use crate::output::writer::{Writer, WriterSetup};
use crate::text::one_line;

/// The folder of one run.
pub(in crate::output) struct Brat {
    files: ManyFiles,
}

impl Brat {
    /// # Errors
    /// When the configuration cannot be written.
    pub(in crate::output) fn create(setup: &WriterSetup<'_>) -> Result<Self> {
        let mut files = ManyFiles::new(setup.target);
        let types: String = EntityType::ALL.map(|of| format!("{of}\n")).concat();
        files.put(
            BRAT_CONFIGURATION,
            &format!("[entities]\n{types}\n[relations]\n\n[events]\n\n[attributes]\n"),
        )?;
        Ok(Self { files })
    }
}

impl Writer for Brat {
    fn write(&mut self, tables: &DocumentTables, text: &str) -> Result<()> {
        let words = CodePoints::new(text);
        let mut annotation = String::new();
        for (number, row) in (1..).zip(&tables.entities) {
            annotate(&mut annotation, number, row, &words);
        }
        let doc_id = &tables.document.doc_id;
        self.files
            .put(&format!("{BRAT_FOLDER}/{doc_id}.txt"), text)?;
        self.files
            .put(&format!("{BRAT_FOLDER}/{doc_id}.ann"), &annotation)
    }

    fn finish(self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        Ok(self.files.finish())
    }
}

/// The lines of one mention. A mention that a line break divides is written in parts, as brat wants it.
fn annotate(out: &mut String, number: usize, row: &EntityRow, words: &CodePoints<'_>) {
    let mut parts = Vec::new();
    let mut start = row.start;
    for line in words.words(row.start, row.end).split(['\n', '\r']) {
        let length = line.chars().count();
        let indent = length - line.trim_start().chars().count();
        let kept = line.trim();
        if !kept.is_empty() {
            let from = start + indent;
            parts.push((from, from + kept.chars().count(), kept));
        }
        start += length + 1;
    }
    let spans: Vec<String> = parts
        .iter()
        .map(|(start, end, _)| format!("{start} {end}"))
        .collect();
    let texts: Vec<&str> = parts.iter().map(|(.., text)| *text).collect();
    let (spans, texts) = (spans.join(";"), texts.join(" "));
    let _ = writeln!(out, "T{number}\t{} {spans}\t{texts}", row.entity_type);
    let code = row.code.as_ref().map(|code| format!(" ({code})"));
    if row.canonical != row.text || code.is_some() {
        let canonical = one_line(&row.canonical);
        let code = code.unwrap_or_default();
        let _ = writeln!(
            out,
            "#{number}\tAnnotatorNotes T{number}\t{canonical}{code}"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::entities::MentionSource;

    #[test]
    fn a_mention_over_two_lines_has_two_parts() {
        let text = "\u{1F54A} The United\r\n  Nations met.";
        let row = EntityRow {
            doc_id: "a".into(),
            sent_id: "a.1".into(),
            entity_id: "a.1.e1".into(),
            entity_type: "ORG".into(),
            text: "United Nations".into(),
            canonical: "United Nations".into(),
            code: None,
            start: 6,
            end: 23,
            score: 1.0,
            source: MentionSource::Gazetteer,
        };
        let mut out = String::new();
        annotate(&mut out, 1, &row, &CodePoints::new(text));
        assert_eq!(out, "T1\tORG 6 12;16 23\tUnited Nations\n");
        let letters: Vec<char> = text.chars().collect();
        assert_eq!(letters[16..23].iter().collect::<String>(), "Nations");
    }
}
