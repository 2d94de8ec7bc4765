//! The tables. A row type is a table's one definition: every format takes its columns from it.
//!
//! Byte spans become code-point offsets here and nowhere else.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::analysis::entities::MentionSource;
use crate::analysis::money::{CurrencyBasis, Qualifier};
use crate::analysis::themes::Taxonomy;
use crate::analysis::weighting::Weight;
use crate::document::{DateSource, Kind};
use crate::error::escape_controls;
use crate::pipeline::{DocumentAnalysis, Failure, SentenceAnalysis};

/// The main theme of a sentence that has none, and the last row of a document's theme shares.
pub const NO_THEME: &str = "none";

/// The status of a statement whose text is not all there until its pictures are read.
pub const NEEDS_OCR: &str = "needs_ocr";

/// One statement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DocumentRow {
    /// Stable id: the path below the folder that was given, without extension.
    pub doc_id: String,
    /// The path as it was given; `-` for standard input.
    pub path: String,
    /// The title, if the text has one.
    pub title: Option<String>,
    /// The date of the statement, ISO 8601 (YYYY-MM-DD).
    #[schemars(extend("format" = "date"))]
    pub date: Option<String>,
    /// Where the date was found.
    #[schemars(with = "Option<String>")]
    pub date_source: Option<DateSource>,
    /// The place of the dateline or the signature.
    pub place: Option<String>,
    /// The language of the text, BCP 47.
    pub language: Option<String>,
    /// Words, boilerplate left out.
    pub words: usize,
    /// Rows in the sentences table.
    pub sentences: usize,
    /// `ok`; `warning` where the column `warnings` says something; `needs_ocr` where pages are pictures, or letters cannot be read.
    pub status: String,
    /// What the reader should know, `; ` between.
    pub warnings: Option<String>,
    /// SHA-256 of the file.
    pub sha256: String,
    /// The source named in the dateline, else who published the page or document.
    pub source: Option<String>,
    /// The encoding that the file was read in; `PDF` for a PDF.
    pub encoding: String,
    /// What the user says of it: columns of its table, `--metadata`, `--name-pattern`. In CSV a column each, `meta_` before its name.
    pub metadata: BTreeMap<String, String>,
}

/// One sentence, heading, list item or footnote.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SentenceRow {
    /// The document.
    pub doc_id: String,
    /// The document's id, a dot, the number of the sentence from 1.
    pub sent_id: String,
    /// The number of the paragraph in the document, from 1.
    pub paragraph: u32,
    /// The heading that it stands under.
    pub section: Option<String>,
    /// sentence, heading, dateline, list_item, boilerplate or footnote.
    #[schemars(with = "String")]
    pub kind: Kind,
    /// The words; a line break inside is shown as a space.
    pub text: String,
    /// First code point in the document's text.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// The main theme, or `none`.
    pub theme: String,
    /// All themes, the main one first, `;` between.
    pub themes: Option<String>,
    /// The probability of `theme`; for `none`, one less that of the likeliest theme.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    pub score: f64,
    /// A probability a theme, in columns named by theme id.
    #[serde(flatten)]
    #[schemars(with = "std::collections::BTreeMap<String, f64>")]
    pub probabilities: Map<String, Value>,
    /// The page on which it begins, for a PDF.
    pub page: Option<u32>,
    /// The language of its paragraph, BCP 47, where that is surely not English; such a sentence weighs nothing.
    pub language: Option<String>,
}

/// One mention of a person, body, place, event, instrument, date or sum.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EntityRow {
    /// The document.
    pub doc_id: String,
    /// The sentence.
    pub sent_id: String,
    /// The sentence's id, `.e`, the number of the mention from 1.
    pub entity_id: String,
    /// PERSON, NORP, ORG, GPE, LOC, EVENT, INSTRUMENT, DATE or MONEY.
    #[serde(rename = "type")]
    pub entity_type: String,
    /// The words; a line break inside is shown as a space.
    pub text: String,
    /// The one name under which all mentions of the same thing stand.
    pub canonical: String,
    /// ISO 3166-1 alpha-3 for GPE and NORP where known.
    pub code: Option<String>,
    /// First code point in the document's text.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// How sure the engine is, 0 to 1.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    pub score: f64,
    /// What found it: gazetteer, acronym, pattern, date, money or model.
    #[schemars(with = "String")]
    pub source: MentionSource,
}

