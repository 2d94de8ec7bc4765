//! Word documents: paragraphs with their styles, numbers, tables, notes and tracked changes, as Markdown.
//!
//! ECMA-376 Part 1, chapter 17 (WordprocessingML).

mod numbering;

use std::collections::HashMap;
use std::io::{Cursor, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use crate::document::{DateSource, Decoded, Properties};
use numbering::Numbering;

/// Parts of more bytes than this are no statement; a bomb has them.
const LARGEST_PART: u64 = 100_000_000;

/// Rows of a table with more letters are text that was laid out with a table.
const LONGEST_ROW: usize = 600;

/// Tables in tables in tables are not read deeper than this.
const DEEPEST: usize = 200;

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
    let mut part = |name: &str| -> Result<Option<String>, String> {
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
            return Err(format!(
                "{name} has more than {} MB",
                LARGEST_PART / 1_000_000
            ));
        }
        // Nothing but the five entities of XML is ever expanded: a document type is refused.
        let text = String::from_utf8_lossy(&xml).into_owned();
        if text
            .get(..text.len().min(4096))
            .unwrap_or(&text)
            .contains("<!DOCTYPE")
        {
            return Err(format!("{name} declares a document type"));
        }
        Ok(Some(text))
    };
    let body = part("word/document.xml")?.ok_or("it holds no word/document.xml")?;
    let styles = part("word/styles.xml")?.unwrap_or_default();
    let numbers = part("word/numbering.xml")?.unwrap_or_default();
    let notes = [
        ("footnote", part("word/footnotes.xml")?),
        ("endnote", part("word/endnotes.xml")?),
    ];
    let core = part("docProps/core.xml")?.unwrap_or_default();

    let mut flow = Flow::new(Styles::read(&styles)?, Numbering::read(&numbers)?);
    flow.read(&body)?;
    let cited = std::mem::take(&mut flow.cited);
    let mut text = std::mem::take(&mut flow.out);
    let mut lost = 0;
    let mut read_notes: HashMap<(String, String), String> = HashMap::new();
    for (kind, xml) in &notes {
        for (id, note) in flow.read_notes(xml.as_deref().unwrap_or_default(), kind)? {
            read_notes.insert(((*kind).to_owned(), id), note);
        }
    }
    for (position, key) in cited.iter().enumerate() {
        match read_notes.get(key) {
            Some(note) => {
                text.push_str(&format!("\n\n[^{}]: {note}", position + 1));
            }
            None => lost += 1,
        }
    }
    let mut warnings = Vec::new();
    if flow.changes {
        warnings.push("it has tracked changes: they were read as accepted".into());
    }
    if lost > 0 {
        warnings.push(format!("{lost} footnotes are cited and not there"));
    }
    Ok(Decoded {
        text,
        encoding: "UTF-8".into(),
        warnings,
        markdown: true,
        properties: core_properties(&core),
        ..Decoded::default()
    })
}

/// The local name of an element or attribute: `w:p` is `p`.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The value of an attribute by its local name.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    tag.attributes()
        .flatten()
        .find(|attribute| local(attribute.key.as_ref()) == name)
        .and_then(|attribute| {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            Some(value.into_owned())
        })
}

/// Calls `see` for every start, end and text of an XML part.
fn events<'a>(
    xml: &'a str,
    mut see: impl FnMut(Event<'a>) -> Result<(), String>,
) -> Result<(), String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Eof => return Ok(()),
            event => see(event)?,
        }
    }
}

/// What a paragraph style says.
#[derive(Debug, Default, Clone)]
struct Style {
    name: String,
    based_on: Option<String>,
    outline: Option<usize>,
    /// The list that paragraphs of this style are numbered in, and the level.
    list: Option<String>,
    level: Option<usize>,
}

#[derive(Debug, Default)]
struct Styles(HashMap<String, Style>);

