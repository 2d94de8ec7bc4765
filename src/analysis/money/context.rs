//! Which currency "$", "¥" or "rupees" means in a document.

use std::collections::{BTreeSet, HashMap};

use super::forms::{CurrencyReading, FormKind};
use super::lexer::MoneyToken;
use super::lexicon::Lexicon;
use super::mentions::CurrencyMention;
use crate::text::{is_blank, is_whole_word};

/// What the shared signs and names of a document mean, where the document makes that clear.
///
/// The default knows nothing: every shared sign then has its usual meaning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CurrencyContext {
    /// From an index into the lexicon's shared forms to one into its codes.
    meanings: HashMap<usize, usize>,
}

/// How much of a document's beginning says where it comes from: title, dateline, first lines.
const HEAD: usize = 600;

impl CurrencyContext {
    pub(super) fn meaning(&self, shared: usize) -> Option<usize> {
        self.meanings.get(&shared).copied()
    }

    /// Weighs what the document writes out (`stated`) and the places that it names.
    pub(super) fn of(text: &str, stated: &BTreeSet<usize>, lexicon: &Lexicon) -> Self {
        let places = NamedPlaces::of(text, lexicon);
        let meanings = lexicon
            .shared
            .iter()
            .enumerate()
            .filter_map(|(at, shared)| {
                let written: Vec<usize> = shared.candidates.intersection(stated).copied().collect();
                let home = places.home(&shared.candidates, shared.default);
                let meaning = match (&written[..], home) {
                    // A document at home with one dollar marks the foreign one: "US$" beside a bare "$".
                    ([only], Some(home)) if Some(*only) == shared.default => home,
                    ([only], None)
                        if places.speak_against(*only, &shared.candidates, shared.default) =>
                    {
                        return None;
                    }
                    ([only], None) => *only,
                    ([only], Some(home)) if *only == home => home,
                    ([], Some(home)) => home,
                    _ => return None,
                };
                Some((at, meaning))
            });
        Self {
            meanings: meanings.collect(),
        }
    }
}

/// The candidate whose place stands right before a sum: "China's ¥4 trillion", "an Australian $92 million bill".
pub(super) fn owner(before: &str, shared: usize, lexicon: &Lexicon) -> Option<usize> {
    let before = before.trim_end_matches(|c: char| is_blank(c) || c == '-');
    let (words, possessive) = match ["'s", "’s", "'", "’"]
        .iter()
        .find_map(|ending| before.strip_suffix(ending))
    {
        Some(words) => (words, true),
        None => (before, false),
    };
    let (words, hit) = lexicon.place_at_end(words)?;
    // "gave Australia $5 million" says who got it, not in what; "an Australian $5 million" does.
    let article = words[..hit.start()]
        .trim_end()
        .rsplit(char::is_whitespace)
        .next()
        .is_some_and(|word| ["a", "an"].contains(&word.to_lowercase().as_str()));
    if !(possessive || article) {
        return None;
    }
    let candidates = &lexicon.shared[shared].candidates;
    let mut owners = lexicon.place_of[hit.pattern().as_usize()]
        .iter()
        .filter(|owner| candidates.contains(owner));
    match (owners.next(), owners.next()) {
        (Some(only), None) => Some(*only),
        _ => None,
    }
}

/// The currencies whose places a sentence names.
pub(super) fn named_owners(sentence: &str, lexicon: &Lexicon) -> BTreeSet<usize> {
    let hits = lexicon.places.find_iter(sentence);
    hits.filter(|hit| is_whole_word(sentence, hit.start(), hit.end()))
        .flat_map(|hit| lexicon.place_of[hit.pattern().as_usize()].iter().copied())
        .collect()
}

/// The only candidate whose places a sentence names: "4 billion FCFA were signed in Libreville".
pub(super) fn owner_by_place(
    named: &BTreeSet<usize>,
    shared: usize,
    lexicon: &Lexicon,
) -> Option<usize> {
    let candidates = &lexicon.shared[shared].candidates;
    let mut owners = candidates.iter().filter(|owner| named.contains(owner));
    match (owners.next(), owners.next()) {
        (Some(only), None) => Some(*only),
        _ => None,
    }
}

/// The currencies that a text writes out: "A$", "Australian dollars", "AUD 5".
pub(super) fn stated(tokens: &[MoneyToken], mentions: &[CurrencyMention]) -> BTreeSet<usize> {
    let beside_figure = |mention: &CurrencyMention| {
        let before = mention.first.checked_sub(1).and_then(|at| tokens.get(at));
        [before, tokens.get(mention.end)]
            .into_iter()
            .flatten()
            .any(|token| token.numeral.is_some())
    };
    let clear = |mention: &&CurrencyMention| match mention.kind {
        FormKind::Name => mention.end - mention.first > 1 || !mention.weak,
        FormKind::Code => !mention.weak || beside_figure(mention),
        FormKind::Sign => !mention.weak && beside_figure(mention),
        FormKind::Subunit => false,
    };
    mentions
        .iter()
        .filter(clear)
        .filter_map(|mention| match mention.reading {
            CurrencyReading::Of(code) => Some(code),
            CurrencyReading::Shared(_) => None,
        })
        .collect()
}