/// One sum of money.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct MoneyRow {
    /// The document.
    pub doc_id: String,
    /// The sentence.
    pub sent_id: String,
    /// The sentence's id, `.m`, the number of the sum from 1.
    pub money_id: String,
    /// The words; a line break inside is shown as a space.
    pub text: String,
    /// The exact amount in major units; empty for a range or a vague sum.
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option")]
    #[schemars(with = "Option<f64>", extend("format" = "decimal"))]
    pub amount: Option<Decimal>,
    /// The lower bound of a range.
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option")]
    #[schemars(with = "Option<f64>", extend("format" = "decimal"))]
    pub amount_min: Option<Decimal>,
    /// The upper bound of a range.
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option")]
    #[schemars(with = "Option<f64>", extend("format" = "decimal"))]
    pub amount_max: Option<Decimal>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// exact, approx, at_least, more_than, up_to, less_than, range or vague.
    #[schemars(with = "String")]
    pub qualifier: Qualifier,
    /// per_year, per_month, over:5y, by:2030, through:2027 and the like.
    pub period: Option<String>,
    /// First code point in the document's text.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// The themes of the sentence, `;` between.
    pub themes: Option<String>,
    /// `stated`, `document` (a shared sign, settled by the document) or `assumed` (a shared sign, the usual reading).
    #[schemars(with = "String")]
    pub currency_basis: CurrencyBasis,
    /// The `money_id` of the sum that this one says again in another currency: leave it out when adding up.
    pub equivalent_of: Option<String>,
}

/// How much one theme weighs in one statement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ThemeRow {
    /// The document.
    pub doc_id: String,
    /// The theme's id, or `none`.
    pub theme: String,
    /// Sentences, one with several themes divided among them.
    pub sentences: f64,
    /// Share of the sentences that count (headings, datelines and boilerplate do not).
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    pub share_sentences: f64,
    /// Share of their words.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    pub share_words: f64,
    /// Lower end of the 95% Wilson interval of `share_sentences`.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    pub low: f64,
    /// Upper end of the 95% Wilson interval of `share_sentences`.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    pub high: f64,
    /// Share of the sentences that have a theme; empty for `none`.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    pub share_themed_sentences: Option<f64>,
    /// Share of the words of the sentences that have a theme; empty for `none`.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    pub share_themed_words: Option<f64>,
    /// Lower end of the 95% Wilson interval of `share_themed_sentences`.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    pub themed_low: Option<f64>,
    /// Upper end of the 95% Wilson interval of `share_themed_sentences`.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    pub themed_high: Option<f64>,
}

/// One statement that could not be analysed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FailureRow {
    /// The path as it was given.
    pub path: String,
    /// find, read, engine or finish.
    pub stage: String,
    /// Why.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

impl From<&Failure> for FailureRow {
    fn from(failure: &Failure) -> Self {
        Self {
            path: failure.path.to_string_lossy().into_owned(),
            stage: failure.stage.name().into(),
            reason: failure.reason.clone(),
            hint: failure.hint.clone(),
        }
    }
}

impl FailureRow {
    /// The failure beside a row of the documents table: pages of it are pictures.
    pub fn needs_ocr(document: &DocumentRow) -> Option<Self> {
        (document.status == NEEDS_OCR).then(|| Self {
            path: document.path.clone(),
            stage: "read".into(),
            reason: format!(
                "{}: {}",
                escape_controls(&document.path),
                document.warnings.as_deref().unwrap_or("needs OCR")
            ),
            hint:
                "give it a text layer, for example with `ocrmypdf in.pdf out.pdf`, and analyse that"
                    .into(),
        })
    }
}

/// The rows of one statement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DocumentTables {
    /// The row of the documents table.
    pub document: DocumentRow,
    /// The rows of the sentences table.
    pub sentences: Vec<SentenceRow>,
    /// The rows of the entities table.
    pub entities: Vec<EntityRow>,
    /// The rows of the money table.
    pub money: Vec<MoneyRow>,
    /// The rows of the themes table.
    pub themes: Vec<ThemeRow>,
}

impl DocumentTables {
    /// The rows for one analysis.
    pub fn new(analysis: &DocumentAnalysis, taxonomy: &Taxonomy) -> Self {
        let document = &analysis.document;
        let offsets = CodePoints::new(&document.text);
        let mut tables = Self {
            document: document_row(analysis),
            sentences: Vec::with_capacity(analysis.sentences.len()),
            entities: Vec::new(),
            money: Vec::new(),
            themes: theme_rows(analysis, taxonomy),
        };
        for (position, sentence) in analysis.sentences.iter().enumerate() {
            let sent_id = format!("{}.{}", document.id, position + 1);
            tables.add_sentence(analysis, sentence, &sent_id, taxonomy, &offsets);
        }
        tables
    }

