//! What belongs to the page and not to the text: running heads, page numbers, the masthead of a UN document.

use std::collections::{HashMap, HashSet};

use super::glyphs::{Page, PageLine};

/// The part of a page, from either edge, in which running heads and page numbers stand.
const MARGIN: f64 = 0.14;

/// How many lines the masthead of a document may have.
const LONGEST_MASTHEAD: usize = 16;

/// What the masthead says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Masthead {
    /// The body that issued the document.
    pub issuer: Option<String>,
    /// The number under which the document is known: "S/2031/7".
    pub symbol: Option<String>,
    /// Its lines, one of which holds the date.
    pub lines: String,
}

/// Removes furniture from all pages, and says what the masthead of the first held.
pub(super) fn remove(pages: &mut [Page]) -> Option<Masthead> {
    let masthead = pages.first_mut().and_then(remove_masthead);
    let repeated = repeated(pages);
    for page in pages.iter_mut() {
        let height = page.height;
        // Many lines of a page may look like page numbers in a table: only the outermost count.
        let edges = outermost(&page.lines, height);
        let mut at = 0;
        page.lines.retain(|line| {
            let edge = edges.contains(&at);
            at += 1;
            let number = edge && (is_page_number(&line.text) || is_job_number(&line.text));
            let known = repeated.contains(&key(line))
                && (edge || repeated_in_place(line, height, &repeated));
            !number && !known && !is_rule(&line.text)
        });
    }
    masthead
}

/// A line as it is compared between pages: figures are all alike, and their order does not matter, since heads of
/// left and right pages are mirrored.
fn key(line: &PageLine) -> String {
    let figures: String = line
        .text
        .chars()
        .filter(|c| !c.is_control())
        .map(|c| if c.is_ascii_digit() { '#' } else { c })
        .collect();
    let mut words: Vec<&str> = figures.split_whitespace().collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

/// The lines that stand at the edge of three pages or more; of two in a document of fewer than five.
fn repeated(pages: &[Page]) -> HashSet<String> {
    let mut seen: HashMap<String, HashSet<(u32, bool)>> = HashMap::new();
    for page in pages {
        let edges = outermost(&page.lines, page.height);
        for (at, line) in page.lines.iter().enumerate() {
            let entry = seen.entry(key(line)).or_default();
            entry.insert((page.number, edges.contains(&at)));
        }
    }
    let wanted = if pages.len() < 5 { 2 } else { 3 };
    seen.into_iter()
        .filter(|(key, places)| {
            let at_edge = places.iter().filter(|(_, edge)| *edge).count();
            !key.is_empty() && at_edge >= wanted
        })
        .map(|(key, _)| key)
        .collect()
}

/// Whether a line that is a running head elsewhere stands where running heads do, though not outermost.
fn repeated_in_place(line: &PageLine, height: f64, repeated: &HashSet<String>) -> bool {
    repeated.contains(&key(line)) && in_margin(line, height)
}

fn in_margin(line: &PageLine, height: f64) -> bool {
    line.y < MARGIN * height || line.y > (1.0 - MARGIN) * height
}

/// The positions of the outermost line at either end of a page and of those beside it in the margins.
fn outermost(lines: &[PageLine], height: f64) -> HashSet<usize> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|a, b| lines[*a].y.total_cmp(&lines[*b].y));
    let ends = order.first().into_iter().chain(order.last());
    let margin = order
        .iter()
        .take(5)
        .chain(order.iter().rev().take(4))
        .filter(|at| in_margin(&lines[**at], height));
    ends.chain(margin).copied().collect()
}

/// "3", "- 3 -", "Page 3 of 7", "3/7", "iv".
fn is_page_number(text: &str) -> bool {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .filter(|word| !matches!(word.as_str(), "page" | "p" | "pg" | "of"))
        .collect();
    let roman = |word: &str| word.len() <= 5 && word.bytes().all(|b| b"ivxl".contains(&b));
    let number = |word: &str| word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit());
    let figures = words.iter().all(|word| number(word) || roman(word));
    text.len() <= 24
        && (1..=2).contains(&words.len())
        && figures
        && !text.ends_with([')', ';', '.'])
}

/// "18-05968 (E) 160418", "*1805968*", "17-03089 2/3": what the UN prints at the foot of a page.
fn is_job_number(text: &str) -> bool {
    let digits = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let mut job = false;
    text.split_whitespace().all(|word| {
        let number = word.split_once('-').is_some_and(|(year, rest)| {
            year.len() == 2 && digits(year) && (5..=6).contains(&rest.len()) && digits(rest)
        });
        let bars = word.len() > 4
            && word
                .strip_prefix('*')
                .and_then(|word| word.strip_suffix('*'))
                .is_some_and(digits);
        job |= number || bars;
        let page = word
            .split_once('/')
            .is_some_and(|(a, b)| digits(a) && digits(b));
        number || bars || page || (digits(word) && word.len() <= 6) || matches!(word, "(E)" | "(F)")
    }) && job
}

