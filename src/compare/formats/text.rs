//! A comparison in words: the answer in the first lines, the figures below.

use std::fmt::Write;

use crate::compare::rows::{Comparison, DifferenceRow, SideRow};
use crate::output::NO_THEME;
use crate::text::{counted, escape_controls};

/// How many words, mentions or documents are listed in a line.
const LISTED: usize = 12;

/// With more sides than this the table of shares is left to the CSV file.
const SIDES_SHOWN: usize = 24;

/// The comparison as text, ending with a line break.
pub fn text(of: &Comparison) -> String {
    let mut text = verdict(of);
    // Writing into a string cannot fail.
    let _ = shares(&mut text, of);
    let _ = trends(&mut text, of);
    let _ = baseline(&mut text, of);
    let _ = words(&mut text, of);
    let _ = only(&mut text, of);
    let _ = notes(&mut text, of);
    text
}

/// The answer, before any table.
pub(super) fn verdict(of: &Comparison) -> String {
    let mut text = String::new();
    let _ = match of.sides.as_slice() {
        [_, _] => two_sides(&mut text, of),
        _ => many_sides(&mut text, of),
    };
    text
}

/// The verdict on two sides.
fn two_sides(text: &mut String, of: &Comparison) -> std::fmt::Result {
    if let [one, other] = of.sides.as_slice() {
        writeln!(text, "{} and {}:", shown(&one.side), shown(&other.side))?;
    }
    let clear: Vec<&DifferenceRow> = of
        .differences
        .iter()
        .filter(|row| row.test.is_clear)
        .collect();
    if clear.is_empty() {
        write!(text, "No theme differs by more than chance")?;
        let size = |row: &DifferenceRow| row.difference_points.abs();
        let largest = of
            .differences
            .iter()
            .max_by(|a, b| size(a).total_cmp(&size(b)));
        match largest.filter(|row| size(row) > 0.0) {
            None => writeln!(text, ".")?,
            Some(row) => writeln!(
                text,
                "; the largest difference is in {}: {:+.0} points ({:+.0} to {:+.0}).",
                theme_words(&row.theme),
                row.difference_points,
                row.low_points,
                row.high_points
            )?,
        }
    }
    for row in clear {
        let (more, from, to) = if row.difference_points > 0.0 {
            (&row.side, row.against_share, row.share)
        } else {
            (&row.against, row.share, row.against_share)
        };
        writeln!(
            text,
            "{} has clearly more {}: {} against {}.",
            shown(more),
            theme_words(&row.theme),
            percent(to),
            percent(from)
        )?;
    }
    if let Some(row) = of.divergences.first() {
        match (row.divergence, row.chance_level) {
            (Some(divergence), Some(level)) => writeln!(
                text,
                "The theme mixes are {divergence:.2} apart (0 the same, 1 nothing in common): {} (chance level {level:.2}).",
                if row.is_above_chance == Some(true) {
                    "above chance"
                } else {
                    "not above chance"
                }
            )?,
            _ => writeln!(
                text,
                "One of them has no sentence with a theme, so that the mixes cannot be compared."
            )?,
        }
    }
    Ok(())
}

/// The verdict on three sides or more.
fn many_sides(text: &mut String, of: &Comparison) -> std::fmt::Result {
    let judged: Vec<bool> = of
        .divergences
        .iter()
        .filter_map(|row| row.is_above_chance)
        .collect();
    let above = judged.iter().filter(|is_above| **is_above).count();
    writeln!(
        text,
        "{}: of {}, {above} have theme mixes further apart than their chance level; chance alone would give about {:.0}.",
        counted(of.sides.len(), "side"),
        counted(judged.len(), "pair"),
        0.05 * judged.len() as f64,
    )?;
    let mut clear: Vec<&DifferenceRow> = of
        .differences
        .iter()
        .filter(|row| row.test.is_clear)
        .collect();
    clear.sort_by(|a, b| {
        b.difference_points
            .abs()
            .total_cmp(&a.difference_points.abs())
    });
    if clear.is_empty() {
        writeln!(
            text,
            "No side stands out from all others in any theme by more than chance."
        )?;
    } else {
        writeln!(text, "Clearly different from all others together:")?;
    }
    for row in clear.iter().take(LISTED) {
        writeln!(
            text,
            "  {}: {} {} ({} in the others)",
            shown(&row.side),
            percent(row.share),
            theme_words(&row.theme),
            percent(row.against_share)
        )?;
    }
    if clear.len() > LISTED {
        writeln!(
            text,
            "  and {} more in the table of differences",
            clear.len() - LISTED
        )?;
    }
    Ok(())
}

