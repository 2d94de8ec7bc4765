//! Byte spans become code-point offsets here and nowhere else.

/// Converts byte offsets of one text to code-point offsets, and back.
pub(super) struct CodePoints<'a> {
    text: &'a str,
    /// Code points before every `STEP`th byte; empty for ASCII, where the two offsets are the same.
    before: Vec<usize>,
}

impl<'a> CodePoints<'a> {
    const STEP: usize = 256;

    pub(super) fn new(text: &'a str) -> Self {
        if text.is_ascii() {
            return Self {
                text,
                before: Vec::new(),
            };
        }
        let starts = |bytes: &[u8]| bytes.iter().filter(|byte| !is_continuation(**byte)).count();
        let mut total = 0;
        let before = text
            .as_bytes()
            .chunks(Self::STEP)
            .map(|chunk| {
                let before = total;
                total += starts(chunk);
                before
            })
            .collect();
        Self { text, before }
    }

    /// The number of code points before byte `offset`.
    pub(super) fn at(&self, offset: usize) -> usize {
        let Some(last) = self.before.len().checked_sub(1) else {
            return offset;
        };
        let block = (offset / Self::STEP).min(last);
        let from = block * Self::STEP;
        let bytes = self.text.as_bytes().get(from..offset).unwrap_or_default();
        self.before.get(block).copied().unwrap_or_default()
            + bytes.iter().filter(|byte| !is_continuation(**byte)).count()
    }

    /// The byte at which code point number `offset` begins; the end of the text for any beyond it.
    pub(super) fn byte(&self, offset: usize) -> usize {
        let Some(block) = self
            .before
            .partition_point(|before| *before <= offset)
            .checked_sub(1)
        else {
            return offset.min(self.text.len());
        };
        let from = block * Self::STEP;
        let before = self.before.get(block).copied().unwrap_or_default();
        let bytes = self.text.as_bytes().get(from..).unwrap_or_default();
        let mut starts = (from..)
            .zip(bytes)
            .filter(|(_, byte)| !is_continuation(**byte));
        starts
            .nth(offset - before)
            .map_or(self.text.len(), |(at, _)| at)
    }

    /// The words between two offsets of a row; none where there are no such words.
    pub(super) fn words(&self, start: usize, end: usize) -> &'a str {
        self.text
            .get(self.byte(start)..self.byte(end))
            .unwrap_or_default()
    }
}

/// Whether a byte of UTF-8 continues a code point that began before it.
const fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn offsets_count_code_points(text in "\\PC{0,900}") {
            let offsets = CodePoints::new(&text);
            for (count, (byte, _)) in text.char_indices().enumerate() {
                prop_assert_eq!(offsets.at(byte), count);
                prop_assert_eq!(offsets.byte(count), byte);
            }
            prop_assert_eq!(offsets.byte(text.chars().count() + 3), text.len());
            prop_assert_eq!(offsets.at(text.len()), text.chars().count());
        }
    }
}
