//! Charts as SVG. They carry no `style` attribute, which the page's policy forbids, but classes.

use maud::{Markup, html};

/// The height of a row of a heat map and the width of its columns, in pixels.
const ROW: usize = 22;
const COLUMN: usize = 74;

/// The width of the names beside a heat map, and how many characters of a name fit.
const NAMES: usize = 300;
const NAME: usize = 32;

/// How many characters of a column's name fit.
const HEADING: usize = 10;

/// Steps of shade in a heat map: the style sheet has a class for each, `h0` to `h7`.
const STEPS: f64 = 8.0;

/// A bar as long as `share` (0 to 1) with a whisker from `low` to `high`; `class` colours it. The number stands beside
/// it in words, so it is hidden from screen readers.
pub(crate) fn bar(share: f64, interval: Option<(f64, f64)>, class: &str) -> Markup {
    let at = |value: f64| format!("{:.1}", (value.clamp(0.0, 1.0) * 100.0));
    html! {
        svg class={ "bar " (class) } viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            rect class="track" width="100" height="10" {}
            rect class="fill" width=(at(share)) height="10" {}
            @if let Some((low, high)) = interval {
                path class="whisker" d={ "M" (at(low)) " 5H" (at(high)) "M" (at(low)) " 2V8M" (at(high)) " 2V8" } {}
            }
        }
    }
}

/// A dot at `value` with a line from one end of its interval to the other, on a scale from `-most` to `most`; the upright
/// line is 0. The number stands beside it in words.
pub(crate) fn range(value: f64, interval: (f64, f64), most: f64, class: &str) -> Markup {
    let at = |value: f64| format!("{:.1}", 50.0 + 48.0 * (value / most).clamp(-1.0, 1.0));
    html! {
        svg class={ "range " (class) } viewBox="0 0 100 12" aria-hidden="true" {
            path class="zero" d="M50 0V12" {}
            path class="whisker" d={ "M" (at(interval.0)) " 6H" (at(interval.1)) } {}
            circle class="fill" cx=(at(value)) cy="6" r="3" {}
        }
    }
}

/// A row of a heat map.
pub(crate) struct HeatRow<'a> {
    /// What the row is about.
    pub name: &'a str,
    /// Where its name leads, e.g. `#d1`.
    pub link: String,
    /// One value per column, 0 to 1; a cell without a value stays blank.
    pub values: Vec<Option<f64>>,
}

/// Rows by columns, shaded by value; every cell has its number, so shade is not the only sign.
pub(crate) fn heat_map(label: &str, columns: &[String], rows: &[HeatRow<'_>]) -> Markup {
    let width = NAMES + COLUMN * columns.len();
    let height = ROW * (rows.len() + 1);
    html! {
        svg class="heat" width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(label) {
            @for (position, column) in columns.iter().enumerate() {
                text class="column" x=(NAMES + COLUMN * position + COLUMN / 2) y="15" {
                    title { (column) }
                    (shortened(column, HEADING))
                }
            }
            @for (position, row) in rows.iter().enumerate() {
                a href=(row.link) {
                    title { (row.name) }
                    text x="0" y=(ROW * (position + 1) + 15) { (shortened(row.name, NAME)) }
                }
                @for (column, value) in row.values.iter().enumerate() {
                    @if let Some(value) = value {
                        g class={ "h" (step(*value)) } {
                            rect x=(NAMES + COLUMN * column) y=(ROW * (position + 1)) width=(COLUMN - 1) height=(ROW - 1) {}
                            text x=(NAMES + COLUMN * column + COLUMN / 2) y=(ROW * (position + 1) + 15) { (format!("{:.0}", value * 100.0)) }
                        }
                    }
                }
            }
        }
    }
}

/// The shade of a value: finer where most shares are, at the lower end.
fn step(value: f64) -> usize {
    (value.clamp(0.0, 1.0).sqrt() * STEPS).min(STEPS - 1.0) as usize
}

/// At most `most` characters of a name.
fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.into();
    }
    name.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        let bar = bar(0.25, Some((0.1, 0.456)), "t1").into_string();
        assert!(
            bar.contains(r#"<rect class="fill" width="25.0" height="10">"#),
            "{bar}"
        );
        assert!(bar.contains("M10.0 5H45.6"), "{bar}");
    }

    #[test]
    fn a_cell_has_its_number_and_a_name_is_escaped() {
        let row = HeatRow {
            name: "<b>",
            link: "#d1".into(),
            values: vec![Some(1.0), None, Some(0.0)],
        };
        let columns = ["A", "B", "C"].map(String::from);
        let map = heat_map("shares", &columns, &[row]).into_string();
        assert!(
            map.contains(">100</text>") && map.contains(">0</text>"),
            "{map}"
        );
        assert!(map.contains("h7") && map.contains("h0"), "{map}");
        assert!(map.contains("&lt;b&gt;") && !map.contains("<b>"), "{map}");
    }
}
