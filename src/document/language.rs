//! Which language is a text in, and which of its paragraphs are in another?

use super::{Block, Kind};

/// Below this many letters a guess would be little more than chance.
const ENOUGH_LETTERS: usize = 60;

/// How much of a text is looked at: more changes nothing.
const PROBE_CHARS: usize = 20_000;

/// The BCP 47 code of the language of `text`, where there is enough of it to be sure.
pub fn language(text: &str) -> Option<String> {
    let probe: String = text.chars().take(PROBE_CHARS).collect();
    if probe.chars().filter(|c| c.is_alphabetic()).count() < ENOUGH_LETTERS {
        return None;
    }
    let guess = whatlang::detect(&probe)?;
    if !guess.is_reliable() {
        return None;
    }
    Some(bcp_47(guess.lang()).to_owned())
}

/// Function words, which no English text is without.
const ENGLISH: [&str; 26] = [
    "the", "of", "and", "to", "in", "for", "on", "with", "that", "is", "are", "by", "we", "as",
    "at", "from", "our", "its", "their", "be", "this", "has", "have", "was", "will", "or",
];

/// Marks the blocks that are surely in another language than English. A block too short to tell is taken for one of the
/// document's language.
pub(super) fn mark(text: &str, blocks: &mut [Block], document: Option<&str>) {
    for block in blocks {
        if block.kind == Kind::Boilerplate {
            continue;
        }
        let words = block.span.of(text);
        block.language = match foreign(words) {
            Some(language) => Some(language),
            None if is_english(words) => None,
            None => document.filter(|code| *code != "en").map(str::to_owned),
        };
    }
}

/// The language of a paragraph, where it is surely not English.
fn foreign(words: &str) -> Option<String> {
    if is_english(words) {
        return None;
    }
    let letters = words.chars().filter(|c| c.is_alphabetic()).count();
    let latin = words
        .chars()
        .filter(|c| c.is_alphabetic() && (*c as u32) < 0x250)
        .count();
    // Another script tells a language in few letters; names and lists in Latin letters look like any language.
    let enough = if latin * 2 < letters { 20 } else { 100 };
    if letters < enough {
        return None;
    }
    let guess = whatlang::detect(words)?;
    let sure = latin * 2 < letters || (guess.is_reliable() && guess.confidence() > 0.9);
    let code = bcp_47(guess.lang());
    (sure && code != "en").then(|| code.to_owned())
}

/// Whether at least one word in twelve is a function word of English.
fn is_english(words: &str) -> bool {
    let (mut all, mut english) = (0_usize, 0_usize);
    for word in words
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
    {
        all += 1;
        english += usize::from(ENGLISH.contains(&word.to_ascii_lowercase().as_str()));
    }
    english > 0 && english * 12 >= all
}

/// BCP 47 takes the two-letter code where there is one; whatlang says "cmn" for Chinese, which has it as "zho".
fn bcp_47(language: whatlang::Lang) -> &'static str {
    let iso_639_3 = language.code();
    match iso_639_3 {
        "cmn" => "zh",
        "pes" => "fa",
        other => isolang::Language::from_639_3(other)
            .and_then(|language| language.to_639_1())
            .unwrap_or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::{foreign, language};

    #[test]
    fn tells_languages_apart() {
        let english = "The two leaders reaffirmed their commitment to peace and stability in the region, and agreed to meet again.";
        let french = "Les deux dirigeants ont réaffirmé leur attachement à la paix et à la stabilité dans la région, et sont convenus de se revoir.";
        assert_eq!(language(english).as_deref(), Some("en"));
        assert_eq!(language(french).as_deref(), Some("fr"));
        assert_eq!(language("中华人民共和国和法兰西共和国重申致力于维护地区和平与稳定,并同意继续加强两国在经济、贸易、文化、教育等领域的合作,推动全面战略伙伴关系不断发展。").as_deref(), Some("zh"));
    }

    #[test]
    fn a_few_words_are_too_few() {
        assert_eq!(language("Seoul, 14 May 2025"), None);
    }

    #[test]
    fn a_paragraph_in_another_language_is_told_and_names_are_not() {
        let french = "Les Ministres ont salué les progrès accomplis dans la région et remercié le Gouvernement des Fidji de son accueil, ainsi que les partenaires de leur appui aux petits États insulaires.";
        assert_eq!(foreign(french).as_deref(), Some("fr"));
        assert_eq!(
            foreign("Министры стран региона встретились в Апиа").as_deref(),
            Some("ru")
        );
        let english = "The Ministers thanked Tuila'epa Sa'ilele Malielegaoi, Fiame Naomi Mata'afa and Siaosi Sovaleni for the welcome.";
        assert_eq!(foreign(english), None);
        assert_eq!(
            foreign("Samoa, Tonga, Fiji, Vanuatu, Kiribati, Tuvalu, Nauru, Palau"),
            None
        );
    }
}
