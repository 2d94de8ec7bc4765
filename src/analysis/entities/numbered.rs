//! Names with a number: "UN Security Council Resolution 2270", "resolutions 731 (1992) and 883 (1993)".

use regex::{Match, Regex, RegexSet};

use super::data::{PatternRule, Rules, regex};
use super::mention::{EntityType, Mention};
use crate::document::Span;
use crate::{Error, Result};

/// All patterns of numbered names.
#[derive(Debug)]
pub(super) struct NumberedNames {
    patterns: Vec<NumberedName>,
    /// Tells which patterns are worth a pass of their own.
    any: RegexSet,
    /// A further number after a name, and after a name in the plural.
    list_item: Regex,
    plural_item: Regex,
    other_body: OtherBody,
}

/// A pattern of numbered names.
#[derive(Debug)]
pub(super) struct NumberedName {
    entity_type: EntityType,
    regex: Regex,
    /// The same, for the whole of a text.
    pub whole: Regex,
    canonical: Option<String>,
}

/// The body that a numbered resolution is of, where the words beside it say so.
#[derive(Debug)]
struct OtherBody {
    before: Regex,
    after: Regex,
    united_nations: Regex,
}

impl NumberedName {
    pub fn new(rule: &PatternRule) -> Result<Self> {
        Ok(Self {
            entity_type: rule.entity_type,
            regex: regex(&format!(r"(?-u:\b)(?:{})", rule.regex))?,
            whole: regex(&format!("^(?:{})$", rule.regex))?,
            canonical: rule.canonical.clone(),
        })
    }
}

impl NumberedNames {
    pub fn new(rules: &Rules) -> Result<Self> {
        let patterns = rules.pattern.iter();
        Ok(Self {
            any: RegexSet::new(patterns.clone().map(|rule| rule.regex.as_str()))
                .map_err(|error| Error::data("models/entities.toml", error))?,
            patterns: patterns.map(NumberedName::new).collect::<Result<_>>()?,
            list_item: regex(&format!("^(?:{})", rules.list.regex))?,
            plural_item: regex(&format!("^(?:{})", rules.list.plural))?,
            other_body: OtherBody {
                before: regex(&format!("(?:{})$", rules.body.before))?,
                after: regex(&format!("^(?:{})", rules.body.after))?,
                united_nations: regex(&rules.body.united_nations)?,
            },
        })
    }

    /// Adds the numbered names of a sentence.
    pub fn find(&self, text: &str, mentions: &mut Vec<Mention>) {
        let present = self.any.matches(text);
        for numbered in present.iter().filter_map(|index| self.patterns.get(index)) {
            for found in numbered.regex.find_iter(text) {
                let goes_on = text
                    .get(found.end()..)
                    .is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
                if goes_on {
                    continue;
                }
                let mut spans = vec![Span::new(found.start(), found.end())];
                if numbered.entity_type == EntityType::Instrument {
                    self.add_list_items(text, found, &mut spans);
                }
                mentions.extend(
                    spans
                        .into_iter()
                        .map(|span| Mention::by_pattern(span, numbered.entity_type, 0.9)),
                );
            }
        }
    }

    /// Adds the further numbers after a name: the "883 (1993)" of "resolutions 731 (1992) and 883 (1993)".
    fn add_list_items(&self, text: &str, name: Match<'_>, spans: &mut Vec<Span>) {
        let is_plural = ["esolutions ", "UNSCRs "]
            .iter()
            .any(|word| name.as_str().contains(word));
        let item = if is_plural {
            &self.plural_item
        } else {
            &self.list_item
        };
        let mut at = name.end();
        while let Some(caught) = text.get(at..).and_then(|rest| item.captures(rest))
            && let (Some(whole), Some(number)) = (caught.get(0), caught.name("item"))
        {
            spans.push(Span::new(at + number.start(), at + number.end()));
            at += whole.end();
        }
    }

    /// The canonical name of a numbered name.
    pub fn canonical(&self, name: &str, entity_type: EntityType) -> Option<String> {
        let patterns = self.patterns.iter();
        let mut of_type = patterns.filter(|numbered| numbered.entity_type == entity_type);
        of_type.find_map(|numbered| {
            let caught = numbered.whole.captures(name)?;
            let mut canonical = String::new();
            caught.expand(numbered.canonical.as_deref()?, &mut canonical);
            Some(canonical)
        })
    }

    /// Whether the words beside a bare "resolution 12" say that it is neither the Security Council's nor the General
    /// Assembly's.
    pub fn is_of_other_body(&self, text: &str, span: Span) -> bool {
        let is_bare = span
            .of(text)
            .get(..10)
            .is_some_and(|word| word.eq_ignore_ascii_case("resolution"));
        let before = text.get(..span.start).unwrap_or_default();
        let after = text.get(span.end..).unwrap_or_default();
        let is_other = |body: &Regex, beside: &str| {
            let found = body.find(beside);
            found.is_some_and(|found| !self.other_body.united_nations.is_match(found.as_str()))
        };
        is_bare
            && (is_other(&self.other_body.before, before)
                || is_other(&self.other_body.after, after))
    }
}
