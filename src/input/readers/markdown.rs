//! HTML elements as the Markdown that the reader of `.md` files knows: headings, lists, tables, notes. Links and emphasis
//! become their words, so that every word of a report is a word of the page.

use dom_query::NodeRef;

use crate::document::escape_marks;

/// A table with a longer cell, in letters and figures, only lays out text.
const LONGEST_CELL: usize = 400;

/// Elements that stand apart from what is before and after them.
const BLOCKS: &str = "p div section article main body blockquote header footer aside nav figure figcaption dl dt dd tr td th \
                      tbody thead tfoot caption address center details summary fieldset form hgroup legend";

/// An element with all that is in it, as Markdown.
pub(super) fn markdown(node: &NodeRef<'_>) -> String {
    let mut writer = MarkdownWriter::default();
    writer.children(node, None);
    writer.close();
    writer.out
}

/// Writes elements as blocks of text with an empty line between.
#[derive(Debug, Default)]
struct MarkdownWriter {
    out: String,
    /// The words of the open block; a line break inside is `\n`.
    open: String,
    /// What the open block begins with: `## `, `- `, `[^1]: `.
    mark: String,
    /// Whether the open block follows the last without an empty line, as list items and rows do.
    tight: bool,
}

impl MarkdownWriter {
    fn children(&mut self, node: &NodeRef<'_>, list: Option<&str>) {
        let mut number = node
            .attr("start")
            .and_then(|start| start.parse::<i64>().ok())
            .unwrap_or(1);
        let mut first = true;
        for child in node.children_it(false) {
            if child.is_text() {
                self.words(&child.text());
                continue;
            }
            let Some(name) = child.node_name() else {
                continue;
            };
            if &*name == "li" {
                if let Some(value) = child.attr("value").and_then(|v| v.parse().ok()) {
                    number = value;
                }
                let mark = match list {
                    Some("ol") => ordinal(number, node.attr("type").as_deref()),
                    _ => "- ".to_owned(),
                };
                let mark = note_of(&child).unwrap_or(mark);
                self.item(&child, &mark, !first);
                number = number.saturating_add(1);
                first = false;
            } else {
                self.element(&child, &name);
            }
        }
    }

    fn element(&mut self, node: &NodeRef<'_>, name: &str) {
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = name.as_bytes()[1] - b'0';
                self.block(node, &format!("{} ", "#".repeat(usize::from(level))));
            }
            // A table of contents repeats the headings.
            "ul" | "ol" | "menu" | "dir" if is_contents(node) => {}
            "ul" | "ol" | "menu" | "dir" => {
                self.close();
                self.children(node, Some(name));
                self.close();
                self.tight = false;
            }
            "table" => self.table(node),
            "br" => self.open.push('\n'),
            "hr" => self.close(),
            "sup" => self.raised(node),
            "pre" => {
                self.close();
                self.open.push_str(&node.text());
                self.close();
            }
            "img" | "script" | "style" | "svg" | "video" | "audio" | "canvas" | "noscript" => {}
            _ if BLOCKS.split(' ').any(|block| block == name) => self.block(node, ""),
            _ => self.children(node, None),
        }
    }

    fn block(&mut self, node: &NodeRef<'_>, mark: &str) {
        self.close();
        if !mark.is_empty() {
            self.mark = mark.into();
        }
        self.children(node, None);
        self.close();
    }

    fn item(&mut self, node: &NodeRef<'_>, mark: &str, tight: bool) {
        self.close();
        self.mark = mark.into();
        self.tight = tight;
        self.children(node, None);
        self.close();
        self.mark.clear();
    }

    /// A superscript: the mark of a footnote, or something else.
    fn raised(&mut self, node: &NodeRef<'_>) {
        let text = node.text();
        let mark = text.trim().trim_matches(['[', ']', '(', ')']);
        let is_mark = (1..=3).contains(&mark.len())
            && mark.bytes().all(|b| b.is_ascii_digit() || b == b'*')
            && !self.open.ends_with(|c: char| c.is_ascii_digit());
        if !is_mark {
            self.children(node, None);
        } else if self.open.trim().is_empty() && self.mark.is_empty() {
            self.mark = format!("[^{mark}]: ");
        } else {
            let kept = self.open.trim_end().len();
            self.open.truncate(kept);
            self.open.push_str(&format!("[^{mark}]"));
        }
    }

    /// Rows become lines with bars, unless the table only lays out text.
    fn table(&mut self, node: &NodeRef<'_>) {
        self.close();
        let rows: Vec<NodeRef<'_>> = node
            .descendants_it()
            .filter(|node| node.has_name("tr"))
            .collect();
        let nested = node
            .descendants_it()
            .any(|node| node.has_name("table") || node.has_name("ul") || node.has_name("h2"));
        let long = rows.iter().flat_map(cells_of).any(|cell| {
            let text = cell.text();
            text.chars().filter(|c| c.is_alphanumeric()).count() > LONGEST_CELL
        });
        let single = rows.iter().all(|row| cells_of(row).len() < 2);
        if nested || long || single || rows.is_empty() {
            self.block(node, "");
            return;
        }
        for child in node.children_it(false) {
            if child.has_name("caption") {
                self.block(&child, "");
            }
        }
        let mut tight = false;
        for row in rows {
            let cells: Vec<String> = cells_of(&row)
                .iter()
                .map(|cell| cell.text().split_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            if cells.iter().all(String::is_empty) {
                continue;
            }
            self.open = format!("| {} |", cells.join(" | "));
            self.tight = tight;
            self.close();
            tight = true;
        }
        self.tight = false;
    }

    /// Adds words; runs of white space are one space.
    fn words(&mut self, text: &str) {
        if text.starts_with(char::is_whitespace) {
            self.space();
        }
        for (at, word) in text.split_whitespace().enumerate() {
            if at > 0 {
                self.open.push(' ');
            }
            self.open.push_str(word);
        }
        if text.ends_with(char::is_whitespace) && !text.trim().is_empty() {
            self.space();
        }
    }

    fn space(&mut self) {
        if !self.open.is_empty() && !self.open.ends_with([' ', '\n']) {
            self.open.push(' ');
        }
    }

    fn close(&mut self) {
        let text = std::mem::take(&mut self.open);
        let tight = std::mem::take(&mut self.tight);
        let mut lines: Vec<&str> = Vec::new();
        for line in text.lines().map(str::trim) {
            // Two line breaks make a paragraph.
            if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
                lines.push(line);
            }
        }
        while lines.last().is_some_and(|line| line.is_empty()) {
            lines.pop();
        }
        if lines.is_empty() {
            self.tight = tight;
            return;
        }
        let mark = std::mem::take(&mut self.mark);
        if !self.out.is_empty() {
            self.out.push_str(if tight { "\n" } else { "\n\n" });
        }
        if mark.starts_with('#') {
            self.out.push_str(&(mark + &lines.join(" ")));
        } else {
            self.out
                .push_str(&escape_marks(&(mark + &lines.join("\n"))));
        }
    }
}

