//! Quotations and brackets: what they hold is not divided.

/// Quotations and brackets longer than this, in bytes, are divided like any other prose.
const LONGEST: usize = 400;

/// Brackets nested deeper than this are not those of prose.
const DEEPEST: usize = 4;

/// The stretches of `text` between an opening mark and its closing mark, both included, in order and not nested.
///
/// A mark without its partner within a few lines counts for nothing.
pub(super) fn enclosures(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'"' if opens(text, at, 1) => close_straight(text, at, b'"'),
            b'\'' if opens(text, at, 1) => close_straight(text, at, b'\''),
            b'(' => close_bracket(bytes, at, b'(', b')'),
            b'[' => close_bracket(bytes, at, b'[', b']'),
            0xe2 if bytes[at..].starts_with("“".as_bytes()) => close_curly(text, at, "“", "”"),
            0xe2 if bytes[at..].starts_with("‘".as_bytes()) => close_curly(text, at, "‘", "’"),
            0xc2 if bytes[at..].starts_with("«".as_bytes()) => close_curly(text, at, "«", "»"),
            _ => None,
        };
        match end {
            Some(end) => {
                found.push((at, end));
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// Whether a mark that serves on both sides opens here: nothing, a blank or a bracket before it, a word after it.
fn opens(text: &str, at: usize, len: usize) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at + len..].chars().next();
    before.is_none_or(|c| {
        c.is_whitespace() || matches!(c, '(' | '[' | '—' | '–' | '-' | '"' | '“' | '‘')
    }) && after.is_some_and(|c| !c.is_whitespace())
}

fn close_straight(text: &str, open: usize, mark: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let limit = bytes.len().min(open + LONGEST);
    for at in (open + 1..limit).filter(|&at| bytes[at] == mark) {
        if opens(text, at, 1) && bytes[at - 1].is_ascii_whitespace() {
            return None;
        }
        let followed = text[at + 1..].chars().next();
        if !bytes[at - 1].is_ascii_whitespace() && followed.is_none_or(|c| !c.is_alphanumeric()) {
            return Some(at + 1);
        }
    }
    None
}

fn close_curly(text: &str, open: usize, opening: &str, closing: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let limit = bytes.len().min(open + LONGEST);
    let (first, last) = (opening.as_bytes(), closing.as_bytes());
    let mut at = open + first.len();
    while at < limit {
        if bytes[at..].starts_with(first) {
            return None;
        }
        let end = at + last.len();
        // A closing single quote before a letter is an apostrophe.
        if bytes[at..].starts_with(last)
            && (closing != "’"
                || text[end..]
                    .chars()
                    .next()
                    .is_none_or(|c| !c.is_alphanumeric()))
        {
            return Some(end);
        }
        at += 1;
    }
    None
}

fn close_bracket(bytes: &[u8], open: usize, opening: u8, closing: u8) -> Option<usize> {
    let limit = bytes.len().min(open + LONGEST);
    let mut depth = 0_usize;
    for (at, &byte) in bytes.iter().enumerate().take(limit).skip(open) {
        if byte == opening {
            depth += 1;
            if depth > DEEPEST {
                return None;
            }
        } else if byte == closing {
            depth -= 1;
            if depth == 0 {
                return Some(at + 1);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_what_only_looks_like_one() {
        let text = "The (so-called (interim)) text’s “first. part” and 'the other' of the States' 'nineties [1].";
        let found: Vec<_> = enclosures(text)
            .into_iter()
            .map(|(start, end)| &text[start..end])
            .collect();
        assert_eq!(
            found,
            [
                "(so-called (interim))",
                "“first. part”",
                "'the other'",
                "[1]"
            ]
        );
    }
}
