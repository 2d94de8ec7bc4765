//! One self-contained page, `comparison.html`: the verdict first, then every table with its chart. It needs no script.

use maud::{Markup, html};

use super::{text, xlsx};
use crate::compare::rows::{Comparison, DifferenceRow, DivergenceRow, MentionRow};
use crate::output::NO_THEME;
use crate::output::formats::html::chart::{HeatRow, bar, heat_map, range};
use crate::output::formats::html::page;
use crate::output::formats::html::theme::percent;
use crate::output::formats::palette;

/// With more sides than this, bars give way to a heat map.
const BARS: usize = 6;

/// With more sides than this there is no map of all pairs, and no list per side.
const PAIRS: usize = 24;

/// How many rows of a long table are shown; the tables have them all.
const SHOWN: usize = 40;

/// How many words and items are listed per side.
const LISTED: usize = 20;

/// The page.
pub(super) fn page(of: &Comparison) -> String {
    let is_pair = of.sides.len() == 2;
    let body = html! {
        header.top {
            h1 { "What sets the statements apart" }
            p { "Made by " (of.program) " " (of.version) ". The same figures are in the tables of comparison.json." }
        }
        main {
            section.verdict aria-label="The answer" {
                @for line in text::verdict(of).lines() { p { (line) } }
            }
            (shares(of))
            (differences(of, is_pair))
            (divergences(of))
            (trends(of))
            (baseline(of))
            (words(of))
            (only(of))
            (failures(of))
        }
        footer {
            h2 { "How it was made" }
            table { tbody {
                @for (name, value) in xlsx::made(of) { tr { th scope="row" { (name) } td { code { (value) } } } }
            } }
            p { "Intervals and chance allow for sentences of one " (of.method.cluster) " being alike. “Clear” is p under 0.05 after \
                 Holm's correction. A difference that is not clear may be real and the texts too short to tell." }
        }
    };
    let mut page = page::head("What sets the statements apart");
    page += &body.into_string();
    page += "\n</body></html>\n";
    page
}

/// The class that colours a theme.
fn class(of: &Comparison, theme: &str) -> String {
    let position = of.themes.iter().position(|known| known == theme);
    position.map_or_else(
        || "n".into(),
        |position| format!("t{}", position % palette::THEMES.len()),
    )
}

fn shares(of: &Comparison) -> Markup {
    let sides: Vec<_> = of.shares.chunk_by(|a, b| a.side == b.side).collect();
    let themes: Vec<String> = of.themes.iter().cloned().chain([NO_THEME.into()]).collect();
    let table = html! {
        div.scroll { table.matrix {
            caption { "Share of the sentences that count, with its 95% interval" }
            thead { tr {
                th scope="col" { "Side" }
                th.num scope="col" { "Sentences" }
                @for theme in &themes { th scope="col" { (theme) } }
            } }
            tbody {
                @for (side, shares) in of.sides.iter().zip(&sides) {
                    tr {
                        th scope="row" {
                            (side.side)
                            @if let Some(date) = &side.date { " " small { (date) } }
                        }
                        td.num { (side.sentences) }
                        @for share in *shares {
                            td {
                                @if of.sides.len() <= BARS {
                                    (bar(share.share, Some((share.low, share.high)), &class(of, &share.theme)))
                                }
                                (percent(share.share)) br;
                                small { (percent(share.low)) "–" (percent(share.high)) }
                            }
                        }
                    }
                }
            }
        } }
    };
    html! {
        h2 { "Theme shares" }
        @if of.sides.len() <= BARS {
            (table)
        } @else {
            p { "Shares in percent: the darker, the larger. The table below has the same figures with their intervals." }
            div.scroll {
                (heat_map("Theme shares of every side, in percent", &themes, &of.sides.iter().zip(&sides).map(|(side, shares)| HeatRow {
                    name: &side.side,
                    link: "#figures".into(),
                    values: shares.iter().map(|share| Some(share.share)).collect(),
                }).collect::<Vec<_>>()))
            }
            details id="figures" { summary { "The figures with their 95% intervals" } (table) }
        }
    }
}

/// "+12.3 points".
fn points(value: f64) -> String {
    format!("{value:+.1}").replace('-', "−")
}

fn clear(is_clear: bool) -> Markup {
    html! { @if is_clear { strong { "clear" } } @else { "not clear" } }
}