/// Where a document comes from.
struct NamedPlaces {
    /// Whose places its head names.
    head: BTreeSet<usize>,
    /// Whose places its title or a dateline names.
    title: BTreeSet<usize>,
    /// How often the head names the places of each.
    head_counts: HashMap<usize, usize>,
    /// How often the whole names the places of each.
    counts: HashMap<usize, usize>,
    /// Whether the head names a group of many countries.
    many: bool,
}

impl NamedPlaces {
    fn of(text: &str, lexicon: &Lexicon) -> Self {
        let mut found = Self {
            head: BTreeSet::new(),
            title: BTreeSet::new(),
            head_counts: HashMap::new(),
            counts: HashMap::new(),
            many: false,
        };
        let title = title_end(text);
        for hit in lexicon.places.find_iter(text) {
            // "US$" and "U.S. dollars" name money, not a place.
            let after = text[hit.end()..].trim_start();
            if !is_whole_word(text, hit.start(), hit.end())
                || after.starts_with(['$', '＄'])
                || after.starts_with("dollar")
            {
                continue;
            }
            let owners = &lexicon.place_of[hit.pattern().as_usize()];
            let in_head = hit.start() < HEAD;
            found.many |= in_head && owners.is_empty();
            let in_title =
                hit.start() < title || in_head && is_dateline(text, hit.start(), hit.end());
            for owner in owners {
                *found.counts.entry(*owner).or_default() += 1;
                if in_head {
                    found.head.insert(*owner);
                    *found.head_counts.entry(*owner).or_default() += 1;
                }
                if in_title {
                    found.title.insert(*owner);
                }
            }
        }
        found
    }

    /// The only candidate whose places the title or dateline names; else the only country that the head names, if it does
    /// so twice, as a place in running prose may be a third country's. None where the document speaks for many countries
    /// or often names the places of the usual currency.
    fn home(&self, candidates: &BTreeSet<usize>, default: Option<usize>) -> Option<usize> {
        let mut titled = candidates.intersection(&self.title);
        let home = match (titled.next(), titled.next()) {
            (Some(only), None) => *only,
            (Some(_), Some(_)) => return None,
            (None, _) => {
                let only = *self.head.first()?;
                let twice = self.head_counts.get(&only).is_some_and(|count| *count > 1);
                if self.head.len() > 1 || !twice || !candidates.contains(&only) {
                    return None;
                }
                only
            }
        };
        let foreign = (self.many && default != Some(home)) || self.is_usual_too(home, default);
        (!foreign).then_some(home)
    }

    /// Whether the places of the usual currency are named at least half as often as those of `code`.
    fn is_usual_too(&self, code: usize, default: Option<usize>) -> bool {
        let count = |code: usize| self.counts.get(&code).copied().unwrap_or(0);
        default.is_some_and(|default| {
            default != code && count(default) > 0 && count(default) * 2 >= count(code)
        })
    }

    /// Whether the places make it doubtful that a bare sign means `code`.
    fn speak_against(
        &self,
        code: usize,
        candidates: &BTreeSet<usize>,
        default: Option<usize>,
    ) -> bool {
        let others = candidates
            .intersection(&self.head)
            .any(|other| *other != code);
        others || self.is_usual_too(code, default) || (self.many && default != Some(code))
    }
}

/// Where the title ends: the first line that is not empty, if it is not running prose; 0 if there is none.
fn title_end(text: &str) -> usize {
    const LONGEST: usize = 200;
    let start = text.len() - text.trim_start().len();
    let line = text[start..].lines().next().unwrap_or_default().trim_end();
    let prose = line.ends_with('.') || line.contains(". ") || line.len() > LONGEST;
    if prose { 0 } else { start + line.len() }
}

/// Whether the place opens a dateline: "Canberra, 3 May 2024", "BEIJING: ", but not "Fiji, Germany and France".
fn is_dateline(text: &str, start: usize, end: usize) -> bool {
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    if !text[line_start..start].trim().is_empty() {
        return false;
    }
    let rest = text[end..].lines().next().unwrap_or_default();
    if !rest
        .trim_start()
        .starts_with([',', ':', '(', '–', '—', '-', '/'])
    {
        return false;
    }
    let before_date: Option<String> = rest
        .char_indices()
        .take(30)
        .find(|(_, c)| c.is_ascii_digit() || matches!(c, ':' | '–' | '—'))
        .map(|(at, _)| rest[..at].to_owned());
    before_date.is_some_and(|words| !words.contains(" and "))
}
