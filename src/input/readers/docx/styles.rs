//! Paragraph styles: which paragraphs are headings, and which stand in a list.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use super::xml::{attribute, events, local, number};

/// What a paragraph, or its style, says of its place in the document.
#[derive(Debug, Default, Clone)]
pub(super) struct ParagraphProperties {
    /// The outline level, from 0; 9 is body text.
    outline: Option<usize>,
    /// The list that it is numbered in.
    pub list: Option<String>,
    /// The level in that list, from 0.
    pub level: Option<usize>,
}

impl ParagraphProperties {
    /// Takes in an element, where it is one of these properties.
    pub fn see(&mut self, name: &str, tag: &BytesStart<'_>) {
        match name {
            "numId" => self.list = attribute(tag, "val"),
            "ilvl" => self.level = number(tag, "val"),
            "outlineLvl" => self.outline = number(tag, "val"),
            _ => {}
        }
    }

    /// The level of a heading, from 1.
    pub fn heading(&self) -> Option<usize> {
        self.outline
            .filter(|level| *level < 9)
            .map(|level| level + 1)
    }
}

#[derive(Debug, Default)]
struct ParagraphStyle {
    name: String,
    based_on: Option<String>,
    properties: ParagraphProperties,
}

/// The paragraph styles of a document, by id.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, ParagraphStyle>);

impl Styles {
    /// Reads `word/styles.xml`.
    pub fn read(xml: &str) -> Result<Self, String> {
        let mut styles = HashMap::new();
        let mut open: Option<(String, ParagraphStyle)> = None;
        events(xml, |event| {
            match event {
                Event::Start(tag) => match (local(tag.name().as_ref()), &mut open) {
                    ("style", _) => {
                        let id = attribute(&tag, "styleId").unwrap_or_default();
                        open = Some((id, ParagraphStyle::default()));
                    }
                    ("name", Some((_, style))) => {
                        style.name = attribute(&tag, "val").unwrap_or_default().to_lowercase();
                    }
                    ("basedOn", Some((_, style))) => style.based_on = attribute(&tag, "val"),
                    (name, Some((_, style))) => style.properties.see(name, &tag),
                    _ => {}
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
    fn line<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a ParagraphStyle> {
        let mut next = self.0.get(id);
        std::iter::from_fn(move || {
            let style = next?;
            next = style.based_on.as_ref().and_then(|id| self.0.get(id));
            Some(style)
        })
        .take(10)
    }

    /// The level of a heading, from 1.
    pub fn heading(&self, id: &str) -> Option<usize> {
        self.line(id).find_map(|style| match style.name.as_str() {
            "title" => Some(1),
            "subtitle" => Some(2),
            name => name
                .strip_prefix("heading ")
                .and_then(|level| level.parse().ok())
                .or_else(|| style.properties.heading()),
        })
    }

    /// A property of a style or of the nearest style that it is based on.
    pub fn property<T>(
        &self,
        id: &str,
        get: impl Fn(&ParagraphProperties) -> Option<T>,
    ) -> Option<T> {
        self.line(id).find_map(|style| get(&style.properties))
    }

    /// Whether paragraphs of a style are entries of a table of contents, which repeats the headings.
    pub fn is_contents(&self, id: &str) -> bool {
        self.line(id).any(|style| style.name.starts_with("toc "))
    }
}