    fn add_sentence(
        &mut self,
        analysis: &DocumentAnalysis,
        of: &SentenceAnalysis,
        sent_id: &str,
        taxonomy: &Taxonomy,
        offsets: &CodePoints<'_>,
    ) {
        let document = &analysis.document;
        let text = &document.text;
        let span = of.sentence.span;
        let ids: Vec<&str> = of
            .themes
            .iter()
            .filter_map(|theme| taxonomy.themes().get(*theme))
            .map(|theme| theme.id.as_str())
            .collect();
        let themes = (!ids.is_empty()).then(|| ids.join(";"));
        let score = of
            .themes
            .first()
            .and_then(|main| of.theme_scores.get(*main))
            .copied();
        let highest = of.theme_scores.iter().copied().fold(0.0, f32::max);
        self.sentences.push(SentenceRow {
            doc_id: document.id.clone(),
            sent_id: sent_id.into(),
            paragraph: of.sentence.paragraph,
            section: of
                .sentence
                .section
                .map(|section| one_line(section.of(text)).into_owned()),
            kind: of.sentence.kind,
            text: one_line(span.of(text)).into_owned(),
            start: offsets.at(span.start),
            end: offsets.at(span.end),
            theme: ids.first().copied().unwrap_or(NO_THEME).into(),
            themes: themes.clone(),
            score: rounded(score.unwrap_or(1.0 - highest).into(), 4),
            probabilities: taxonomy
                .themes()
                .iter()
                .zip(&of.theme_scores)
                .map(|(theme, score)| (theme.id.clone(), rounded((*score).into(), 4).into()))
                .collect(),
            page: document.page_at(span.start),
            language: of.sentence.language.clone(),
        });
        for (position, entity) in of.entities.iter().enumerate() {
            let span = entity.span.shifted(span.start);
            self.entities.push(EntityRow {
                doc_id: document.id.clone(),
                sent_id: sent_id.into(),
                entity_id: format!("{sent_id}.e{}", position + 1),
                entity_type: entity.entity_type.to_string(),
                text: one_line(span.of(text)).into_owned(),
                canonical: entity.canonical.clone(),
                code: entity.code.clone(),
                start: offsets.at(span.start),
                end: offsets.at(span.end),
                score: rounded(entity.score.into(), 4),
                source: entity.source,
            });
        }
        let money_id = |position: usize| format!("{sent_id}.m{}", position + 1);
        for (position, sum) in of.money.iter().enumerate() {
            let span = sum.span.shifted(span.start);
            self.money.push(MoneyRow {
                doc_id: document.id.clone(),
                sent_id: sent_id.into(),
                money_id: money_id(position),
                text: one_line(span.of(text)).into_owned(),
                amount: sum.amount.map(|amount| amount.normalize()),
                amount_min: sum.amount_min.map(|amount| amount.normalize()),
                amount_max: sum.amount_max.map(|amount| amount.normalize()),
                currency: sum.currency.clone(),
                qualifier: sum.qualifier,
                period: sum.period.clone(),
                start: offsets.at(span.start),
                end: offsets.at(span.end),
                themes: themes.clone(),
                currency_basis: sum.currency_basis,
                equivalent_of: sum.equivalent_of.map(money_id),
            });
        }
    }
}

fn document_row(analysis: &DocumentAnalysis) -> DocumentRow {
    let document = &analysis.document;
    let head = &document.head;
    DocumentRow {
        doc_id: document.id.clone(),
        path: document.path.to_string_lossy().into_owned(),
        title: head
            .title
            .map(|title| one_line(title.of(&document.text)).into_owned())
            .or_else(|| document.stated_title.clone()),
        date: head.date.map(|(date, _)| date.to_string()),
        date_source: head.date.map(|(_, source)| source),
        place: head.place.clone(),
        language: document.language.clone(),
        words: analysis.words,
        sentences: analysis.sentences.len(),
        status: match (&document.needs_ocr, document.warnings.is_empty()) {
            (Some(_), _) => NEEDS_OCR,
            (None, true) => "ok",
            (None, false) => "warning",
        }
        .into(),
        warnings: (!document.warnings.is_empty()).then(|| document.warnings.join("; ")),
        sha256: document.sha256.clone(),
        source: head.source.clone(),
        encoding: document.encoding.clone(),
        metadata: document.metadata.clone(),
    }
}

