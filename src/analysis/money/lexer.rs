//! Text into tokens: words, figures and single marks.

use rust_decimal::Decimal;

use super::words::{UNKNOWN, Vocabulary, WordId};

/// A word, a figure or a single mark of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct MoneyToken {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The word or mark, if any phrase of the data holds it.
    pub word: WordId,
    /// Whether it is made of letters.
    pub is_word: bool,
    /// Whether white space stands before it.
    pub spaced: bool,
    /// The figure, if it is one.
    pub numeral: Option<Numeral>,
}

/// A figure written in digits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numeral {
    /// What it is worth; none when it does not fit a decimal.
    pub value: Option<Decimal>,
    /// Whether it is written in groups: "1,000" or "1 000".
    pub grouped: bool,
    /// Whether it is a date or a version ("12.5.2024") and so not a quantity.
    pub dotted: bool,
    /// Whether it could be a year: four bare digits from 1900 to 2100.
    pub year: bool,
    /// Whether a point stands before its last three digits and nowhere else: 1.5 or, on much of the continent, 1,500.
    pub point_group: bool,
}

/// No decimal holds more digits; a longer figure is known to be too large or too fine.
const MOST_DIGITS: usize = 28;

/// The tokens of `text`, which starts `offset` bytes into the sentence.
pub(super) fn tokens(text: &str, offset: usize, vocabulary: &Vocabulary) -> Vec<MoneyToken> {
    let mut found = Vec::with_capacity(text.len() / 5);
    let mut lower = String::new();
    let mut spaced = false;
    let mut at = 0;
    let mut before = ' ';
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() || is_invisible(c) {
            spaced = true;
            at += c.len_utf8();
            before = c;
            continue;
        }
        let (end, numeral) = if starts_figure(c, before, &text[at..]) {
            let (length, numeral) = figure(&text[at..]);
            (at + length, Some(numeral))
        } else if c.is_alphabetic() {
            (at + word_length(&text[at..]), None)
        } else {
            (at + c.len_utf8(), None)
        };
        let word = match numeral {
            Some(_) => UNKNOWN,
            None => vocabulary.id_of(plain(c).unwrap_or(&text[at..end]), &mut lower),
        };
        found.push(MoneyToken {
            start: offset + at,
            end: offset + end,
            word,
            is_word: numeral.is_none() && c.is_alphabetic(),
            spaced,
            numeral,
        });
        spaced = false;
        before = text[..end].chars().next_back().unwrap_or(' ');
        at = end;
    }
    found
}

/// Zero-width marks that word processors leave between a sign and its figure.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
    )
}

/// The usual character for marks that Unicode has several of.
fn plain(c: char) -> Option<&'static str> {
    match c {
        '\u{2010}' | '\u{2011}' => Some("-"),
        '\u{2012}' => Some("–"),
        '\u{2015}' => Some("—"),
        '（' | '[' => Some("("),
        '）' | ']' => Some(")"),
        _ => None,
    }
}

