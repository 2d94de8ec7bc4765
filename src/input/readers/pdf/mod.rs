//! PDF: the text layer as paragraphs. Scans, and fonts that do not say which letters they show, are recognised.

mod furniture;
mod glyphs;
mod paragraphs;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Dictionary, Document, Object, ObjectId, decode_text_string, output_doc_page};

use crate::document::{DateSource, Decoded, Properties};
use glyphs::{Collector, Page};

/// A page with fewer letters counts as one without text.
const FEWEST_LETTERS: usize = 25;

/// Documents with more pages are refused: no statement is as long.
const MOST_PAGES: usize = 2000;

/// The share of odd words above which the text is taken for garbage.
const MOST_ODD_WORDS: f64 = 0.35;

/// Reads a PDF.
///
/// # Errors
/// With the reason, when it cannot be read at all. A warning names pages that cannot be read.
pub fn read(bytes: &[u8]) -> Result<Decoded, String> {
    let document = load(bytes)?;
    let ids = guarded(|| Ok(document.get_pages()))?;
    if ids.is_empty() {
        return Err("it has no pages".into());
    }
    if ids.len() > MOST_PAGES {
        let count = ids.len();
        return Err(format!("it has {count} pages, more than {MOST_PAGES}"));
    }
    let mut warnings = Vec::new();
    let (mut pages, unread) = lines_of(&document, &ids);
    if unread.len() == ids.len() {
        return Err("none of its pages can be read".into());
    }
    if !unread.is_empty() {
        let names = pages_named(&unread);
        warnings.push(format!("{names} could not be read in full"));
    }
    let silent = pages.iter().filter(|page| letters(page) < FEWEST_LETTERS);
    let silent: Vec<u32> = silent.map(|page| page.number).collect();
    let shows_picture = |number: &&u32| {
        let picture = |id| guarded(|| Ok(has_picture(&document, id))).unwrap_or(true);
        ids.get(number).copied().is_some_and(picture)
    };
    let pictures: Vec<u32> = silent.iter().filter(shows_picture).copied().collect();
    let mut needs_ocr = lacks_text(silent.len(), pictures.len(), pages.len());
    if needs_ocr.is_none() && !pictures.is_empty() {
        let names = pages_named(&pictures);
        warnings.push(format!("only pictures and no text on {names}"));
    }
    let masthead = furniture::remove(&mut pages);
    let mut paged = paragraphs::paged_text(&pages);
    if let Some(share) = odd_words(&paged.text).filter(|share| *share > MOST_ODD_WORDS) {
        needs_ocr = Some(format!(
            "its fonts do not say which letters they show: {:.0}% of the words are unreadable",
            share * 100.0
        ));
    }
    let mut properties = guarded(|| Ok(information(&document))).unwrap_or_default();
    if let Some(masthead) = masthead {
        properties.issuer = masthead.issuer.or(properties.issuer);
        properties.date = Some((masthead.lines, DateSource::Page));
        if let Some(symbol) = masthead.symbol.filter(|_| !paged.text.is_empty()) {
            paged.name(&symbol);
        }
    }
    Ok(Decoded {
        text: paged.text,
        encoding: "PDF".into(),
        warnings,
        markdown: true,
        pages: paged.pages,
        properties,
        needs_ocr,
    })
}

fn load(bytes: &[u8]) -> Result<Document, String> {
    let mut document = guarded(|| Document::load_mem(bytes).map_err(|error| error.to_string()))?;
    if document.is_encrypted() {
        guarded(|| document.decrypt("").map_err(|error| error.to_string()))
            .map_err(|_| "it is protected by a password".to_owned())?;
    }
    Ok(document)
}

/// The pages with their lines, and the numbers of those that could not be read in full.
fn lines_of(document: &Document, ids: &BTreeMap<u32, ObjectId>) -> (Vec<Page>, Vec<u32>) {
    let mut collector = Collector::default();
    let mut unread = Vec::new();
    for number in ids.keys() {
        let done = guarded(|| {
            output_doc_page(document, &mut collector, *number).map_err(|error| error.to_string())
        });
        if done.is_err() {
            unread.push(*number);
        }
    }
    (collector.pages, unread)
}

/// Why OCR is needed, where no page has text or at least half of them are pictures.
fn lacks_text(silent: usize, pictures: usize, total: usize) -> Option<String> {
    if silent < total && pictures * 2 < total {
        return None;
    }
    Some(match pictures {
        0 => "its pages hold no text".into(),
        count if count == total => "all its pages are pictures".into(),
        count => format!("{count} of its {total} pages are pictures"),
    })
}

/// Runs a call into the PDF libraries, which panic on some malformed files.
fn guarded<T>(call: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err("the PDF is malformed".into()))
}

fn letters(page: &Page) -> usize {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    page.lines.iter().map(|line| letters(&line.text)).sum()
}

/// "page 3", "pages 3, 4 and 9".
fn pages_named(pages: &[u32]) -> String {
    let mut names: Vec<String> = pages.iter().take(10).map(u32::to_string).collect();
    if pages.len() > 10 {
        names.push(format!("{} more", pages.len() - 10));
    }
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            format!("pages {} and {last}", rest.join(", "))
        }
        _ => format!("page {}", names.concat()),
    }
}

