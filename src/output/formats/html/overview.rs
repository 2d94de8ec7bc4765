//! The overview: what all statements together say, and where to look.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, PreEscaped, html};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::chart::{self, HeatRow};
use super::statement;
use super::theme::{PageTheme, class, percent};
use crate::output::SCHEMA_VERSION;
use crate::output::rows::FailureRow;
use crate::output::run::Provenance;
use crate::output::tables::{Counts, DocumentTables, Table};
use crate::output::totals::{CurrencySums, rate};
use crate::text::grouped;

/// With more statements than this, bars give way to a heat map.
const BARS: usize = 25;

/// How many names and sums are shown.
const NAMES: usize = 15;
const LARGEST: usize = 3;

/// What is kept of the statements; it does not hold their text.
#[derive(Default)]
pub(super) struct Overview {
    statements: Vec<ChartedStatement>,
    /// Sentences per theme, in the order of the taxonomy, and last those of no theme.
    sentences: Vec<f64>,
    countries: NameCounts,
    organisations: NameCounts,
    sums: CurrencySums,
    /// The largest sums of every currency and rate, largest first.
    largest: BTreeMap<(String, Option<String>), Vec<LargeSum>>,
    failures: Vec<FailureRow>,
}

struct ChartedStatement {
    name: String,
    date: Option<String>,
    /// One share per theme, and last that of no theme.
    shares: Vec<ChartedShare>,
}

#[derive(Clone, Default)]
struct ChartedShare {
    share: f64,
    interval: (f64, f64),
    /// The first sentence of the theme.
    first: Option<usize>,
}

struct LargeSum {
    amount: Decimal,
    text: String,
    statement: usize,
    sentence: String,
}

impl Overview {
    /// Counts a statement in; its number in the page.
    pub(super) fn add(&mut self, tables: &DocumentTables, themes: &[PageTheme]) -> usize {
        let number = self.statements.len() + 1;
        let mut shares = vec![ChartedShare::default(); themes.len()];
        self.sentences.resize(themes.len(), 0.0);
        for row in &tables.themes {
            let Some(position) = statement::position(themes, &row.theme) else {
                continue;
            };
            if let (Some(share), Some(sentences)) =
                (shares.get_mut(position), self.sentences.get_mut(position))
            {
                *sentences += row.sentences;
                *share = ChartedShare {
                    share: row.share_sentences,
                    interval: (row.low, row.high),
                    first: statement::first(tables, &row.theme),
                };
            }
        }
        self.statements.push(ChartedStatement {
            name: tables
                .document
                .title
                .clone()
                .unwrap_or_else(|| tables.document.doc_id.clone()),
            date: tables.document.date.clone(),
            shares,
        });
        self.add_names(tables, number);
        self.add_sums(tables, number);
        number
    }

    fn add_names(&mut self, tables: &DocumentTables, number: usize) {
        for row in &tables.entities {
            let (names, code) = match (row.entity_type.as_str(), &row.code) {
                ("GPE", Some(code)) => (&mut self.countries, code.as_str()),
                ("ORG", _) => (&mut self.organisations, ""),
                _ => continue,
            };
            names.add(&row.canonical, code, number);
        }
    }

    fn add_sums(&mut self, tables: &DocumentTables, number: usize) {
        self.sums.add(tables);
        for row in &tables.money {
            let amount = row.amount.or(row.amount_max).or(row.amount_min);
            let (Some(amount), Some(currency), None) = (amount, &row.currency, &row.equivalent_of)
            else {
                continue;
            };
            let key = (currency.clone(), rate(row));
            let largest = self.largest.entry(key).or_default();
            // Equal sums keep the order of the statements.
            let place = largest.partition_point(|sum| sum.amount >= amount);
            if place < LARGEST {
                let sum = LargeSum {
                    amount,
                    text: row.text.clone(),
                    statement: number,
                    sentence: statement::sentence_of(number, &row.sent_id),
                };
                largest.insert(place, sum);
                largest.truncate(LARGEST);
            }
        }
    }

    pub(super) fn add_failure(&mut self, failure: &FailureRow) {
        self.failures.push(failure.clone());
    }

