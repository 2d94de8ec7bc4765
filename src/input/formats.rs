//! The formats that statements come in. Whatever depends on a format (which files of a folder are read, by what, how
//! messages call it) is drawn from this one list.

use std::path::Path;

use clap::ValueEnum;
use serde::Serialize;

use super::readers::{docx, html, pdf};
use crate::document::Decoded;

/// How the bytes of a file become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputFormat {
    /// Plain text.
    Text,
    /// Markdown: `#` headings, `-` lists, `[^1]` footnotes.
    Markdown,
    /// A web page.
    Html,
    /// A PDF with a text layer.
    Pdf,
    /// A Word document.
    Docx,
    /// A table with one statement per row.
    Csv,
    /// One statement per line, as a JSON object.
    JsonLines,
    /// An archive of statements.
    Zip,
}

/// What is known of a format.
pub(super) struct Profile {
    /// The file-name extensions by which it is found, in lower case; the first is the usual one.
    pub extensions: &'static [&'static str],
    /// What a message calls a file of it: "a PDF".
    pub a_file: &'static str,
    /// What a message calls the format, for one that holds a single statement: "PDF".
    pub name: Option<&'static str>,
    pub content: Content,
}

/// What a file of a format holds, and who reads it.
pub(super) enum Content {
    /// One statement as text; whether marks such as `#` are syntax.
    Text { markdown: bool },
    /// One statement that a library parses, in a process of its own.
    Parsed(fn(&[u8]) -> Result<Decoded, String>),
    /// One statement per record of a table.
    Records(Records),
    /// One statement per file in it.
    Files,
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Records {
    Csv,
    JsonLines,
}

impl InputFormat {
    pub(super) const fn profile(self) -> Profile {
        let (extensions, a_file, name, content): (&[&str], _, _, _) = match self {
            Self::Text => (
                &["txt", "text"],
                "text",
                Some("plain text"),
                Content::Text { markdown: false },
            ),
            Self::Markdown => (
                &["md", "markdown"],
                "Markdown",
                Some("Markdown"),
                Content::Text { markdown: true },
            ),
            Self::Html => (
                &["html", "htm", "xhtml"],
                "a web page",
                Some("HTML"),
                Content::Parsed(html::read),
            ),
            Self::Pdf => (&["pdf"], "a PDF", Some("PDF"), Content::Parsed(pdf::read)),
            Self::Docx => (
                &["docx", "docm"],
                "a Word document",
                Some(".docx"),
                Content::Parsed(docx::read),
            ),
            Self::Csv => (&["csv"], "a table", None, Content::Records(Records::Csv)),
            Self::JsonLines => (
                &["jsonl", "ndjson"],
                "JSON Lines",
                None,
                Content::Records(Records::JsonLines),
            ),
            Self::Zip => (&["zip"], "an archive", None, Content::Files),
        };
        Profile {
            extensions,
            a_file,
            name,
            content,
        }
    }

    /// The format that the extension of a path stands for.
    pub(super) fn by_extension(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        let mut formats = Self::value_variants().iter().copied();
        formats.find(|format| format.profile().extensions.contains(&extension.as_str()))
    }

    /// The format of a file that the user has named; an unknown extension is tried as plain text.
    pub(super) fn of(path: &Path) -> Self {
        Self::by_extension(path).unwrap_or(Self::Text)
    }

    /// The format by the first bytes, for files whose name says nothing or something else.
    pub(super) fn sniffed(self, bytes: &[u8]) -> Self {
        let head = bytes.get(..bytes.len().min(512)).unwrap_or_default();
        if head.starts_with(b"%PDF-") {
            return Self::Pdf;
        }
        if self != Self::Text {
            return self;
        }
        let head = String::from_utf8_lossy(head).to_ascii_lowercase();
        let head = head.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
        if head.starts_with("<!doctype html") || head.starts_with("<html") {
            return Self::Html;
        }
        if docx::is_docx(bytes) {
            return Self::Docx;
        }
        self
    }

    /// The name of the format in the program's own commands.
    pub(super) fn id(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The usual extensions of all formats: ".txt, .md, .html".
    pub fn extensions() -> String {
        let formats = Self::value_variants().iter();
        let usual = formats.filter_map(|format| format.profile().extensions.first());
        let usual: Vec<String> = usual.map(|extension| format!(".{extension}")).collect();
        usual.join(", ")
    }

    /// The formats that a single statement may be saved in: "plain text, Markdown or PDF".
    pub fn of_one_statement() -> String {
        let formats = Self::value_variants().iter();
        let names: Vec<&str> = formats.filter_map(|format| format.profile().name).collect();
        match names.split_last() {
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_extension_stands_for_two_formats() {
        for format in InputFormat::value_variants() {
            for extension in format.profile().extensions {
                let path = Path::new("statement").with_extension(extension.to_uppercase());
                assert_eq!(InputFormat::by_extension(&path), Some(*format));
            }
        }
    }

    #[test]
    fn messages_list_the_formats() {
        assert_eq!(
            InputFormat::extensions(),
            ".txt, .md, .html, .pdf, .docx, .csv, .jsonl, .zip"
        );
        assert_eq!(
            InputFormat::of_one_statement(),
            "plain text, Markdown, HTML, PDF or .docx"
        );
    }
}