fn word_length(text: &str) -> usize {
    let mut end = 0;
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let inside = matches!(c, '\'' | '’' | '‘')
            && end > 0
            && rest.peek().is_some_and(|(_, next)| next.is_alphabetic());
        if !c.is_alphabetic() && !inside {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

fn starts_figure(c: char, before: char, text: &str) -> bool {
    digit(c).is_some()
        || vulgar(c).is_some()
        || (c == '.'
            && !before.is_alphanumeric()
            && before != '.'
            && text[1..].starts_with(|next| digit(next).is_some()))
}

/// The value of a decimal digit: ASCII, full-width, Arabic or Devanagari.
fn digit(c: char) -> Option<u32> {
    let zero = match c {
        '0'..='9' => return c.to_digit(10),
        '０'..='９' => '０',
        '٠'..='٩' => '٠',
        '۰'..='۹' => '۰',
        '०'..='९' => '०',
        _ => return None,
    };
    Some(c as u32 - zero as u32)
}

/// The value of a fraction that is one character and has a finite decimal.
fn vulgar(c: char) -> Option<Decimal> {
    let thousandths = match c {
        '½' => 500,
        '¼' => 250,
        '¾' => 750,
        '⅕' => 200,
        '⅛' => 125,
        _ => return None,
    };
    Some(Decimal::new(thousandths, 3))
}

/// What may stand between groups of digits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Comma,
    Point,
    Apostrophe,
    Space,
}

impl Separator {
    fn of(c: char) -> Option<Self> {
        match c {
            ',' | '，' => Some(Self::Comma),
            '.' | '．' => Some(Self::Point),
            '\'' | '’' => Some(Self::Apostrophe),
            ' ' | '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' => Some(Self::Space),
            _ => None,
        }
    }

    /// The separator that `text` begins with, and its length in bytes. A line end, with the blanks around it, is a blank.
    fn at_start(text: &str) -> Option<(Self, usize)> {
        let first = text.chars().next()?;
        let rest = text.trim_start();
        let blanks = &text[..text.len() - rest.len()];
        let breaks = |end: char| blanks.matches(end).count();
        if breaks('\n').max(breaks('\r')) == 1 {
            return Some((Self::Space, blanks.len()));
        }
        Self::of(first).map(|separator| (separator, first.len_utf8()))
    }
}

/// A run of digits: the separator before it, where it ends, how many digits it holds.
struct Group {
    separator: Option<Separator>,
    end: usize,
    digits: usize,
}

/// The figure at the start of `text`, and its length in bytes.
fn figure(text: &str) -> (usize, Numeral) {
    let mut digits = String::new();
    let groups = groups(text, &mut digits);
    let mut end = groups.last().map_or(0, |last| last.end);
    let mut dotted = false;
    let grouping = DigitGrouping::of(&groups).unwrap_or_else(|kept| {
        dotted = kept > 1;
        digits.truncate(groups[..kept].iter().map(|group| group.digits).sum());
        end = groups[kept - 1].end;
        DigitGrouping::WHOLE
    });
    let next = text[end..].chars().next();
    let fraction = next.and_then(|c| Some((c.len_utf8(), vulgar(c)?)));
    let mut value = if digits.is_empty() && fraction.is_some() {
        Some(Decimal::ZERO)
    } else {
        decimal(&digits, grouping.decimals)
    };
    if let (Some((length, part)), 0) = (fraction, grouping.decimals) {
        value = value.and_then(|whole| whole.checked_add(part));
        end += length;
    }
    let numeral = Numeral {
        value,
        grouped: grouping.grouped,
        dotted,
        year: digits.len() == 4 && groups.len() == 1 && ("1900".."2101").contains(&digits.as_str()),
        point_group: matches!(&groups[..], [whole, thousands]
            if grouping.decimals == 3
                && thousands.separator == Some(Separator::Point)
                && (1..=3).contains(&whole.digits)
                && !digits.starts_with('0')),
    };
    (
        end.max(text.chars().next().map_or(1, char::len_utf8)),
        numeral,
    )
}

/// The groups of digits at the start of `text`; the digits are appended as ASCII.
fn groups(text: &str, digits: &mut String) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    if text.starts_with('.') {
        groups.push(Group {
            separator: None,
            end: 0,
            digits: 0,
        });
    }
    loop {
        let at = groups.last().map_or(0, |last| last.end);
        let separator = Separator::at_start(&text[at..]);
        let (separator, start) = match (separator, groups.last()) {
            (None, None) => (None, at),
            (Some((separator, length)), Some(last)) if last.digits > 0 || at == 0 => {
                (Some(separator), at + length)
            }
            _ => return groups,
        };
        let (length, count) = run(&text[start..], digits);
        if count == 0 || (separator == Some(Separator::Space) && !is_spaced_group(&groups, count)) {
            digits.truncate(digits.len() - count);
            return groups;
        }
        groups.push(Group {
            separator,
            end: start + length,
            digits: count,
        });
    }
}

/// The length in bytes of the digits at the start of `text`, and how many; they are appended as ASCII.
fn run(text: &str, digits: &mut String) -> (usize, usize) {
    let mut length = 0;
    let mut count = 0;
    for c in text.chars() {
        let Some(value) = digit(c).and_then(|value| char::from_digit(value, 10)) else {
            break;
        };
        digits.push(value);
        length += c.len_utf8();
        count += 1;
    }
    (length, count)
}

/// Whether three digits after a space continue the figure: only "12 500" or "1 000 000", never "2024 500".
fn is_spaced_group(groups: &[Group], count: usize) -> bool {
    count == 3
        && groups.iter().enumerate().all(|(at, group)| match at {
            0 => (1..=3).contains(&group.digits),
            _ => group.digits == 3 && group.separator == Some(Separator::Space),
        })
}

