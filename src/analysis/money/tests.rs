//! The examples of the data file, documents that say which dollar they mean, and text that means harm.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::data::Data;
use super::*;

fn grammar() -> &'static MoneyGrammar {
    static GRAMMAR: std::sync::OnceLock<MoneyGrammar> = std::sync::OnceLock::new();
    GRAMMAR.get_or_init(|| MoneyGrammar::embedded().unwrap())
}

/// A sum as the data file writes it: "EUR 5000000..7000000 by:2030 =1", "? many", "USD 500 about".
fn written(money: &Money, all: &[Money]) -> String {
    let currency = money.currency.as_deref().unwrap_or("?");
    let number =
        |amount: Option<Decimal>| amount.map_or("?".to_owned(), |amount| amount.to_string());
    let mut line = match money.qualifier {
        Qualifier::Vague => format!("{currency} many"),
        Qualifier::Range => format!(
            "{currency} {}..{}",
            number(money.amount_min),
            number(money.amount_max)
        ),
        _ => format!("{currency} {}", number(money.amount)),
    };
    let qualifier = match money.qualifier {
        Qualifier::Exact | Qualifier::Range | Qualifier::Vague => "",
        Qualifier::Approx => " approx",
        Qualifier::AtLeast => " at_least",
        Qualifier::MoreThan => " more_than",
        Qualifier::UpTo => " up_to",
        Qualifier::LessThan => " less_than",
    };
    line.push_str(qualifier);
    if let Some(period) = &money.period {
        line.push_str(&format!(" {period}"));
    }
    if let Some(other) = money.equivalent_of {
        assert!(other < all.len());
        line.push_str(&format!(" ={}", other + 1));
    }
    line
}

