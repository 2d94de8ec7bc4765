//! The shell of a page: head with its Content-Security-Policy, style sheet and script.

use std::fmt::Write;

use maud::{DOCTYPE, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::output::formats::palette;

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// Everything up to and with `<body>`.
pub(crate) fn head(title: &str) -> String {
    let style = style();
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        digest(&style),
        digest(SCRIPT)
    );
    let markup = html! {
        (DOCTYPE)
        // The policy stands before all that it governs.
        (PreEscaped("<html lang=\"en\"><head><meta charset=\"utf-8\">"))
        meta http-equiv="Content-Security-Policy" content=(policy);
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="referrer" content="no-referrer";
        meta name="color-scheme" content="light dark";
        title { (title) }
        style { (PreEscaped(&style)) }
        (PreEscaped("</head>\n<body>\n"))
    };
    markup.into_string()
}

/// Everything from the script on.
pub(crate) fn tail() -> String {
    format!("<script>{SCRIPT}</script>\n</body></html>\n")
}

/// The style sheet, with a class a colour.
fn style() -> String {
    let mut style = STYLE.to_owned();
    let colours = palette::THEMES.iter().enumerate();
    let colours = colours.map(|(position, colour)| (format!("t{position}"), colour));
    for (class, (red, green, blue)) in colours.chain([("n".to_owned(), &palette::NONE)]) {
        let _ = writeln!(style, ".{class}{{--c:{red} {green} {blue}}}");
    }
    style
}

/// The digest of an inline style sheet or script, as a policy names it (CSP 3, 2.3.1).
fn digest(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

/// Base64 with padding (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits: u32, position| {
            bits << 8 | u32::from(chunk.get(position).copied().unwrap_or(0))
        });
        for position in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * position) & 63) as usize];
            out.push(if position > chunk.len() {
                '='
            } else {
                letter.into()
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_agrees_with_the_vectors_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn style_and_script_cannot_end_their_elements() {
        assert!(!style().contains("</") && !SCRIPT.contains("</"));
    }
}