fn decimal(digits: &str, decimals: usize) -> Option<Decimal> {
    let digits = if decimals == 0 {
        digits.trim_start_matches('0')
    } else {
        digits
    };
    if digits.len() > MOST_DIGITS {
        return None;
    }
    let whole = if digits.is_empty() {
        0
    } else {
        digits.parse::<i128>().ok()?
    };
    Decimal::try_from_i128_with_scale(whole, u32::try_from(decimals).ok()?).ok()
}

/// How the groups of a figure are to be read.
struct DigitGrouping {
    /// How many of the last digits are decimals.
    decimals: usize,
    grouped: bool,
}

impl DigitGrouping {
    const WHOLE: Self = Self {
        decimals: 0,
        grouped: false,
    };
    const GROUPED: Self = Self {
        decimals: 0,
        grouped: true,
    };

    /// English reads "1.500" as one and a half and "1,500" as fifteen hundred; otherwise the groups decide.
    /// `Err` says how many groups, from the left, are a figure when the whole is not one.
    fn of(groups: &[Group]) -> Result<Self, usize> {
        let Some((last, rest)) = groups.split_last() else {
            return Ok(Self::WHOLE);
        };
        let Some(separator) = last.separator else {
            return Ok(Self::WHOLE);
        };
        let with_decimals = Self {
            decimals: last.digits,
            grouped: rest.len() > 1,
        };
        if let [first] = rest {
            let thousands = last.digits == 3 && (1..=3).contains(&first.digits);
            return match separator {
                Separator::Point => Ok(with_decimals),
                _ if thousands => Ok(Self::GROUPED),
                Separator::Comma if last.digits <= 2 => Ok(with_decimals),
                _ => Err(1),
            };
        }
        let is_decimal_mark = matches!(separator, Separator::Comma | Separator::Point);
        if is_grouped(groups) {
            Ok(Self::GROUPED)
        } else if is_grouped(rest) && is_decimal_mark && rest[1].separator != Some(separator) {
            Ok(with_decimals)
        } else if separator == Separator::Point {
            // "12.5.2024" is a date: the whole of it is passed over.
            Err(groups.len())
        } else {
            // "5,6,7" is a list.
            Err(1)
        }
    }
}

/// Whether all separators are the same and the groups are of thousands, or Indian lakhs and crores.
fn is_grouped(groups: &[Group]) -> bool {
    let [first, second, ..] = groups else {
        return false;
    };
    let Some((last, middle)) = groups[1..].split_last() else {
        return false;
    };
    let same = groups[1..]
        .iter()
        .all(|group| group.separator == second.separator);
    let western = middle.iter().all(|group| group.digits == 3) && (1..=3).contains(&first.digits);
    let indian = second.separator == Some(Separator::Comma)
        && middle.iter().all(|group| group.digits == 2)
        && (1..=2).contains(&first.digits);
    same && last.digits == 3 && (western || indian)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (usize, Option<String>) {
        let (end, numeral) = figure(text);
        (
            end,
            numeral.value.map(|value| value.normalize().to_string()),
        )
    }

    #[test]
    fn figures_of_every_style() {
        for (text, value) in [
            ("1,000,000.50", "1000000.5"),
            ("1.000.000,50", "1000000.5"),
            ("1 000 000", "1000000"),
            ("1 000\n000", "1000000"),
            ("1\r\n  000 000", "1000000"),
            ("1\u{202f}250\u{202f}000,75", "1250000.75"),
            ("1,00,00,000", "10000000"),
            ("23,45,678.50", "2345678.5"),
            ("1'250'000", "1250000"),
            ("1’250’000.5", "1250000.5"),
            ("4,5", "4.5"),
            ("1,500", "1500"),
            ("1.500", "1.5"),
            ("2½", "2.5"),
            ("¾", "0.75"),
            (".5", "0.5"),
            ("１２", "12"),
            ("007", "7"),
        ] {
            assert_eq!(read(text), (text.len(), Some(value.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_figure_ends_where_another_begins() {
        assert_eq!(read("5,6,7 million"), (1, Some("5".to_owned())));
        assert_eq!(read("2024 500"), (4, Some("2024".to_owned())));
        assert_eq!(read("12 50"), (2, Some("12".to_owned())));
        assert_eq!(read("10."), (2, Some("10".to_owned())));
        assert_eq!(read(&"9".repeat(400)), (400, None));
    }
}
