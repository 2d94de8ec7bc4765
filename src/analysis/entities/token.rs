//! Words of a sentence, as the entity rules see them.

use std::collections::HashSet;

use crate::document::Span;

/// What a token looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenShape {
    /// Begins in lower case.
    Lower,
    /// Begins with a capital: "Pacific", "McCain".
    Capital,
    /// Two capitals or more and no lower-case letter, a plural `s` aside: "NATO", "G7", "U.S.", "SDGs".
    Acronym,
    /// Digits only, with separators or an ordinal ending: "2030", "1,000", "21st".
    Number,
    /// Anything else, one character at a time; also a possessive "'s".
    Mark,
}

/// One token of a sentence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub span: Span,
    pub shape: TokenShape,
    /// Hash of the word in lower case; equal for words that differ only in case or in the kind of apostrophe or dash.
    pub key: u64,
    /// Whether no white space stands before it.
    pub glued: bool,
}

impl Token {
    /// Whether the token can be a word of a name on its own.
    pub fn is_capitalised(&self) -> bool {
        matches!(self.shape, TokenShape::Capital | TokenShape::Acronym)
    }
}

/// A sentence and its tokens.
pub(super) struct TokenizedSentence<'a> {
    pub text: &'a str,
    pub tokens: Vec<Token>,
    /// Whether most words are capitalised, so that a capital tells nothing: headings and titles.
    pub is_title: bool,
    /// The index of the first word, quotes, bullets and numbers aside.
    first_word: usize,
}

impl<'a> TokenizedSentence<'a> {
    pub fn new(text: &'a str) -> Self {
        let tokens = tokenize(text);
        let is_title = is_title(text, &tokens);
        let first_word = tokens
            .iter()
            .position(|token| !matches!(token.shape, TokenShape::Mark | TokenShape::Number))
            .unwrap_or(tokens.len());
        Self {
            text,
            tokens,
            is_title,
            first_word,
        }
    }

    /// The words of a token.
    pub fn word(&self, index: usize) -> &'a str {
        self.tokens
            .get(index)
            .map_or("", |token| token.span.of(self.text))
    }

    pub fn shape(&self, index: usize) -> Option<TokenShape> {
        self.tokens.get(index).map(|token| token.shape)
    }

    /// The key of a token; 0 where there is none.
    pub fn key(&self, index: usize) -> u64 {
        self.tokens.get(index).map_or(0, |token| token.key)
    }

    pub fn is_glued(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| token.glued)
    }

    pub fn is_capitalised(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(Token::is_capitalised)
    }

    pub fn is_dash(&self, index: usize) -> bool {
        matches!(self.word(index), "-" | "–" | "‑" | "‐" | "/" | "+")
    }

    /// The bytes from the first token to the last.
    pub fn span(&self, first: usize, last: usize) -> Span {
        match (self.tokens.get(first), self.tokens.get(last)) {
            (Some(a), Some(b)) => Span::new(a.span.start, b.span.end),
            _ => Span::new(0, 0),
        }
    }

    /// Whether the token is the first word of the sentence, quotes and bullets aside.
    pub fn is_first_word(&self, index: usize) -> bool {
        index <= self.first_word
    }

    /// The index of the first token that starts at or after `byte`.
    pub fn token_at(&self, byte: usize) -> usize {
        self.tokens.partition_point(|token| token.span.start < byte)
    }

    /// The tokens of a span.
    pub fn tokens_of(&self, span: Span) -> &[Token] {
        let (first, end) = (self.token_at(span.start), self.token_at(span.end));
        self.tokens.get(first..end).unwrap_or_default()
    }
}

/// Hash of a word for lookups: FNV-1a over its lower-case form with plain apostrophes and hyphens.
pub(super) fn key(word: &str) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    // "S." and "S" are one, as are "U.K." and "U.K": initials are found with and without their last stop.
    let word = match word.strip_suffix('.') {
        Some(rest) if rest.contains('.') || rest.chars().count() == 1 => rest,
        _ => word,
    };
    for c in word.chars() {
        if c.is_ascii() {
            hash = (hash ^ u64::from(c.to_ascii_lowercase() as u8)).wrapping_mul(PRIME);
            continue;
        }
        for low in plain(c).to_lowercase() {
            hash = (hash ^ u64::from(u32::from(low))).wrapping_mul(PRIME);
        }
    }
    hash
}

/// The keys of a list of words.
pub(super) fn keys(words: &[String]) -> HashSet<u64> {
    words.iter().map(|word| key(word)).collect()
}

/// The plain form of typographic apostrophes and dashes.
pub(super) fn plain(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{2032}' => '\'',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    }
}

/// The words with single plain spaces, apostrophes and hyphens.
pub(super) fn normalized(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().map(plain));
    }
    line
}

/// Cuts a sentence into tokens.
///
/// A word keeps its inner apostrophes ("N'Djamena", "Da'esh") and stops ("U.S.", the initial in "Joseph R. Biden"), a
/// number its separators ("1,000"). Possessive "'s" is a token of its own; hyphens and slashes always are.
pub(super) fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 5 + 1);
    let mut rest_at = 0;
    let mut glued = false;
    while let Some(c) = text.get(rest_at..).and_then(|rest| rest.chars().next()) {
        if c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}' {
            rest_at += c.len_utf8();
            glued = false;
            continue;
        }
        let end = if c.is_alphanumeric() {
            word_end(text, rest_at)
        } else if plain(c) == '\'' {
            possessive_end(text, rest_at + c.len_utf8())
        } else {
            rest_at + c.len_utf8()
        };
        let word = text.get(rest_at..end).unwrap_or_default();
        tokens.push(Token {
            span: Span::new(rest_at, end),
            shape: shape(word),
            key: key(word),
            glued,
        });
        glued = true;
        rest_at = end;
    }
    tokens
}

