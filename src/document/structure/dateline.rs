//! Where and when a statement was made, and by whom it was sent: datelines, signatures, lines that hold a date.

use jiff::civil::Date;
use regex::{Regex, RegexSet};

use super::blocks::{Draft, ends_sentence};
use super::dates::DateReader;
use super::places::bare;
use super::shapes::Shape;
use super::words::{PlaceWords, StructureData, compile, pattern_set};
use crate::Result;
use crate::document::Kind;
use crate::text::is_blank;

/// How many bytes of a paragraph a dateline may take.
const LONGEST_DATELINE: usize = 200;
/// How long a block that only closes a document may be, in bytes.
const LONGEST_SIGNATURE: usize = 700;

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// What a dateline says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dateline {
    pub place: Option<String>,
    pub date: Option<Date>,
    pub source: Option<String>,
}

/// What a signature says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signature {
    pub place: Option<String>,
    pub date: Option<Date>,
}

/// Reads datelines and signatures.
#[derive(Debug)]
pub(super) struct DatelineReader {
    places: PlaceWords,
    /// What stands between the date and the first sentence.
    after_date: Regex,
    after_stop: Regex,
    /// Place, perhaps a date without its year, a source, a dash.
    undated: Regex,
    /// The source that stands before the date: "SEOUL (Yonhap), 14 May 2025".
    source_before: Regex,
    signature: RegexSet,
    signatory: RegexSet,
    date_line: RegexSet,
    signed_at: Regex,
    /// What stands before or after the date when the line says more than where and when it was signed.
    says_more: Regex,
}

