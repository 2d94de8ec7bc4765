//! Word documents: paragraphs with their styles, numbers, tables, notes and tracked changes, as Markdown.
//!
//! ECMA-376 Part 1, chapter 17 (WordprocessingML).

mod numbering;
mod styles;
mod xml;

use std::collections::HashMap;
use std::io::{Cursor, Read};

use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use crate::document::{DateSource, Decoded, Properties, escape_marks};
use crate::text::counted;
use numbering::Numbering;
use styles::{ParagraphProperties, Styles};
use xml::{attribute, character, events, local};

/// Parts with more bytes are refused: no statement has as many, a zip bomb has.
const LARGEST_PART: u64 = 100_000_000;

/// A table with a longer row, in bytes, only lays out text.
const LONGEST_ROW: usize = 600;

/// How deeply tables may be nested.
const DEEPEST: usize = 200;

/// Elements whose content is not read: deleted text, fallbacks, field codes.
const SKIPPED: &str = "del moveFrom delText instrText Fallback delInstrText rPrChange pPrChange sectPrChange tblPrChange";

/// Whether the bytes are a Word document, whatever the file is called.
pub fn is_docx(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
        && ZipArchive::new(Cursor::new(bytes))
            .is_ok_and(|zip| zip.index_for_name("word/document.xml").is_some())
}

/// Reads a Word document.
///
/// # Errors
/// With the reason, when it is not one.
pub fn read(bytes: &[u8]) -> Result<Decoded, String> {
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err("it is an old .doc, or protected by a password".into());
    }
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let body = part(&mut zip, "word/document.xml")?.ok_or("it holds no word/document.xml")?;
    let styles = part(&mut zip, "word/styles.xml")?.unwrap_or_default();
    let numbers = part(&mut zip, "word/numbering.xml")?.unwrap_or_default();
    let footnotes = part(&mut zip, "word/footnotes.xml")?.unwrap_or_default();
    let endnotes = part(&mut zip, "word/endnotes.xml")?.unwrap_or_default();
    let core = part(&mut zip, "docProps/core.xml")?.unwrap_or_default();

    let mut reader = BodyReader::new(Styles::read(&styles)?, Numbering::read(&numbers)?);
    reader.read(&body)?;
    let lost = reader.append_notes(&footnotes, &endnotes)?;
    let mut warnings = Vec::new();
    if reader.has_changes {
        warnings.push("it has tracked changes: they were read as accepted".into());
    }
    if lost > 0 {
        let notes = counted(lost, "footnote");
        warnings.push(format!("missing from the file although cited: {notes}"));
    }
    Ok(Decoded {
        text: reader.text,
        encoding: "UTF-8".into(),
        warnings,
        markdown: true,
        properties: core_properties(&core),
        ..Decoded::default()
    })
}