fn differences(of: &Comparison, is_pair: bool) -> Markup {
    let mut rows: Vec<&DifferenceRow> = of.differences.iter().collect();
    if !is_pair {
        rows.retain(|row| row.test.is_clear);
        rows.sort_by(|a, b| {
            b.difference_points
                .abs()
                .total_cmp(&a.difference_points.abs())
        });
    }
    let more = rows.len().saturating_sub(SHOWN);
    rows.truncate(SHOWN);
    let ends = rows
        .iter()
        .flat_map(|row| [row.low_points.abs(), row.high_points.abs()]);
    let most = ends.fold(1.0, f64::max);
    html! {
        h2 { "Differences" }
        p {
            "In percentage points. The line is the 95% interval of the difference, the dot the difference; the upright line is no \
             difference, and the line ends at " (format!("{most:.0}")) " points."
            @if !is_pair { " Each side is compared with all others together; only clear differences are shown." }
        }
        @if rows.is_empty() {
            p { "No side stands out from all others in any theme by more than chance." }
        } @else {
            div.scroll { table {
                thead { tr {
                    @if !is_pair { th scope="col" { "Side" } }
                    th scope="col" { "Theme" }
                    th.num scope="col" { @if is_pair { (rows.first().map_or("", |row| row.side.as_str())) } @else { "Share" } }
                    th.num scope="col" { (rows.first().map_or("", |row| row.against.as_str())) }
                    th scope="col" { "Difference" }
                    th.num scope="col" { "Points (95%)" }
                    th.num scope="col" { "p (Holm)" }
                    th scope="col" { "More than chance?" }
                } }
                tbody {
                    @for row in &rows {
                        tr {
                            @if !is_pair { td { (row.side) } }
                            th scope="row" { (row.theme) }
                            td.num { (percent(row.share)) }
                            td.num { (percent(row.against_share)) }
                            td { (range(row.difference_points, (row.low_points, row.high_points), most, &class(of, &row.theme))) }
                            td.num { (points(row.difference_points)) " (" (points(row.low_points)) " to " (points(row.high_points)) ")" }
                            td.num { (format!("{:.3}", row.test.p_holm)) }
                            td { (clear(row.test.is_clear)) }
                        }
                    }
                }
            } }
        }
        @if more > 0 { p { "And " (more) " more in the table of differences." } }
    }
}

fn divergences(of: &Comparison) -> Markup {
    let number =
        |value: Option<f64>| value.map_or_else(|| "–".into(), |value| format!("{value:.3}"));
    let names: Vec<String> = of.sides.iter().map(|side| side.side.clone()).collect();
    let of_pair = |one: &str, other: &str| {
        let mut pairs = of.divergences.iter();
        let pair = pairs.find(|row| {
            (row.side == one && row.other == other) || (row.side == other && row.other == one)
        });
        pair.and_then(|row| row.divergence)
    };
    let mut rows: Vec<_> = of.divergences.iter().collect();
    if rows.len() > SHOWN {
        rows.retain(|row| row.is_above_chance == Some(true));
        rows.sort_by(|a, b| {
            let value = |row: &&DivergenceRow| row.divergence.unwrap_or_default();
            value(b).total_cmp(&value(a))
        });
    }
    let more = rows.len().saturating_sub(SHOWN);
    rows.truncate(SHOWN);
    html! {
        h2 { "How far the theme mixes lie apart" }
        p { "Jensen-Shannon divergence: 0 is the same mix, 1 no theme in common. Short texts lie apart by chance alone: a figure means \
             something only above the chance level beside it, which chance passes once in twenty times." }
        @if (3..=PAIRS).contains(&names.len()) {
            p { "In hundredths, the darker, the further apart; columns are the sides in the order of the rows." }
            div.scroll {
                @let numbers = (1..=names.len()).map(|number| number.to_string()).collect::<Vec<_>>();
                @let labels = names.iter().zip(&numbers).map(|(name, number)| format!("{number} {name}")).collect::<Vec<_>>();
                (heat_map("Divergence of every pair, in hundredths", &numbers, &names.iter().zip(&labels).map(|(name, label)| HeatRow {
                    name: label,
                    link: "#pairs".into(),
                    values: names.iter().map(|other| if name == other { None } else { of_pair(name, other) }).collect(),
                }).collect::<Vec<_>>()))
            }
        }
        div.scroll id="pairs" { table {
            @if of.divergences.len() > SHOWN { caption { "Pairs above chance, the furthest apart first" } }
            thead { tr {
                th scope="col" { "Side" } th scope="col" { "Other" }
                th.num scope="col" { "Divergence" } th.num scope="col" { "Chance level" } th scope="col" { "Above chance?" }
            } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { (row.side) } td { (row.other) }
                        td.num { (number(row.divergence)) } td.num { (number(row.chance_level)) }
                        td {
                            @match row.is_above_chance {
                                Some(true) => strong { "above chance" },
                                Some(false) => "not above chance",
                                None => "no sentence with a theme",
                            }
                        }
                    }
                }
            }
        } }
        @if more > 0 { p { "And " (more) " more in the table of divergences." } }
    }
}