impl DatelineReader {
    pub fn new(rules: &StructureData) -> Result<Self> {
        let source = r"(?:\((?P<source>[^()\n]{2,60})\)|/\s*(?P<wire>[^/\n]{2,40})\s*/)";
        let dash = r"(?:[:–—―‒]|-{1,2}|/|\|)";
        let place = r"\p{Lu}[\p{L}.’'\-]*(?:(?:,\s*|\s+|/)(?:\p{Lu}[\p{L}.’'\-]*|de|del|of|la|le|the|au|sur|and)){0,6}";
        let months = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEPT?|OCT|NOV|DEC)\p{L}*\.?";
        Ok(Self {
            places: rules.place.clone(),
            after_date: compile(&format!(
                r"^[\s,.]*[)\]]?\s*,?\s*(?:{source}|(?P<agency>\p{{Lu}}{{2,8}}))?[\s.,]*{dash}[\s{{]*(?P<next>.)"
            ))?,
            after_stop: compile(r"^\.\s+(?P<next>\p{Lu})")?,
            undated: compile(&format!(
                r"^(?P<place>{place})\s*,?\s*(?P<when>,\s*(?:{months}\s+\d{{1,2}}|\d{{1,2}}\s+{months}),?\s*)?(?P<by>{source})?\s*(?P<dash>[:–—―‒]|--|\s-\s)[\s-]*(?P<next>.)"
            ))?,
            source_before: compile(&format!(r"\s*{source}\s*,?\s*$"))?,
            signature: pattern_set(&rules.signature, false)?,
            signatory: pattern_set(&rules.signatory, true)?,
            date_line: pattern_set(&rules.date_line, true)?,
            says_more: compile(
                r"^\s*(?:to\b|[^.;]*\b(?:is|are|was|were|has|have|had|will|shall|remains?|continues?|must|can|may)\b)",
            )?,
            signed_at: compile(&format!(
                r"\b(?:at|in|At|In|AT|IN)\s+(?:the\s+(?:city|City)\s+of\s+)?(?P<place>{place})"
            ))?,
        })
    }

    /// The dateline that opens the first prose: which draft it stands in, where it ends, and what it says.
    pub fn opening(
        &self,
        text: &str,
        drafts: &[Draft],
        dates: &DateReader,
    ) -> Option<(usize, usize, Dateline)> {
        let prose = drafts
            .iter()
            .enumerate()
            .filter(|(_, draft)| draft.kind == Kind::Sentence)
            .take(3);
        for (at, draft) in prose {
            let line = draft.span.of(text);
            let found = self
                .dated(opening_of(line), dates)
                .or_else(|| self.undated(opening_of(line)));
            if let Some((length, dateline)) = found {
                return Some((at, draft.span.start + length, dateline));
            }
        }
        None
    }

    fn dated(&self, line: &str, dates: &DateReader) -> Option<(usize, Dateline)> {
        let (span, date) = dates.first_or_unclear(line)?;
        let (mut before, after) = dates.around(line, span);
        let mut source = None;
        if let Some(found) = self.source_before.captures(before) {
            source = found
                .name("source")
                .or_else(|| found.name("wire"))
                .map(|m| m.as_str().to_owned());
            before = &before[..found.get(0)?.start()];
        }
        let before = before.trim_matches(|c: char| {
            is_blank(c)
                || matches!(
                    c,
                    ',' | '(' | '[' | '–' | '—' | '-' | ':' | '/' | '|' | '*' | '_'
                )
        });
        if !(before.is_empty() || self.places.is_place(before)) {
            return None;
        }
        // After a place a full stop will do: "Kyiv, 5 April 2023. The two Ministers".
        let found = self
            .after_date
            .captures(after)
            .or_else(|| (!before.is_empty()).then(|| self.after_stop.captures(after))?)?;
        let next = found.name("next")?;
        if !begins_sentence(next.as_str()) {
            return None;
        }
        let names = ["source", "wire", "agency"];
        let named = names.iter().find_map(|name| found.name(name));
        let dateline = Dateline {
            place: self.places.name(before),
            date,
            source: source.or_else(|| named.map(|m| m.as_str().trim().to_owned())),
        };
        Some((line.len() - after.len() + next.start(), dateline))
    }

    fn undated(&self, line: &str) -> Option<(usize, Dateline)> {
        let found = self.undated.captures(line)?;
        let place = found.name("place")?.as_str().trim_end_matches(',');
        let (day, by) = (found.name("when").is_some(), found.name("by").is_some());
        let dash = found.name("dash")?.as_str();
        // With neither a day nor a source only capitals and a long dash tell a place from any other opening.
        let plain = dash != ":"
            && place
                .chars()
                .filter(|c| c.is_alphabetic())
                .all(char::is_uppercase)
            && place.chars().count() > 3;
        let next = found.name("next")?;
        if !(day || by || plain) || !begins_sentence(next.as_str()) || !self.places.is_place(place)
        {
            return None;
        }
        let source = found.name("source").or_else(|| found.name("wire"));
        let dateline = Dateline {
            place: self.places.name(place),
            date: None,
            source: source.map(|m| m.as_str().trim().to_owned()),
        };
        Some((next.start(), dateline))
    }

    /// The line that holds a date and little else, near the beginning or the end; its kind becomes a dateline.
    ///
    /// Every such line changes its kind; what the first says is returned, and of the next what the first leaves out.
    pub fn date_line(
        &self,
        text: &str,
        drafts: &mut [Draft],
        dates: &DateReader,
    ) -> Option<Dateline> {
        let mut first: Option<Dateline> = None;
        let count = drafts.len();
        for at in 0..count {
            let draft = &drafts[at];
            let near = at < 15 || at + 15 >= count;
            if !near
                || draft.span.len() > 120
                || matches!(draft.kind, Kind::Dateline | Kind::Footnote | Kind::ListItem)
                || count == 1
            {
                continue;
            }
            let Some(mut line) = self.dated_line(draft.span.of(text), dates) else {
                continue;
            };
            drafts[at].kind = Kind::Dateline;
            if line.place.is_none()
                && let Some((beside, place)) = self.place_beside(text, drafts, at)
            {
                drafts[beside].kind = Kind::Dateline;
                line.place = Some(place);
            }
            match &mut first {
                None => first = Some(line),
                Some(known) if known.date.is_none() => {
                    known.date = line.date;
                    known.place = known.place.take().or(line.place);
                }
                Some(_) => {}
            }
        }
        first
    }

    /// What a line says that holds a date and little else.
    fn dated_line(&self, line: &str, dates: &DateReader) -> Option<Dateline> {
        let (span, date) = dates.first_or_unclear(line)?;
        let (before, after) = dates.around(line, span);
        let (before, after) = (before_this(strip_edges(before)), strip_edges(after));
        let about =
            |words: &str| words.is_empty() || self.date_line.is_match(words) || is_time(words);
        let place = [before, after]
            .into_iter()
            .find(|words| self.places.is_place(words) && words.split(is_blank).count() <= 4);
        let reads =
            (about(before) || Some(before) == place) && (about(after) || Some(after) == place);
        let name = place
            .filter(|words| !about(words))
            .and_then(|words| self.places.name(words));
        reads.then_some(Dateline {
            place: name,
            date,
            source: None,
        })
    }

    /// The line right above or below a date that names a place and nothing else, and the place. The first line of all is a
    /// title.
    fn place_beside(&self, text: &str, drafts: &[Draft], at: usize) -> Option<(usize, String)> {
        let is_joined = |at: usize| drafts.get(at).is_some_and(|draft| draft.gap == 0);
        let above = at
            .checked_sub(1)
            .filter(|&above| above > 0 && is_joined(at));
        let below = Some(at + 1).filter(|&below| is_joined(below));
        let beside = [above, below].into_iter().flatten();
        let mut beside =
            beside.filter(|&beside| matches!(drafts[beside].kind, Kind::Sentence | Kind::Heading));
        beside.find_map(|beside| Some((beside, self.place_alone(drafts[beside].span.of(text))?)))
    }

    /// The place of a line that names nothing else, as its comma shows ("Suva, Fiji", "Suva,") or its verb: "Done at Suva".
    fn place_alone(&self, line: &str) -> Option<String> {
        let signed = || {
            let found = self.signed_at.captures(line)?;
            let place = found.name("place")?;
            let is_rest = strip_edges(&line[place.end()..]).is_empty();
            (is_rest && self.signature.is_match(line)).then(|| place.as_str())
        };
        // "Maria Silva, Brazil" signs; a city of two words is told from her by no comma.
        let by_comma = line
            .split_once(',')
            .is_some_and(|(city, _)| !city.trim().contains(is_blank))
            && line.matches(',').count() == 1
            && line.split(is_blank).count() <= 5
            && self.places.is_place(line);
        let place = if by_comma { Some(line) } else { signed() };
        self.places.name(place?)
    }

    /// "Done at ... on ..." towards the end of a document; it and the names under it become datelines.
    pub fn signature(
        &self,
        text: &str,
        drafts: &mut [Draft],
        dates: &DateReader,
    ) -> Option<Signature> {
        // Only the later part is searched: a resolution says at its top when it was adopted.
        let half = drafts.last()?.span.end / 2;
        let mut signed = None;
        let mut closing = false;
        let count = drafts.len();
        let late = drafts
            .iter_mut()
            .enumerate()
            .filter(|(at, draft)| draft.span.start >= half || (*at > 1 && at + 4 >= count));
        for (_, draft) in late {
            let line = draft.span.of(text);
            let open = matches!(draft.kind, Kind::Sentence | Kind::Heading)
                && draft.shape != Shape::Numbered;
            if open && line.len() <= LONGEST_SIGNATURE && self.signature.is_match(line) {
                let date = dates.first(line).filter(|(span, _)| {
                    let around = [&line[..span.start], &line[span.end..]];
                    !around.iter().any(|words| self.says_more.is_match(words))
                });
                let place = self
                    .signed_at
                    .captures_iter(line)
                    .filter_map(|found| found.name("place"))
                    .find_map(|place| self.places.name(self.without_date(place.as_str())));
                if date.is_some() {
                    draft.kind = Kind::Dateline;
                    signed = Some(Signature {
                        place,
                        date: date.map(|(_, date)| date),
                    });
                    closing = true;
                    continue;
                }
            }
            // Names follow, up to the next sentence or an annex.
            let annex = bare(line.split(is_blank).next().unwrap_or_default());
            let clause = line.ends_with(';') || (line.ends_with(',') && line.len() > 60);
            if !open
                || (ends_sentence(line)
                    || clause
                    || line.len() > LONGEST_DATELINE
                    || matches!(
                        annex.as_str(),
                        "annex" | "appendix" | "attachment" | "schedule"
                    ))
            {
                closing = false;
            }
            if open
                && (closing || (line.len() <= LONGEST_DATELINE && self.signatory.is_match(line)))
            {
                draft.kind = Kind::Dateline;
            }
        }
        signed
    }

    /// "Seoul, this Monday" keeps only what names the place.
    fn without_date<'w>(&self, words: &'w str) -> &'w str {
        let end = words
            .split_inclusive(|c: char| is_blank(c) || c == ',')
            .scan(0, |at, part| {
                let start = *at;
                *at += part.len();
                Some((start, part))
            })
            .find(|(_, part)| {
                let word = bare(part);
                self.places.is_excluded(&word) || WEEKDAYS.contains(&word.as_str())
            })
            .map_or(words.len(), |(start, _)| start);
        words[..end].trim_end_matches(|c: char| is_blank(c) || c == ',')
    }
}