/// The shares side by side; for two sides with their difference.
fn shares(text: &mut String, of: &Comparison) -> std::fmt::Result {
    writeln!(text, "\nShare of sentences, with 95% intervals")?;
    if of.sides.len() > SIDES_SHOWN {
        writeln!(
            text,
            "  {}: see the tables of shares.",
            counted(of.sides.len(), "side")
        )?;
        return Ok(());
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    let is_pair = of.sides.len() == 2;
    let of_side: Vec<&[_]> = of.shares.chunk_by(|a, b| a.side == b.side).collect();
    let interval = |share: f64, low: f64, high: f64| {
        format!(
            "{} ({:.0}-{:.0})",
            percent(share),
            100.0 * low,
            100.0 * high
        )
    };
    if is_pair {
        let mut head = vec![String::new()];
        head.extend(of.sides.iter().map(|side| shown(&side.side)));
        head.extend(["difference, points".into(), "p (Holm)".into()]);
        rows.push(head);
        for (place, theme) in themes(of).enumerate() {
            let mut row = vec![theme.to_owned()];
            let cells = of_side.iter().filter_map(|shares| shares.get(place));
            row.extend(cells.map(|share| interval(share.share, share.low, share.high)));
            if let Some(row_of) = of.differences.get(place) {
                row.push(format!(
                    "{:+.0} ({:+.0} to {:+.0})",
                    row_of.difference_points, row_of.low_points, row_of.high_points
                ));
                let mark = if row_of.test.is_clear { " clear" } else { "" };
                row.push(format!("{:.3}{mark}", row_of.test.p_holm));
            }
            rows.push(row);
        }
        for (label, cell) in [
            (
                "sentences",
                (|side| format!("{}", side.sentences)) as fn(&SideRow) -> String,
            ),
            ("effective themes", |side| {
                match (
                    side.effective_themes,
                    side.effective_low,
                    side.effective_high,
                ) {
                    (Some(n), Some(low), Some(high)) => format!("{n:.1} ({low:.1}-{high:.1})"),
                    (Some(n), ..) => format!("{n:.1}"),
                    _ => String::new(),
                }
            }),
        ] {
            let mut row = vec![label.to_owned()];
            row.extend(of.sides.iter().map(cell));
            rows.push(row);
        }
    } else {
        let mut head = vec![String::new()];
        head.extend(themes(of).map(str::to_owned));
        head.push("sentences".into());
        rows.push(head);
        for (side, shares) in of.sides.iter().zip(of_side) {
            let mut row = vec![shown(&side.side)];
            row.extend(shares.iter().map(|s| interval(s.share, s.low, s.high)));
            row.push(side.sentences.to_string());
            rows.push(row);
        }
    }
    table(text, &rows)
}

fn trends(text: &mut String, of: &Comparison) -> std::fmt::Result {
    let Some(first) = of.trends.first() else {
        return Ok(());
    };
    writeln!(
        text,
        "\nChange per year in percentage points, {} to {}, {}",
        first.from,
        first.to,
        counted(first.sides, "side")
    )?;
    let rows: Vec<Vec<String>> = of
        .trends
        .iter()
        .map(|row| {
            let mark = if row.test.is_clear { " clear" } else { "" };
            vec![
                row.theme.clone(),
                format!(
                    "{:+.1} ({:+.1} to {:+.1})",
                    row.points_per_year, row.low_points, row.high_points
                ),
                format!("p {:.3}{mark}", row.test.p_holm),
            ]
        })
        .collect();
    table(text, &rows)
}

fn baseline(text: &mut String, of: &Comparison) -> std::fmt::Result {
    let mut unusual: Vec<_> = of
        .baseline
        .iter()
        .filter_map(|row| Some((row, row.ratio?, row.low?)))
        .filter(|(row, _, low)| *low > 1.0 || row.high.is_some_and(|high| high < 1.0))
        .collect();
    if of.baseline.is_empty() {
        return Ok(());
    }
    writeln!(text, "\nBeside the baseline")?;
    if unusual.is_empty() {
        writeln!(text, "  Every share may be the usual one.")?;
    }
    unusual.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (row, ratio, low) in unusual.iter().take(LISTED) {
        let high = row
            .high
            .map_or_else(|| "more".into(), |high| format!("{high:.1}"));
        writeln!(
            text,
            "  {}: {ratio:.1} times the usual share of {} ({low:.1} to {high}): {} against {}",
            shown(&row.side),
            theme_words(&row.theme),
            percent(row.share),
            percent(row.baseline_share)
        )?;
    }
    if unusual.len() > LISTED {
        writeln!(
            text,
            "  and {} more in the table of the baseline",
            unusual.len() - LISTED
        )?;
    }
    Ok(())
}

fn words(text: &mut String, of: &Comparison) -> std::fmt::Result {
    if of.sides.len() > SIDES_SHOWN || of.words.is_empty() {
        return Ok(());
    }
    writeln!(text, "\nWords that set each apart")?;
    for rows in of.words.chunk_by(|a, b| a.side == b.side) {
        let words: Vec<&str> = rows
            .iter()
            .take(LISTED)
            .map(|row| row.word.as_str())
            .collect();
        let side = rows.first().map_or("", |row| row.side.as_str());
        writeln!(text, "  {}: {}", shown(side), words.join(", "))?;
    }
    Ok(())
}

/// What one side alone names.
fn only(text: &mut String, of: &Comparison) -> std::fmt::Result {
    if of.sides.len() > SIDES_SHOWN {
        return Ok(());
    }
    for side in &of.sides {
        let mut lines = String::new();
        for (kind, plural) in [
            ("country", "countries"),
            ("instrument", "instruments"),
            ("sum", "sums"),
        ] {
            let items: Vec<String> = of
                .mentions
                .iter()
                .filter(|row| row.kind == kind && row.side == side.side && row.sides == 1)
                .map(|row| escape_controls(&row.item))
                .collect();
            if items.is_empty() {
                continue;
            }
            let more = match items.len().saturating_sub(LISTED) {
                0 => String::new(),
                more => format!("; and {more} more"),
            };
            let listed = items.get(..LISTED.min(items.len())).unwrap_or_default();
            writeln!(lines, "  {plural}: {}{more}", listed.join("; "))?;
        }
        if !lines.is_empty() {
            write!(text, "\nOnly in {}\n{lines}", shown(&side.side))?;
        }
    }
    Ok(())
}

fn notes(text: &mut String, of: &Comparison) -> std::fmt::Result {
    writeln!(
        text,
        "\nIntervals and chance allow for sentences of one {} being alike. \"Clear\" is p < 0.05 after Holm's correction.",
        of.method.cluster
    )?;
    let small: Vec<String> = of
        .sides
        .iter()
        .filter(|side| side.clusters < 10)
        .map(|side| shown(&side.side))
        .collect();
    if !small.is_empty() {
        let more = match small.len().saturating_sub(LISTED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        writeln!(
            text,
            "Fewer than ten {}s, so that only large differences can be clear: {}{more}.",
            of.method.cluster,
            small
                .get(..LISTED.min(small.len()))
                .unwrap_or_default()
                .join(", ")
        )?;
    }
    Ok(())
}

/// Columns of equal width, the first one to the left, the others to the right.
fn table(text: &mut String, rows: &[Vec<String>]) -> std::fmt::Result {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::from(" ");
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            match column {
                0 => write!(line, " {cell:<width$}")?,
                _ => write!(line, "  {cell:>width$}")?,
            }
        }
        writeln!(text, "{}", line.trim_end())?;
    }
    Ok(())
}

fn themes(of: &Comparison) -> impl Iterator<Item = &str> {
    of.themes.iter().map(String::as_str).chain([NO_THEME])
}

fn theme_words(theme: &str) -> &str {
    if theme == NO_THEME {
        "sentences without a theme"
    } else {
        theme
    }
}

fn percent(share: f64) -> String {
    format!("{:.0}%", 100.0 * share)
}

/// The name of a side, safe for a terminal.
fn shown(side: &str) -> String {
    escape_controls(side)
}
