//! Tasks with predictions for Label Studio, `label-studio.json`, and the labelling interface that shows them,
//! `label-studio.xml`: names, dates and sums as spans, themes as spans over sentences.

use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::entities::EntityType;
use crate::error::{Error, Result};
use crate::folder::{LABEL_STUDIO_INTERFACE, LABEL_STUDIO_TASKS};
use crate::output::code_points::CodePoints;
use crate::output::files::{Complete, OutputFile};
use crate::output::run::Provenance;
use crate::output::tables::{Counts, DocumentTables};
use crate::output::writer::{Writer, WriterSetup};

/// The tasks of one run.
pub(in crate::output) struct LabelStudio {
    tasks: OutputFile,
    interface: OutputFile,
    themes: Vec<String>,
    model: String,
    empty: bool,
}

/// A statement to label.
#[derive(Serialize)]
struct LabelTask<'a> {
    data: TaskData<'a>,
    predictions: [Prediction<'a>; 1],
}

#[derive(Serialize)]
struct TaskData<'a> {
    doc_id: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct Prediction<'a> {
    model_version: &'a str,
    result: Vec<Region<'a>>,
}

/// A labelled span.
#[derive(Serialize)]
struct Region<'a> {
    id: &'a str,
    from_name: &'static str,
    to_name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    score: f64,
    value: RegionSpan<'a>,
}

#[derive(Serialize)]
struct RegionSpan<'a> {
    start: usize,
    end: usize,
    text: &'a str,
    labels: Vec<&'a str>,
}

impl LabelStudio {
    pub(in crate::output) fn create(setup: &WriterSetup<'_>) -> Result<Self> {
        let Provenance {
            program,
            version,
            engine,
            ..
        } = setup.provenance();
        Ok(Self {
            tasks: setup.target.open(LABEL_STUDIO_TASKS)?,
            interface: setup.target.open(LABEL_STUDIO_INTERFACE)?,
            themes: setup.themes(),
            model: format!("{program} {version} {engine}"),
            empty: true,
        })
    }

    fn add(&mut self, tables: &DocumentTables, text: &str) -> io::Result<()> {
        let words = CodePoints::new(text);
        let region = |id, from_name, score, (start, end), labels| Region {
            id,
            from_name,
            to_name: "text",
            kind: "labels",
            score,
            value: RegionSpan {
                start,
                end,
                text: words.words(start, end),
                labels,
            },
        };
        let themes = tables.sentences.iter().filter_map(|row| {
            let labels = row.themes.as_ref()?.split(';').collect();
            let span = (row.start, row.end);
            Some(region(&row.sent_id, "theme", row.score, span, labels))
        });
        let entities = tables.entities.iter().map(|row| {
            let labels = vec![row.entity_type.as_str()];
            let span = (row.start, row.end);
            region(&row.entity_id, "entity", row.score, span, labels)
        });
        let task = LabelTask {
            data: TaskData {
                doc_id: &tables.document.doc_id,
                text,
            },
            predictions: [Prediction {
                model_version: &self.model,
                result: themes.chain(entities).collect(),
            }],
        };
        let before: &[u8] = match std::mem::replace(&mut self.empty, false) {
            true => b"[\n",
            false => b",\n",
        };
        self.tasks.write_all(before)?;
        serde_json::to_writer(&mut self.tasks, &task).map_err(io::Error::from)
    }

    fn write_interface(&mut self) -> io::Result<()> {
        let to = &mut self.interface;
        writeln!(
            to,
            "<View>\n  <Labels name=\"theme\" toName=\"text\" choice=\"multiple\">"
        )?;
        for theme in &self.themes {
            // The id of a theme is letters, digits and hyphens.
            writeln!(to, "    <Label value=\"{theme}\"/>")?;
        }
        writeln!(
            to,
            "  </Labels>\n  <Labels name=\"entity\" toName=\"text\">"
        )?;
        for entity_type in EntityType::ALL {
            writeln!(to, "    <Label value=\"{entity_type}\"/>")?;
        }
        writeln!(
            to,
            "  </Labels>\n  <Text name=\"text\" value=\"$text\"/>\n</View>"
        )
    }
}

impl Writer for LabelStudio {
    fn write(&mut self, tables: &DocumentTables, text: &str) -> Result<()> {
        self.add(tables, text)
            .map_err(Error::writing(&self.tasks.path))
    }

    fn finish(mut self: Box<Self>, _counts: Counts) -> Result<Vec<Complete>> {
        let end: &[u8] = if self.empty { b"[]\n" } else { b"\n]\n" };
        let path = self.tasks.path.clone();
        self.tasks.write_all(end).map_err(Error::writing(&path))?;
        let path = self.interface.path.clone();
        self.write_interface().map_err(Error::writing(&path))?;
        let files = [self.tasks.finish()?, self.interface.finish()?];
        Ok(files.into_iter().flatten().collect())
    }
}
