//! What the network reads at once: consecutive sentences of a document, as many as fit, or a part of a long one.
//!
//! A window holds sentences of one document only, and is read in a call of its own: the int8 network scales its
//! activations over all that it reads at once, so that a batch would make a result depend on its neighbours there.

use std::ops::Range;

use super::words::Words;

/// How many pieces two parts of one long sentence share, about.
const OVERLAP: usize = 64;

/// A sentence, or a part of a long one, in a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engines) struct Part {
    /// The sentence, by place in its document.
    pub sentence: usize,
    /// The words that the network reads.
    pub read: Range<usize>,
    /// Those of them whose labels are taken: where two parts overlap, a word is taken from the part in which it is
    /// further from the edge.
    pub kept: Range<usize>,
}

/// Cuts a document into windows of at most `max_tokens`, with one token to open a window and one to close a sentence.
/// Every word of every sentence is kept in exactly one part, and parts are in the order of the text.
pub(in crate::engines) fn plan(sentences: &[Words], max_tokens: usize) -> Vec<Vec<Part>> {
    let mut windows: Vec<Vec<Part>> = Vec::new();
    let mut used = max_tokens;
    for (sentence, words) in sentences
        .iter()
        .enumerate()
        .filter(|(_, s)| !s.words.is_empty())
    {
        let tokens = words.pieces.len() + 1;
        let all = 0..words.words.len();
        if tokens + 1 > max_tokens {
            let parts = parts_of_long(sentence, words, max_tokens.saturating_sub(2).max(1));
            windows.extend(parts.into_iter().map(|part| vec![part]));
            used = max_tokens;
            continue;
        }
        let part = Part {
            sentence,
            read: all.clone(),
            kept: all,
        };
        match windows.last_mut() {
            Some(window) if used + tokens <= max_tokens => window.push(part),
            _ => {
                windows.push(vec![part]);
                used = 1;
            }
        }
        used += tokens;
    }
    windows
}

/// The parts in which sentences are read, each alone, of at most `room` pieces; in the order of the text.
#[cfg(feature = "rust-bert")]
pub(in crate::engines) fn plan_alone(sentences: &[Words], room: usize) -> Vec<Part> {
    let sentences = sentences.iter().enumerate();
    let read = sentences.filter(|(_, words)| !words.words.is_empty());
    read.flat_map(|(sentence, words)| {
        let all = 0..words.words.len();
        match words.pieces.len() <= room {
            true => vec![Part {
                sentence,
                read: all.clone(),
                kept: all,
            }],
            false => parts_of_long(sentence, words, room.max(1)),
        }
    })
    .collect()
}

/// Parts of at most `most` pieces, cut between words; a word of more pieces is a part of its own.
fn parts_of_long(sentence: usize, words: &Words, most: usize) -> Vec<Part> {
    let overlap = OVERLAP.min(most / 4);
    let words = &words.words;
    let piece = |word: usize| words.get(word).map_or(usize::MAX, |word| word.pieces.start);
    let mut parts: Vec<Part> = Vec::new();
    let mut first = 0;
    loop {
        let fits = words.partition_point(|word| word.pieces.end <= piece(first) + most);
        let after = fits.max(first + 1);
        let kept_from = parts.last_mut().map_or(0, |before| {
            // The middle of what this part shares with the one before it.
            let shared = words
                .get(before.read.end - 1)
                .map_or(0, |word| word.pieces.end);
            let middle = usize::midpoint(piece(first), shared.max(piece(first)));
            let cut = words
                .partition_point(|word| word.pieces.start < middle)
                .max(first);
            before.kept.end = cut;
            cut
        });
        parts.push(Part {
            sentence,
            read: first..after,
            kept: kept_from..after,
        });
        if after >= words.len() {
            return parts;
        }
        let back = piece(after).saturating_sub(overlap);
        first = words
            .partition_point(|word| word.pieces.start < back)
            .clamp(first + 1, after);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::words::{Casing, Word};
    use super::*;
    use crate::document::Span;

    /// A sentence of words with these numbers of pieces.
    fn sentence(pieces: &[usize]) -> Words {
        let mut words = Words::default();
        for (place, count) in pieces.iter().enumerate() {
            let first = words.pieces.len();
            words.pieces.extend(vec![7; *count]);
            words.words.push(Word {
                span: Span::new(2 * place, 2 * place + 1),
                pieces: first..first + count,
                casing: Casing::Lower,
                rule_tag: 0,
            });
        }
        words
    }

    #[test]
    fn sentences_share_a_window_until_it_is_full() {
        let sentences = [
            sentence(&[1, 2]),
            sentence(&[]),
            sentence(&[1; 4]),
            sentence(&[1]),
        ];
        let windows = plan(&sentences, 10);
        let in_windows: Vec<Vec<usize>> = windows
            .iter()
            .map(|window| window.iter().map(|part| part.sentence).collect())
            .collect();
        assert_eq!(in_windows, [vec![0, 2], vec![3]]);
    }

    proptest! {
        #[test]
        fn every_word_is_kept_once_and_windows_fit(
            pieces in prop::collection::vec(prop::collection::vec(1usize..5, 0..90), 0..8),
            max_tokens in 8usize..60,
        ) {
            let sentences: Vec<Words> = pieces.iter().map(|pieces| sentence(pieces)).collect();
            let windows = plan(&sentences, max_tokens);
            let mut next = vec![0; sentences.len()];
            for window in &windows {
                let mut tokens = 1;
                for part in window {
                    let words = &sentences[part.sentence].words;
                    tokens += 1 + words[part.read.end - 1].pieces.end - words[part.read.start].pieces.start;
                    prop_assert_eq!(part.kept.start, next[part.sentence]);
                    prop_assert!(part.read.start <= part.kept.start && part.kept.end <= part.read.end);
                    prop_assert!(part.kept.start <= part.kept.end);
                    next[part.sentence] = part.kept.end;
                }
                prop_assert!(tokens <= max_tokens, "{} of {}", tokens, max_tokens);
            }
            for (sentence, kept) in sentences.iter().zip(next) {
                prop_assert_eq!(kept, sentence.words.len());
            }
        }
    }
}
