//! Columns as in CoNLL-2003 (Tjong Kim Sang and De Meulder, 2003), `analysis.conll`: one token per line, an empty line after
//! a sentence, tags in the BIO scheme. Part of speech and chunk are not known: `-X-` and `_` stand for them.

use std::io::{self, Write};

use unicode_segmentation::UnicodeSegmentation;

use crate::document::Kind;
use crate::error::{Error, Result};
use crate::folder::CONLL_FILE;
use crate::output::code_points::CodePoints;
use crate::output::files::{Complete, OutputFile};
use crate::output::rows::{EntityRow, SentenceRow};
use crate::output::tables::{Counts, DocumentTables};
use crate::output::writer::{Writer, WriterSetup};

/// The columns of one run.
pub(in crate::output) struct Conll {
    file: OutputFile,
}

impl Conll {
    pub(in crate::output) fn create(setup: &WriterSetup<'_>) -> Result<Self> {
        Ok(Self {
            file: setup.target.open(CONLL_FILE)?,
        })
    }

    fn add(&mut self, tables: &DocumentTables, text: &str) -> io::Result<()> {
        let words = CodePoints::new(text);
        writeln!(self.file, "-DOCSTART- -X- -X- O\n")?;
        let mut rest = tables.entities.as_slice();
        for sentence in &tables.sentences {
            let mine = |row: &&EntityRow| row.sent_id == sentence.sent_id;
            let (entities, after) = rest.split_at(rest.iter().take_while(mine).count());
            rest = after;
            // Names are not looked for in boilerplate: tags without names would teach a model wrongly.
            if sentence.kind != Kind::Boilerplate {
                self.add_sentence(sentence, entities, &words)?;
            }
        }
        Ok(())
    }

    fn add_sentence(
        &mut self,
        sentence: &SentenceRow,
        entities: &[EntityRow],
        words: &CodePoints<'_>,
    ) -> io::Result<()> {
        let mut at = sentence.start;
        for entity in entities.iter().filter(|row| row.start >= sentence.start) {
            self.add_tokens(words.words(at, entity.start), None)?;
            let name = words.words(entity.start, entity.end);
            self.add_tokens(name, Some(&entity.entity_type))?;
            at = entity.end;
        }
        self.add_tokens(words.words(at, sentence.end), None)?;
        writeln!(self.file)
    }

    /// Writes the words of a piece of text (UAX #29) and the signs between them; all of one name, or of none.
    fn add_tokens(&mut self, text: &str, name: Option<&str>) -> io::Result<()> {
        let blank = |token: &&str| !token.contains(|c: char| c.is_whitespace() || c.is_control());
        let mut prefix = "B";
        for token in text.split_word_bounds().filter(blank) {
            match name {
                None => writeln!(self.file, "{token} -X- _ O")?,
                Some(name) => writeln!(self.file, "{token} -X- _ {prefix}-{name}")?,
            }
            prefix = "I";
        }
        Ok(())
    }
}

impl Writer for Conll {
    fn write(&mut self, tables: &DocumentTables, text: &str) -> Result<()> {
        let path = self.file.path.clone();
        self.add(tables, text).map_err(Error::writing(&path))
    }

    fn finish(self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        Ok(self.file.finish()?.into_iter().collect())
    }
}