impl Styles {
    fn read(xml: &str) -> Result<Self, String> {
        let mut styles = HashMap::new();
        let mut open: Option<(String, Style)> = None;
        events(xml, |event| {
            match event {
                Event::Start(tag) => match local(tag.name().as_ref()) {
                    "style" => {
                        let id = attribute(&tag, "styleId").unwrap_or_default();
                        open = Some((id, Style::default()));
                    }
                    name => {
                        if let Some((_, style)) = &mut open {
                            let value = || attribute(&tag, "val");
                            match name {
                                "name" => style.name = value().unwrap_or_default().to_lowercase(),
                                "basedOn" => style.based_on = value(),
                                "outlineLvl" => {
                                    style.outline = value().and_then(|level| level.parse().ok());
                                }
                                "numId" => style.list = value(),
                                "ilvl" => {
                                    style.level = value().and_then(|level| level.parse().ok());
                                }
                                _ => {}
                            }
                        }
                    }
                },
                Event::End(tag) if local(tag.name().as_ref()) == "style" => {
                    styles.extend(open.take());
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(Self(styles))
    }

    /// A style and those that it is based on, the nearest first.
    fn line<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a Style> {
        let mut next = self.0.get(id);
        std::iter::from_fn(move || {
            let style = next?;
            next = style.based_on.as_ref().and_then(|id| self.0.get(id));
            Some(style)
        })
        .take(10)
    }

    /// The level of a heading, from 1.
    fn heading(&self, id: &str) -> Option<usize> {
        self.line(id).find_map(|style| {
            let name = style.name.as_str();
            match name {
                "title" => Some(1),
                "subtitle" => Some(2),
                _ => name
                    .strip_prefix("heading ")
                    .and_then(|level| level.parse().ok())
                    .or_else(|| {
                        style
                            .outline
                            .filter(|level| *level < 9)
                            .map(|level| level + 1)
                    }),
            }
        })
    }

    /// Whether paragraphs of a style are entries of a table of contents, which says the headings again.
    fn is_contents(&self, id: &str) -> bool {
        self.line(id).any(|style| style.name.starts_with("toc "))
    }
}

/// A paragraph in the making.
#[derive(Debug, Default)]
struct Paragraph {
    text: String,
    style: String,
    outline: Option<usize>,
    list: Option<String>,
    level: Option<usize>,
}

/// A table in the making.
#[derive(Debug, Default)]
struct Table {
    /// The cells of the open row, each a list of paragraphs.
    row: Vec<Vec<String>>,
    rows: Vec<Vec<Vec<String>>>,
}

struct Flow {
    styles: Styles,
    numbering: Numbering,
    out: String,
    /// Notes in the order in which they are cited: kind and id.
    cited: Vec<(String, String)>,
    changes: bool,
    /// Whether the last block was a row of a table.
    row: bool,
}

impl Flow {
    fn new(styles: Styles, numbering: Numbering) -> Self {
        Self {
            styles,
            numbering,
            out: String::new(),
            cited: Vec::new(),
            changes: false,
            row: false,
        }
    }

    /// Reads the body of a document.
    fn read(&mut self, xml: &str) -> Result<(), String> {
        let mut paragraphs: Vec<Paragraph> = Vec::new();
        let mut tables: Vec<Table> = Vec::new();
        // Elements whose content is not read: deleted text, fallbacks, field codes.
        let mut skipped = 0_usize;
        let mut in_text = false;
        let mut hidden = false;
        events(xml, |event| {
            match event {
                Event::Start(tag) => {
                    let name = tag.name();
                    let name = local(name.as_ref());
                    if skipped > 0 || is_skipped(name) {
                        self.changes |= matches!(name, "del" | "moveFrom");
                        skipped += 1;
                        return Ok(());
                    }
                    match name {
                        "p" => paragraphs.push(Paragraph::default()),
                        "tbl" => {
                            tables.push(Table::default());
                            if tables.len() > DEEPEST {
                                return Err("its tables are nested too deeply".into());
                            }
                        }
                        "tr" => {
                            if let Some(table) = tables.last_mut() {
                                table.row.clear();
                            }
                        }
                        "tc" => {
                            if let Some(table) = tables.last_mut() {
                                table.row.push(Vec::new());
                            }
                        }
                        "r" => hidden = false,
                        "vanish" => {
                            let value = attribute(&tag, "val").unwrap_or_default();
                            hidden = !matches!(value.as_str(), "0" | "false" | "off");
                        }
                        "ins" | "moveTo" => self.changes = true,
                        "t" => in_text = !hidden,
                        _ => {
                            if let Some(paragraph) = paragraphs.last_mut() {
                                paragraph.see(name, &tag, &mut self.cited);
                            }
                        }
                    }
                }
                Event::End(tag) => {
                    if skipped > 0 {
                        skipped -= 1;
                        return Ok(());
                    }
                    match local(tag.name().as_ref()) {
                        "t" => in_text = false,
                        "r" => hidden = false,
                        "p" => {
                            if let Some(paragraph) = paragraphs.pop() {
                                self.end_paragraph(paragraph, &mut tables);
                            }
                        }
                        "tr" => {
                            if let Some(table) = tables.last_mut() {
                                let row = std::mem::take(&mut table.row);
                                table.rows.push(row);
                            }
                        }
                        "tbl" => {
                            if let Some(table) = tables.pop() {
                                self.end_table(table, &mut tables);
                            }
                        }
                        _ => {}
                    }
                }
                Event::Text(words) if in_text && skipped == 0 => {
                    if let Some(paragraph) = paragraphs.last_mut() {
                        paragraph.text.push_str(&words);
                    }
                }
                Event::GeneralRef(entity) if in_text && skipped == 0 => {
                    if let (Some(paragraph), Some(c)) = (paragraphs.last_mut(), character(&entity))
                    {
                        paragraph.text.push(c);
                    }
                }
                _ => {}
            }
            Ok(())
        })
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
            self.out.clear();
            self.row = false;
            self.read(&format!("<w:note>{body}</w:note>"))?;
            let words: Vec<&str> = self.out.split_whitespace().collect();
            notes.extend(id.map(|id| (id, words.join(" "))));
        }
        Ok(notes)
    }

    fn end_paragraph(&mut self, paragraph: Paragraph, tables: &mut [Table]) {
        let text = tidy(&paragraph.text);
        let style = paragraph.style.as_str();
        if text.is_empty() || self.styles.is_contents(style) {
            return;
        }
        let of_style = |get: fn(&Style) -> Option<String>| self.styles.line(style).find_map(get);
        let list = paragraph.list.or_else(|| of_style(|s| s.list.clone()));
        let level = paragraph
            .level
            .or_else(|| self.styles.line(style).find_map(|style| style.level));
        let label = list.and_then(|list| self.numbering.next(&list, level.unwrap_or(0)));
        let words = match &label {
            Some(label) => format!("{label} {text}"),
            None => text,
        };
        if let Some(cell) = tables.last_mut().and_then(|table| table.row.last_mut()) {
            cell.push(words);
            return;
        }
        let outline = paragraph
            .outline
            .filter(|level| *level < 9)
            .map(|level| level + 1);
        let heading = self.styles.heading(style).or(outline);
        match heading {
            Some(level) if words.len() < 400 => {
                let mark = "#".repeat(level.clamp(1, 6));
                let words = words.replace('\n', " ");
                self.block(&format!("{mark} {words}"), false);
            }
            _ => self.block(&words, false),
        }
    }

    fn end_table(&mut self, table: Table, outer: &mut [Table]) {
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
        if let Some(cell) = outer.last_mut().and_then(|table| table.row.last_mut()) {
            cell.extend(blocks);
            return;
        }
        for block in blocks {
            let tight = block.starts_with('|');
            self.block(&block, tight);
        }
    }

    /// Adds a block; rows follow each other without an empty line.
    fn block(&mut self, words: &str, row: bool) {
        if !self.out.is_empty() {
            self.out
                .push_str(if row && self.row { "\n" } else { "\n\n" });
        }
        self.out.push_str(words);
        self.row = row;
    }
}

fn is_skipped(name: &str) -> bool {
    matches!(
        name,
        "del"
            | "moveFrom"
            | "delText"
            | "instrText"
            | "Fallback"
            | "delInstrText"
            | "rPrChange"
            | "pPrChange"
            | "sectPrChange"
            | "tblPrChange"
    )
}

/// One of the five entities of XML, or a character by its number.
fn character(entity: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Ok(Some(c)) = entity.resolve_char_ref() {
        return Some(c);
    }
    match &**entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

impl Paragraph {
    /// A property of the paragraph, or something in it that is no text.
    fn see(&mut self, name: &str, tag: &BytesStart<'_>, cited: &mut Vec<(String, String)>) {
        let value = || attribute(tag, "val");
        match name {
            "pStyle" => self.style = value().unwrap_or_default(),
            "numId" => self.list = value(),
            "ilvl" => self.level = value().and_then(|level| level.parse().ok()),
            "outlineLvl" => self.outline = value().and_then(|level| level.parse().ok()),
            "tab" if attribute(tag, "pos").is_none() => self.text.push('\t'),
            "br" if attribute(tag, "type").is_none() => self.text.push('\n'),
            "cr" => self.text.push('\n'),
            "noBreakHyphen" => self.text.push('-'),
            "footnoteReference" | "endnoteReference" => {
                let kind = if name.starts_with("foot") {
                    "footnote"
                } else {
                    "endnote"
                };
                let id = attribute(tag, "id").unwrap_or_default();
                cited.push((kind.into(), id));
                let kept = self.text.trim_end().len();
                self.text.truncate(kept);
                self.text.push_str(&format!("[^{}]", cited.len()));
            }
            _ => {}
        }
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