/// The part of a paragraph in which a dateline is looked for.
fn opening_of(line: &str) -> &str {
    &line[..line.floor_char_boundary(LONGEST_DATELINE)]
}

fn begins_sentence(next: &str) -> bool {
    next.starts_with(|c: char| {
        c.is_uppercase() || matches!(c, '"' | '“' | '‘' | '\'' | '*' | '_' | '[')
    })
}

/// "Vilnius, this 23rd day": what stands before "this".
fn before_this(words: &str) -> &str {
    match words.rsplit_once(is_blank) {
        Some((before, last)) if last.eq_ignore_ascii_case("this") => strip_edges(before),
        _ => words,
    }
}

fn strip_edges(words: &str) -> &str {
    words.trim_matches(|c: char| {
        is_blank(c)
            || matches!(
                c,
                ',' | '.' | '(' | ')' | '[' | ']' | '–' | '—' | '-' | ':' | '/' | '|' | '*' | '_'
            )
    })
}

fn is_time(words: &str) -> bool {
    words.len() < 30
        && words.starts_with(|c: char| c.is_ascii_digit())
        && words.contains([':', '.', 'h'])
        && words
            .split(|c: char| is_blank(c) || matches!(c, '(' | ')'))
            .all(|part| part.len() <= 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Structure, StructureRules};

    fn structure(text: &str) -> Structure {
        StructureRules::embedded().unwrap().read(text, false, "")
    }

    /// The blocks of `text` that are datelines.
    fn datelines(text: &str) -> Vec<String> {
        let blocks = structure(text).blocks;
        let datelines = blocks.iter().filter(|block| block.kind == Kind::Dateline);
        datelines
            .map(|block| block.span.of(text).to_owned())
            .collect()
    }

    fn read(text: &str) -> (Option<String>, Option<String>, Option<String>, String) {
        let head = structure(text).head;
        let first = datelines(text).into_iter().next();
        let date = head.date.map(|(date, _)| date.to_string());
        (head.place, date, head.source, first.unwrap_or_default())
    }

    #[test]
    fn opening_datelines() {
        for (dateline, place, date, source) in [
            (
                "WASHINGTON, 1 May 2023 (TDI):",
                "Washington",
                "2023-05-01",
                "TDI",
            ),
            (
                "Washington DC, 1 May 2023 (TDI):",
                "Washington DC",
                "2023-05-01",
                "TDI",
            ),
            (
                "WASHINGTON, D.C., May 1, 2023 –",
                "Washington DC",
                "2023-05-01",
                "",
            ),
            ("SEOUL, May 14, 2025 -", "Seoul", "2025-05-14", ""),
            ("SEOUL, May 14 (Island Wire) --", "Seoul", "", "Island Wire"),
            ("GENEVA (14 May 2025) –", "Geneva", "2025-05-14", ""),
            ("NEW YORK, 3 July 2024 —", "New York", "2024-07-03", ""),
            (
                "PORT-AU-PRINCE, Haiti, 3 July 2024 —",
                "Port-au-Prince, Haiti",
                "2024-07-03",
                "",
            ),
            ("SUVA (Island Wire) —", "Suva", "", "Island Wire"),
            ("NAIROBI –", "Nairobi", "", ""),
            ("Kyiv, 5 April 2023.", "Kyiv", "2023-04-05", ""),
            ("Kyiv, 05.04.2023 -", "Kyiv", "2023-04-05", ""),
            ("Kyiv, 05/04/2023 -", "Kyiv", "", ""),
            (
                "DOHA, Rajab 4, 1446, January 4, 2025, QNA --",
                "Doha",
                "2025-01-04",
                "QNA",
            ),
            (
                "DOHA, 4 January 2025 / 4 Rajab 1446 AH (QNA) —",
                "Doha",
                "2025-01-04",
                "QNA",
            ),
            (
                "Doha, 4th of Sha'ban 1446 corresponding to 3 February 2025:",
                "Doha",
                "2025-02-03",
                "",
            ),
        ] {
            let text = format!("{dateline} The two Ministers met to review progress in trade.");
            let (found_place, found_date, found_source, found) = read(&text);
            assert_eq!(found, dateline);
            assert_eq!(found_place.as_deref(), Some(place));
            assert_eq!(found_date.unwrap_or_default(), date);
            assert_eq!(found_source.unwrap_or_default(), source);
        }
    }

    #[test]
    fn a_place_on_a_line_beside_the_date() {
        let body = "The Ministers met to review trade.\n\nThey agreed to meet again.";
        for (text, place) in [
            (
                format!("JOINT STATEMENT\n\n{body}\n\nApia, Samoa\n12 June 2024"),
                Some("Apia, Samoa"),
            ),
            (
                format!("JOINT STATEMENT\n\n{body}\n\nDone at Apia\n12.06.2024"),
                Some("Apia"),
            ),
            (
                format!("JOINT STATEMENT\n\n{body}\n\n12 June 2024\nApia, Samoa"),
                Some("Apia, Samoa"),
            ),
            (
                format!("Joint Statement\nApia,\n12 June 2024\n\n{body}"),
                Some("Apia"),
            ),
            (
                format!("Joint Statement\nApia, 12/06/2024\n\n12 June 2024\n\n{body}"),
                Some("Apia"),
            ),
            (format!("Fiji, Samoa\n12 June 2024\n\n{body}"), None),
            (format!("{body}\n\nPeter Holt\n12 June 2024"), None),
            (
                format!("{body}\n\nPeter Holt, Chairman\n12 June 2024"),
                None,
            ),
        ] {
            let (found, date, _, _) = read(&text);
            assert_eq!(
                (found.as_deref(), date.as_deref()),
                (place, Some("2024-06-12")),
                "{text}"
            );
        }
    }

    #[test]
    fn short_forms_in_a_place_stay() {
        for (line, place) in [
            ("Vientiane, Lao PDR, 3 May 2024", "Vientiane, Lao PDR"),
            ("VIENTIANE, LAO PDR, 3 May 2024", "Vientiane, Lao PDR"),
            ("Bangui, CAR, 3 May 2024", "Bangui, CAR"),
            ("SUVA, Fiji, 3 May 2024", "Suva, Fiji"),
        ] {
            let text = format!("Joint Statement\n\n{line}\n\nThe Ministers met to review trade.");
            assert_eq!(read(&text).0.as_deref(), Some(place));
        }
    }

    #[test]
    fn what_was_adopted_or_agreed_in_mid_document_is_no_signature() {
        let resolution = "Resolution 12 (2023)\n\nAdopted by the Council at its 91st meeting, on 21 December 2023\n\nThe Council,\n\nRecalling its earlier resolutions,\n\n1. Decides to extend the mandate;\n\n2. Requests a report;\n\n3. Decides to remain seized of the matter.";
        assert_eq!(datelines(resolution).len(), 1);
        for line in [
            "Agreed in Tokyo on 3 May 2024 to provide $5 million for schools",
            "Issued in 2021, the bond of $5 million is due on 3 March 2025.",
            "Made in Berlin on 3 March 2020, the pledge remains valid.",
        ] {
            let text = format!("Joint Statement\n\nThe Ministers met.\n\n{line}");
            assert_eq!(datelines(&text), [""; 0], "{line}");
        }
    }

    #[test]
    fn openings_that_are_no_datelines() {
        for text in [
            "On 1 May 2023: the two Ministers met.",
            "BACKGROUND – The two Ministers met in Suva.",
            "Japan – Kenya relations have never been better.",
            "ASEAN – The ten members met today.",
            "In Suva on 3 July 2024 the Ministers – all of them – met.",
        ] {
            assert_eq!(read(text).3, "", "{text}");
        }
    }

    #[test]
    fn signatures_and_lines_of_their_own() {
        let text = "Joint Statement\n\nThe Ministers met to review trade.\n\nThey agreed to meet again.\n\nDone at Seoul on 14 May 2025 in the English and Korean languages.\n\nFor the Government of Japan";
        let (place, date, _, line) = read(text);
        assert_eq!(
            (place.as_deref(), date.as_deref()),
            (Some("Seoul"), Some("2025-05-14"))
        );
        assert!(line.starts_with("Done at Seoul"));
        for line in [
            "Tokyo, 14 May 2025",
            "14 May 2025, Tokyo",
            "TOKYO, Wednesday, 14 May 2025",
            "*Tokyo, 14 May 2025*",
            "Tokyo, this 14th day of May 2025",
            "Tokyo, 13-14 May 2025",
            "Tokyo, May 13–14, 2025",
            "Tokyo, 29 April – 14 May 2025",
            "Tokyo, 13/14 May 2025",
            "Tokyo, the 14th of May 2025",
            "Tokyo, 14.05.2025",
        ] {
            let text = format!("Joint Statement\n\n{line}\n\nThe Ministers met to review trade.");
            let (place, date, _, found) = read(&text);
            assert_eq!(
                (place.as_deref(), date.as_deref(), found.as_str()),
                (Some("Tokyo"), Some("2025-05-14"), line)
            );
        }
    }
}