/// A file of the package as text; none where the package does not hold it.
fn part(zip: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<String>, String> {
    let Some(index) = zip.index_for_name(name) else {
        return Ok(None);
    };
    let entry = zip.by_index(index).map_err(|error| error.to_string())?;
    let mut xml = Vec::new();
    entry
        .take(LARGEST_PART + 1)
        .read_to_end(&mut xml)
        .map_err(|error| error.to_string())?;
    if xml.len() as u64 > LARGEST_PART {
        let most = LARGEST_PART / 1_000_000;
        return Err(format!("{name} has more than {most} MB"));
    }
    // Nothing but the five entities of XML is ever expanded: a document type is refused.
    let text = String::from_utf8_lossy(&xml).into_owned();
    if text[..text.floor_char_boundary(4096)].contains("<!DOCTYPE") {
        return Err(format!("{name} declares a document type"));
    }
    Ok(Some(text))
}

/// A paragraph whose end has not been read yet.
#[derive(Debug, Default)]
struct WordParagraph {
    text: String,
    style: String,
    properties: ParagraphProperties,
}

/// A table whose end has not been read yet.
#[derive(Debug, Default)]
struct WordTable {
    /// The cells of the open row, each a list of paragraphs.
    row: Vec<Vec<String>>,
    rows: Vec<Vec<Vec<String>>>,
}

impl WordTable {
    /// The open cell of the innermost of these tables.
    fn open_cell(tables: &mut [Self]) -> Option<&mut Vec<String>> {
        tables.last_mut()?.row.last_mut()
    }
}

/// The elements that are open where the reader stands.
#[derive(Debug, Default)]
struct OpenElements {
    paragraphs: Vec<WordParagraph>,
    tables: Vec<WordTable>,
    /// How many of those that are not read are open, one in the other.
    skipped: usize,
    in_text: bool,
    /// Whether the run is hidden text.
    is_hidden: bool,
}

/// Reads the body of a document, and notes, as Markdown.
struct BodyReader {
    styles: Styles,
    numbering: Numbering,
    text: String,
    /// Notes in the order in which they are cited: kind and id.
    cited: Vec<(&'static str, String)>,
    has_changes: bool,
    in_notes: bool,
    /// Whether the last block was a row of a table.
    after_row: bool,
    open: OpenElements,
}

impl BodyReader {
    fn new(styles: Styles, numbering: Numbering) -> Self {
        Self {
            styles,
            numbering,
            text: String::new(),
            cited: Vec::new(),
            has_changes: false,
            in_notes: false,
            after_row: false,
            open: OpenElements::default(),
        }
    }

    /// Adds the paragraphs and tables of a part to the text.
    fn read(&mut self, xml: &str) -> Result<(), String> {
        self.open = OpenElements::default();
        events(xml, |event| {
            match event {
                Event::Start(tag) => self.start(&tag)?,
                Event::End(tag) => self.end(local(tag.name().as_ref())),
                Event::Text(words) => self.add_words(&words),
                Event::GeneralRef(entity) => {
                    if let Some(c) = character(&entity) {
                        self.add_words(c.encode_utf8(&mut [0; 4]));
                    }
                }
                _ => {}
            }
            Ok(())
        })
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        let name = tag.name();
        let name = local(name.as_ref());
        let open = &mut self.open;
        if open.skipped > 0 || SKIPPED.split(' ').any(|of| of == name) {
            self.has_changes |= matches!(name, "del" | "moveFrom");
            open.skipped += 1;
            return Ok(());
        }
        match name {
            "p" => open.paragraphs.push(WordParagraph::default()),
            "tbl" if open.tables.len() == DEEPEST => {
                return Err("its tables are nested too deeply".into());
            }
            "tbl" => open.tables.push(WordTable::default()),
            "tr" => {
                if let Some(table) = open.tables.last_mut() {
                    table.row.clear();
                }
            }
            "tc" => {
                if let Some(table) = open.tables.last_mut() {
                    table.row.push(Vec::new());
                }
            }
            "r" => open.is_hidden = false,
            "vanish" => {
                let value = attribute(tag, "val").unwrap_or_default();
                open.is_hidden = !matches!(value.as_str(), "0" | "false" | "off");
            }
            "ins" | "moveTo" => self.has_changes = true,
            "t" => open.in_text = !open.is_hidden,
            _ => {
                if let Some(paragraph) = open.paragraphs.last_mut() {
                    paragraph.see(name, tag, &mut self.cited);
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, name: &str) {
        let open = &mut self.open;
        if open.skipped > 0 {
            open.skipped -= 1;
            return;
        }
        match name {
            "t" => open.in_text = false,
            "r" => open.is_hidden = false,
            "p" => {
                if let Some(paragraph) = open.paragraphs.pop() {
                    self.end_paragraph(paragraph);
                }
            }
            "tr" => {
                if let Some(table) = open.tables.last_mut() {
                    table.rows.push(std::mem::take(&mut table.row));
                }
            }
            "tbl" => {
                if let Some(table) = open.tables.pop() {
                    self.end_table(&table);
                }
            }
            _ => {}
        }
    }

    fn add_words(&mut self, words: &str) {
        let open = &mut self.open;
        if open.in_text
            && open.skipped == 0
            && let Some(paragraph) = open.paragraphs.last_mut()
        {
            paragraph.text.push_str(words);
        }
    }

    /// Adds the notes that the text cites, and says how many of them are not there.
    fn append_notes(&mut self, footnotes: &str, endnotes: &str) -> Result<usize, String> {
        self.in_notes = true;
        let cited = std::mem::take(&mut self.cited);
        let mut text = std::mem::take(&mut self.text);
        let mut notes: HashMap<(&str, String), String> = HashMap::new();
        for (kind, xml) in [("footnote", footnotes), ("endnote", endnotes)] {
            for (id, note) in self.read_notes(xml, kind)? {
                notes.insert((kind, id), note);
            }
        }
        let mut lost = 0;
        for (number, key) in (1..).zip(&cited) {
            match notes.get(key) {
                Some(note) => text.push_str(&format!("\n\n[^{number}]: {note}")),
                None => lost += 1,
            }
        }
        self.text = text;
        Ok(lost)
    }

    /// The notes of one part, by id.
    fn read_notes(&mut self, xml: &str, kind: &str) -> Result<Vec<(String, String)>, String> {
        let mut notes = Vec::new();
        let mut rest = xml;
        let (start, end) = (format!("<w:{kind} "), format!("</w:{kind}>"));
        // Each note is a small document of its own.
        while let Some((_, after)) = rest.split_once(&start) {
            let Some((note, after)) = after.split_once(&end) else {
                break;
            };
            rest = after;
            let Some((attributes, body)) = note.split_once('>') else {
                continue;
            };
            if attributes.contains("separator") || attributes.contains("continuationNotice") {
                continue;
            }
            let id = attributes
                .split_once("w:id=\"")
                .and_then(|(_, value)| value.split_once('"'))
                .map(|(id, _)| id.to_owned());
            self.text.clear();
            self.after_row = false;
            self.read(&format!("<w:note>{body}</w:note>"))?;
            let words: Vec<&str> = self.text.split_whitespace().collect();
            notes.extend(id.map(|id| (id, words.join(" "))));
        }
        Ok(notes)
    }

    fn end_paragraph(&mut self, paragraph: WordParagraph) {
        let text = tidy(&paragraph.text);
        let WordParagraph {
            style, properties, ..
        } = paragraph;
        if text.is_empty() || self.styles.is_contents(&style) {
            return;
        }
        let heading = self.styles.heading(&style).or(properties.heading());
        let of_style = self.styles.property(&style, |of| of.list.clone());
        let list = properties.list.or(of_style);
        let level = properties
            .level
            .or_else(|| self.styles.property(&style, |of| of.level));
        let label = list.and_then(|list| self.numbering.next(&list, level.unwrap_or(0)));
        let words = match label {
            Some(label) => format!("{label} {text}"),
            None => text,
        };
        if let Some(cell) = WordTable::open_cell(&mut self.open.tables) {
            cell.push(words);
            return;
        }
        match heading {
            Some(level) if words.len() < 400 => {
                let mark = "#".repeat(level.clamp(1, 6));
                let words = words.replace('\n', " ");
                self.block(&format!("{mark} {words}"), false);
            }
            _ => self.block(&self.escaped(&words), false),
        }
    }

    fn end_table(&mut self, table: &WordTable) {
        let letters = |row: &Vec<Vec<String>>| row.iter().flatten().map(String::len).sum::<usize>();
        let filled = |row: &Vec<Vec<String>>| row.iter().filter(|cell| !cell.is_empty()).count();
        let is_data = table.rows.iter().any(|row| filled(row) > 1)
            && table.rows.iter().all(|row| letters(row) <= LONGEST_ROW);
        let mut blocks: Vec<String> = Vec::new();
        for row in &table.rows {
            if is_data && filled(row) > 1 {
                let cells: Vec<String> = row
                    .iter()
                    .map(|cell| cell.join(" ").replace('\n', " "))
                    .collect();
                blocks.push(format!("| {} |", cells.join(" | ")));
            } else {
                blocks.extend(row.iter().flatten().cloned());
            }
        }
        if let Some(cell) = WordTable::open_cell(&mut self.open.tables) {
            cell.extend(blocks);
            return;
        }
        for block in blocks {
            self.block(&self.escaped(&block), block.starts_with('|'));
        }
    }

    /// Words as Markdown. Those of a note follow its mark on one line, where nothing else is a mark.
    fn escaped(&self, words: &str) -> String {
        if self.in_notes {
            words.to_owned()
        } else {
            escape_marks(words)
        }
    }

    /// Adds a block; rows follow each other without an empty line.
    fn block(&mut self, words: &str, is_row: bool) {
        if !self.text.is_empty() {
            let tight = is_row && self.after_row;
            self.text.push_str(if tight { "\n" } else { "\n\n" });
        }
        self.text.push_str(words);
        self.after_row = is_row;
    }
}

impl WordParagraph {
    /// Takes in a property of the paragraph, or something in it that is not text.
    fn see(&mut self, name: &str, tag: &BytesStart<'_>, cited: &mut Vec<(&'static str, String)>) {
        match name {
            "pStyle" => self.style = attribute(tag, "val").unwrap_or_default(),
            "tab" if attribute(tag, "pos").is_none() => self.text.push('\t'),
            "br" if attribute(tag, "type").is_none() => self.text.push('\n'),
            "cr" => self.text.push('\n'),
            "noBreakHyphen" => self.text.push('-'),
            "footnoteReference" => self.cite("footnote", tag, cited),
            "endnoteReference" => self.cite("endnote", tag, cited),
            _ => self.properties.see(name, tag),
        }
    }

    fn cite(
        &mut self,
        kind: &'static str,
        tag: &BytesStart<'_>,
        cited: &mut Vec<(&'static str, String)>,
    ) {
        cited.push((kind, attribute(tag, "id").unwrap_or_default()));
        self.text.truncate(self.text.trim_end().len());
        self.text.push_str(&format!("[^{}]", cited.len()));
    }
}

/// The words of a paragraph: line breaks stay, other white space is one space.
fn tidy(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

/// Title and date of `docProps/core.xml`.
fn core_properties(xml: &str) -> Properties {
    let mut properties = Properties::default();
    let mut open = String::new();
    let _ = events(xml, |event| {
        match event {
            Event::Start(tag) => open = local(tag.name().as_ref()).to_owned(),
            Event::End(_) => open.clear(),
            Event::Text(words) => {
                let words = words.trim().to_owned();
                match open.as_str() {
                    "title" if words.contains(' ') => properties.title = Some(words),
                    "created" => properties.date = Some((words, DateSource::Properties)),
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    });
    properties
}

#[cfg(test)]
mod tests;
