//! The rows. A row type is a table's one definition: every format takes its columns, their meaning and their types from
//! it. Rows are made here and nowhere else.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::code_points::CodePoints;
use super::schema::{DecimalSchema, NO_THEME, ShareSchema, ThemeColumns};
use crate::analysis::entities::MentionSource;
use crate::analysis::money::{CurrencyBasis, Qualifier};
use crate::analysis::themes::Taxonomy;
use crate::analysis::weighting::Weight;
use crate::analysis::{DocumentAnalysis, Failure, SentenceAnalysis, Stage};
use crate::document::{DateSource, Document, Kind, Span};
use crate::text::{escape_controls, one_line, rounded};

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
    /// What the user says of it: columns of its table, `--metadata`, `--name-pattern`. In CSV one column each, `meta_` before its name.
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
    #[schemars(with = "ShareSchema")]
    pub score: f64,
    /// One probability per theme, in columns named by theme id.
    #[serde(flatten)]
    #[schemars(with = "std::collections::BTreeMap<String, f64>")]
    pub probabilities: ThemeColumns,
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
    #[schemars(with = "ShareSchema")]
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
    #[schemars(with = "Option<DecimalSchema>")]
    pub amount: Option<Decimal>,
    /// The lower bound of a range.
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option")]
    #[schemars(with = "Option<DecimalSchema>")]
    pub amount_min: Option<Decimal>,
    /// The upper bound of a range.
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option")]
    #[schemars(with = "Option<DecimalSchema>")]
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
    #[schemars(with = "ShareSchema")]
    pub share_sentences: f64,
    /// Share of their words.
    #[schemars(with = "ShareSchema")]
    pub share_words: f64,
    /// Lower end of the 95% Wilson interval of `share_sentences`.
    #[schemars(with = "ShareSchema")]
    pub low: f64,
    /// Upper end of the 95% Wilson interval of `share_sentences`.
    #[schemars(with = "ShareSchema")]
    pub high: f64,
    /// Share of the sentences that have a theme; empty for `none`.
    #[schemars(with = "Option<ShareSchema>")]
    pub share_themed_sentences: Option<f64>,
    /// Share of the words of the sentences that have a theme; empty for `none`.
    #[schemars(with = "Option<ShareSchema>")]
    pub share_themed_words: Option<f64>,
    /// Lower end of the 95% Wilson interval of `share_themed_sentences`.
    #[schemars(with = "Option<ShareSchema>")]
    pub themed_low: Option<f64>,
    /// Upper end of the 95% Wilson interval of `share_themed_sentences`.
    #[schemars(with = "Option<ShareSchema>")]
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
            stage: Stage::Read.name().into(),
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

/// The sums of one currency, never added to another's. Sums with `equivalent_of` are left out; a sum that a statement,
/// or several statements, say twice counts twice.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct SumRow {
    /// ISO 4217.
    pub currency: String,
    /// per_year, per_month or per_day for sums that come again; empty for the others.
    pub rate: Option<String>,
    /// Sums in this currency, whatever is known of the amount.
    pub sums: usize,
    /// Statements that they stand in.
    pub documents: usize,
    /// Sums whose one amount is known: these make the total.
    pub exact_amounts: usize,
    /// What they add up to, in major units; empty where none is exact, or no decimal can hold it.
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option")]
    #[schemars(with = "Option<DecimalSchema>")]
    pub total: Option<Decimal>,
    /// The largest of them.
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option")]
    #[schemars(with = "Option<DecimalSchema>")]
    pub largest: Option<Decimal>,
}

/// The theme shares of one statement side by side, for charts.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WideShareRow {
    /// The document.
    pub doc_id: String,
    /// The date of the statement, ISO 8601 (YYYY-MM-DD).
    #[schemars(extend("format" = "date"))]
    pub date: Option<String>,
    /// `share_sentences` of each theme, in columns named by theme id, and last of `none`.
    #[serde(flatten)]
    #[schemars(with = "std::collections::BTreeMap<String, f64>")]
    pub shares: ThemeColumns,
}

/// A sentence that has its id, on its way to rows.
pub(super) struct NumberedSentence<'a> {
    document: &'a Document,
    of: &'a SentenceAnalysis,
    sent_id: String,
    /// The ids of its themes, the main one first.
    themes: Vec<&'a str>,
}

impl<'a> NumberedSentence<'a> {
    /// The sentence at `position` of a document.
    pub fn new(
        document: &'a Document,
        position: usize,
        of: &'a SentenceAnalysis,
        taxonomy: &'a Taxonomy,
    ) -> Self {
        let themes = of.themes.iter();
        let themes = themes.filter_map(|theme| taxonomy.themes().get(*theme));
        Self {
            sent_id: format!("{}.{}", document.id, position + 1),
            themes: themes.map(|theme| theme.id.as_str()).collect(),
            document,
            of,
        }
    }

