//! Phrases of several words, found in tokens.

use std::collections::HashMap;

use super::lexer::MoneyToken;
use super::words::{Vocabulary, WordId};

/// Phrases that can be looked up by where they begin or end.
#[derive(Debug)]
pub(super) struct Phrases<T> {
    by_first: HashMap<WordId, Vec<usize>>,
    by_last: HashMap<WordId, Vec<usize>>,
    phrases: Vec<(Vec<WordId>, T)>,
}

impl Vocabulary {
    /// The phrases of several lists, each list with what its phrases mean.
    pub fn phrases<T: Copy>(&mut self, lists: &[(&Vec<String>, T)]) -> Phrases<T> {
        let mut phrases = Vec::new();
        for (list, meaning) in lists {
            for phrase in *list {
                let pieces = pieces(phrase);
                let words = pieces.iter().map(|word| self.intern(word)).collect();
                phrases.push((words, *meaning));
            }
        }
        Phrases::new(phrases)
    }
}

impl<T> Phrases<T> {
    fn new(phrases: Vec<(Vec<WordId>, T)>) -> Self {
        let mut by_first: HashMap<WordId, Vec<usize>> = HashMap::new();
        let mut by_last: HashMap<WordId, Vec<usize>> = HashMap::new();
        let mut order: Vec<usize> = (0..phrases.len()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(phrases[at].0.len()));
        for at in order {
            if let (Some(first), Some(last)) = (phrases[at].0.first(), phrases[at].0.last()) {
                by_first.entry(*first).or_default().push(at);
                by_last.entry(*last).or_default().push(at);
            }
        }
        Self {
            by_first,
            by_last,
            phrases,
        }
    }

    /// The longest phrase whose last token is just before `end`: its first token and what it means.
    pub fn ending_at(&self, tokens: &[MoneyToken], end: usize) -> Option<(usize, &T)> {
        let last = end.checked_sub(1)?;
        self.by_last
            .get(&tokens.get(last)?.word)?
            .iter()
            .find_map(|&at| {
                let (words, meaning) = &self.phrases[at];
                let start = end.checked_sub(words.len())?;
                is_here(words, &tokens[start..]).then_some((start, meaning))
            })
    }

    /// The longest phrase that begins at `start`: one past its last token, and what it means.
    pub fn starting_at(&self, tokens: &[MoneyToken], start: usize) -> Option<(usize, &T)> {
        self.by_first
            .get(&tokens.get(start)?.word)?
            .iter()
            .find_map(|&at| {
                let (words, meaning) = &self.phrases[at];
                is_here(words, &tokens[start..]).then_some((start + words.len(), meaning))
            })
    }
}

fn is_here(words: &[WordId], tokens: &[MoneyToken]) -> bool {
    tokens.len() >= words.len()
        && words
            .iter()
            .zip(tokens)
            .all(|(word, token)| *word == token.word)
}

/// The words and marks of a phrase, cut as the lexer cuts them.
pub(super) fn pieces(phrase: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut in_word = false;
    for c in phrase.chars() {
        let letter = c.is_alphabetic() || (in_word && matches!(c, '\'' | '’' | '‘'));
        match found.last_mut() {
            Some(word) if letter && in_word => word.push(c),
            _ if c.is_whitespace() => {}
            _ => found.push(c.to_string()),
        }
        in_word = letter;
    }
    found
}
