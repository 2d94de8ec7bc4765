//! Calendar dates as statements write them, each with its span.

use std::collections::HashMap;

use jiff::civil::Date;
use regex::{Captures, Regex};

use super::words::{DateWords, StructureData, compile, longest_first};
use crate::Result;
use crate::document::Span;

/// Finds calendar dates: day, month and year, in words or in figures that can be read in one way only.
///
/// Reads "1 May 2023", "May 14, 2025", "2ND APRIL, 1967", "the 1st day of May 2023", "2023-05-01", "05.04.2025" (the day
/// stands before the month) and "14/05/2025" (a day above twelve tells it from the month). Of several days, "8-9 August
/// 2019" or "8/9 August 2019", it reads the last.
/// White space of any kind may stand between the parts.
#[derive(Debug)]
pub struct DateReader {
    dates: Regex,
    months: HashMap<String, i8>,
    ordinals: Vec<Regex>,
    /// A date of another calendar at the end of a text, and at its start.
    foreign_last: Regex,
    foreign_first: Regex,
}

impl DateReader {
    /// A reader of the English dates that `models/structure.toml` describes.
    ///
    /// # Errors
    ///
    /// When the data compiled in cannot be read.
    pub fn embedded() -> Result<Self> {
        Self::new(&StructureData::embedded()?.dates)
    }

    /// A reader from its words.
    pub(super) fn new(words: &DateWords) -> Result<Self> {
        let mut months = HashMap::new();
        for (number, names) in (1..=12).zip(&words.months) {
            months.extend(names.iter().map(|name| (name.clone(), number)));
        }
        let names = longest_first(words.months.iter().flatten());
        let days = longest_first(words.ordinals.iter());
        let weekdays = longest_first(words.weekdays.iter());
        let year = r"(?:1[6-9]|20|21)\d\d";
        let to = r"(?:[-–—/&]|to|and)";
        let pattern = format!(
            r"(?xi)
            \b (?: (?:{weekdays}) \.? \s* ,? \s+ )? (?:the\s+)?
            (?:
                (?: (?: [0-3]?\d (?:\s+(?:{names}))? \s* {to} \s* )? (?P<d1>[0-3]?\d) \s* (?:st|nd|rd|th|er)? | (?P<o1>{days}) )
                (?: \s* (?:th)? \s* day )? [\s,.\-]+ (?:of\s+)? (?P<m1>{names}) \b [\s,.\-]* (?:of\s+)? (?P<y1>{year})
              | (?P<m2>{names}) \b \.? \s+ (?:the\s+)? (?: (?: [0-3]?\d \s* {to} \s* )? (?P<d2>[0-3]?\d) \s* (?:st|nd|rd|th)? | (?P<o2>{days}) )
                (?: \s*,\s* | \s+ ) (?P<y2>{year})
              | (?P<y3>{year}) (?: - (?P<m3>[01]\d) - | / (?P<m4>[01]\d) / | \. (?P<m5>[01]\d) \. ) (?P<d3>[0-3]\d)
              | (?P<a>[0-3]?\d) (?: / (?P<b1>[0-3]?\d) / | \. (?P<b2>[0-3]?\d) \. | - (?P<b3>[0-3]?\d) - ) (?P<y4>{year})
            ) \b"
        );
        let foreign = longest_first(words.foreign_months.iter());
        let foreign = format!(
            r"(?:[0-3]?\d(?:st|nd|rd|th)?\s+(?:of\s+)?)?\b(?:{foreign})\b(?:\s+[0-3]?\d)?,?\s+1[34]\d\d(?:\s*(?:A\.?\s?H|H)\b\.?)?"
        );
        let and = r"(?:corresponding\s+to|equivalent\s+to|[\s,/=()\[\]–—-])*";
        Ok(Self {
            foreign_last: compile(&format!("(?i){and}(?:{foreign}){and}$"))?,
            foreign_first: compile(&format!("(?i)^{and}(?:{foreign})"))?,
            dates: compile(&pattern)?,
            months,
            ordinals: words
                .ordinals
                .iter()
                .map(|day| compile(&format!("(?i)^(?:{day})$")))
                .collect::<Result<_>>()?,
        })
    }