    /// All themes, `;` between.
    fn joined_themes(&self) -> Option<String> {
        (!self.themes.is_empty()).then(|| self.themes.join(";"))
    }

    /// The words of a span of the document, as a cell shows them.
    fn words(&self, span: Span) -> String {
        one_line(span.of(&self.document.text)).into_owned()
    }
}

impl DocumentRow {
    /// The row of an analysis.
    pub(super) fn new(analysis: &DocumentAnalysis) -> Self {
        let document = &analysis.document;
        let head = &document.head;
        Self {
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
}

impl SentenceRow {
    /// The row of a sentence.
    pub(super) fn new(
        sentence: &NumberedSentence<'_>,
        taxonomy: &Taxonomy,
        offsets: &CodePoints<'_>,
    ) -> Self {
        let NumberedSentence { document, of, .. } = sentence;
        let span = of.sentence.span;
        let main = of.themes.first();
        let score = main.and_then(|main| of.theme_scores.get(*main)).copied();
        let highest = of.theme_scores.iter().copied().fold(0.0, f32::max);
        let probabilities = taxonomy.themes().iter().zip(&of.theme_scores);
        Self {
            doc_id: document.id.clone(),
            sent_id: sentence.sent_id.clone(),
            paragraph: of.sentence.paragraph,
            section: of.sentence.section.map(|section| sentence.words(section)),
            kind: of.sentence.kind,
            text: sentence.words(span),
            start: offsets.at(span.start),
            end: offsets.at(span.end),
            theme: sentence.themes.first().copied().unwrap_or(NO_THEME).into(),
            themes: sentence.joined_themes(),
            score: rounded(score.unwrap_or(1.0 - highest).into(), 4),
            probabilities: ThemeColumns(
                probabilities
                    .map(|(theme, score)| (theme.id.clone(), rounded((*score).into(), 4)))
                    .collect(),
            ),
            page: document.page_at(span.start),
            language: of.sentence.language.clone(),
        }
    }
}

impl EntityRow {
    /// The rows of the mentions in a sentence.
    pub(super) fn all(
        sentence: &NumberedSentence<'_>,
        offsets: &CodePoints<'_>,
    ) -> impl Iterator<Item = Self> {
        let sent_id = &sentence.sent_id;
        let mentions = sentence.of.entities.iter().zip(1..);
        mentions.map(move |(entity, number)| {
            let span = entity.span.shifted(sentence.of.sentence.span.start);
            Self {
                doc_id: sentence.document.id.clone(),
                sent_id: sent_id.clone(),
                entity_id: format!("{sent_id}.e{number}"),
                entity_type: entity.entity_type.to_string(),
                text: sentence.words(span),
                canonical: entity.canonical.clone(),
                code: entity.code.clone(),
                start: offsets.at(span.start),
                end: offsets.at(span.end),
                score: rounded(entity.score.into(), 4),
                source: entity.source,
            }
        })
    }
}

impl MoneyRow {
    /// The rows of the sums in a sentence.
    pub(super) fn all(
        sentence: &NumberedSentence<'_>,
        offsets: &CodePoints<'_>,
    ) -> impl Iterator<Item = Self> {
        let sent_id = &sentence.sent_id;
        let money_id = move |position: usize| format!("{sent_id}.m{}", position + 1);
        let sums = sentence.of.money.iter().enumerate();
        sums.map(move |(position, sum)| {
            let span = sum.span.shifted(sentence.of.sentence.span.start);
            Self {
                doc_id: sentence.document.id.clone(),
                sent_id: sent_id.clone(),
                money_id: money_id(position),
                text: sentence.words(span),
                amount: sum.amount.map(|amount| amount.normalize()),
                amount_min: sum.amount_min.map(|amount| amount.normalize()),
                amount_max: sum.amount_max.map(|amount| amount.normalize()),
                currency: sum.currency.clone(),
                qualifier: sum.qualifier,
                period: sum.period.clone(),
                start: offsets.at(span.start),
                end: offsets.at(span.end),
                themes: sentence.joined_themes(),
                currency_basis: sum.currency_basis,
                equivalent_of: sum.equivalent_of.map(money_id),
            }
        })
    }
}

impl ThemeRow {
    /// The rows of a document, one per theme and last the sentences without one.
    pub(super) fn all(analysis: &DocumentAnalysis, taxonomy: &Taxonomy) -> Vec<Self> {
        let share = |value: f64| rounded(value, 6);
        let row = |of: &Weight| Self {
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
}

impl WideShareRow {
    /// The row of a statement with these rows.
    pub(super) fn new(document: &DocumentRow, themes: &[ThemeRow]) -> Self {
        let share = |row: &ThemeRow| (row.theme.clone(), row.share_sentences);
        Self {
            doc_id: document.doc_id.clone(),
            date: document.date.clone(),
            shares: ThemeColumns(themes.iter().map(share).collect()),
        }
    }
}
