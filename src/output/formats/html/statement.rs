//! One statement: its head, its theme shares, its sums, and the text itself with sentences, names and sums marked.

use maud::{Markup, PreEscaped, Render, html};

use super::chart;
use super::theme::{PageTheme, class, percent};
use crate::document::Kind;
use crate::output::code_points::CodePoints;
use crate::output::rows::{EntityRow, MoneyRow, SentenceRow, ThemeRow};
use crate::output::tables::DocumentTables;
use crate::text::{counted, grouped, one_line};

/// The id of a sentence in the page.
pub(super) fn sentence_id(document: usize, sentence: usize) -> String {
    format!("s{document}-{}", sentence + 1)
}

/// The section of statement number `number`.
pub(super) fn section(
    number: usize,
    tables: &DocumentTables,
    text: &CodePoints<'_>,
    themes: &[PageTheme],
) -> Markup {
    let of = &tables.document;
    html! {
        article.doc id={ "d" (number) } aria-labelledby={ "h" (number) } {
            header {
                h3 id={ "h" (number) } { (of.title.as_deref().unwrap_or(&of.doc_id)) }
                p.meta {
                    @if let Some(date) = &of.date { time datetime=(date) { (date) } " · " }
                    @if let Some(place) = &of.place { (place) " · " }
                    (counted(of.words, "word")) " · " (counted(of.sentences, "sentence"))
                    @if let Some(language) = of.language.as_deref().filter(|code| *code != "en") { " · language " (language) }
                    " · " code { (of.doc_id) }
                }
                @if let Some(warnings) = &of.warnings { p.warning { strong { "Note: " } (warnings) } }
            }
            div.cols {
                aside aria-label="Figures of this statement" {
                    (shares(number, tables, themes))
                    (sums(number, tables))
                }
                div.text { (body(number, tables, text, themes)) }
            }
        }
    }
}

/// The theme shares as bars with intervals; the name of a theme leads to its first sentence.
fn shares(number: usize, tables: &DocumentTables, themes: &[PageTheme]) -> Markup {
    html! {
        table.shares {
            caption { "Themes: share of sentences, 95% interval" }
            tbody {
                @for row in &tables.themes {
                    @if let Some(position) = position(themes, &row.theme) {
                        tr {
                            th scope="row" { (link(number, first(tables, &row.theme), position, themes)) }
                            td { (chart::bar(row.share_sentences, Some((row.low, row.high)), &class(themes, position))) }
                            td.num { (percent(row.share_sentences)) " " small { (interval(row)) } }
                        }
                    }
                }
            }
        }
    }
}

/// "(4–22)", in percent.
pub(super) fn interval(row: &ThemeRow) -> String {
    format!("({:.0}–{:.0})", row.low * 100.0, row.high * 100.0)
}

/// The letters and title of a theme; a link to its first sentence in the statement where it has one.
fn link(number: usize, first: Option<usize>, position: usize, themes: &[PageTheme]) -> Markup {
    let Some(theme) = themes.get(position) else {
        return Markup::default();
    };
    let name =
        html! { b class={ "k " (class(themes, position)) } { (theme.code) } " " (theme.title) };
    html! {
        @match first {
            Some(sentence) => a href={ "#" (sentence_id(number, sentence)) } data-f=(position) { (name) },
            None => (name),
        }
    }
}

/// The first sentence of a statement that counts and is about a theme.
pub(super) fn first(tables: &DocumentTables, theme: &str) -> Option<usize> {
    let about = |row: &SentenceRow| match &row.themes {
        Some(themes) => themes.split(';').any(|id| id == theme),
        None => row.theme == theme,
    };
    let weighed = |row: &SentenceRow| row.kind.is_weighed();
    tables
        .sentences
        .iter()
        .position(|row| weighed(row) && about(row))
}

pub(super) fn position(themes: &[PageTheme], id: &str) -> Option<usize> {
    themes.iter().position(|theme| theme.id == id)
}

fn sums(number: usize, tables: &DocumentTables) -> Markup {
    if tables.money.is_empty() {
        return Markup::default();
    }
    html! {
        table.sums {
            caption { "Sums of money" }
            tbody {
                @for row in &tables.money {
                    tr {
                        td { a href={ "#" (sentence_of(number, &row.sent_id)) } { (row.text) } }
                        td { (meaning(row)) }
                    }
                }
            }
        }
    }
}

/// The page's id of the sentence with the id `sent_id`.
pub(super) fn sentence_of(document: usize, sent_id: &str) -> String {
    let number = sent_id.rsplit('.').next().unwrap_or_default();
    format!("s{document}-{number}")
}

/// What a sum is: "60,000,000 USD, up to, over:5y".
pub(super) fn meaning(row: &MoneyRow) -> String {
    let mut parts = Vec::new();
    let amount = match (row.amount, row.amount_min, row.amount_max) {
        (Some(amount), ..) => grouped(amount),
        (_, Some(low), Some(high)) => format!("{} to {}", grouped(low), grouped(high)),
        (_, low, high) => low.or(high).map(grouped).unwrap_or_default(),
    };
    let currency = row.currency.as_deref().unwrap_or("currency not stated");
    parts.push(format!("{amount} {currency}").trim().to_owned());
    let qualifier = serde_json::json!(row.qualifier);
    if let Some(qualifier) = qualifier.as_str().filter(|word| *word != "exact") {
        parts.push(qualifier.replace('_', " "));
    }
    parts.extend(row.period.as_ref().map(|period| period.replace('_', " ")));
    if row.equivalent_of.is_some() {
        parts.push("said again".into());
    }
    parts.join(", ")
}

