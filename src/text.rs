//! Small things that text needs everywhere: words for people, escapes, digests as text. It knows no other module.

use std::borrow::Cow;
use std::path::Path;

use rust_decimal::Decimal;
use unicode_segmentation::UnicodeSegmentation;

/// "1 statement", "2 statements".
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// Digits in groups of three: "60,000,000".
pub fn grouped(amount: Decimal) -> String {
    let text = amount.normalize().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// `value` rounded to so many decimals: more would be noise.
pub fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (value * scale).round() / scale
}

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A path for a message: control characters (a newline in a name) are shown escaped.
pub fn shown(path: &Path) -> String {
    escape_controls(&path.to_string_lossy())
}

/// `text` with control characters written as escapes, so that it cannot forge lines on a terminal, and with the marks that
/// turn the direction of what follows, so that it cannot look like something else.
pub fn escape_controls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// "did you mean ...?" for a word close to one of `known`, else the whole list.
pub fn did_you_mean(word: &str, known: &[&str]) -> String {
    let closest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match closest {
        Some((similarity, candidate)) if similarity > 0.8 => format!("did you mean `{candidate}`?"),
        _ => format!("known are: {}", known.join(", ")),
    }
}

/// How many words a text has, as Unicode defines them (UAX #29).
pub fn count_words(text: &str) -> usize {
    text.unicode_words().count()
}

/// Whether a character is nothing to a reader: white space of any kind, or an invisible mark such as a byte-order mark.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Words as a table shows them: every run of white space that holds a line break becomes one space, so that a
/// hard-wrapped sentence is one line. Otherwise the words stay as they are.
pub fn one_line(text: &str) -> Cow<'_, str> {
    let breaks = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    if !text.contains(breaks) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(breaks) {
        let (before, after) = rest.split_at(at);
        out.push_str(before.trim_end());
        rest = after.trim_start();
        if !out.is_empty() && !rest.is_empty() {
            out.push(' ');
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether the bytes from `start` to `end`, if they are letters, are not part of a longer word.
pub fn is_whole_word(text: &str, start: usize, end: usize) -> bool {
    let alphabetic = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let inside = &text[start..end];
    let cut_before =
        alphabetic(inside.chars().next()) && alphabetic(text[..start].chars().next_back());
    let cut_after =
        alphabetic(inside.chars().next_back()) && alphabetic(text[end..].chars().next());
    !cut_before && !cut_after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped() {
        for (amount, shown) in [
            ("60000000", "60,000,000"),
            ("1234.50", "1,234.5"),
            ("999", "999"),
            ("-123456", "-123,456"),
        ] {
            assert_eq!(grouped(amount.parse().unwrap()), shown);
        }
    }

    #[test]
    fn a_wrapped_sentence_is_one_line() {
        assert_eq!(
            one_line("The two\n   leaders \r\n met."),
            "The two leaders met."
        );
        assert_eq!(one_line("two  spaces stay"), "two  spaces stay");
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        let text = "a\u{1b}[2J\u{9b}m\u{202e}b\u{2069}\né שלום";
        let wanted = "a\\u{1b}[2J\\u{9b}m\\u{202e}b\\u{2069}\\né שלום";
        assert_eq!(escape_controls(text), wanted);
    }

    #[test]
    fn a_misspelt_word_gets_a_suggestion() {
        assert_eq!(
            did_you_mean("formt", &["format", "input"]),
            "did you mean `format`?"
        );
        assert_eq!(
            did_you_mean("x", &["format", "input"]),
            "known are: format, input"
        );
    }
}