/// Whether a list is made of links to places on its own page, and nothing else.
fn is_contents(list: &NodeRef<'_>) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let linked: usize = list
        .descendants_it()
        .filter(|node| node.has_name("a"))
        .filter(|node| {
            node.attr("href")
                .is_some_and(|href| href.len() > 1 && href.starts_with('#'))
        })
        .map(|node| letters(&node.text()))
        .sum();
    let all = letters(&list.text());
    all > 0 && linked * 20 >= all * 19
}

fn cells_of<'a>(row: &NodeRef<'a>) -> Vec<NodeRef<'a>> {
    row.children_it(false)
        .filter(|cell| cell.has_name("td") || cell.has_name("th"))
        .collect()
}

/// The mark of a list item that is a footnote: `<li id="fn3">`.
fn note_of(item: &NodeRef<'_>) -> Option<String> {
    let id = item.id_attr()?.to_lowercase();
    let number = id
        .trim_start_matches(['_', '-'])
        .strip_prefix("footnote")
        .or_else(|| id.strip_prefix("cite_note"))
        .or_else(|| id.trim_start_matches('_').strip_prefix("ftn"))
        .or_else(|| id.strip_prefix("fn"))?
        .trim_start_matches(['-', '_', ':']);
    let figures: String = number.chars().take_while(char::is_ascii_digit).collect();
    (!figures.is_empty()).then(|| format!("[^{figures}]: "))
}

/// The number of a list item, as its list shows it.
fn ordinal(number: i64, style: Option<&str>) -> String {
    let letter = |first: u8| {
        u8::try_from(number.saturating_sub(1))
            .ok()
            .filter(|n| *n < 26)
            .map(|n| format!("({}) ", char::from(first + n)))
    };
    match style {
        Some("a") => letter(b'a'),
        Some("A") => letter(b'A'),
        Some("i") => Some(format!("({}) ", roman(number))),
        Some("I") => Some(format!("{}. ", roman(number).to_uppercase())),
        _ => None,
    }
    .unwrap_or_else(|| format!("{number}. "))
}

/// A number in small Roman figures; beyond 3999, and below 1, in Arabic ones.
pub(super) fn roman(number: i64) -> String {
    const FIGURES: [(i64, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    if !(1..4000).contains(&number) {
        return number.to_string();
    }
    let mut rest = number;
    let mut out = String::new();
    for (value, figure) in FIGURES {
        while rest >= value {
            out.push_str(figure);
            rest -= value;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use dom_query::Document;

    fn written(html: &str) -> String {
        markdown(&Document::fragment(html).root())
    }

    #[test]
    fn blocks_lists_and_notes() {
        assert_eq!(
            written(
                "<h2>Trade <em>and</em> aid</h2><p>They <b>met</b> <a href='x'>in Suva</a>.<sup>1</sup> Then\n they left.</p>\
                 <ul><li>one<ul><li>inner</li></ul></li><li><p>two</p></li></ul><ol start=3><li>three</li></ol>\
                 <p><sup>1</sup> Fiji.</p><ol><li id='fn2'>Tonga.</li></ol>"
            ),
            "## Trade and aid\n\nThey met in Suva.[^1] Then they left.\n\n- one\n\n- inner\n- two\n\n3. three\n\n\
             [^1]: Fiji.\n\n[^2]: Tonga."
        );
    }

    #[test]
    fn breaks_and_tables() {
        assert_eq!(
            written(
                "<div>First.<br><br>Second<br>line.</div><table><tr><th>Port</th><th>Ships</th></tr>\
                 <tr><td>Apia</td><td>2</td></tr></table>"
            ),
            "First.\n\nSecond\nline.\n\n| Port | Ships |\n| Apia | 2 |"
        );
    }

    #[test]
    fn marks_of_the_page_itself_are_words() {
        assert_eq!(
            written(
                "<p># 1 port<br>=====</p><ul><li>> 5 ships</li></ul><p>> 5 ports</p><h2># 2</h2>"
            ),
            "\\# 1 port\n\\=====\n\n- > 5 ships\n\n\\> 5 ports\n\n## # 2"
        );
    }

    #[test]
    fn roman_figures() {
        let read: Vec<String> = [1, 4, 9, 14, 1990, 0].map(roman).to_vec();
        assert_eq!(read, ["i", "iv", "ix", "xiv", "mcmxc", "0"]);
    }
}
