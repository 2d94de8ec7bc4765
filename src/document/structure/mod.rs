//! A text becomes a head and blocks: what a reader sees at a glance.

mod blocks;
mod dateline;
mod dates;
mod headings;
mod lines;
mod places;
mod shapes;
mod words;

use super::{Abbreviations, Block, DateSource, Head, Kind};
use crate::Result;
use dateline::{DatelineReader, Signature};
pub use dates::DateReader;
use lines::lines;
use shapes::Shapes;
pub(crate) use shapes::{escape_marks, unescape_marks};
use words::{HeadingWords, StructureData};

/// How many blocks a title page may have.
const TITLE_PAGE: usize = 8;

/// What a document shows before its sentences are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Structure {
    /// Title, date, place and source.
    pub head: Head,
    /// The blocks in order. Together they hold every visible character, save Markdown marks and rules.
    pub blocks: Vec<Block>,
}

/// The rules that find titles, datelines, paragraphs, headings, lists, footnotes and boilerplate.
#[derive(Debug)]
pub struct StructureRules {
    shapes: Shapes,
    headings: HeadingWords,
    datelines: DatelineReader,
    dates: DateReader,
    abbreviations: Abbreviations,
}

impl StructureRules {
    /// The rules of `models/structure.toml`.
    ///
    /// # Errors
    ///
    /// When the data compiled in cannot be read.
    pub fn embedded() -> Result<Self> {
        let rules = StructureData::embedded()?;
        Ok(Self {
            shapes: Shapes::new(&rules)?,
            datelines: DatelineReader::new(&rules)?,
            dates: DateReader::new(&rules.dates)?,
            headings: rules.heading,
            abbreviations: Abbreviations::embedded()?,
        })
    }

    /// The reader of dates that these rules use.
    pub const fn dates(&self) -> &DateReader {
        &self.dates
    }

