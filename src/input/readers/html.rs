//! HTML: the main text of a page as Markdown, and what the page says of itself.

use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Metadata, Readability};
use encoding_rs::{Encoding, UTF_8};

use super::markdown::markdown;
use super::text;
use crate::document::{DateSource, Decoded, Properties, escape_marks, unescape_marks};

/// How deeply elements may be nested: no page needs more, and parsers slow down with depth.
const DEEPEST: usize = 400;

/// An element with more attributes is not read.
const MOST_ATTRIBUTES: usize = 1_000;

/// Elements in which tags are words.
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// The share of the page's own letters that the main text must hold to pass for the whole text.
const LEAST_KEPT: f64 = 0.6;

/// Elements that hold no text of the page.
const SILENT: &str = "script, style, noscript, template, svg, math, iframe, object, head, button, \
                      select, input, textarea, [hidden], [aria-hidden=true]";

/// Elements that surround the text of a page.
const FURNITURE: &str = "nav, header, footer, aside, form, dialog, [role=navigation], \
                         [role=banner], [role=contentinfo], [role=search], [role=dialog]";

/// Elements whose end is often left out, or that have none: they do not count as nested.
const SHALLOW: [&[u8]; 32] = [
    b"p", b"li", b"td", b"th", b"tr", b"dt", b"dd", b"option", b"br", b"img", b"hr", b"meta",
    b"link", b"input", b"source", b"wbr", b"col", b"area", b"base", b"embed", b"track", b"param",
    b"path", b"rect", b"circle", b"use", b"line", b"polygon", b"tbody", b"thead", b"html", b"body",
];

/// The `<meta>` elements that state the title, the most trusted first.
const TITLES: &str = "og:title dc.title dcterms.title citation_title twitter:title";

/// Those that state the date.
const DATES: &str = "article:published_time datePublished dc.date.issued dcterms.issued dcterms.date dc.date \
                     dcterms.created publishdate pubdate date publication_date citation_publication_date";

/// Those that name who published the page.
const ISSUERS: &str = "dc.publisher dcterms.publisher publisher og:site_name application-name";

/// Reads a web page.
///
/// # Errors
/// With the reason, when the bytes are not text or the elements are nested too deeply.
pub fn read(bytes: &[u8]) -> Result<Decoded, String> {
    let decoded = decode(bytes)?;
    let html = decoded.text;
    if depth(&html) > DEEPEST {
        return Err(format!("its elements are nested more than {DEEPEST} deep"));
    }
    if most_attributes(&html) > MOST_ATTRIBUTES {
        return Err(format!(
            "an element of it has more than {MOST_ATTRIBUTES} attributes"
        ));
    }
    let page = Document::from(html.as_str());
    let properties = properties(&page);
    let headline = headline(&page);
    let related = related(&page);
    page.select(SILENT).remove();
    let mut warnings = decoded.warnings;
    let article = article(&html);
    let meta_title = article.as_ref().map(|(_, title)| title.clone());
    let kept = article.map(|(content, _)| written(&Document::fragment(content)));
    let (lead, marked) = (lead(&page), marked_text(&page));
    page.select(FURNITURE).remove();
    let own = own_letters(&page);
    let mut text = match kept {
        Some(text) if letters(&text) as f64 >= LEAST_KEPT * own as f64 => text,
        kept => {
            if kept.is_some_and(|text| !text.is_empty()) {
                warnings.push(
                    "the main text of the page was not clear: the whole page was read".into(),
                );
            }
            written(&page)
        }
    };
    for line in related {
        if !folded(&text).contains(&folded(&line)) {
            text.push_str(&format!("\n\nSee also: {line}"));
        }
    }
    put_back(&mut text, &marked);
    if let Some(lead) = lead.filter(|lead| !folded(&text).contains(&folded(lead))) {
        text = format!("{}\n\n{text}", escape_marks(&lead));
    }
    let title = title(
        headline,
        meta_title,
        properties.title.as_deref(),
        &properties.issuer,
    );
    if let Some(title) = title.as_deref().filter(|title| !holds_early(&text, title)) {
        text = format!("# {title}\n\n{text}");
    }
    Ok(Decoded {
        text,
        encoding: decoded.encoding,
        warnings,
        markdown: true,
        properties: Properties {
            title,
            ..properties
        },
        ..Decoded::default()
    })
}

