//! The marks of list items that stand in running text: "1. ... 2. ...", "a) ... b) ...", "• ... • ...".

use super::scan::leading_digits;
use crate::text::is_blank;

/// How far away the next mark of a list is looked for, in bytes.
const REACH: usize = 1000;

/// How a mark is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MarkStyle {
    /// "1."
    NumberStop,
    /// "1)"
    NumberBracket,
    /// "1.)"
    NumberBoth,
    /// "a."
    LetterStop,
    /// "a)"
    LetterBracket,
    /// "a.)"
    LetterBoth,
}

/// The mark of an item: "3)" is the third of its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub style: MarkStyle,
    pub ordinal: u32,
    /// The length in bytes.
    pub len: usize,
}

/// A bullet that items of a list in running text begin with.
pub(super) fn is_bullet(c: char) -> bool {
    matches!(
        c,
        '•' | '⁃' | '▪' | '●' | '◦' | '‣' | '■' | '□' | '►' | '➢' | '✓'
    )
}

/// The text after leading bullets and blanks.
pub(super) fn after_bullets(text: &str) -> &str {
    text.trim_start_matches(|c: char| is_bullet(c) || is_blank(c))
}

/// The mark that `text` begins with, when a blank follows it.
pub(super) fn mark(text: &str) -> Option<Mark> {
    let bytes = text.as_bytes();
    let digits = leading_digits(text);
    let (ordinal, head) = match digits {
        0 => (
            u32::from(
                bytes
                    .first()
                    .filter(|b| b.is_ascii_alphabetic())?
                    .to_ascii_lowercase()
                    - b'a',
            ) + 1,
            1,
        ),
        1..=3 => (text[..digits].parse().ok()?, digits),
        _ => return None,
    };
    let tail = &bytes[head..];
    let (style, len) = match (digits > 0, tail) {
        (true, [b'.', b')', ..]) => (MarkStyle::NumberBoth, 2),
        (true, [b')', ..]) => (MarkStyle::NumberBracket, 1),
        (true, [b'.', ..]) => (MarkStyle::NumberStop, 1),
        (false, [b'.', b')', ..]) => (MarkStyle::LetterBoth, 2),
        (false, [b')', ..]) => (MarkStyle::LetterBracket, 1),
        (false, [b'.', ..]) => (MarkStyle::LetterStop, 1),
        _ => return None,
    };
    let len = head + len;
    text[len..].starts_with(is_blank).then_some(Mark {
        style,
        ordinal,
        len,
    })
}

/// Where the next item of the list that `first` belongs to begins: its successor, or the first of a new list.
///
/// `text` begins after the mark.
pub(super) fn next_item(text: &str, first: Mark, may_restart: bool) -> Option<usize> {
    let mut at = 0;
    while at < text.len().min(REACH) {
        let gap = text[at..].find(is_blank)? + at;
        let word = text[gap..].trim_start_matches(is_blank);
        at = text.len() - word.len();
        if let Some(found) = mark(word) {
            let fits = found.ordinal == first.ordinal + 1 || (may_restart && found.ordinal == 1);
            if found.style == first.style && fits {
                return Some(at);
            }
        }
    }
    None
}

/// Whether `text` begins with a mark in brackets and then a capital: "(b) Trade", "(iv) Trade".
pub(super) fn opens_enclosed_item(text: &str) -> bool {
    let Some((label, rest)) = text
        .strip_prefix('(')
        .and_then(|inside| inside.split_once(')'))
    else {
        return false;
    };
    let known = label.len() <= 5
        && !label.is_empty()
        && (label.bytes().all(|b| b.is_ascii_digit())
            || (label.len() <= 2 && label.bytes().all(|b| b.is_ascii_alphabetic()))
            || label
                .bytes()
                .all(|b| b"ivxlc".contains(&b.to_ascii_lowercase())));
    let words = rest.trim_start_matches(is_blank);
    known && words.len() < rest.len() && words.starts_with(char::is_uppercase)
}

/// Where items begin inside a stretch that begins with an item itself, in order.
///
/// Marks with a bracket are clear enough to divide at; those with only a stop are judged with the stop.
pub(super) fn items(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    if let Some(bullet) = text.chars().next().filter(|&c| is_bullet(c)) {
        let inside = text
            .char_indices()
            .skip(1)
            .filter(|&(at, c)| c == bullet && text[..at].ends_with(is_blank));
        starts.extend(inside.map(|(at, _)| at));
        return starts;
    }
    let mut at = 0;
    while let Some(found) = mark(&text[at..]) {
        if matches!(found.style, MarkStyle::NumberStop | MarkStyle::LetterStop) {
            break;
        }
        let from = at + found.len;
        let Some(next) = next_item(&text[from..], found, !starts.is_empty()) else {
            break;
        };
        at = from + next;
        starts.push(at);
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks() {
        assert_eq!(
            mark("2.) The").map(|m| (m.style, m.ordinal, m.len)),
            Some((MarkStyle::NumberBoth, 2, 3))
        );
        assert_eq!(
            mark("c) the").map(|m| (m.style, m.ordinal, m.len)),
            Some((MarkStyle::LetterBracket, 3, 2))
        );
        for text in ["2.5 million", "1967. The", "(a) The", "Co. The", "", "é. "] {
            assert_eq!(mark(text), None, "{text}");
        }
    }

    #[test]
    fn items_of_a_list_in_one_line() {
        assert_eq!(
            items("1) Trade in goods 2) Trade in services 3) Investment"),
            [18, 39]
        );
        assert_eq!(items("• Trade • Investment"), [10]);
        assert_eq!(items("1) Trade and the 3) rest"), [0_usize; 0]);
    }
}
