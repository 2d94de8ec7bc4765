//! Stops, what closes after them and the words before them, as they stand in the text.

use crate::text::is_blank;

/// Words are looked at no further back than this, in bytes.
const LONGEST_WORD: usize = 48;

/// Where the next stop stands, at `from` or after it.
pub(super) fn next_stop(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    (from..bytes.len()).find(|&at| match bytes[at] {
        b'.' | b'!' | b'?' => true,
        // The lead bytes of "…", "。", "．！？｡", "؟" and "।".
        0xe2 | 0xe3 | 0xef | 0xd8 | 0xe0 => text[at..].starts_with(is_stop),
        _ => false,
    })
}

fn is_stop(c: char) -> bool {
    matches!(
        c,
        '.' | '!' | '?' | '…' | '。' | '．' | '！' | '？' | '｡' | '؟' | '।'
    )
}

/// One past the last of the stops that follow each other, with single spaces between dots.
pub(super) fn stops_end(text: &str, start: usize) -> usize {
    let rest = &text[start..];
    let mut end = rest.len() - rest.trim_start_matches(is_stop).len();
    while let Some(gap) = rest[end..].chars().next().filter(|&c| is_blank(c)) {
        let after = &rest[end + gap.len_utf8()..];
        let dots = after.len() - after.trim_start_matches(['.', '…']).len();
        // ". .5 percent" is not an ellipsis.
        if dots == 0 || after[dots..].starts_with(|c: char| c.is_alphanumeric()) {
            break;
        }
        end += gap.len_utf8() + dots;
    }
    start + end
}

/// One past the closing quotes, brackets and emphasis marks at `from`.
pub(super) fn closers_end(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    let after = rest.trim_start_matches([
        '"', '\'', '”', '’', '»', '›', ')', ']', '}', '」', '』', '）', '*', '_',
    ]);
    let end = rest.len() - after.len();
    // A straight quote or a mark of emphasis with a letter after it opens the next words: ended."The
    if after.starts_with(char::is_alphanumeric) {
        let kept = rest[..end].trim_end_matches(['"', '\'', '*', '_']);
        return from + kept.len();
    }
    from + end
}

/// One past the footnote marks at `from`: `[1][2]`, `¹²`, `12` glued to the stop at `start`.
pub(super) fn notes_end(text: &str, start: usize, from: usize) -> usize {
    let mut end = from;
    while let Some(length) = note_mark(&text[end..]) {
        end += length;
    }
    if end == from && may_carry_figures(text, start) {
        figures_end(text, from)
    } else {
        end
    }
}

/// The length of the raised figures, daggers or bracketed label that `text` begins with: `¹²`, `†`, `[1-3]`, `[^2]`, `[a]`.
fn note_mark(text: &str) -> Option<usize> {
    let is_raised = |c: char| matches!(c, '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' | '†' | '‡');
    let raised = text.len() - text.trim_start_matches(is_raised).len();
    if raised > 0 {
        return Some(raised);
    }
    let inside = text.strip_prefix('[')?;
    let inside = inside.strip_prefix('^').unwrap_or(inside);
    let close = inside.bytes().take(8).position(|b| b == b']')?;
    let label = &inside[..close];
    let is_number = !label.is_empty()
        && label
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ',' | '-' | '–' | ' '));
    let is_letter = close == 1 && label.starts_with(|c: char| c.is_ascii_lowercase());
    (is_number || is_letter).then(|| text.len() - inside.len() + close + 1)
}

/// Whether figures glued to the stop at `start` can be a footnote mark: a word or a bracket stands before the stop.
fn may_carry_figures(text: &str, start: usize) -> bool {
    let before = text[..start].chars().next_back();
    let ends_words = before.is_some_and(|c| {
        c.is_lowercase()
            || matches!(c, ')' | ']' | '”' | '"' | '’')
            || (c.is_uppercase() && word_before(text, 0, start).len() > 2)
    });
    ends_words && text[start..].starts_with(['.', '?', '!'])
}

/// One past the glued figures at `from`, if a blank follows them.
fn figures_end(text: &str, from: usize) -> usize {
    let mut end = from;
    let mut rest = &text[from..];
    loop {
        let digits = leading_digits(rest);
        let after = &rest[digits..];
        if !(1..=3).contains(&digits)
            || !(after.is_empty() || after.starts_with(|c: char| is_blank(c) || c == ','))
        {
            return end;
        }
        end = text.len() - after.len();
        // "consultation.11 12 Take": a second mark, when a capital follows it.
        let second = after.strip_prefix([' ', ',']).unwrap_or_default();
        let figures = leading_digits(second);
        let next = &second[figures..];
        let words = next.trim_start_matches(is_blank);
        if !(1..=3).contains(&figures)
            || words.len() == next.len()
            || !words.starts_with(char::is_uppercase)
        {
            return end;
        }
        rest = second;
    }
}

/// How many digits `text` begins with, up to four.
pub(super) fn leading_digits(text: &str) -> usize {
    let bytes = text.bytes().take(4);
    bytes.take_while(u8::is_ascii_digit).count()
}

/// The word that ends at `end` and begins no earlier than `from`: letters, figures, inner stops, hyphens and apostrophes.
pub(super) fn word_before(text: &str, from: usize, end: usize) -> &str {
    let floor = text
        .floor_char_boundary(end.saturating_sub(LONGEST_WORD))
        .max(from);
    let stretch = &text[floor..end];
    let start = stretch
        .char_indices()
        .rev()
        .find(|&(_, c)| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '\'' | '’' | '°')))
        .map_or(0, |(at, c)| at + c.len_utf8());
    stretch[start..].trim_start_matches(['.', '-', '\'', '’'])
}

/// Whether the words are only the number or letter of a paragraph or an item: "12", "(a)", "IV", "Q".
pub(super) fn is_label_alone(words: &str) -> bool {
    // Long sentences hold many stops: they are not searched again at each.
    if words.len() > 24 {
        return false;
    }
    let label = words.trim_matches(|c: char| {
        is_blank(c)
            || matches!(
                c,
                '(' | ')' | '[' | ']' | '*' | '_' | '"' | '“' | '§' | '.' | '-' | '–'
            )
    });
    let letters = label.chars().count();
    (1..=8).contains(&letters)
        && (letters <= 6
            && label
                .split('.')
                .all(|part| part.len() < 2 || part.bytes().all(|b| b.is_ascii_digit()))
            || letters == 1
            || label.bytes().all(|b| b"IVXLC".contains(&b))
            || label.bytes().all(|b| b"ivxlc".contains(&b)))
}
