//! Bytes to text: byte-order mark, UTF-8, UTF-16, else the most likely legacy encoding.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::document::Decoded;

/// First bytes that tell a file is something other than text.
const SIGNATURES: [(&[u8], &str); 12] = [
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xD0\xCF\x11\xE0", "an old Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xFF\xD8\xFF", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1F\x8B", "a gzip archive"),
    (b"\x7FELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
];

/// How far the look for signs of a binary file goes.
const PROBE_BYTES: usize = 64 * 1024;

/// Decodes `bytes`; the error says what the bytes look like when they are not text.
pub fn decode(bytes: &[u8]) -> Result<Decoded, &'static str> {
    for (signature, looks_like) in SIGNATURES {
        if bytes.starts_with(signature) {
            return Err(looks_like);
        }
    }
    let (encoding, skip, guessed) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, length, false),
        None => match unmarked_utf16(bytes) {
            Some(encoding) => (encoding, 0, true),
            None if std::str::from_utf8(bytes).is_ok() => (UTF_8, 0, false),
            None => (guess(bytes), 0, true),
        },
    };
    let body = bytes.get(skip..).unwrap_or_default();
    let (text, malformed) = encoding.decode_without_bom_handling(body);
    if looks_binary(&text) {
        return Err("binary data");
    }
    let mut warnings = Vec::new();
    if guessed {
        warnings.push(format!("not UTF-8: read as {}", encoding.name()));
    }
    if malformed {
        let replaced = text.matches('\u{FFFD}').count();
        warnings.push(format!("{replaced} malformed characters shown as U+FFFD"));
    }
    Ok(Decoded {
        text: text.into_owned(),
        encoding: encoding.name().into(),
        warnings,
        ..Decoded::default()
    })
}

/// The most likely legacy encoding. A file that is UTF-8 but for a few bytes stays UTF-8.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let lossy = String::from_utf8_lossy(bytes);
    let multibyte = lossy.chars().filter(|c| !c.is_ascii()).count();
    let broken = lossy.matches('\u{FFFD}').count();
    if multibyte >= 10 * broken {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Allow)
}

/// UTF-16 without a mark: nearly every second byte of Latin text is zero, always on the same side.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let probe = bytes.get(..bytes.len().min(PROBE_BYTES))?;
    if probe.len() < 4 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let pairs = probe.len() / 2;
    let zeros = |side: usize| {
        probe
            .iter()
            .skip(side)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    if odd * 10 >= pairs * 7 && even * 20 < pairs {
        Some(UTF_16LE)
    } else if even * 10 >= pairs * 7 && odd * 20 < pairs {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Text does not hold NUL, and few other control characters than tab, line ends and form feed.
fn looks_binary(text: &str) -> bool {
    let probe = text.char_indices().take_while(|(at, _)| *at < PROBE_BYTES);
    let (mut all, mut odd) = (0usize, 0usize);
    for (_, c) in probe {
        all += 1;
        if c == '\0' {
            odd += 10;
        } else if c == '\u{FFFD}'
            || (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}'))
        {
            odd += 1;
        }
    }
    odd * 20 > all
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Türkiye and Côte d’Ivoire pledged €5 million.";

    #[test]
    fn utf8_with_and_without_mark() {
        let plain = decode(TEXT.as_bytes()).unwrap();
        assert_eq!(
            (plain.text.as_str(), plain.encoding.as_str()),
            (TEXT, "UTF-8")
        );
        assert!(plain.warnings.is_empty());
        let marked = decode(&[b"\xEF\xBB\xBF", TEXT.as_bytes()].concat()).unwrap();
        assert_eq!(marked.text, TEXT);
    }

    #[test]
    fn utf16_with_and_without_mark() {
        for (mark, encoding) in [(true, "UTF-16LE"), (false, "UTF-16LE")] {
            let mut bytes: Vec<u8> = if mark { vec![0xFF, 0xFE] } else { vec![] };
            bytes.extend(TEXT.encode_utf16().flat_map(u16::to_le_bytes));
            let decoded = decode(&bytes).unwrap();
            assert_eq!(
                (decoded.text.as_str(), decoded.encoding.as_str()),
                (TEXT, encoding)
            );
        }
    }

    #[test]
    fn a_legacy_encoding_is_guessed_and_said() {
        let decoded =
            decode(b"The Foreign Minister of C\xF4te d\x92Ivoire welcomed the d\xE9marche.")
                .unwrap();
        assert_eq!(decoded.encoding, "windows-1252");
        assert!(decoded.text.contains("Côte d’Ivoire"));
        assert_eq!(decoded.warnings, ["not UTF-8: read as windows-1252"]);
    }

    #[test]
    fn a_few_bad_bytes_do_not_turn_utf8_into_something_else() {
        let mut bytes = "Österreich, Türkiye, Perú, São Tomé e Príncipe, Côte d’Ivoire. "
            .repeat(3)
            .into_bytes();
        bytes.push(0xFF);
        let decoded = decode(&bytes).unwrap();
        assert_eq!(decoded.encoding, "UTF-8");
        assert_eq!(decoded.text.matches('\u{FFFD}').count(), 1);
        assert_eq!(decoded.warnings.len(), 2);
    }

    #[test]
    fn what_is_not_text_is_named() {
        assert_eq!(decode(b"%PDF-1.7 ..."), Err("a PDF document"));
        let noise: Vec<u8> = (0..4000u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        assert_eq!(decode(&noise), Err("binary data"));
    }
}
