//! Where the network and the rules differ: the one place that says whose name is kept.

use super::decode::Name;
use super::words::Words;
use crate::analysis::entities::{Entity, EntityType, Mention, MentionSource};
use crate::document::Span;

/// The mentions of a sentence, in order, none of which overlap.
///
/// 1. Where network and rules agree on words and type, the mention is the rules' own: it knows what found it.
/// 2. Else a name of the network of at least `threshold` is kept, trimmed.
/// 3. What only the rules found is kept where no kept name of the network overlaps it and the network does not rule it
///    out.
///
/// Sums are left to the money grammar.
pub(super) fn join(
    text: &str,
    words: &Words,
    names: &[Name],
    threshold: f32,
    rules: &[Entity],
    probabilities: &[f32],
) -> Vec<Mention> {
    let env = |k: &str, d: f32| std::env::var(k).ok().and_then(|v| v.parse::<f32>().ok()).unwrap_or(d);
    let threshold = env("J_T", threshold);
    let agree_t = env("J_A", 0.0);
    let rule_o = env("J_O", 0.0);
    let rules_first = env("J_R", 0.0);
    let mut mentions: Vec<Mention> = Vec::new();
    let row = probabilities.len() / words.words.len().max(1);
    for name in names.iter().filter(|name| name.entity_type != EntityType::Money) {
        let (Some(first), Some(last)) =
            (words.words.get(name.words.start), words.words.get(name.words.end - 1))
        else {
            continue;
        };
        let span = trimmed(text, Span::new(first.span.start, last.span.end));
        if span.is_empty() {
            continue;
        }
        let agreed = rules.iter().find(|rule| rule.span == span && rule.entity_type == name.entity_type);
        let other = rules.iter().any(|rule| rule.span.overlaps(span) && (rule.span != span || rule.entity_type != name.entity_type));
        if name.probability < if agreed.is_some() { agree_t } else if other && rules_first > 0.0 { rules_first } else { threshold } {
            continue;
        }
        mentions.push(Mention {
            span,
            entity_type: name.entity_type,
            score: name.probability,
            source: agreed.map_or(MentionSource::Model, |rule| rule.source),
        });
    }
    for rule in rules.iter().filter(|rule| rule.entity_type != EntityType::Money) {
        if mentions.iter().any(|m| m.span.overlaps(rule.span)) { continue; }
        let touched = words.touched(rule.span);
        let outside = touched.clone().map(|w| probabilities[w * row]).fold(0.0f32, f32::max);
        if outside < rule_o {
            mentions.push(Mention { span: rule.span, entity_type: rule.entity_type, score: rule.score, source: rule.source });
        }
    }
    mentions.sort_by_key(|m| m.span);
    mentions
}

/// Without what annotators leave outside a name: a possessive, punctuation at either end that is not part of it.
fn trimmed(text: &str, span: Span) -> Span {
    let mut words = span.of(text);
    loop {
        let before = words.len();
        words = words.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '!' | '?' | '"' | '”' | '’' | '\''));
        for possessive in ["'s", "’s"] {
            words = words.strip_suffix(possessive).unwrap_or(words);
        }
        if !is_abbreviation(words) {
            words = words.trim_end_matches('.');
        }
        if words.len() == before {
            break;
        }
    }
    let start = span.start + words.len();
    let words = words.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | ';' | ':' | '"' | '“' | '‘' | '\''));
    Span::new(start - words.len(), start)
}

/// Whether a full stop at the end belongs to the last word: "U.S.", "Joseph R. Biden Jr.", "Acme Inc.".
fn is_abbreviation(words: &str) -> bool {
    let last = words.rsplit(char::is_whitespace).next().unwrap_or_default();
    let Some(stem) = last.strip_suffix('.') else {
        return false;
    };
    stem.contains('.') || stem.chars().count() == 1 || matches!(stem, "Jr" | "Sr" | "Inc" | "Ltd" | "Co" | "Corp" | "St" | "No")
}