#[test]
fn the_examples_of_the_data_file_hold() {
    let grammar = grammar();
    let data = Data::embedded().unwrap();
    assert!(data.examples.len() > 50 && data.not.len() > 10);
    for example in &data.examples {
        let found = grammar.find(&example.text, &CurrencyContext::default());
        let lines: Vec<String> = found.iter().map(|money| written(money, &found)).collect();
        assert_eq!(lines, example.sums, "{}", example.text);
    }
    for text in &data.not {
        let found = grammar.find(text, &CurrencyContext::default());
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn the_span_is_the_expression_alone() {
    let grammar = grammar();
    for (text, spans) in [
        (
            "Up to an additional US$ 5\u{202f}million per year.",
            vec!["US$ 5\u{202f}million"],
        ),
        (
            "Between €5 and €7 billion by 2030.",
            vec!["€5 and €7 billion"],
        ),
        ("A 500-million-euro facility.", vec!["500-million-euro"]),
        (
            "Nearly half a billion Norwegian kroner",
            vec!["half a billion Norwegian kroner"],
        ),
        (
            "about $60 million (KRW 80 billion)",
            vec!["$60 million", "KRW 80 billion"],
        ),
        (
            "5, 6 and 7 million euros",
            vec!["5", "6", "7 million euros"],
        ),
        (
            "USD $250 million; $330 million USD",
            vec!["USD $250 million", "$330 million USD"],
        ),
        (
            "tens of billions of dollars annually",
            vec!["tens of billions of dollars"],
        ),
    ] {
        let found = grammar.find(text, &CurrencyContext::default());
        let cut: Vec<&str> = found.iter().map(|money| money.span.of(text)).collect();
        assert_eq!(cut, spans, "{text}");
    }
}

fn bare(document: &str, sentence: &str) -> (Option<String>, CurrencyBasis) {
    let grammar = grammar();
    let found = grammar.find(sentence, &grammar.context(document));
    assert_eq!(found.len(), 1, "{sentence}");
    (found[0].currency.clone(), found[0].currency_basis)
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn a_document_says_which_currency_a_shared_sign_means() {
    for (document, sentence, code, basis) in [
        (
            "CANBERRA, 3 June 2024: The Prime Ministers of Australia and Japan met.",
            "$5 million",
            "AUD",
            CurrencyBasis::Document,
        ),
        (
            "The fund, in Australian dollars, was topped up.",
            "$5 million",
            "AUD",
            CurrencyBasis::Document,
        ),
        (
            "The fund holds A$40 million.",
            "5 million dollars",
            "AUD",
            CurrencyBasis::Document,
        ),
        (
            "Canberra, 3 June 2024. Japan bought gas for US$2 billion.",
            "$5 million",
            "AUD",
            CurrencyBasis::Document,
        ),
        (
            "WASHINGTON, 1 May 2023: The Presidents met.",
            "$5 million",
            "USD",
            CurrencyBasis::Document,
        ),
        (
            "Joint Statement of Japan and Viet Nam\n\nThe two met in Singapore.",
            "$5 million",
            "USD",
            CurrencyBasis::Assumed,
        ),
        (
            "Germany, Fiji, France and China met.",
            "$5 million",
            "USD",
            CurrencyBasis::Assumed,
        ),
        (
            "Australia-Japan Joint Statement\n\nCanberra, 3 May 2024\n\nAustralia will give more. The US gave US$3 million before.",
            "$5 million",
            "AUD",
            CurrencyBasis::Document,
        ),
        (
            "The Ministers met.",
            "$5 million",
            "USD",
            CurrencyBasis::Assumed,
        ),
        (
            "Joint statement of Australia and the United States.",
            "$5 million",
            "USD",
            CurrencyBasis::Assumed,
        ),
        (
            "Joint statement of Australia and Canada.",
            "$5 million",
            "USD",
            CurrencyBasis::Assumed,
        ),
        (
            "G20 Leaders' Declaration, Brisbane, Australia.",
            "$5 million",
            "USD",
            CurrencyBasis::Assumed,
        ),
        (
            "G20 Leaders' Declaration. Australia added A$3 million.",
            "$5 million",
            "USD",
            CurrencyBasis::Assumed,
        ),
        (
            "BEIJING, 4 May: China announced a fund.",
            "¥5 billion",
            "CNY",
            CurrencyBasis::Document,
        ),
        (
            "The Ministers met.",
            "¥5 billion",
            "JPY",
            CurrencyBasis::Assumed,
        ),
        (
            "Islamabad, 9 March.",
            "Rs. 20 crore",
            "PKR",
            CurrencyBasis::Document,
        ),
        (
            "CAIRO, 9 March.",
            "20 million pounds",
            "EGP",
            CurrencyBasis::Document,
        ),
        (
            "CAIRO, 9 March.",
            "£20 million",
            "GBP",
            CurrencyBasis::Stated,
        ),
        (
            "Oslo, 9 March.",
            "20 million kroner",
            "NOK",
            CurrencyBasis::Document,
        ),
    ] {
        assert_eq!(
            bare(document, sentence),
            (Some(code.to_owned()), basis),
            "{document} {sentence}"
        );
    }
    for (sentence, code, basis) in [
        ("China's ¥4 trillion", "CNY", CurrencyBasis::Document),
        ("Japan’s ¥4 trillion", "JPY", CurrencyBasis::Document),
        ("an Australian $92 million", "AUD", CurrencyBasis::Document),
        ("gave Australia $92 million", "USD", CurrencyBasis::Assumed),
    ] {
        let found = bare("The Ministers met.", sentence);
        assert_eq!(found, (Some(code.to_owned()), basis), "{sentence}");
    }
    assert_eq!(
        bare("The Ministers met.", "20 million pesos"),
        (None, CurrencyBasis::Assumed)
    );
}

#[test]
fn the_letters_of_a_shared_sign_are_read_by_the_dateline() {
    for (place, sentence, code) in [
        ("Manila", "P500 million", Some("PHP")),
        ("Gaborone", "P500 million", Some("BWP")),
        ("Port Moresby", "K20 million", Some("PGK")),
        ("Lusaka", "K20 million", Some("ZMW")),
        ("Yangon", "K20 million", Some("MMK")),
        ("Suva", "K20 million", None),
        ("Mbabane", "E5 million", Some("SZL")),
        ("Suva", "E5 million", None),
        ("Maseru", "M5 million", Some("LSL")),
        ("Nassau", "B$5 million", Some("BSD")),
        ("Bandar Seri Begawan", "B$5 million", Some("BND")),
        ("Bridgetown", "BD$5 million", Some("BBD")),
        ("Kampala", "Sh 5 million", Some("UGX")),
        ("San José", "¢5 million", Some("CRC")),
        ("Accra", "¢5 million", Some("GHS")),
        ("Suva", "Kiri$5 million", None),
    ] {
        let document = format!("{place}, 3 May 2024. The Ministers met.");
        let (found, _) = bare(&document, sentence);
        assert_eq!(found.as_deref(), code, "{place} {sentence}");
    }
}

#[test]
fn a_very_long_line_is_read_in_parts() {
    let grammar = grammar();
    let text = format!(
        "{}$5 million{}€7 billion per year",
        "word ".repeat(2000),
        " word".repeat(2000)
    );
    let found = grammar.find(&text, &CurrencyContext::default());
    assert_eq!(
        found
            .iter()
            .map(|money| money.span.of(&text))
            .collect::<Vec<_>>(),
        ["$5 million", "€7 billion"]
    );
    assert_eq!(found[1].period.as_deref(), Some("per_year"));
}

fn check(text: &str) {
    let grammar = grammar();
    let found = grammar.find(text, &grammar.context(text));
    let mut end = 0;
    for (at, money) in found.iter().enumerate() {
        assert!(
            money.span.start >= end && money.span.end <= text.len() && !money.span.is_empty(),
            "{money:?}"
        );
        assert!(text.is_char_boundary(money.span.start) && text.is_char_boundary(money.span.end));
        assert!(money.equivalent_of.is_none_or(|other| other < at));
        end = money.span.end;
    }
}

/// Pieces that the grammar knows, so that random texts go deep.
const PIECES: &[&str] = &[
    "$",
    "US$",
    "€",
    "¥",
    "￥",
    "£",
    "USD",
    "EUR",
    "MEUR",
    "euros",
    "dollars",
    "cents",
    "pounds",
    "won",
    "R",
    "Rs.",
    "kr",
    "5",
    "10",
    "1,000",
    "1.5",
    "½",
    "2030",
    "2024",
    "25",
    "million",
    "bn",
    "k",
    "billion",
    "hundred",
    "half",
    "a",
    "an",
    "quarter",
    "three",
    "twenty",
    "and",
    "to",
    "-",
    "–",
    "—",
    "(",
    ")",
    ",",
    ";",
    ".",
    "of",
    "or",
    "between",
    "from",
    "by",
    "over",
    "the",
    "next",
    "five",
    "years",
    "year",
    "per",
    "through",
    "FY",
    "for",
    "billions",
    "tens",
    "several",
    "multi",
    "point",
    "+",
    "about",
    "up",
    "%",
    "/",
    "A",
    "\u{a0}",
    "\u{202f}",
    "\n",
    "😀",
    "مليون",
    "'",
    "minus",
    "rose",
    "decade",
    "month",
];

proptest! {
    #[test]
    fn any_text_is_survived(text in ".{0,200}") {
        check(&text);
    }

    #[test]
    fn any_mix_of_what_the_grammar_knows_is_survived(pieces in prop::collection::vec((prop::sample::select(PIECES), any::<bool>()), 0..40)) {
        let text: String = pieces.iter().map(|(piece, spaced)| if *spaced { format!(" {piece}") } else { (*piece).to_owned() }).collect();
        check(&text);
    }
}