    /// Every date of `text`, in order, with its span there (the day of the week included).
    ///
    /// What looks like a date but is not one, or could be two ("31 February 2024", "05/06/2025"), is left out.
    pub fn find<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (Span, Date)> + 't {
        self.dates.captures_iter(text).filter_map(|found| {
            let whole = found.get(0)?;
            Some((Span::new(whole.start(), whole.end()), self.date(&found)?))
        })
    }

    /// The first date of `text`; where there is none, the first that cannot be told: "05/06/2025" may be two.
    pub(super) fn first_or_unclear(&self, text: &str) -> Option<(Span, Option<Date>)> {
        let first = self.first(text).map(|(span, date)| (span, Some(date)));
        first.or_else(|| {
            let found = self.dates.find(text)?;
            Some((Span::new(found.start(), found.end()), None))
        })
    }

    /// What stands before a date and after it, without the same day in another calendar.
    pub(super) fn around<'t>(&self, text: &'t str, date: Span) -> (&'t str, &'t str) {
        let (before, after) = (&text[..date.start], &text[date.end..]);
        let last = self.foreign_last.find(before);
        let first = self.foreign_first.find(after);
        (
            last.map_or(before, |found| &before[..found.start()]),
            first.map_or(after, |found| &after[found.end()..]),
        )
    }

    /// The first date of `text`.
    pub fn first(&self, text: &str) -> Option<(Span, Date)> {
        self.find(text).next()
    }

    fn date(&self, found: &Captures<'_>) -> Option<Date> {
        let part = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| found.name(name))
                .map(|m| m.as_str())
        };
        let number = |names: &[&str]| part(names).and_then(|digits| digits.parse::<i8>().ok());
        let year: i16 = part(&["y1", "y2", "y3", "y4"])?.parse().ok()?;
        if let Some(first) = number(&["a"]) {
            let second = number(&["b1", "b2", "b3"])?;
            let (month, day) = match (first, second) {
                // With stops the day stands first, wherever dates are written so.
                (a, b) if part(&["b2"]).is_some() && b <= 12 => (b, a),
                (a, b) if a > 12 => (b, a),
                (a, b) if b > 12 || a == b => (a, b),
                _ => return None,
            };
            return Date::new(year, month, day).ok();
        }
        let month = match part(&["m1", "m2"]) {
            Some(name) => *self.months.get(&name.to_lowercase())?,
            None => number(&["m3", "m4", "m5"])?,
        };
        let day = match part(&["o1", "o2"]) {
            Some(word) => {
                (1..)
                    .zip(&self.ordinals)
                    .find(|(_, day)| day.is_match(word))?
                    .0
            }
            None => number(&["d1", "d2", "d3"])?,
        };
        Date::new(year, month, day).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(text: &str) -> Vec<(String, String)> {
        let reader = DateReader::embedded().unwrap();
        let found: Vec<_> = reader
            .find(text)
            .map(|(span, date)| (span.of(text).to_owned(), date.to_string()))
            .collect();
        found
    }

    #[test]
    fn reads_every_way_of_writing_a_date() {
        for (text, date) in [
            ("1 May 2023", "2023-05-01"),
            ("May 14, 2025", "2025-05-14"),
            ("14\u{a0}May\u{202f}2025", "2025-05-14"),
            ("2ND APRIL, 1967", "1967-04-02"),
            ("1st day of May 2023", "2023-05-01"),
            ("twenty-first day of June, 2019", "2019-06-21"),
            ("Sept. 3, 2014", "2014-09-03"),
            ("Wednesday, 24th September 2025", "2025-09-24"),
            ("2023-05-01", "2023-05-01"),
            ("14/05/2025", "2025-05-14"),
            ("5/14/2025", "2025-05-14"),
            ("14.05.2025", "2025-05-14"),
            ("05.06.2025", "2025-06-05"),
            ("the 5th of June 2025", "2025-06-05"),
            ("4/5 June 2025", "2025-06-05"),
            ("June 4 & 5, 2025", "2025-06-05"),
            ("12-Jan-2024", "2024-01-12"),
            ("8-9 August 2019", "2019-08-09"),
            ("30 August – 1 September 2022", "2022-09-01"),
            ("August 8 and 9, 2019", "2019-08-09"),
        ] {
            assert_eq!(dates(text), [(text.to_owned(), date.to_owned())]);
        }
    }

    #[test]
    fn leaves_what_is_no_date_or_could_be_two() {
        for text in [
            "05/06/2025",
            "05-06-2025",
            "31 February 2024",
            "May 2025",
            "resolution 242 (1967)",
            "14 May",
            "12 marching 2024",
        ] {
            assert_eq!(dates(text), [], "{text}");
        }
    }
}
