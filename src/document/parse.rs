//! From a source to a document: its structure, its language, its date and title.

use super::language::{self, language};
use super::{DateSource, Document, Source, StructureRules};

impl Document {
    /// Reads the structure of a decoded statement.
    pub fn parse(source: Source, rules: &StructureRules) -> Self {
        let Source {
            doc_id,
            path,
            file_stem,
            metadata,
            sha256,
            decoded,
        } = source;
        let structure = rules.read(&decoded.text, decoded.markdown, &file_stem);
        let language = language(&decoded.text);
        let mut blocks = structure.blocks;
        language::mark(&decoded.text, &mut blocks, language.as_deref());
        let mut head = structure.head;
        let mut stated = Vec::new();
        if let Some(date) = metadata.get("date") {
            stated.push((date.clone(), DateSource::Metadata));
        }
        stated.extend(decoded.properties.date);
        for (words, source) in stated {
            if head.date.is_none_or(|(_, found)| source < found)
                && let Some(date) = rules.dates().first(&words).map(|(_, date)| date)
            {
                head.date = Some((date, source));
            }
        }
        head.source = head.source.or(decoded.properties.issuer);
        let mut warnings = decoded.warnings;
        warnings.extend(decoded.needs_ocr.clone());
        Self {
            id: doc_id,
            path,
            head,
            blocks,
            language,
            encoding: decoded.encoding,
            sha256,
            warnings,
            pages: decoded.pages,
            stated_title: metadata.get("title").cloned().or(decoded.properties.title),
            metadata,
            needs_ocr: decoded.needs_ocr,
            text: decoded.text,
        }
    }
}
