use std::io::Write;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// A Word document of these parts.
fn docx(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, xml) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(xml.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn body(xml: &str) -> String {
    format!("<w:document xmlns:w=\"w\"><w:body>{xml}</w:body></w:document>")
}

const STYLES: &str = "<w:styles xmlns:w=\"w\"><w:style w:styleId=\"H\"><w:name w:val=\"heading 2\"/></w:style>\
    <w:style w:styleId=\"Own\"><w:name w:val=\"Ministry\"/><w:basedOn w:val=\"H\"/></w:style>\
    <w:style w:styleId=\"C\"><w:name w:val=\"toc 1\"/></w:style></w:styles>";

const NUMBERS: &str = "<w:numbering xmlns:w=\"w\"><w:abstractNum w:abstractNumId=\"0\">\
    <w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt w:val=\"decimal\"/><w:lvlText w:val=\"%1.\"/></w:lvl>\
    <w:lvl w:ilvl=\"1\"><w:start w:val=\"1\"/><w:numFmt w:val=\"lowerLetter\"/><w:lvlText w:val=\"(%2)\"/></w:lvl>\
    </w:abstractNum><w:num w:numId=\"7\"><w:abstractNumId w:val=\"0\"/></w:num></w:numbering>";

fn item(level: usize, text: &str) -> String {
    format!(
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"7\"/></w:numPr></w:pPr>\
         <w:r><w:t>{text}</w:t></w:r></w:p>"
    )
}

#[test]
fn headings_numbers_and_tables() {
    let xml = body(&format!(
        "<w:p><w:pPr><w:pStyle w:val=\"C\"/></w:pPr><w:r><w:t>Trade 2</w:t></w:r></w:p>\
         <w:p><w:pPr><w:pStyle w:val=\"Own\"/></w:pPr><w:r><w:t>Trade &amp; aid</w:t></w:r></w:p>{}{}{}{}\
         <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Port</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Ships</w:t></w:r></w:p></w:tc></w:tr>\
         <w:tr><w:tc><w:p><w:r><w:t>Apia</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>2</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
        item(0, "Welcomes the plan;"),
        item(1, "to open a port;"),
        item(1, "to buy ships;"),
        item(0, "Thanks Fiji."),
    ));
    let decoded = read(&docx(&[
        ("word/document.xml", &xml),
        ("word/styles.xml", STYLES),
        ("word/numbering.xml", NUMBERS),
    ]))
    .unwrap();
    assert_eq!(
        decoded.text,
        "## Trade & aid\n\n1. Welcomes the plan;\n\n(a) to open a port;\n\n(b) to buy ships;\n\n2. Thanks Fiji.\n\n\
         | Port | Ships |\n| Apia | 2 |"
    );
    assert!(decoded.warnings.is_empty());
}

#[test]
fn tracked_changes_are_accepted_and_said_and_notes_cited() {
    let xml = body(
        "<w:p><w:r><w:t xml:space=\"preserve\">The Ministers </w:t></w:r><w:ins><w:r><w:t>welcomed</w:t></w:r></w:ins>\
         <w:del><w:r><w:delText>noted</w:delText></w:r></w:del><w:r><w:t xml:space=\"preserve\"> the plan.</w:t>\
         <w:footnoteReference w:id=\"4\"/></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r></w:p>\
         <w:p><w:r><w:t># 1 of 2</w:t></w:r></w:p>",
    );
    let notes = "<w:footnotes xmlns:w=\"w\"><w:footnote w:type=\"separator\" w:id=\"0\"><w:p/></w:footnote>\
        <w:footnote w:id=\"4\"><w:p><w:r><w:t># 1: Signed in Suva.</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let core = "<cp:coreProperties><dc:title>Joint statement of Apia</dc:title>\
        <dcterms:created>2031-05-03T08:00:00Z</dcterms:created></cp:coreProperties>";
    let decoded = read(&docx(&[
        ("word/document.xml", &xml),
        ("word/footnotes.xml", notes),
        ("docProps/core.xml", core),
    ]))
    .unwrap();
    assert_eq!(
        decoded.text,
        "The Ministers welcomed the plan.[^1]\n\n\\# 1 of 2\n\n[^1]: # 1: Signed in Suva."
    );
    assert_eq!(decoded.warnings.len(), 1);
    assert_eq!(
        decoded.properties.title.as_deref(),
        Some("Joint statement of Apia")
    );
}

#[test]
fn entities_are_not_expanded_and_other_archives_refused() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><w:document><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>";
    assert!(
        read(&docx(&[("word/document.xml", bomb)]))
            .unwrap_err()
            .contains("document type")
    );
    assert!(
        read(&docx(&[("other.xml", "<a/>")]))
            .unwrap_err()
            .contains("document.xml")
    );
    assert!(read(b"PK\x03\x04 broken").is_err());
}