    fn name(&self, statement: usize) -> &str {
        let of = statement.checked_sub(1);
        of.and_then(|position| self.statements.get(position))
            .map_or("", |statement| statement.name.as_str())
    }

    /// The page from its first heading to where the statements begin.
    pub(super) fn markup(
        &self,
        themes: &[PageTheme],
        counts: Counts,
        provenance: &Provenance,
    ) -> Markup {
        html! {
            a.skip href="#statements" { "Skip to the statements" }
            header.top {
                h1 { "What the statements say" }
                p { "Made by " (provenance.program) " " (provenance.version) " with the engine "
                    (provenance.engine) ". "
                    "Every figure leads to the words it came from." }
            }
            // The statements stand in the same section as the filters; `foot` closes both.
            (PreEscaped("<main>"))
                (figures(counts))
                nav.toc aria-label="Contents" {
                    a href="#themes" { "Themes" } " "
                    a href="#sums" { "Sums" } " "
                    a href="#names" { "Countries and organisations" } " "
                    @if !self.failures.is_empty() { a href="#failures" { "Failures" } " " }
                    a href="#statements" { "Statements" } " "
                    a href="#about" { "How to read this" }
                }
                (self.themes(themes))
                (self.sums())
                (self.names())
                (self.failures())
                (PreEscaped("<section id=\"statements\" aria-labelledby=\"statements-title\">"))
                    h2 #statements-title { "Statements" }
                    (controls(themes))
        }
    }