/// The text, paragraph by paragraph.
fn body(
    number: usize,
    tables: &DocumentTables,
    text: &CodePoints<'_>,
    themes: &[PageTheme],
) -> Markup {
    let mut out = String::new();
    let (mut entities, mut money) = (tables.entities.as_slice(), tables.money.as_slice());
    let mut at = 0;
    let mut open: Option<(u32, &str)> = None;
    for (position, row) in tables.sentences.iter().enumerate() {
        if open.is_none_or(|(paragraph, _)| paragraph != row.paragraph) {
            if let Some((_, element)) = open {
                out += &format!("</{element}>\n");
            }
            let (element, class) = match row.kind {
                Kind::Heading => ("h4", "heading"),
                Kind::ListItem => ("p", "list_item"),
                _ => ("p", "sentence"),
            };
            out += &format!("<{element} class=\"{class}\">");
            open = Some((row.paragraph, element));
        }
        // What stands between sentences, such as the sign of a list item.
        let between = text.words(at, row.start.max(at));
        if !between.trim().is_empty() {
            one_line(between).trim().render_to(&mut out);
        }
        out.push(' ');
        let of_sentence = |id: &str| id == row.sent_id;
        let (mine, rest) = entities.split_at(
            entities
                .iter()
                .take_while(|entity| of_sentence(&entity.sent_id))
                .count(),
        );
        entities = rest;
        let (sums, rest) = money.split_at(
            money
                .iter()
                .take_while(|sum| of_sentence(&sum.sent_id))
                .count(),
        );
        money = rest;
        let marked = Marked {
            row,
            entities: mine,
            money: sums,
            text,
        };
        marked
            .markup(&sentence_id(number, position), themes)
            .render_to(&mut out);
        at = row.end.max(at);
    }
    if let Some((_, element)) = open {
        out += &format!("</{element}>\n");
    }
    PreEscaped(out)
}

/// A sentence with its names and sums.
struct Marked<'a> {
    row: &'a SentenceRow,
    entities: &'a [EntityRow],
    money: &'a [MoneyRow],
    text: &'a CodePoints<'a>,
}

impl Marked<'_> {
    fn markup(&self, id: &str, themes: &[PageTheme]) -> Markup {
        let row = self.row;
        let ids = row.themes.as_deref().unwrap_or_default();
        let about: Vec<usize> = ids
            .split(';')
            .filter_map(|id| position(themes, id))
            .collect();
        let classes = match about.first() {
            Some(main) => format!("s {}", class(themes, *main)),
            None => "s".into(),
        };
        let list =
            |numbers: &mut dyn Iterator<Item = String>| numbers.collect::<Vec<_>>().join(" ");
        // One percentage per theme, in the order of the legend; kinds of sentence without themes have zeros.
        let probabilities = row.probabilities.0.iter();
        let probabilities =
            list(&mut probabilities.map(|(_, value)| format!("{:.0}", value * 100.0)));
        // Which themes a filter finds it under; headings and the like do not count and are under none.
        let filters = row.kind.is_weighed().then(|| match about.as_slice() {
            [] => (themes.len() - 1).to_string(),
            about => list(&mut about.iter().map(usize::to_string)),
        });
        let kind = match row.kind {
            Kind::Dateline => Some("dateline"),
            Kind::Boilerplate => Some("boilerplate"),
            Kind::Footnote => Some("footnote"),
            Kind::Heading | Kind::ListItem | Kind::Sentence => None,
        };
        html! {
            span class=(classes) id=(id) data-p=(probabilities) data-t=[filters] data-k=[kind] {
                (self.words())
                @if !about.is_empty() {
                    // The letters never stand on a line of their own.
                    "\u{a0}"
                    button.k type="button" {
                        @for theme in &about {
                            b class=(class(themes, *theme)) { (themes.get(*theme).map_or("", |theme| &theme.code)) }
                        }
                    }
                }
            }
        }
    }

    /// The words, with names and sums in elements of their own.
    fn words(&self) -> Markup {
        let mut at = self.row.start;
        let mut out = String::new();
        for entity in self.entities {
            if entity.start < at || entity.end > self.row.end {
                continue;
            }
            self.text.words(at, entity.start).render_to(&mut out);
            let words = self.text.words(entity.start, entity.end);
            let sum = self
                .money
                .iter()
                .find(|sum| sum.start < entity.end && entity.start < sum.end);
            let details = match sum {
                Some(sum) => Some(meaning(sum)),
                None => (entity.canonical != entity.text).then(|| entity.canonical.clone()),
            };
            let name = html! {
                i class=(if sum.is_some() { "e m" } else { "e" }) data-e=(entity.entity_type) data-n=[details] data-c=[&entity.code] { (words) }
            };
            name.render_to(&mut out);
            at = entity.end;
        }
        self.text.words(at, self.row.end).render_to(&mut out);
        PreEscaped(out)
    }
}
