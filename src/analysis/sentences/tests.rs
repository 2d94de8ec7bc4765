use proptest::prelude::*;

use super::*;
use crate::document::StructureRules;

fn split(text: &str) -> Vec<String> {
    let splitter = SentenceSplitter::embedded().unwrap();
    let block = Block {
        span: Span::new(0, text.len()).trimmed(text),
        kind: Kind::Sentence,
        paragraph: 1,
        section: None,
        language: None,
    };
    let sentences = splitter.split(text, &[block]);
    sentences
        .into_iter()
        .map(|sentence| sentence.span.of(text).to_owned())
        .collect()
}

/// Each text is written with "¦" where a sentence ends.
fn check(marked: &[&str]) {
    for text in marked {
        let expected: Vec<&str> = text.split('¦').map(str::trim).collect();
        assert_eq!(split(&text.replace('¦', "")), expected, "{text}");
    }
}

#[test]
fn titles_and_initials() {
    check(&[
        "H.E. Amb. Tuimaleali'ifano spoke first. ¦ Lt. Col. J. B. Holt and the Rt. Hon. Speaker followed.",
        "Messrs. Menzies and Holland met Gen. de Gaulle in Paris. ¦ Mrs. Holland joined them.",
        "Prime Minister Keith J. Holyoake of New Zealand agreed with Amb. (ret.) Corner.",
        "The Rep. of Korea and the Dem. Rep. of the Congo signed. ¦ H.R.H. the Prince looked on.",
        "Foreign Minister S. Jaishankar and Prime Minister P. V. Narasimha Rao were named, as were L. Pearson and C. Rajagopalachari.",
        "Norway gave NOK 6.5 bn. ¦ India pledged Rs. 5 bn. in grants.",
    ]);
}

#[test]
fn numbers_of_articles_paragraphs_and_resolutions() {
    check(&[
        "The Council recalled Res. No. 2270 and Art. 5 of the Treaty. ¦ It then turned to para. 4.",
        "See paras. 12 to 14, op. para. 3 and vol. II, pp. 20 ff. of the report. ¦ Ibid. ¦ The text follows.",
        "Nos. 5 and 6 were adopted, cf. document S/14791. ¦ No. 7 was not.",
        "The parties bound by Annex B. ¦ Members may withdraw.",
    ]);
}

#[test]
fn dotted_names_within_and_at_the_end() {
    check(&[
        "The U.S. Government and the U.K. Foreign Secretary agreed with the U.S. ¦ The Alliance stands.",
        "The ASEAN-U.S. Strategic Partnership grew. ¦ The ministers flew to Washington, D.C. ¦ They met at 5 p.m. ¦ Talks ended at 9 p.m. Tokyo time.",
        "At 10 a.m. President Park opened the session. ¦ It closed at 6 p.m. ¦ Ministers then dined.",
        "Talks on trade, aid, etc. were useful. ¦ On Jan. 20 they resumed.",
    ]);
}

#[test]
fn what_closes_after_the_stop() {
    check(&[
        "“We will never yield.” ¦ The President then left.",
        "He said: “We met. We agreed. We will meet again.” ¦ The session closed (it had been long. It was hot).",
        "The fund was doubled.[1] ¦ It now holds more.¹² ¦ Donors agreed.12 ¦ They pledged again.[2][3]",
        "The Prime Minister thanked the people of Fiji. (Applause.)",
    ]);
}

#[test]
fn figures_addresses_and_ellipses() {
    check(&[
        "Growth of 3.5 per cent was seen on 14.05.2025 at 10.30. ¦ It will last.",
        "Write to press@mofa.example.org or see https://mofa.example.org/a.b?c=d. ¦ Replies follow.",
        "The talks ... were long. ¦ Peace … is near. ¦ We waited... ¦ Then they spoke.",
        "Why now?! ¦ Because it is time! ¦ iPhone exports rose.",
        "A fund was set up.¦Both sides agreed.",
        "The talks ended.¦The Ministers left (in haste).¦Others followed.",
        "会议结束。¦各方同意。",
        "The annex is report.Final.docx and nothing else.",
    ]);
}

#[test]
fn lists_in_running_text() {
    check(&[
        "1. Trade in goods ¦ 2. Trade in services ¦ 3. Investment",
        "a) Trade in goods ¦ b) Trade in services",
        "• Trade in goods ¦ • Trade in services",
        "1. Urges all States to comply; ¦ 2. Requests a report; and ¦ 3. Decides to remain seized of the matter.",
        "We will (i) expand trade; (ii) protect the sea; and (iii) meet yearly.",
        "12. We welcome the outcome of article 13. ¦ It is good.",
        "(a) Trade will grow. ¦ (b) Aid will follow.",
    ]);
}

#[test]
fn a_long_line_takes_linear_time() {
    let splitter = SentenceSplitter::embedded().unwrap();
    let rules = StructureRules::embedded().unwrap();
    for hard in [
        "(\" 'a. “ 1. (b) [x ",
        "the U.S. government ",
        "(((",
        "a@Bc.De",
        "'a. ",
        "A.) ",
        "\"a ",
        "Mr.Mr.",
        ". . ",
        "[1]",
    ] {
        let hard = hard.repeat(1_000_000 / hard.len());
        let start = std::time::Instant::now();
        let structure = rules.read(&hard, false, "");
        splitter.split(&hard, &structure.blocks);
        assert!(start.elapsed().as_secs() < 10, "{}", &hard[..8]);
    }
}

fn visible(text: &str) -> String {
    text.chars().filter(|&c| !is_blank(c)).collect()
}

proptest! {
    #[test]
    fn any_text_is_divided_without_loss(text in r#"(\PC|[.!?"'()\[\]“”‘’…¹\r\n\t \u{85}\u{2028}a1A#>*-]|U\.S\. |1\. |\(a\) |The ){0,60}"#, markdown: bool) {
        let rules = StructureRules::embedded().unwrap();
        let splitter = SentenceSplitter::embedded().unwrap();
        let structure = rules.read(&text, markdown, "");
        let sentences = splitter.split(&text, &structure.blocks);
        let mut at = 0;
        let mut read = String::new();
        for sentence in &sentences {
            let Span { start, end } = sentence.span;
            prop_assert!(at <= start && start < end && end <= text.len());
            prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(end));
            prop_assert_eq!(sentence.span.trimmed(&text), sentence.span);
            at = end;
            read.push_str(sentence.span.of(&text));
        }
        for block in &structure.blocks {
            prop_assert!(sentences.iter().any(|sentence| block.span.contains(sentence.span)));
        }
        // Rules are drawn with these marks; everything else that can be seen is read.
        let is_rule_mark = |c: &char| !"-_=~*#>|:+•·.`─—–<!".contains(*c);
        if !markdown {
            let all: String = visible(&text).chars().filter(is_rule_mark).collect();
            let kept: String = visible(&read).chars().filter(is_rule_mark).collect();
            prop_assert_eq!(all, kept);
        }
    }
}