    fn themes(&self, themes: &[PageTheme]) -> Markup {
        let all: f64 = self.sentences.iter().sum();
        let share = |position: usize| match self.sentences.get(position) {
            Some(sentences) if all > 0.0 => sentences / all,
            _ => 0.0,
        };
        html! {
            section #themes aria-labelledby="themes-title" {
                h2 #themes-title { "Themes" }
                div.scroll tabindex="0" role="region" aria-label="Theme shares of all statements" { table.shares.pooled {
                    caption { "All statements together: share of sentences" }
                    thead { tr { th scope="col" { "Theme" } th scope="col" { "Share" } th.num scope="col" { "%" } th.num scope="col" { "Sentences" } } }
                    tbody {
                        @for (position, theme) in themes.iter().enumerate() {
                            tr {
                                th scope="row" { b class={ "k " (class(themes, position)) } { (theme.code) } " " (theme.title) }
                                td { (chart::bar(share(position), None, &class(themes, position))) }
                                td.num { (percent(share(position))) }
                                td.num { (format!("{:.1}", self.sentences.get(position).unwrap_or(&0.0))) }
                            }
                        }
                    }
                } }
                h3 { "By statement" }
                @if self.statements.len() > BARS {
                    p { "Shares in percent: the darker, the larger. The table below has the same figures with their intervals." }
                    div.scroll tabindex="0" role="region" aria-label="Heat map of theme shares" {
                        (self.heat_map(themes))
                    }
                    details { summary { "The figures with their 95% intervals" } (self.shares(themes, false)) }
                } @else if !self.statements.is_empty() {
                    (self.shares(themes, true))
                }
            }
        }
    }

    fn heat_map(&self, themes: &[PageTheme]) -> Markup {
        let columns: Vec<String> = themes.iter().map(|theme| theme.code.clone()).collect();
        let rows: Vec<HeatRow<'_>> = self
            .statements
            .iter()
            .enumerate()
            .map(|(position, statement)| HeatRow {
                name: &statement.name,
                link: format!("#d{}", position + 1),
                values: statement.shares.iter().map(|of| Some(of.share)).collect(),
            })
            .collect();
        let label = "Theme shares of every statement, in percent; the table below has the same";
        chart::heat_map(label, &columns, &rows)
    }

    /// One row per statement, one column per theme: share, interval, and, where there is room, the bar.
    fn shares(&self, themes: &[PageTheme], bars: bool) -> Markup {
        html! {
            div.scroll tabindex="0" role="region" aria-label="Theme shares by statement" {
                table.matrix {
                    caption { "Share of sentences in percent, with its 95% interval; a number leads to the theme's first sentence" }
                    thead { tr {
                        th scope="col" { "Statement" }
                        th scope="col" { "Date" }
                        @for (position, theme) in themes.iter().enumerate() {
                            th scope="col" { b class={ "k " (class(themes, position)) } { (theme.code) } br; span.long { (theme.title) } }
                        }
                    } }
                    tbody {
                        @for (row, statement) in self.statements.iter().enumerate() {
                            tr {
                                th scope="row" { a href={ "#d" (row + 1) } { (statement.name) } }
                                td.date { (statement.date.as_deref().unwrap_or("–")) }
                                @for (position, of) in statement.shares.iter().enumerate() {
                                    td { (cell(row + 1, position, of, bars, &class(themes, position))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn sums(&self) -> Markup {
        html! {
            section #sums aria-labelledby="sums-title" {
                h2 #sums-title { "Sums of money" }
                @if self.largest.is_empty() { p { "No sum with a currency was found." } }
                @else {
                    p { "Currencies are never added up across. The total is of amounts that the text gives exactly; a sum that is said twice counts twice, one that is only converted is left out." }
                    div.scroll tabindex="0" role="region" aria-label="Sums by currency" {
                        table.currencies {
                            thead { tr { th scope="col" { "Currency" } th.num scope="col" { "Sums" } th.num scope="col" { "Statements" } th.num scope="col" { "Total of exact amounts" } th scope="col" { "Largest" } } }
                            tbody {
                                @for row in self.sums.rows() {
                                    tr {
                                        th scope="row" { (row.currency) @if let Some(rate) = &row.rate { " " small { (rate.replace('_', " ")) } } }
                                        td.num { (row.sums) }
                                        td.num { (row.documents) }
                                        td.num { (row.total.map(grouped).unwrap_or_else(|| "–".into())) @if row.total.is_some() { " " small { "of " (row.exact_amounts) } } }
                                        td { (self.largest(&(row.currency.clone(), row.rate.clone()))) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn largest(&self, of: &(String, Option<String>)) -> Markup {
        html! {
            ol.largest {
                @for sum in self.largest.get(of).into_iter().flatten() {
                    li { a href={ "#" (sum.sentence) } { (sum.text) } " " small { (self.name(sum.statement)) } }
                }
            }
        }
    }

    fn names(&self) -> Markup {
        html! {
            section #names aria-labelledby="names-title" {
                h2 #names-title { "Countries and organisations" }
                div.pair {
                    (self.countries.table("Most named countries", true))
                    (self.organisations.table("Most named organisations", false))
                }
            }
        }
    }

    fn failures(&self) -> Markup {
        if self.failures.is_empty() {
            return Markup::default();
        }
        html! {
            section #failures aria-labelledby="failures-title" {
                h2 #failures-title { "Failures" }
                p { "These files could not be analysed; no figure counts them." }
                div.scroll tabindex="0" role="region" aria-label="Failures" {
                    table {
                        thead { tr { th scope="col" { "File" } th scope="col" { "Stage" } th scope="col" { "Reason" } th scope="col" { "What to do" } } }
                        tbody {
                            @for failure in &self.failures {
                                tr { th scope="row" { (failure.path) } td { (failure.stage) } td { (failure.reason) } td { (failure.hint) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The names of one kind of thing, and how often statements say them.
#[derive(Default)]
struct NameCounts(BTreeMap<(String, String), Named>);

#[derive(Default)]
struct Named {
    mentions: usize,
    statements: BTreeSet<usize>,
}

impl NameCounts {
    fn add(&mut self, name: &str, code: &str, statement: usize) {
        let named = self.0.entry((code.into(), name.into())).or_default();
        named.mentions += 1;
        named.statements.insert(statement);
    }

    fn table(&self, caption: &str, codes: bool) -> Markup {
        let mut names: Vec<_> = self.0.iter().collect();
        names.sort_by(|a, b| b.1.mentions.cmp(&a.1.mentions).then(a.0.cmp(b.0)));
        let most = names.first().map_or(1, |(_, named)| named.mentions) as f64;
        html! {
            table.shares {
                caption { (caption) @if names.len() > NAMES { " (" (NAMES) " of " (names.len()) ")" } }
                thead { tr { th scope="col" { "Name" } th scope="col" { "Mentions" } th.num scope="col" { "" } th.num scope="col" { "Statements" } } }
                tbody {
                    @for ((code, name), named) in names.iter().take(NAMES) {
                        tr {
                            th scope="row" { (name) @if codes { " " small { (code) } } }
                            td { (chart::bar(named.mentions as f64 / most, None, "n")) }
                            td.num { (named.mentions) }
                            td.num { (named.statements.len()) }
                        }
                    }
                    @if names.is_empty() { tr { td colspan="4" { "None." } } }
                }
            }
        }
    }
}

/// How many there are of everything.
fn figures(counts: Counts) -> Markup {
    let figure = |number: usize, what: &str| {
        html! { div { dt { (what) } dd { (grouped(Decimal::from(number))) } } }
    };
    html! {
        dl.figures {
            (figure(counts.of(Table::Documents), "statements"))
            (figure(counts.of(Table::Sentences), "sentences"))
            (figure(counts.of(Table::Entities), "names, dates and sums"))
            (figure(counts.of(Table::Money), "sums of money"))
            (figure(counts.of(Table::Failures), "failures"))
        }
    }
}

fn cell(number: usize, position: usize, of: &ChartedShare, bar: bool, class: &str) -> Markup {
    let (low, high) = of.interval;
    let share = percent(of.share);
    html! {
        @if bar { (chart::bar(of.share, Some(of.interval), class)) }
        @match of.first {
            Some(sentence) => a href={ "#" (statement::sentence_id(number, sentence)) } data-f=(position) { (share) },
            None => (share),
        }
        " " small { (format!("{:.0}–{:.0}", low * 100.0, high * 100.0)) }
    }
}

/// Filter and search, which the script brings to life.
fn controls(themes: &[PageTheme]) -> Markup {
    html! {
        form #controls hidden role="search" aria-label="Filter the sentences" {
            fieldset #filters {
                legend { "Show only" }
                @for (position, theme) in themes.iter().enumerate() {
                    button type="button" class={ "f " (class(themes, position)) } data-f=(position) data-id=(theme.id) aria-pressed="false" title=(theme.description) {
                        b.k { (theme.code) } " " (theme.title)
                    }
                }
            }
            label.find { "Search " input #find type="search" autocomplete="off" spellcheck="false"; }
            button #before type="button" aria-label="Previous sentence found" { "↑" }
            button #after type="button" aria-label="Next sentence found" { "↓" }
            button #all type="button" { "Show all" }
            output #found aria-live="polite" {}
        }
        noscript { p { "Without its script the page shows everything; filter and search need it." } }
    }
}

/// What ends the page: how to read it and what made it.
pub(super) fn foot(themes: &[PageTheme], provenance: &Provenance) -> Markup {
    let provenance = json!(provenance);
    html! {
        (PreEscaped("</section></main>\n"))
        footer {
            section #about aria-labelledby="about-title" {
                h2 #about-title { "How to read this" }
                p { "A sentence is marked by the colour and the letters of its themes. Hover over it, tap it or press its letters to see how probable each theme is, and which names and sums it holds. Names are dotted underneath, sums are bold." }
                p { "A share is of the sentences that count: headings, datelines and boilerplate do not. A sentence with several themes is divided among them. The whisker is the 95% Wilson interval: the fewer the sentences, the longer it is." }
                dl.themes {
                    @for (position, theme) in themes.iter().enumerate() {
                        dt { b class={ "k " (class(themes, position)) } { (theme.code) } " " (theme.title) }
                        dd { (theme.description) }
                    }
                }
                h3 { "How it was made" }
                table {
                    tbody {
                        @for (name, value) in provenance.as_object().into_iter().flatten() {
                            tr { th scope="row" { (name.replace('_', " ")) } td { code { (plain(value)) } } }
                        }
                        tr { th scope="row" { "layout" } td { code { (SCHEMA_VERSION) } } }
                    }
                }
            }
        }
        div #card role="dialog" aria-label="The sentence" hidden {}
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
