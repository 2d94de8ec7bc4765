//! One workbook, `analysis.xlsx`: a sheet a table, a chart, and a first sheet that explains the others.
//!
//! Rows go to files as they come, so that memory stays flat whatever the number of statements.

pub(in crate::output) mod about;
pub(in crate::output) mod chart;
pub(in crate::output) mod sheet;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};
use serde::Serialize;

use super::rows::{DocumentTables, FailureRow};
use super::schema;
use super::totals::{ShareRow, Sums};
use super::{
    Complete, Counts, OutputFile, Provenance, SCHEMA_VERSION, Target, Writer, io_error, write_error,
};
use crate::error::{Error, Result};
use about::About;
use sheet::{Sheet, Style};

const TITLE: &str = "What the statements say";

/// What a reader should know before the first figure.
const READING: [&str; 5] = [
    "A sentence with several themes is divided among them in equal parts; headings, datelines and boilerplate do not count.",
    "low and high are the ends of a 95% interval (Wilson): the fewer the sentences, the wider it is.",
    "start and end count characters (Unicode code points) in the text of the statement, from 0; end is not included.",
    "Never add up amounts of several currencies. A sum with equivalent_of only says another one again: leave it out.",
    "$ is read as US dollars and ¥ as yen unless the document clearly says otherwise; currency_basis tells which.",
];

/// The workbook of one run.
pub(super) struct Xlsx {
    file: OutputFile,
    workbook: Workbook,
    sheets: Vec<Sheet>,
    shares: Sheet,
    totals: Sheet,
    sums: Sums,
    themes: Vec<String>,
    provenance: Provenance,
}

impl Xlsx {
    pub(super) fn create(
        target: &Target,
        themes: &[String],
        metadata: &[String],
        provenance: &Provenance,
    ) -> Result<Self> {
        let file = target.open("analysis.xlsx")?;
        let failed = xlsx_error(&file);
        let mut workbook = Workbook::new();
        if let Some(folder) = target.unfinished() {
            workbook.set_tempdir(folder).map_err(&failed)?;
        }
        let style = Style::new();
        let sheets = schema::flat_tables(themes, metadata)
            .into_iter()
            .map(|table| Sheet::new(&mut workbook, table, &style))
            .collect::<Result<_, _>>()
            .map_err(&failed)?;
        let [shares, sums] = schema::workbook_tables(themes);
        let shares = Sheet::new(&mut workbook, shares, &style).map_err(&failed)?;
        let totals = Sheet::new(&mut workbook, sums, &style).map_err(&failed)?;
        drop(failed);
        Ok(Self {
            file,
            sheets,
            shares,
            totals,
            workbook,
            sums: Sums::default(),
            themes: themes.to_vec(),
            provenance: provenance.clone(),
        })
    }

    /// Writes rows to the sheet of the table `name`.
    fn add<T: Serialize>(&mut self, name: &str, rows: &[T]) -> Result<()> {
        let failed = xlsx_error(&self.file);
        let sheet = self
            .sheets
            .iter_mut()
            .find(|sheet| sheet.table.name == name);
        let Some(sheet) = sheet else {
            return Ok(());
        };
        rows.iter()
            .try_for_each(|row| sheet.write(&mut self.workbook, row))
            .map_err(failed)
    }

    /// Puts the sheets in their order and the workbook into its file.
    fn save(mut self, counts: Counts) -> Result<OutputFile, XlsxError> {
        let workbook = &mut self.workbook;
        for row in self.sums.rows() {
            self.totals.write(workbook, row)?;
        }
        chart::stacked(&mut self.shares, &self.themes, "statement")?;
        let mut sheets = vec![self.shares, self.totals];
        sheets.append(&mut self.sheets);
        let mut made = vec![("layout".into(), SCHEMA_VERSION.into())];
        made.extend(about::fields(&self.provenance));
        let (analysed, failed) = (counts.documents, counts.failures);
        let statements = format!("{analysed} analysed, {failed} failed");
        made.push(("statements".into(), statements));
        let about = About {
            title: TITLE,
            made,
            reading: &READING,
        };
        workbook.push_worksheet(about::sheet(&sheets, about)?);
        for sheet in sheets {
            for worksheet in sheet.finish()? {
                workbook.push_worksheet(worksheet);
            }
        }
        let Provenance {
            program, version, ..
        } = &self.provenance;
        set_properties(workbook, TITLE, program, version)?;
        workbook.save_to_writer(&mut self.file)?;
        Ok(self.file)
    }
}

impl Writer for Xlsx {
    fn write(&mut self, tables: &DocumentTables, _text: &str) -> Result<()> {
        self.sums.add(tables);
        self.add("documents", std::slice::from_ref(&tables.document))?;
        self.add("sentences", &tables.sentences)?;
        self.add("entities", &tables.entities)?;
        self.add("money", &tables.money)?;
        self.add("themes", &tables.themes)?;
        let failed = xlsx_error(&self.file);
        self.shares
            .write(&mut self.workbook, &ShareRow::new(tables))
            .map_err(failed)
    }

    fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        self.add("failures", std::slice::from_ref(failure))
    }

    fn notes(&self) -> Vec<String> {
        let notes = self.sheets.iter().flat_map(Sheet::notes);
        notes.map(|note| format!("analysis.xlsx: {note}")).collect()
    }

    fn finish(self: Box<Self>, counts: Counts) -> Result<Vec<Complete>> {
        let failed = xlsx_error(&self.file);
        let file = self.save(counts).map_err(failed)?;
        Ok(file.finish()?.into_iter().collect())
    }
}

/// Sets what a workbook says of itself. It says when it was made; here it says by what alone, so that the same input
/// gives the same bytes.
pub(in crate::output) fn set_properties(
    workbook: &mut Workbook,
    title: &str,
    program: &str,
    version: &str,
) -> Result<(), XlsxError> {
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    let properties = DocProperties::new()
        .set_title(title)
        .set_author(format!("{program} {version}"))
        .set_creation_datetime(&made);
    workbook.set_properties(&properties);
    Ok(())
}

/// An [`Error::Write`] for the workbook.
pub(in crate::output) fn xlsx_error(file: &OutputFile) -> impl Fn(XlsxError) -> Error + use<> {
    let path = file.path.clone();
    move |error| write_error(&path)(io_error(&error))
}
