//! Names of places as datelines write them, and as readers do.

use super::words::PlaceWords;
use crate::text::is_blank;

impl PlaceWords {
    /// Whether the words could name a place: few, capitalised, none of them known to be something else.
    pub fn is_place(&self, words: &str) -> bool {
        let mut count = 0;
        let mut letters = 0;
        for word in words
            .split(|c: char| is_blank(c) || matches!(c, ',' | '/'))
            .filter(|word| !word.is_empty())
        {
            count += 1;
            letters += word.chars().filter(|c| c.is_alphabetic()).count();
            let plain = bare(word);
            let small = self.small.contains(&plain) && count > 1;
            if !small && (!word.starts_with(char::is_uppercase) || self.not.contains(&plain)) {
                return false;
            }
            if !word
                .chars()
                .all(|c| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’'))
            {
                return false;
            }
        }
        (1..=6).contains(&count) && letters >= 2
    }

    /// A place as a reader would write it: "NEW YORK" is "New York", "Washington, D.C." is "Washington DC".
    pub fn name(&self, words: &str) -> Option<String> {
        let mut name = String::new();
        let words = words.trim_matches(|c: char| is_blank(c) || matches!(c, ',' | '.' | ':'));
        let first = words.split(is_blank).next().unwrap_or_default();
        for word in words.split(is_blank).filter(|word| !word.is_empty()) {
            let comma = word.ends_with(',');
            let word = word.trim_end_matches(',');
            let plain = word.replace('.', "");
            let upper = plain.to_uppercase();
            let is_code = self.capitals.contains(&upper) && (plain == upper);
            if is_code && name.ends_with(',') && upper == "DC" {
                name.pop();
            }
            if !name.is_empty() {
                name.push(' ');
            }
            // Beside "Lao" the "PDR" is short for something.
            let is_short = !is_shouted(first) && plain.chars().count() <= 4;
            let shouted = is_shouted(word) && !is_short;
            if is_code {
                name.push_str(&upper);
            } else if shouted && !name.is_empty() && self.small.contains(&word.to_lowercase()) {
                name.push_str(&word.to_lowercase());
            } else if shouted {
                self.push_lowered(&mut name, word);
            } else {
                name.push_str(word);
            }
            if comma {
                name.push(',');
            }
        }
        (!name.is_empty()).then_some(name)
    }

    /// A word in capitals with only its first letters large, part by part: "PORT-AU-PRINCE" is "Port-au-Prince".
    fn push_lowered(&self, name: &mut String, word: &str) {
        for (at, part) in word.split('-').enumerate() {
            if at > 0 {
                name.push('-');
            }
            let lower = part.to_lowercase();
            if at > 0 && self.small.contains(&lower) {
                name.push_str(&lower);
                continue;
            }
            let mut raise = true;
            for c in lower.chars() {
                if raise {
                    name.extend(c.to_uppercase());
                } else {
                    name.push(c);
                }
                // "N'DJAMENA" is "N'Djamena"; "ST. JOHN'S" is "St. John's"; "GENEVA/NEW YORK" are two.
                raise = c == '/' || (matches!(c, '\'' | '’') && name.chars().count() <= 2);
            }
        }
    }

    /// Whether a word in small letters looks like a place but is not one.
    pub fn is_excluded(&self, word: &str) -> bool {
        self.not.contains(word)
    }
}

/// Whether a word of more than one letter is in capitals.
fn is_shouted(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    word.chars().count() > 1 && letters.all(char::is_uppercase)
}

/// A word in small letters, without what stands before and after it.
pub(super) fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
}