/// The page's text, decoded by its byte-order mark, as UTF-8, by its `charset`, else by the usual guess.
fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    let marked = Encoding::for_bom(bytes).is_some() || std::str::from_utf8(bytes).is_ok();
    let stated = (!marked).then(|| stated_encoding(bytes)).flatten();
    match stated {
        Some(encoding) if encoding != UTF_8 => {
            let (text, malformed) = encoding.decode_without_bom_handling(bytes);
            let warnings = if malformed {
                vec!["malformed characters are shown as U+FFFD".into()]
            } else {
                Vec::new()
            };
            Ok(Decoded {
                text: text.into_owned(),
                encoding: encoding.name().into(),
                warnings,
                ..Decoded::default()
            })
        }
        _ => text::decode(bytes).map_err(|looks_like| format!("it looks like {looks_like}")),
    }
}

/// The `charset` that a page names in its first bytes.
fn stated_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(2048))?.to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head).into_owned();
    let (_, after) = head.split_once("charset=")?;
    let label = after.trim_start_matches(['"', '\'', ' ']);
    let end = label.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:".contains(c)));
    Encoding::for_label(label.get(..end.unwrap_or(label.len()))?.as_bytes())
}

/// How deep elements are nested, counted from the tags before anything is parsed.
fn depth(html: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let bytes = html.as_bytes();
    for (at, _) in html.match_indices('<') {
        let rest = &bytes[at + 1..];
        let closing = rest.first() == Some(&b'/');
        let name: Vec<u8> = rest[usize::from(closing)..]
            .iter()
            .take(12)
            .take_while(|b| b.is_ascii_alphanumeric())
            .map(u8::to_ascii_lowercase)
            .collect();
        let counts = name.first().is_some_and(u8::is_ascii_alphabetic)
            && !SHALLOW.contains(&name.as_slice());
        if !counts {
            continue;
        }
        if closing {
            depth = depth.saturating_sub(1);
        } else {
            depth += 1;
            deepest = deepest.max(depth);
        }
    }
    deepest
}

/// How many attributes an element has at most, counted before anything is parsed: the parser compares each with all others.
fn most_attributes(html: &str) -> usize {
    let (mut most, mut rest) = (0, html);
    while let Some((_, after)) = rest.split_once('<') {
        let name: String = after
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(12)
            .collect();
        let name = name.to_ascii_lowercase();
        rest = after;
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if !name.is_empty() {
            let (attributes, length) = tag(after.as_bytes());
            most = most.max(attributes);
            rest = after.get(length..).unwrap_or_default();
            if RAW.contains(&name.as_str()) {
                rest = behind_raw(rest, &name);
            }
        }
    }
    most
}

/// How many attributes a tag has, and how long it is with its `>`.
fn tag(bytes: &[u8]) -> (usize, usize) {
    let (mut attributes, mut quote) = (0, None);
    let (mut is_between, mut is_value) = (false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (Some(open), _) => {
                if *byte == open {
                    (quote, is_between) = (None, true);
                }
            }
            (None, b'>') => return (attributes, at + 1),
            (None, b'=') => is_value = true,
            (None, b'"' | b'\'') if is_value => (quote, is_value) = (Some(*byte), false),
            (None, b'/') => is_between = true,
            (None, byte) if byte.is_ascii_whitespace() => is_between = true,
            (None, _) => {
                attributes += usize::from(is_between && !is_value);
                (is_between, is_value) = (false, false);
            }
        }
    }
    (attributes, bytes.len())
}

/// What follows the end tag of an element in which tags are words.
fn behind_raw<'a>(html: &'a str, name: &str) -> &'a str {
    let ends = html.match_indices("</").map(|(at, _)| &html[at + 2..]);
    let mut ends = ends.filter(|after| {
        let begin = after.as_bytes().get(..name.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(name.as_bytes()))
    });
    ends.next().unwrap_or_default()
}

/// The main part of the page, as HTML, and its title.
fn article(html: &str) -> Option<(String, String)> {
    let config = Config {
        max_elements_to_parse: 500_000,
        ..Config::default()
    };
    let article = Readability::new(html, None, Some(config))
        .ok()?
        .parse()
        .ok()?;
    Some((article.content.to_string(), article.title))
}

