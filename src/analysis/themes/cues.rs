//! How cues are written, and how they and sentences are brought to one form.

use std::collections::HashSet;

/// Refuses a cue or exception that could match nothing or everything, or that the theme already has.
pub(super) fn check_phrase(phrase: &str, seen: &mut HashSet<String>) -> Result<(), String> {
    let stem = phrase.strip_suffix('*').unwrap_or(phrase);
    if !stem.chars().any(char::is_alphanumeric) {
        return Err(format!("cue `{phrase}`: expected a word or phrase"));
    }
    if stem.contains('*') {
        return Err(format!("cue `{phrase}`: `*` may stand only at the end"));
    }
    if !seen.insert(collapsed(phrase).to_ascii_lowercase()) {
        return Err(format!("cue `{phrase}` is given twice"));
    }
    Ok(())
}

/// The text with every run of white space, hyphens and dashes as one space, none at either end, no soft hyphens or
/// zero-width spaces, and plain apostrophes.
pub(super) fn collapsed(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        match c {
            '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' => {}
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => gap = true,
            c if c.is_whitespace() => gap = true,
            c => {
                if gap && !collapsed.is_empty() {
                    collapsed.push(' ');
                }
                gap = false;
                collapsed.push(if c == '\u{2019}' { '\'' } else { c });
            }
        }
    }
    collapsed
}

/// Whether only the capitals of a cue count: one word, at least two letters, all of them capitals.
pub(super) fn is_acronym(stem: &str) -> bool {
    let letters = stem.chars().filter(|c| c.is_alphabetic());
    letters.clone().count() >= 2 && letters.clone().all(char::is_uppercase) && !stem.contains(' ')
}