/// A line drawn with characters: it separates the footnotes from the text.
fn is_rule(text: &str) -> bool {
    let mut count = 0;
    text.chars().all(|c| {
        count += 1;
        matches!(c, '_' | '-' | '–' | '—' | '=' | '*' | ' ')
    }) && count >= 3
}

/// The head of a UN document, from "United Nations" to "Original: English" and the job number.
fn remove_masthead(page: &mut Page) -> Option<Masthead> {
    let head: Vec<&str> = page
        .lines
        .iter()
        .take(LONGEST_MASTHEAD)
        .map(|line| line.text.as_str())
        .collect();
    let distribution = head.iter().position(|line| line.contains("Distr."))?;
    // The job number may stand at the foot instead, which on a short page is near.
    let is_part = |line: &PageLine| {
        let text = line.text.as_str();
        text.contains("Distr.")
            || text.starts_with("Original:")
            || (is_job_number(text) && line.y < page.height / 2.0)
    };
    let mut last = (page.lines.iter().take(LONGEST_MASTHEAD)).rposition(is_part)?;
    // Where nothing names the original language the date ends it.
    if last == distribution && head.get(last + 1).is_some_and(|line| is_short_date(line)) {
        last += 1;
    }
    let issuer = head
        .iter()
        .take(distribution + 1)
        .filter_map(|line| line.split("Distr.").next())
        .map(str::trim)
        .rfind(|name| !name.is_empty() && name.chars().all(|c| c.is_alphabetic() || c == ' '))
        .map(str::to_owned);
    let symbol = head
        .iter()
        .take(distribution + 1)
        .flat_map(|line| line.split_whitespace())
        .find(|word| {
            let large = word.starts_with(|c: char| c.is_ascii_uppercase());
            large && word.contains('/') && word.ends_with(|c: char| c.is_ascii_alphanumeric())
        })
        .map(str::to_owned);
    let lines = head.get(..=last)?.join("\n");
    page.lines.drain(..=last);
    Some(Masthead {
        issuer,
        symbol,
        lines,
    })
}

fn is_short_date(line: &str) -> bool {
    line.len() < 24 && line.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, y: f64) -> PageLine {
        PageLine {
            text: text.into(),
            left: 70.0,
            right: 500.0,
            y,
            size: 10.0,
        }
    }

    fn page(number: u32, lines: Vec<PageLine>) -> Page {
        Page {
            number,
            height: 800.0,
            lines,
        }
    }

    fn texts(page: &Page) -> Vec<&str> {
        page.lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn running_heads_and_page_numbers_go_and_text_stays() {
        let mut pages: Vec<Page> = (1..=5)
            .map(|number| {
                let mut lines = vec![
                    line(&format!("PIF/{number}24/7 Communiqué"), 40.0),
                    line("The Forum,", 120.0),
                    line(
                        &format!("{number}. Welcomes the report of year {number};"),
                        400.0,
                    ),
                    line("2024", 420.0),
                    line(&format!("Page {number} of 5"), 770.0),
                ];
                if number % 2 == 0 {
                    lines[0].text = format!("Communiqué PIF/{number}24/7");
                }
                page(number, lines)
            })
            .collect();
        assert_eq!(remove(&mut pages), None);
        assert_eq!(
            texts(&pages[1]),
            ["The Forum,", "2. Welcomes the report of year 2;", "2024"]
        );
    }

    #[test]
    fn the_masthead_of_a_document_is_read_and_removed() {
        let mut pages = [page(
            1,
            vec![
                line("United Nations S/2031/7", 40.0),
                line("Security Council Distr.: General", 60.0),
                line("3 May 2031", 72.0),
                line("Original: English", 90.0),
                line("Samoa and Tonga: draft resolution", 140.0),
                line("The Security Council,", 160.0),
                line("31-00007 (E) 040531", 760.0),
                line("*3100007*", 775.0),
            ],
        )];
        let masthead = remove(&mut pages).unwrap();
        assert_eq!(masthead.issuer.as_deref(), Some("Security Council"));
        assert_eq!(masthead.symbol.as_deref(), Some("S/2031/7"));
        assert!(masthead.lines.contains("3 May 2031"));
        assert_eq!(
            texts(&pages[0]),
            ["Samoa and Tonga: draft resolution", "The Security Council,"]
        );
    }

    #[test]
    fn page_numbers_are_told_from_text() {
        for number in ["3", "- 3 -", "Page 3 of 7", "3/7", "iv", "| 12"] {
            assert!(is_page_number(number), "{number}");
        }
        for text in ["1.", "(a)", "2. Welcomes", "of the", "vii)", "12 May 2024"] {
            assert!(!is_page_number(text), "{text}");
        }
    }
}