fn written(document: &Document) -> String {
    markdown(&document.body().unwrap_or_else(|| document.root()))
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Letters and figures of the page's paragraphs, items and cells, and of longer words outside them; links do not
/// count, since menus are made of them.
fn own_letters(page: &Document) -> usize {
    let Some(body) = page.body() else { return 0 };
    let mut own = 0;
    for node in body.descendants_it().filter(NodeRef::is_text) {
        let text = node.text();
        let count = letters(&text);
        if count == 0 {
            continue;
        }
        let names: Vec<String> = node
            .ancestors_it(Some(12))
            .filter_map(|above| above.node_name())
            .map(|name| name.to_string())
            .collect();
        let is = |wanted: &[&str]| names.iter().any(|name| wanted.contains(&name.as_str()));
        if is(&["a"]) {
            continue;
        }
        if is(&["p", "li", "td", "th", "dd", "blockquote", "pre"]) || count >= 80 {
            own += count;
        }
    }
    own
}

/// The summary that stands between the title and the text, where the page marks it.
fn lead(page: &Document) -> Option<String> {
    let marks = "article [itemprop=description], main [itemprop=description], [role=main] [itemprop=description], \
                 .entry-summary, .p-summary, .standfirst";
    let lead = collapsed(&page.try_select(marks)?.nodes().first()?.text());
    is_prose(&lead).then_some(lead)
}

/// The blocks of what the page itself marks as its text.
fn marked_text(page: &Document) -> Vec<String> {
    let Some(region) = page.try_select("[itemprop=articleBody], .e-content, .entry-content") else {
        return Vec::new();
    };
    let Some(region) = region.nodes().first() else {
        return Vec::new();
    };
    let links: Vec<String> = region
        .descendants_it()
        .filter(|node| node.has_name("a"))
        .map(|node| folded(&node.text()))
        .filter(|link| link.len() > 3)
        .take(2000)
        .collect();
    let text = markdown(region);
    let blocks = text.split("\n\n").map(str::to_owned);
    // Breadcrumbs, lists of topics and the like are made of links.
    let is_linked = |block: &String| {
        let bare = folded(block);
        let inside = links.iter().filter(|link| bare.contains(link.as_str()));
        let linked: usize = inside.map(String::len).sum();
        linked * 10 >= bare.len() * 6
    };
    blocks.filter(|block| !is_linked(block)).collect()
}

/// Puts prose back that the page marks as its text and that is not in `text`, each block after the one before it.
fn put_back(text: &mut String, marked: &[String]) {
    let mut kept: Vec<String> = text.split("\n\n").map(str::to_owned).collect();
    let mut known: Vec<String> = kept.iter().map(|block| folded(block)).collect();
    let whole = folded(text);
    let mut after = 0;
    for block in marked {
        let bare = folded(block);
        if let Some(at) = known.iter().position(|known| *known == bare) {
            after = at + 1;
        } else if is_prose(block) && !whole.contains(&bare) {
            kept.insert(after, block.clone());
            known.insert(after, bare);
            after += 1;
        }
    }
    *text = kept.join("\n\n");
}

fn is_prose(block: &str) -> bool {
    (7..400).contains(&block.split_whitespace().count()) && !block.starts_with('#')
}

/// What a page lists under "See also" within its text, which Readability drops.
fn related(page: &Document) -> Vec<String> {
    let headings = "[itemprop=articleBody] h2, [itemprop=articleBody] h3, [itemprop=articleBody] h4, \
                    article h2, article h3, article h4, main h2, main h3, main h4";
    let selected = page.select(headings);
    let Some(heading) = selected.nodes().iter().find(|node| {
        matches!(
            folded(&node.text()).as_str(),
            "seealso" | "alsoread" | "related" | "relatedlinks" | "relateddocuments"
        )
    }) else {
        return Vec::new();
    };
    let Some(parent) = heading.parent() else {
        return Vec::new();
    };
    let links = parent
        .descendants_it()
        .filter(|node| node.has_name("a"))
        .count();
    if !(1..=20).contains(&links) {
        return Vec::new();
    }
    let text = markdown(&parent);
    let blocks = text
        .split("\n\n")
        .filter(|block| !block.starts_with('#'))
        // They will not stand at the beginning of a line.
        .map(|block| collapsed(&unescape_marks(block)));
    let mut lines: Vec<String> = Vec::new();
    for block in blocks.filter(|block| !block.is_empty() && block.len() < 400) {
        let dated = block.len() < 30 && block.ends_with(|c: char| c.is_ascii_digit());
        match lines.last_mut().filter(|_| dated) {
            Some(line) => line.push_str(&format!(", {block}")),
            None => lines.push(block),
        }
    }
    lines
}

/// The heading that names the page: its only first-level heading, or the one inside the main part.
fn headline(page: &Document) -> Option<String> {
    let texts = |selector: &str| -> Vec<String> {
        page.select(selector)
            .nodes()
            .iter()
            .map(|node| collapsed(&node.text()))
            .filter(|text| !text.is_empty() && text.len() < 400)
            .collect()
    };
    let inside = texts("main h1, article h1, [role=main] h1, [itemprop=headline], h1.entry-title");
    let all = texts("h1");
    match (inside.as_slice(), all.as_slice()) {
        ([first, ..], _) => Some(first.clone()),
        (_, [only]) => Some(only.clone()),
        _ => None,
    }
}

/// The title of the page without the name of the site.
fn title(
    headline: Option<String>,
    article: Option<String>,
    stated: Option<&str>,
    site: &Option<String>,
) -> Option<String> {
    let full = stated
        .map(collapsed)
        .or_else(|| article.map(|title| collapsed(&title)))
        .filter(|title| !title.is_empty());
    let Some(full) = full else { return headline };
    if let Some(headline) = headline {
        let (a, b) = (folded(&headline), folded(&full));
        if a.len() > 2 && (b.contains(&a) || a.contains(&b)) {
            return Some(headline);
        }
    }
    for separator in [" - ", " | ", " – ", " — ", " :: ", " » "] {
        if let Some((title, end)) = full.rsplit_once(separator) {
            let named = site
                .as_ref()
                .is_some_and(|site| folded(site) == folded(end));
            if named && !title.trim().is_empty() {
                return Some(title.trim().into());
            }
        }
    }
    Some(full)
}

/// Whether the text begins with these words, or nearly.
fn holds_early(text: &str, title: &str) -> bool {
    let title = folded(title);
    text.lines()
        .take(8)
        .map(folded)
        .any(|line| line == title || title.len() > 30 && line.contains(&title))
}

fn folded(text: &str) -> String {
    let alphanumeric = text.chars().filter(|c| c.is_alphanumeric());
    alphanumeric.flat_map(char::to_lowercase).collect()
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Title, date and issuer as the page states them: JSON-LD, `<meta>`, `<time>`, in this order.
fn properties(page: &Document) -> Properties {
    let linked = linked_data(page);
    let heading = collapsed(&page.select("head title").text());
    let titles = [
        stated(page, TITLES).unwrap_or_default(),
        linked.title,
        heading,
    ];
    let date = linked.published_time.or_else(|| stated(page, DATES));
    Properties {
        title: titles.into_iter().find(|title| !title.is_empty()),
        date: date
            .or_else(|| time(page))
            .map(|date| (date, DateSource::Page)),
        issuer: linked.site_name.or_else(|| stated(page, ISSUERS)),
    }
}

/// What the first of these `<meta>` elements holds.
fn stated(page: &Document, names: &str) -> Option<String> {
    names.split(' ').find_map(|name| {
        let selector =
            format!("meta[name='{name}' i], meta[property='{name}' i], meta[itemprop='{name}' i]");
        let value = collapsed(&page.try_select(&selector)?.attr("content")?);
        (!value.is_empty()).then_some(value)
    })
}

fn time(page: &Document) -> Option<String> {
    let published = "time[itemprop=datePublished], time[pubdate], time.published, time[datetime]";
    let value = page.try_select(published)?.attr("datetime")?;
    Some(value.to_string())
}

/// What the page's JSON-LD says.
fn linked_data(page: &Document) -> Metadata {
    Readability::with_document(page.clone(), None, None)
        .ok()
        .and_then(|reader| reader.parse_json_ld())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATEMENT: &str = "<p>The Ministers of Samoa and Tonga met in Apia on 3 May 2031 and agreed to open a common \
        patrol centre. They thanked the Government of Fiji for its offer of two ships, and pledged $5 million.</p>\
        <h2>Next steps</h2><ol><li>The centre opens in June.</li><li>The Ministers meet again in July.</li></ol>";

    fn page(head: &str, body: &str) -> Decoded {
        let html = format!("<!doctype html><html><head>{head}</head><body>{body}</body></html>");
        read(html.as_bytes()).unwrap()
    }

    #[test]
    fn an_element_with_too_many_attributes_is_refused_and_words_are_none() {
        let attributes = |count: usize| -> String {
            (0..count)
                .map(|at| format!(" a{at} = '>' b{at}/c{at}=1"))
                .collect()
        };
        assert_eq!(
            most_attributes(&format!("<p><b{}>a b c", attributes(4))),
            12
        );
        let html = format!("<html><p{}>They met in Apia.</p></html>", attributes(400));
        assert!(read(html.as_bytes()).unwrap_err().contains("attributes"));
        let words = "a b ".repeat(1_000);
        for harmless in [
            format!("<script>if (a <b) {{ {words} }}</SCRIPT><p class='x'>"),
            format!("<!-- <p {words} --><p class=x>"),
            format!("<p class=\"{words}\">"),
            format!("<p a>1 < 2 {words}"),
        ] {
            assert_eq!(most_attributes(&harmless), 1, "{harmless:.30}");
        }
    }

    #[test]
    fn the_statement_is_kept_and_the_menu_is_not() {
        let menu = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/n'>Newsroom of the Ministry</a></li></ul></nav>";
        let decoded = page(
            "<title>Patrol centre | Ministry of Apia</title><meta property='og:site_name' content='Ministry of Apia'>\
             <meta property='article:published_time' content='2031-05-04T10:00:00Z'>",
            &format!(
                "{menu}<main><h1>Patrol centre</h1>{STATEMENT}</main><footer><p>Imprint of the Ministry</p></footer>"
            ),
        );
        assert!(
            decoded.text.starts_with("# Patrol centre\n\n"),
            "{}",
            decoded.text
        );
        assert!(
            decoded
                .text
                .contains("# Next steps\n\n1. The centre opens in June.\n2. The Ministers"),
            "{}",
            decoded.text
        );
        assert!(
            !decoded.text.contains("Newsroom") && !decoded.text.contains("Imprint"),
            "{}",
            decoded.text
        );
        assert_eq!(
            decoded.properties.issuer.as_deref(),
            Some("Ministry of Apia")
        );
        assert_eq!(
            decoded.properties.date,
            Some(("2031-05-04T10:00:00Z".into(), DateSource::Page))
        );
        assert!(decoded.warnings.is_empty(), "{:?}", decoded.warnings);
    }

    #[test]
    fn words_are_never_lost_in_silence() {
        // Each cell looks unimportant to a reader that scores paragraphs.
        let cells: String = (0..40)
            .map(|n| format!("<div class='sidebar comment'><ul><li>Decision {n}: the fund pays for port {n}.</li></ul></div>"))
            .collect();
        let decoded = page("<title>Decisions</title>", &format!("{STATEMENT}{cells}"));
        for n in [0, 20, 39] {
            assert!(
                decoded.text.contains(&format!("Decision {n}:")),
                "{}",
                decoded.text
            );
        }
    }

    #[test]
    fn a_page_says_its_encoding() {
        let html = b"<html><head><meta charset=\"windows-1251\"><title>x</title></head><body><p>\xCC\xE8\xED\xE8\xF1\xF2\xF0 met the Minister of Fiji in Suva, and agreed on a plan for trade.</p></body></html>";
        let decoded = read(html).unwrap();
        assert_eq!(decoded.encoding, "windows-1251");
        assert!(decoded.text.contains("Министр"), "{}", decoded.text);
    }

    #[test]
    fn nesting_is_limited() {
        let html = format!("<body>{}<p>met</p></body>", "<div>".repeat(100_000));
        assert!(read(html.as_bytes()).unwrap_err().contains("nested"));
    }
}
