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
        // ". .5 percent" is no ellipsis.
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

/// One past the footnote marks at `from`: "[1][2]", "¹²", "12" glued to the stop at `start`.
pub(super) fn notes_end(text: &str, start: usize, from: usize) -> usize {
    let mut end = from;
    loop {
        let rest = &text[end..];
        let raised = rest.len()
            - rest
                .trim_start_matches(|c: char| {
                    matches!(c, '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' | '†' | '‡')
                })
                .len();
        if raised > 0 {
            end += raised;
            continue;
        }
        let bracketed = rest.strip_prefix('[').and_then(|inside| {
            let inside = inside.strip_prefix('^').map_or(inside, |note| note);
            let close = inside.bytes().take(8).position(|b| b == b']')?;
            let number = !inside[..close].is_empty()
                && inside[..close]
                    .chars()
                    .all(|c| c.is_ascii_digit() || matches!(c, ',' | '-' | '–' | ' '));
            let letter = close == 1 && inside.starts_with(|c: char| c.is_ascii_lowercase());
            (number || letter).then(|| rest.len() - inside.len() + close + 1)
        });
        match bracketed {
            Some(length) => end += length,
            None => break,
        }
    }
    if end > from {
        return end;
    }
    // Figures glued to the stop are a mark when a word or a bracket stands before it and a blank after them.
    let before = text[..start].chars().next_back();
    let marked = before.is_some_and(|c| {
        c.is_lowercase()
            || matches!(c, ')' | ']' | '”' | '"' | '’')
            || (c.is_uppercase() && word_before(text, 0, start).len() > 2)
    });
    if !marked || !text[start..].starts_with(['.', '?', '!']) {
        return end;
    }
    let mut rest = &text[end..];
    loop {
        let digits = rest.bytes().take(4).take_while(u8::is_ascii_digit).count();
        let after = &rest[digits..];
        if !(1..=3).contains(&digits)
            || !(after.is_empty() || after.starts_with(|c: char| is_blank(c) || c == ','))
        {
            return end;
        }
        end = text.len() - after.len();
        // "consultation.11 12 Take": a second mark, when a capital follows it.
        let second = after
            .strip_prefix(' ')
            .or_else(|| after.strip_prefix(','))
            .unwrap_or_default();
        let figures = second
            .bytes()
            .take(4)
            .take_while(u8::is_ascii_digit)
            .count();
        let capital = second[figures..].trim_start_matches(is_blank);
        if !(1..=3).contains(&figures)
            || capital.len() == second[figures..].len()
            || !capital.starts_with(char::is_uppercase)
        {
            return end;
        }
        rest = second;
    }
}

/// The word that ends at `end` and begins no earlier than `from`: letters, figures, inner stops, hyphens and apostrophes.
pub(super) fn word_before(text: &str, from: usize, end: usize) -> &str {
    let floor = floor_boundary(text, end.saturating_sub(LONGEST_WORD)).max(from);
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
    // Long sentences hold many stops: they are not looked through again at each.
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

pub(super) fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
