//! The page of `hawiya annotate --html`: the texts with their mentions marked, and who is in them.
//!
//! One file without scripts and without anything from a network. Every paragraph has the direction of
//! its own first letter, as UAX #9 (P2) has it; whatever came from a text or a catalogue is escaped.
//! Texts go to a temporary file first, because the table of who is in them stands above them and the
//! texts of a day do not belong in memory.

use std::{
    fmt::Write as _,
    fs::File,
    io::{BufWriter, Seek, Write},
    path::Path,
};

use anyhow::Context;

use super::{
    articles::Article,
    mention::{Annotated, Mention},
    who::{Entry, OPEN, Who},
};

const STYLE: &str = include_str!("page.css");

/// A page that is being written.
pub(super) struct Page {
    page: BufWriter<File>,
    texts: BufWriter<File>,
    who: Who,
}

impl Page {
    /// Begins a page. That it cannot be written is found before the work.
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let page =
            File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?;
        let texts = tempfile::tempfile()?;
        Ok(Self { page: BufWriter::new(page), texts: BufWriter::new(texts), who: Who::default() })
    }

    /// Adds a text and its mentions, or why it has none.
    pub(super) fn add(
        &mut self,
        article: &Article,
        answer: &Result<Annotated, String>,
    ) -> anyhow::Result<()> {
        let html = match (&article.text, answer) {
            (Ok(text), Ok(annotated)) => {
                let number = self.who.add(annotated);
                marked_article(number, text, annotated)
            }
            (_, Err(error)) | (Err(error), _) => failed_article(&article.id, error),
        };
        Ok(self.texts.write_all(html.as_bytes())?)
    }

    /// Writes the page.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        let (mut page, mut texts) = (self.page, self.texts.into_inner()?);
        texts.rewind()?;
        page.write_all(head(&self.who).as_bytes())?;
        std::io::copy(&mut texts, &mut page)?;
        page.write_all(b"</main>\n</body>\n</html>\n")?;
        Ok(page.flush()?)
    }
}

