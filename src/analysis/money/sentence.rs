//! A sentence in tokens, with the currencies that it names.

use super::forms::CurrencyReading;
use super::lexer::MoneyToken;
use super::lexicon::Lexicon;
use super::mentions::CurrencyMention;
use super::words::WordId;

/// The tokens of a sentence, or of the part of a long one that is read, and the currencies among them. `items.rs` finds
/// its quantities, `sums.rs` its sums.
pub(super) struct LexedSentence<'a> {
    pub lexicon: &'a Lexicon,
    pub tokens: &'a [MoneyToken],
    pub mentions: &'a [CurrencyMention],
}

impl LexedSentence<'_> {
    pub fn word(&self, at: usize) -> Option<WordId> {
        self.tokens.get(at).map(|token| token.word)
    }

    pub fn word_before(&self, at: usize) -> Option<WordId> {
        self.word(at.checked_sub(1)?)
    }

    pub fn is(&self, at: usize, word: WordId) -> bool {
        self.word(at) == Some(word)
    }

    /// Whether nothing that could be counted follows: the end, or a mark.
    pub fn is_closed(&self, at: usize) -> bool {
        self.tokens.get(at).is_none_or(|token| {
            !token.is_word && token.numeral.is_none() && token.word != self.lexicon.keywords.percent
        }) && !(self.is(at, self.lexicon.keywords.hyphen)
            && self.tokens.get(at + 1).is_some_and(|next| !next.spaced))
            || self.is(at, self.lexicon.keywords.respectively)
    }

    /// The same, or a word that goes on about a sum: "$10 to 15 in fees".
    pub fn is_closed_loosely(&self, at: usize) -> bool {
        self.is_closed(at)
            || self
                .tokens
                .get(at)
                .is_some_and(|token| self.lexicon.roles(token).closer)
    }

    /// The mention that begins at token `first`.
    pub fn mention_at(&self, first: usize) -> Option<&CurrencyMention> {
        let at = self
            .mentions
            .partition_point(|mention| mention.first < first);
        self.mentions
            .get(at)
            .filter(|mention| mention.first == first)
    }

    /// The reading that two mentions of one sum agree on.
    pub fn merged(&self, one: CurrencyReading, other: CurrencyReading) -> Option<CurrencyReading> {
        let users = |shared: usize| &self.lexicon.shared[shared].users;
        match (one, other) {
            _ if one == other => Some(one),
            (CurrencyReading::Of(code), CurrencyReading::Shared(shared))
            | (CurrencyReading::Shared(shared), CurrencyReading::Of(code)) => {
                let is_user = users(shared).contains(&code);
                is_user.then_some(CurrencyReading::Of(code))
            }
            (CurrencyReading::Shared(one), CurrencyReading::Shared(other)) => {
                let common: Vec<usize> = users(one).intersection(users(other)).copied().collect();
                // "$5 million pesos": the name says more than the sign.
                let is_narrower = users(other).len() < users(one).len();
                match common[..] {
                    [] => None,
                    [only] => Some(CurrencyReading::Of(only)),
                    _ if is_narrower => Some(CurrencyReading::Shared(other)),
                    _ => Some(CurrencyReading::Shared(one)),
                }
            }
            _ => None,
        }
    }
}