fn trends(of: &Comparison) -> Markup {
    let ends = of
        .trends
        .iter()
        .flat_map(|row| [row.low_points.abs(), row.high_points.abs()]);
    let most = ends.fold(0.1, f64::max);
    html! {
        @if let Some(first) = of.trends.first() {
            h2 { "Change over time" }
            p { "Percentage points per year, " (first.from) " to " (first.to) "." }
            div.scroll { table {
                thead { tr {
                    th scope="col" { "Theme" } th scope="col" { "Change" } th.num scope="col" { "Points per year (95%)" }
                    th.num scope="col" { "p (Holm)" } th scope="col" { "More than chance?" }
                } }
                tbody {
                    @for row in &of.trends {
                        tr {
                            th scope="row" { (row.theme) }
                            td { (range(row.points_per_year, (row.low_points, row.high_points), most, &class(of, &row.theme))) }
                            td.num { (points(row.points_per_year)) " (" (points(row.low_points)) " to " (points(row.high_points)) ")" }
                            td.num { (format!("{:.3}", row.test.p_holm)) }
                            td { (clear(row.test.is_clear)) }
                        }
                    }
                }
            } }
        }
    }
}

fn baseline(of: &Comparison) -> Markup {
    let times =
        |value: Option<f64>| value.map_or_else(|| "–".into(), |value| format!("{value:.2}"));
    html! {
        @if !of.baseline.is_empty() {
            h2 { "Beside the baseline" }
            p { "2 is twice the usual share; an interval that holds 1 says it may be the usual one." }
            div.scroll { table {
                thead { tr {
                    th scope="col" { "Side" } th scope="col" { "Theme" } th.num scope="col" { "Share" }
                    th.num scope="col" { "Usual share" } th.num scope="col" { "Times the usual (95%)" }
                } }
                tbody {
                    @for row in &of.baseline {
                        tr {
                            th scope="row" { (row.side) } td { (row.theme) }
                            td.num { (percent(row.share)) } td.num { (percent(row.baseline_share)) }
                            td.num { (times(row.ratio)) " (" (times(row.low)) " to " (times(row.high)) ")" }
                        }
                    }
                }
            } }
        }
    }
}

fn words(of: &Comparison) -> Markup {
    html! {
        @if !of.words.is_empty() && of.sides.len() <= PAIRS {
            h2 { "Words that set each apart" }
            p { "Each with how often it stands in the side, and in what the side is compared with." }
            div.pair {
                @for rows in of.words.chunk_by(|a, b| a.side == b.side) {
                    section {
                        h3 { (rows.first().map_or("", |row| row.side.as_str())) }
                        table {
                            thead { tr { th scope="col" { "Word" } th.num scope="col" { "Here" } th.num scope="col" { "There" } th.num scope="col" { "z" } } }
                            tbody { @for row in rows.iter().take(LISTED) {
                                tr { th scope="row" { (row.word) } td.num { (row.count) } td.num { (row.against_count) } td.num { (format!("{:.1}", row.z)) } }
                            } }
                        }
                    }
                }
            }
        }
    }
}

/// What one side alone names, side by side.
fn only(of: &Comparison) -> Markup {
    let items = |side: &str, kind: &str| -> Vec<&MentionRow> {
        let rows = of.mentions.iter();
        rows.filter(|row| row.side == side && row.kind == kind && row.sides == 1)
            .collect()
    };
    let kinds = [
        ("country", "Countries"),
        ("instrument", "Instruments"),
        ("sum", "Sums"),
    ];
    html! {
        @if of.sides.len() <= PAIRS && of.mentions.iter().any(|row| row.sides == 1) {
            h2 { "Named by one alone" }
            div.pair {
                @for side in &of.sides {
                    section {
                        h3 { "Only in " (side.side) }
                        @for (kind, title) in kinds {
                            @let items = items(&side.side, kind);
                            @if !items.is_empty() {
                                h4 { (title) }
                                ul { @for row in items.iter().take(LISTED) {
                                    li { (row.item) @if row.mentions > 1 { " " small { "×" (row.mentions) } } }
                                } }
                                @if items.len() > LISTED { p { small { "and " (items.len() - LISTED) " more" } } }
                            }
                        }
                        @if kinds.iter().all(|(kind, _)| items(&side.side, kind).is_empty()) { p { "Nothing." } }
                    }
                }
            }
        }
    }
}

fn failures(of: &Comparison) -> Markup {
    html! {
        @if !of.failures.is_empty() {
            h2 { "Not compared" }
            div.scroll { table {
                thead { tr { th scope="col" { "File" } th scope="col" { "Why" } th scope="col" { "What to do" } } }
                tbody { @for row in &of.failures {
                    tr { th scope="row" { (row.path) } td { (row.reason) } td { (row.hint) } }
                } }
            } }
        }
    }
}