    /// The head and the blocks of `text`.
    ///
    /// `markdown` says whether marks such as `#` and `>` are syntax; `file_stem` is the file's name without its
    /// extension, the last place where a date is looked for. Spans are byte spans of `text`.
    pub fn read(&self, text: &str, markdown: bool, file_stem: &str) -> Structure {
        let lines = self.shapes.read(text, &lines(text), markdown);
        let mut drafts = blocks::assemble(text, &lines, &self.shapes, &self.abbreviations);
        headings::mark(text, &mut drafts, &self.headings);
        let mut head = Head::default();
        let title = drafts
            .iter()
            .position(|draft| matches!(draft.kind, Kind::Heading | Kind::Sentence | Kind::ListItem))
            .filter(|&at| drafts[at].kind == Kind::Heading);
        head.title = title.map(|at| drafts[at].span);

        let mut dated = Vec::new();
        if let Some((at, end, line)) = self.datelines.opening(text, &drafts, &self.dates) {
            let (before, after) = drafts[at].split_at(text, end);
            drafts.splice(at..=at, std::iter::once(before).chain(after));
            dated.push((DateSource::Dateline, line.date));
            head.place = line.place;
            head.source = line.source;
        }
        if let Some(Signature { date, place }) =
            self.datelines.signature(text, &mut drafts, &self.dates)
        {
            dated.push((DateSource::Signature, date));
            head.place = head.place.or(place);
        }
        if let Some(line) = self.datelines.date_line(text, &mut drafts, &self.dates) {
            dated.push((DateSource::DateLine, line.date));
            head.place = head.place.or(line.place);
        }
        // The lines of a title page count as the title.
        let in_title = drafts
            .iter()
            .take(TITLE_PAGE)
            .filter(|draft| draft.kind == Kind::Heading)
            .find_map(|draft| self.dates.first(draft.span.of(text)));
        dated.push((DateSource::Title, in_title.map(|(_, date)| date)));
        // File names join their words with underscores, which would hide the edges of a date.
        let in_name = self.dates.first(&file_stem.replace('_', " "));
        dated.push((DateSource::FileName, in_name.map(|(_, date)| date)));
        head.date = dated
            .into_iter()
            .find_map(|(source, date)| Some((date?, source)));

        Structure {
            blocks: blocks::finish(&drafts, head.title),
            head,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Kind::{Boilerplate, Dateline, Footnote, Heading, ListItem, Sentence};

    fn blocks(text: &str, markdown: bool) -> Vec<(Kind, &str)> {
        let structure = StructureRules::embedded().unwrap().read(text, markdown, "");
        structure
            .blocks
            .iter()
            .map(|block| (block.kind, block.span.of(text)))
            .collect()
    }

    #[test]
    fn a_news_report() {
        let text = "SUVA, 3 July 2024 (Island Wire): The Ministers of Fiji and Japan met today.\n\nAlso Read: Fiji and Japan sign an aviation agreement\n\nStrengthening ties across the ocean\n\nThey agreed to open a port. It will be built in 2026.\n\nShare this\n";
        assert_eq!(
            blocks(text, false),
            [
                (Dateline, "SUVA, 3 July 2024 (Island Wire):"),
                (Sentence, "The Ministers of Fiji and Japan met today."),
                (
                    Boilerplate,
                    "Also Read: Fiji and Japan sign an aviation agreement"
                ),
                (Heading, "Strengthening ties across the ocean"),
                (
                    Sentence,
                    "They agreed to open a port. It will be built in 2026."
                ),
                (Boilerplate, "Share this"),
            ]
        );
        let structure = StructureRules::embedded().unwrap().read(text, false, "");
        let paragraphs: Vec<u32> = structure
            .blocks
            .iter()
            .map(|block| block.paragraph)
            .collect();
        assert_eq!(paragraphs, [1, 1, 2, 3, 4, 5]);
        assert_eq!(structure.blocks[4].section, Some(structure.blocks[3].span));
        assert_eq!(structure.head.title, None);
    }

    #[test]
    fn a_communique_wrapped_by_hand() {
        let text = "\
JOINT COMMUNIQUE OF THE PACIFIC MINISTERS
Apia, 9 September 1988

I. Regional security

1. The Ministers welcomed the progress made in the region since their
last meeting, and thanked the Government of Samoa for the warm welcome
extended to all delegations. They noted the report of the United
Nations on fisheries.
2. The Ministers called upon all partners:
(a) to respect the zone free of nuclear weapons; and
(b) to share the results of their research with the countries of the
region.

- 2 -

Done at Apia on 9 September 1988 in the English language.
";
        assert_eq!(
            blocks(text, false)
                .iter()
                .map(|(kind, words)| (*kind, &words[..words.len().min(24)]))
                .collect::<Vec<_>>(),
            [
                (Heading, "JOINT COMMUNIQUE OF THE "),
                (Dateline, "Apia, 9 September 1988"),
                (Heading, "I. Regional security"),
                (Sentence, "1. The Ministers welcome"),
                (Sentence, "2. The Ministers called "),
                (ListItem, "(a) to respect the zone "),
                (ListItem, "(b) to share the results"),
                (Boilerplate, "- 2 -"),
                (Dateline, "Done at Apia on 9 Septem"),
            ]
        );
    }

    #[test]
    fn a_sentence_is_the_same_wherever_its_lines_end() {
        let sentences = [
            "The two sides thanked the head of the joint commission, Mr. Holt, and his deputy, Amb. Reyes, for their long work.",
            "They noted the exception in paragraph 3 (a) of the annex and in Art. 5 (b) of the treaty, which no. 12 of the list explains.",
            "The arrears of the two sides now total US$ 2.5 billion, of which € 3 000 000 is overdue under para. 4 of the Jan. 2020 accord.",
            "Sixteen ports - five of them in the north - will share 1.5 million euros with the U.S. fleet, e.g. for beacons and for buoys.",
        ];
        let rules = StructureRules::embedded().unwrap();
        for sentence in sentences {
            let blanks: Vec<usize> = sentence.match_indices(' ').map(|(at, _)| at).collect();
            for &at in &blanks {
                let next = blanks.iter().find(|next| **next > at + 55);
                let mut text = sentence.to_owned();
                for at in [Some(&at), next].into_iter().flatten() {
                    text.replace_range(at..=at, "\n");
                }
                // The first line of all may be a title, and only prose is wrapped.
                let start =
                    "They met at length in the capital of the republic, and they took\nstock. ";
                if at < 50 {
                    continue;
                }
                let text = format!("{start}{text}");
                let read = rules.read(&text, false, "");
                assert_eq!(read.blocks.len(), 1, "{text}");
            }
        }
    }

    #[test]
    fn items_of_a_list_are_not_joined() {
        let text = "The Ministers will, over the coming year and in all of the\nregions:\n(a) open the ports that were closed in the long war of the\n(b) share the results of their research with the countries\n(c) meet again";
        let kinds: Vec<Kind> = blocks(text, false).iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [Sentence, ListItem, ListItem, ListItem]);
        let treaty = "Article 5\n(a) The Parties shall meet.\n(b) They shall report.";
        assert_eq!(blocks(treaty, false).len(), 3);
    }

    #[test]
    fn a_resolution() {
        let text = "Resolution on the Law of the Sea\n\nThe Assembly,\nRecalling its resolution 41 of 1986,\nConvinced of the need for common rules,\n\n1. Urges all States to ratify the Convention;\n2. Decides to remain seized of the matter.\n\n12 See Official Records of the Assembly, vol. 3.\n[13] Ibid.\n";
        assert_eq!(
            blocks(text, false),
            [
                (Heading, "Resolution on the Law of the Sea"),
                (Sentence, "The Assembly,"),
                (Sentence, "Recalling its resolution 41 of 1986,"),
                (Sentence, "Convinced of the need for common rules,"),
                (Sentence, "1. Urges all States to ratify the Convention;"),
                (Sentence, "2. Decides to remain seized of the matter."),
                (Footnote, "12 See Official Records of the Assembly, vol. 3."),
                (Footnote, "[13] Ibid."),
            ]
        );
    }

    #[test]
    fn markdown() {
        let text = "---\ntitle: Statement\n---\n# Statement of the Chair\n\n> Members met in Nairobi.\n\nNext steps\n----------\n\n* Open the fund\n* Report in May\n\n***\n\n**Trade and aid**\n\nMembers thanked *Kenya*.[^1]\n\n[^1]: Held on 3 May 2024.\n";
        assert_eq!(
            blocks(text, true),
            [
                (Boilerplate, "title: Statement"),
                (Heading, "Statement of the Chair"),
                (Sentence, "Members met in Nairobi."),
                (Heading, "Next steps"),
                (ListItem, "* Open the fund"),
                (ListItem, "* Report in May"),
                (Heading, "Trade and aid"),
                (Sentence, "Members thanked *Kenya*.[^1]"),
                (Footnote, "[^1]: Held on 3 May 2024."),
            ]
        );
    }

    #[test]
    fn marks_that_are_escaped_are_words() {
        for words in [
            "# 1 priority of both States is safety at sea.",
            "> 50 per cent of all vessels carry a beacon.",
            "\\# is how a heading begins.",
        ] {
            let text = format!("{}\n\nThe Ministers met.", escape_marks(words));
            let read = blocks(&text, true);
            assert_eq!(read, [(Sentence, words), (Sentence, "The Ministers met.")]);
        }
        let text = escape_marks("The Ministers met.\n-----\nThey thanked Fiji.");
        let read = blocks(&text, true);
        assert_eq!(read[0], (Sentence, "The Ministers met."));
        assert_eq!(escape_marks("- 5 ports\n_____"), "- 5 ports\n_____");
        let rules = "---\n\nThe Ministers met.\n\n---\n\nThey thanked Fiji.";
        let read = blocks(rules, true);
        assert_eq!(read[0], (Sentence, "The Ministers met."));
    }

    #[test]
    fn names_and_closings_are_no_headings() {
        let text = "Joint Statement\n\nThe leaders met and agreed on a plan for trade.\n\nI thank you\n\nPresident of the Republic\nPrime Minister of Samoa\nPrime Minister of Tonga\n";
        let kinds: Vec<Kind> = blocks(text, false).iter().map(|(kind, _)| *kind).collect();
        assert_eq!(
            kinds,
            [Heading, Sentence, Sentence, Sentence, Sentence, Sentence]
        );
    }

    #[test]
    fn dates_by_their_trust() {
        let rules = StructureRules::embedded().unwrap();
        let date = |text: &str, name: &str| {
            rules
                .read(text, false, name)
                .head
                .date
                .map(|(date, source)| (date.to_string(), source))
        };
        let body = "\n\nThe leaders met and agreed on a plan for trade.\n\nThey thanked the hosts.";
        assert_eq!(
            date(
                &format!("Statement of 2 May 2024{body}"),
                "2024-05-03_statement"
            ),
            Some(("2024-05-02".into(), DateSource::Title))
        );
        assert_eq!(
            date(&format!("Statement{body}"), "2024-05-03_statement"),
            Some(("2024-05-03".into(), DateSource::FileName))
        );
        assert_eq!(
            date(&format!("Statement\n\nPublished 1 May 2024{body}"), ""),
            Some(("2024-05-01".into(), DateSource::DateLine))
        );
        assert_eq!(date(&format!("Statement{body}"), "statement"), None);
    }
}