/// The end of the word that starts at `start`.
fn word_end(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let mut chars = rest.char_indices().peekable();
    let mut end = 0;
    let mut letters_since_stop = 0;
    let mut dotted = true;
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, n)| n);
        let kept = if c.is_alphanumeric() || is_combining(c) {
            letters_since_stop += 1;
            true
        } else if plain(c) == '\'' {
            // Inside a word, unless it opens a possessive "'s".
            next.is_some_and(char::is_alphabetic)
                && at > 0
                && possessive_end(rest, at + c.len_utf8()) == at + c.len_utf8()
        } else if c == '.' || c == ',' {
            let before = rest.get(..at).and_then(|r| r.chars().next_back());
            let between_digits = before.is_some_and(|b| b.is_ascii_digit())
                && next.is_some_and(|n| n.is_ascii_digit());
            // "U.S.", and the stop of a lone initial unless it may end the sentence.
            let after_initial = c == '.'
                && dotted
                && letters_since_stop == 1
                && before.is_some_and(char::is_uppercase)
                && (rest.get(..at).is_some_and(|r| r.contains('.')) || next.is_some());
            letters_since_stop = 0;
            between_digits || after_initial
        } else {
            false
        };
        if !kept {
            break;
        }
        if letters_since_stop > 1 {
            dotted = false;
        }
        end = at + c.len_utf8();
    }
    start + end
}

/// The end of a possessive whose apostrophe ends at `after`: past the `s`, or `after` itself when none follows.
fn possessive_end(text: &str, after: usize) -> usize {
    let mut chars = text.get(after..).unwrap_or_default().chars();
    match (chars.next(), chars.next()) {
        (Some('s' | 'S'), following) if !following.is_some_and(char::is_alphanumeric) => after + 1,
        _ => after,
    }
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036f}' | '\u{00ad}')
}

fn shape(word: &str) -> TokenShape {
    let Some(first) = word.chars().next() else {
        return TokenShape::Mark;
    };
    if !first.is_alphanumeric() {
        return TokenShape::Mark;
    }
    let mut upper = 0;
    let mut lower = 0;
    let mut digits = 0;
    for c in word.chars() {
        if c.is_uppercase() {
            upper += 1;
        } else if c.is_lowercase() {
            lower += 1;
        } else if c.is_numeric() {
            digits += 1;
        }
    }
    if first.is_numeric() && (upper + lower == 0 || (upper == 0 && lower == 2)) {
        TokenShape::Number
    } else if upper >= 2 && (lower == 0 || (lower == 1 && word.ends_with('s')))
        || (upper == 1 && lower == 0 && digits > 0)
    {
        TokenShape::Acronym
    } else if upper == 0 || first.is_lowercase() {
        TokenShape::Lower
    } else {
        TokenShape::Capital
    }
}

/// Whether at least four in five of the longer words are capitalised.
fn is_title(text: &str, tokens: &[Token]) -> bool {
    let mut capital = 0_usize;
    let mut lower = 0_usize;
    for token in tokens {
        match token.shape {
            TokenShape::Capital | TokenShape::Acronym if token.span.len() > 3 => capital += 1,
            TokenShape::Lower if token.span.len() > 3 => lower += 1,
            _ => {}
        }
    }
    // A full stop after words that no heading would write small.
    let is_prose_word = |token: &Token| {
        token.shape == TokenShape::Lower
            && token.span.len() > 2
            && !matches!(token.span.of(text), "the" | "and" | "for" | "with" | "from")
    };
    let ends_as_prose = text.ends_with('.') && tokens.iter().any(is_prose_word);
    // Three small words make a sentence, however many countries it lists.
    capital >= 3 && lower < 3 && capital >= lower * 4 && !ends_as_prose
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        tokenize(text)
            .iter()
            .map(|token| token.span.of(text))
            .collect()
    }

    #[test]
    fn keeps_dotted_names_and_parts_possessives() {
        assert_eq!(
            words("The U.S.-ROK alliance"),
            ["The", "U.S.", "-", "ROK", "alliance"]
        );
        assert_eq!(
            words("Japan’s aid to N'Djamena."),
            ["Japan", "’s", "aid", "to", "N'Djamena", "."]
        );
        assert_eq!(
            words("Leaders’ Summit in 1,000 days"),
            ["Leaders", "’", "Summit", "in", "1,000", "days"]
        );
        assert_eq!(
            words("John F. Kennedy and Annex B."),
            ["John", "F.", "Kennedy", "and", "Annex", "B", "."]
        );
        assert_eq!(
            words("in Washington, D.C."),
            ["in", "Washington", ",", "D.C."]
        );
        assert_eq!(
            words("the 2.5 and 21st."),
            ["the", "2.5", "and", "21st", "."]
        );
    }

    #[test]
    fn shapes() {
        assert_eq!(shape("SDGs"), TokenShape::Acronym);
        assert_eq!(shape("G7"), TokenShape::Acronym);
        assert_eq!(shape("U.S."), TokenShape::Acronym);
        assert_eq!(shape("21st"), TokenShape::Number);
        assert_eq!(shape("Pacific"), TokenShape::Capital);
        assert_eq!(shape("2030"), TokenShape::Number);
        assert_eq!(shape("al"), TokenShape::Lower);
    }
}