/// Whether a page shows an image, directly or inside a form.
fn has_picture(document: &Document, page: ObjectId) -> bool {
    let resources = document.get_page_resources(page);
    let Ok((own, inherited)) = resources else {
        return false;
    };
    let all = inherited
        .iter()
        .filter_map(|id| document.get_dictionary(*id).ok())
        .chain(own);
    all.into_iter()
        .any(|resources| shows_image(document, resources, 0))
}

fn shows_image(document: &Document, resources: &Dictionary, depth: usize) -> bool {
    let resolved = |object| document.dereference(object).ok().map(|(_, object)| object);
    let objects = resources.get(b"XObject").ok().and_then(resolved);
    let Some(objects) = objects.and_then(|objects| objects.as_dict().ok()) else {
        return false;
    };
    objects.iter().any(|(_, object)| {
        let Some(stream) = resolved(object).and_then(|object| object.as_stream().ok()) else {
            return false;
        };
        match stream.dict.get(b"Subtype").and_then(Object::as_name) {
            Ok(b"Image") => true,
            Ok(b"Form") if depth < 4 => stream
                .dict
                .get(b"Resources")
                .ok()
                .and_then(resolved)
                .and_then(|inner| inner.as_dict().ok())
                .is_some_and(|inner| shows_image(document, inner, depth + 1)),
            _ => false,
        }
    })
}

/// Title, date and author of the information dictionary.
fn information(document: &Document) -> Properties {
    let info = document.trailer.get(b"Info").ok();
    let info = info.and_then(|info| document.dereference(info).ok());
    let Some(info) = info.and_then(|(_, info)| info.as_dict().ok()) else {
        return Properties::default();
    };
    let text = |key: &[u8]| {
        let value = info.get(key).ok()?;
        let (_, value) = document.dereference(value).ok()?;
        let text = decode_text_string(value).ok()?;
        let text = text.trim().to_owned();
        (!text.is_empty()).then_some(text)
    };
    // "D:20240512101500Z"
    let date = text(b"CreationDate").and_then(|date| {
        let digits = date.trim_start_matches("D:").get(..8)?.to_owned();
        let (year, rest) = digits.split_at_checked(4)?;
        let (month, day) = rest.split_at_checked(2)?;
        Some((format!("{year}-{month}-{day}"), DateSource::Properties))
    });
    Properties {
        // Word processors put the name of the file there.
        title: text(b"Title").filter(|title| !is_file_name(title)),
        date,
        issuer: None,
    }
}

/// "Microsoft Word - draft3.docx", "untitled", "S_2018_341".
fn is_file_name(title: &str) -> bool {
    let lower = title.to_lowercase();
    lower.starts_with("microsoft ")
        || lower.starts_with("untitled")
        || lower.rsplit('.').next().is_some_and(|end| {
            matches!(
                end,
                "doc" | "docx" | "pdf" | "rtf" | "odt" | "indd" | "qxd" | "wpd"
            )
        })
        || !title.contains(' ')
}

/// The share of words that cannot be words: without a vowel, with signs inside, with letters of no script. None for too
/// few words.
fn odd_words(text: &str) -> Option<f64> {
    let (mut all, mut odd) = (0_usize, 0_usize);
    for word in text.split_whitespace() {
        let word =
            word.trim_matches(|c: char| c.is_ascii_punctuation() || "“”‘’«»–—•…".contains(c));
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        let unreadable = word
            .chars()
            .filter(|c| matches!(c, '\u{FFFD}' | '\u{E000}'..='\u{F8FF}'))
            .count();
        if letters + unreadable < 2 {
            continue;
        }
        all += 1;
        let latin = word
            .chars()
            .all(|c| (c as u32) < 0x250 || !c.is_alphabetic());
        let vowel = word
            .chars()
            .any(|c| !c.is_ascii() || "aeiouyAEIOUY".contains(c));
        let signs = word.chars().any(|c| {
            c.is_ascii_punctuation() && !matches!(c, '-' | '\'' | '.' | '/' | '(' | ')' | '&' | '^')
        });
        odd += usize::from(unreadable > 0 || latin && (!vowel || signs));
    }
    (all >= 30).then(|| odd as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifted_letters_are_no_words() {
        let english = "The Council of Ministers welcomed the report of the Chair and thanked all delegations, in \
                       line with resolution S/2031/7, for the progress made on fisheries, trade and climate since \
                       their last meeting in Apia, which was hosted by the Government of Samoa.";
        assert!(odd_words(english).unwrap() < 0.1);
        let shifted: String = english
            .chars()
            .map(|c| match c {
                'a'..='z' | 'A'..='Z' => char::from(c as u8 - 29),
                c => c,
            })
            .collect();
        assert!(odd_words(&shifted).unwrap() > MOST_ODD_WORDS, "{shifted}");
        assert_eq!(odd_words("Too short to say."), None);
    }

    #[test]
    fn what_is_no_pdf_is_refused() {
        assert!(read(b"%PDF-1.7\nnothing more").is_err());
        assert!(read(b"").is_err());
    }
}