fn head(who: &Who) -> String {
    let entries = who.entries();
    let entities = entries.iter().filter(|entry| entry.r#type != OPEN).count();
    let mentions: usize = entries.iter().map(|entry| entry.mentions).sum();
    let counted = format!(
        "{}, {}, {}",
        plural(who.texts(), "text", "texts"),
        plural(mentions, "mention", "mentions"),
        plural(entities, "entity", "entities"),
    );
    let legend: String = who.types().iter().map(legend_item).collect();
    let rows: String = entries.into_iter().map(row).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>Who is in the text</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header>\n<h1>Who is in the text</h1>\n<p>{counted}; a mention says on hover what it means and why</p>\n\
         <ul class=\"legend\">\n{legend}</ul>\n</header>\n\
         <div class=\"scroll\"><table>\n<thead><tr><th>Name</th><th>Type</th><th>Mentions</th><th>Texts</th>\
         <th>Spellings</th><th>Canonical id</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn legend_item((name, mentions): (&&str, &usize)) -> String {
    let shown = if *name == OPEN { "ambiguous" } else { name };
    format!("<li class=\"{name}\">{shown} {mentions}</li>\n")
}

/// An entity with its spellings; its name leads to the first mention.
fn row(entry: &Entry) -> String {
    let (text, mention) = entry.first;
    let spelling = |(spelling, count): (&str, usize)| {
        format!(
            "<span class=\"spelling\"><bdi>{}</bdi> <small>{count}</small></span>",
            escaped(spelling)
        )
    };
    let spellings: Vec<String> = entry.by_frequency().into_iter().map(spelling).collect();
    let r#type = if entry.r#type == OPEN { "ambiguous" } else { entry.r#type };
    let name = if entry.name.is_empty() { "?" } else { &entry.name };
    format!(
        "<tr><td><a href=\"#t{text}m{mention}\"><bdi>{}</bdi></a></td><td>{type}</td>\
         <td class=\"number\">{}</td><td class=\"number\">{}</td><td>{}</td><td class=\"id\"><bdi>{}</bdi></td></tr>\n",
        escaped(name),
        entry.mentions,
        entry.texts,
        spellings.join(" "),
        escaped(&entry.canonical_id),
    )
}

fn marked_article(number: usize, text: &str, annotated: &Annotated) -> String {
    let title = escaped(&annotated.id);
    let note = annotated.note().map(|note| format!("<p><small>{}</small></p>\n", escaped(&note)));
    let body = paragraphs(number, text, &annotated.mentions);
    format!(
        "<article>\n<h2><bdi>{title}</bdi></h2>\n{}{body}</article>\n",
        note.unwrap_or_default()
    )
}

fn failed_article(id: &str, error: &str) -> String {
    let (title, error) = (escaped(id), escaped(error));
    format!(
        "<article class=\"failed\">\n<h2><bdi>{title}</bdi></h2>\n<p dir=\"auto\">{error}</p>\n</article>\n"
    )
}

/// The text with its mentions marked, a paragraph a line of the text. A line that ends inside a name
/// ends no paragraph.
fn paragraphs(number: usize, text: &str, mentions: &[Mention]) -> String {
    let mut html = Paragraphs::default();
    let mut at = 0;
    for (position, mention) in mentions.iter().enumerate() {
        let place = |offset: i32| usize::try_from(offset).unwrap_or(0);
        let (start, end) = (place(mention.byte_start), place(mention.byte_end));
        // Of mentions that overlap the first is marked; the table has all.
        let (Some(before), Some(surface)) = (text.get(at..start), text.get(start..end)) else {
            continue;
        };
        html.text(before);
        html.inline(&marked(number, position, surface, mention));
        at = end;
    }
    html.text(&text[at..]);
    html.close();
    html.done
}

/// Paragraphs that are being written.
#[derive(Debug, Default)]
struct Paragraphs {
    done: String,
    open: String,
}

impl Paragraphs {
    fn text(&mut self, text: &str) {
        let mut lines = text.split('\n');
        self.open.push_str(&escaped(lines.next().unwrap_or_default()));
        for line in lines {
            self.close();
            self.open.push_str(&escaped(line));
        }
    }

    fn inline(&mut self, html: &str) {
        self.open.push_str(html);
    }

    fn close(&mut self) {
        let open = std::mem::take(&mut self.open);
        if !open.trim().is_empty() {
            self.done.push_str(&format!("<p dir=\"auto\">{}</p>\n", open.trim_end()));
        }
    }
}

fn marked(number: usize, position: usize, surface: &str, mention: &Mention) -> String {
    let class = mention.r#type.unwrap_or(OPEN);
    format!(
        "<mark id=\"t{number}m{position}\" class=\"{class}\" title=\"{}\">{}</mark>",
        escaped(&hover(mention)),
        escaped(surface)
    )
}

/// What a mention says when the pointer is on it.
fn hover(mention: &Mention) -> String {
    let mut hover = String::new();
    match (&mention.canonical_id, &mention.name) {
        (Some(id), Some(name)) => {
            let _ = writeln!(hover, "{name} ({})\n{id}", mention.r#type.unwrap_or_default());
        }
        _ => {
            hover.push_str("ambiguous\n");
            for could in &mention.candidates {
                let _ = writeln!(hover, "{} ({})", could.name, could.canonical_id);
            }
        }
    }
    let _ = write!(hover, "{:.2}: {}", mention.score, mention.reason);
    hover
}

/// A text as it may stand between tags and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\r' => {}
            // Not allowed in HTML, not even as references.
            control if control.is_control() && !matches!(control, '\n' | '\t') => {
                html.push('\u{FFFD}');
            }
            letter => html.push(letter),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::annotate::pieces::pieces;
    use expect_test::expect;
    use proto::{
        resolution::v1 as wire,
        r#type::v1::{EntityType, Offsets, Verdict},
    };

    /// The mentions of `surfaces` in a text, each of an entity with a hostile name.
    fn annotated(text: &str, surfaces: &[&str]) -> Annotated {
        let mention = |surface: &&str| {
            let start = text.find(surface).unwrap();
            let mut mention = wire::Mention {
                offsets: Some(Offsets {
                    byte_start: start as i32,
                    byte_end: (start + surface.len()) as i32,
                    ..Offsets::default()
                }),
                surface: (*surface).to_owned(),
                score: 1.0,
                reason: "a \"reason\"".to_owned(),
                entity: Some(wire::EntitySummary {
                    canonical_id: "Q1".to_owned(),
                    name: "</bdi><script>".to_owned(),
                    r#type: EntityType::Person.into(),
                    ..Default::default()
                }),
                ..Default::default()
            };
            mention.set_verdict(Verdict::Match);
            mention
        };
        let mentions = surfaces.iter().map(mention).collect();
        let annotation = wire::Annotation { mentions, ..Default::default() };
        Annotated::new("a", &pieces(text), vec![annotation])
    }

    #[test]
    fn a_line_is_a_paragraph_unless_it_ends_inside_a_name() {
        let text = "خبر <b>\n\nقال كيم\nجونغ أون & لافروف\r\nend";
        let annotated = annotated(text, &["كيم\nجونغ أون", "لافروف"]);
        expect![[r#"
            <p dir="auto">خبر &lt;b&gt;</p>
            <p dir="auto">قال <mark id="t1m0" class="person" title="&lt;/bdi&gt;&lt;script&gt; (person)
            Q1
            1.00: a &quot;reason&quot;">كيم
            جونغ أون</mark> &amp; <mark id="t1m1" class="person" title="&lt;/bdi&gt;&lt;script&gt; (person)
            Q1
            1.00: a &quot;reason&quot;">لافروف</mark></p>
            <p dir="auto">end</p>
        "#]]
        .assert_eq(&paragraphs(1, text, &annotated.mentions));
    }

    #[test]
    fn overlapping_mentions_do_not_nest() {
        let text = "وزارة الخارجية الروسية";
        let annotated = annotated(text, &["وزارة الخارجية الروسية", "الخارجية"]);
        let html = paragraphs(1, text, &annotated.mentions);
        assert_eq!((html.matches("<mark").count(), html.matches("</mark>").count()), (1, 1));
    }

    #[test]
    fn the_table_has_every_spelling_with_its_count() {
        let mut who = Who::default();
        who.add(&annotated("لافروف ثم سيرجي لافروف", &["لافروف", "سيرجي لافروف"]));
        who.add(&annotated("لافروف", &["لافروف"]));
        let rows: String = who.entries().into_iter().map(row).collect();
        expect![[r##"
            <tr><td><a href="#t1m0"><bdi>&lt;/bdi&gt;&lt;script&gt;</bdi></a></td><td>person</td><td class="number">3</td><td class="number">2</td><td><span class="spelling"><bdi>لافروف</bdi> <small>2</small></span> <span class="spelling"><bdi>سيرجي لافروف</bdi> <small>1</small></span></td><td class="id"><bdi>Q1</bdi></td></tr>
        "##]]
        .assert_eq(&rows);
    }

    #[test]
    fn what_could_leave_its_place_is_escaped() {
        assert_eq!(
            escaped("<a href=\"x\" b='y'>&\0"),
            "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;\u{FFFD}"
        );
    }

    #[test]
    fn a_text_says_what_its_answer_had_to_do_without() {
        let mut annotated = annotated("لافروف", &["لافروف"]);
        assert!(!marked_article(1, "لافروف", &annotated).contains("<small>"));
        annotated.degradations.push("registry".to_owned());
        let html = marked_article(1, "لافروف", &annotated);
        assert!(
            html.contains("<small>not as sure as usual, the service says: registry</small>"),
            "{html}"
        );
    }
}