fn theme_rows(analysis: &DocumentAnalysis, taxonomy: &Taxonomy) -> Vec<ThemeRow> {
    let share = |value: f64| rounded(value, 6);
    let row = |of: &Weight| ThemeRow {
        doc_id: analysis.document.id.clone(),
        theme: of
            .theme
            .and_then(|theme| taxonomy.themes().get(theme))
            .map_or_else(|| NO_THEME.into(), |theme| theme.id.clone()),
        sentences: rounded(of.sentences, 4),
        share_sentences: share(of.of_all.sentences),
        share_words: share(of.of_all.words),
        low: share(of.of_all.low),
        high: share(of.of_all.high),
        share_themed_sentences: of.of_themed.map(|themed| share(themed.sentences)),
        share_themed_words: of.of_themed.map(|themed| share(themed.words)),
        themed_low: of.of_themed.map(|themed| share(themed.low)),
        themed_high: of.of_themed.map(|themed| share(themed.high)),
    };
    analysis.weights.iter().map(row).collect()
}

/// `value` with so many decimals: more would be noise.
pub(crate) fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (value * scale).round() / scale
}

/// Words as a table shows them: every run of white space that holds a line break becomes one space, so that a
/// hard-wrapped sentence is one line. Otherwise the words stay as they are.
pub fn one_line(text: &str) -> Cow<'_, str> {
    let breaks = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    if !text.contains(breaks) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(breaks) {
        let (before, after) = rest.split_at(at);
        out.push_str(before.trim_end());
        rest = after.trim_start();
        if !out.is_empty() && !rest.is_empty() {
            out.push(' ');
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Converts byte offsets of one text to code-point offsets, and back.
pub(super) struct CodePoints<'a> {
    text: &'a str,
    /// Code points before every `STEP`th byte; empty for ASCII, where the two offsets are the same.
    before: Vec<usize>,
}

impl<'a> CodePoints<'a> {
    const STEP: usize = 256;

    pub(super) fn new(text: &'a str) -> Self {
        if text.is_ascii() {
            return Self {
                text,
                before: Vec::new(),
            };
        }
        let starts = |bytes: &[u8]| bytes.iter().filter(|byte| !is_continuation(**byte)).count();
        let mut total = 0;
        let before = text
            .as_bytes()
            .chunks(Self::STEP)
            .map(|chunk| {
                let before = total;
                total += starts(chunk);
                before
            })
            .collect();
        Self { text, before }
    }

    /// The number of code points before byte `offset`.
    fn at(&self, offset: usize) -> usize {
        let Some(last) = self.before.len().checked_sub(1) else {
            return offset;
        };
        let block = (offset / Self::STEP).min(last);
        let from = block * Self::STEP;
        let bytes = self.text.as_bytes().get(from..offset).unwrap_or_default();
        self.before.get(block).copied().unwrap_or_default()
            + bytes.iter().filter(|byte| !is_continuation(**byte)).count()
    }

    /// The byte at which code point number `offset` begins; the end of the text for any beyond it.
    pub(super) fn byte(&self, offset: usize) -> usize {
        let Some(block) = self
            .before
            .partition_point(|before| *before <= offset)
            .checked_sub(1)
        else {
            return offset.min(self.text.len());
        };
        let from = block * Self::STEP;
        let before = self.before.get(block).copied().unwrap_or_default();
        let bytes = self.text.as_bytes().get(from..).unwrap_or_default();
        let mut starts = (from..)
            .zip(bytes)
            .filter(|(_, byte)| !is_continuation(**byte));
        starts
            .nth(offset - before)
            .map_or(self.text.len(), |(at, _)| at)
    }

    /// The words between two offsets of a row; none where there are no such words.
    pub(super) fn words(&self, start: usize, end: usize) -> &'a str {
        self.text
            .get(self.byte(start)..self.byte(end))
            .unwrap_or_default()
    }
}

/// Whether a byte of UTF-8 continues a code point that began before it.
const fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_wrapped_sentence_is_one_line() {
        assert_eq!(
            one_line("The two\n   leaders \r\n met."),
            "The two leaders met."
        );
        assert_eq!(one_line("two  spaces stay"), "two  spaces stay");
    }

    proptest! {
        #[test]
        fn offsets_count_code_points(text in "\\PC{0,900}") {
            let offsets = CodePoints::new(&text);
            for (count, (byte, _)) in text.char_indices().enumerate() {
                prop_assert_eq!(offsets.at(byte), count);
                prop_assert_eq!(offsets.byte(count), byte);
            }
            prop_assert_eq!(offsets.byte(text.chars().count() + 3), text.len());
            prop_assert_eq!(offsets.at(text.len()), text.chars().count());
        }
    }
}
