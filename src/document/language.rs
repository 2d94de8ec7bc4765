//! Which language is a text in?

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
    let iso_639_3 = guess.lang().code();
    // BCP 47 takes the two-letter code where there is one; whatlang says "cmn" for Chinese, which has it as "zho".
    let code = match iso_639_3 {
        "cmn" => "zh",
        "pes" => "fa",
        other => isolang::Language::from_639_3(other)
            .and_then(|language| language.to_639_1())
            .unwrap_or(other),
    };
    Some(code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::language;

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
}
