//! Articles whose mentions are marked: `[[سيرجي لافروف|Q58217]]`.
//!
//! `|Q1 Q2` names several entities of which any is right, `|?` a mention that the text leaves open, and
//! `|~` a stretch that is not counted. Everything else is text, line breaks inside a mark included.

use anyhow::{Context, bail, ensure};

const OPEN: &str = "[[";
const CLOSE: &str = "]]";

/// A text with its marks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Marked {
    /// The name of the file, without its ending.
    pub(crate) name: String,
    /// Without the marks.
    pub(crate) text: String,
    /// In the order of the text; none overlaps another.
    pub(crate) marks: Vec<Mark>,
}

/// A stretch of the text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) means: Means,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// Any of these entities; at least one.
    Entity(Vec<String>),
    /// Nobody can tell.
    Open,
    /// Not counted, found or not.
    Uncounted,
}

impl Marked {
    pub(crate) fn parse(name: String, written: &str) -> anyhow::Result<Self> {
        let (mut text, mut marks) = (String::with_capacity(written.len()), Vec::new());
        let mut rest = written;
        while let Some((before, after)) = rest.split_once(OPEN) {
            text.push_str(before);
            let line = || format!("line {}", text.matches('\n').count() + 1);
            let (mark, after) = after
                .split_once(CLOSE)
                .with_context(|| format!("{}: `{OPEN}` has no `{CLOSE}`", line()))?;
            let (surface, means) = mark
                .rsplit_once('|')
                .with_context(|| format!("{}: `{mark}` has no `|`", line()))?;
            ensure!(!surface.trim().is_empty(), "{}: `{mark}` marks nothing", line());
            let means = parse_meaning(means).with_context(line)?;
            let start = text.len();
            text.push_str(surface);
            marks.push(Mark { start, end: text.len(), means });
            rest = after;
        }
        text.push_str(rest);
        ensure!(!text.contains(CLOSE), "there is a `{CLOSE}` without `{OPEN}`");
        Ok(Self { name, text, marks })
    }
}

fn parse_meaning(written: &str) -> anyhow::Result<Means> {
    Ok(match written {
        "?" => Means::Open,
        "~" => Means::Uncounted,
        ids => {
            let ids: Vec<String> = ids.split_whitespace().map(str::to_owned).collect();
            if ids.is_empty() {
                bail!("a mark says no id: write `?` when nobody can tell");
            }
            Means::Entity(ids)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_off_and_keep_their_place() {
        let marked =
            Marked::parse("a".to_owned(), "قال [[كيم\nجونغ|Q1 Q2]] ل[[لافروف|?]] [[ x|~]].")
                .unwrap();
        assert_eq!(marked.text, "قال كيم\nجونغ للافروف  x.");
        let shown: Vec<(&str, &Means)> = marked
            .marks
            .iter()
            .map(|mark| (&marked.text[mark.start..mark.end], &mark.means))
            .collect();
        let either = Means::Entity(vec!["Q1".to_owned(), "Q2".to_owned()]);
        assert_eq!(
            shown,
            [("كيم\nجونغ", &either), ("لافروف", &Means::Open), (" x", &Means::Uncounted)]
        );
    }

    #[test]
    fn a_mark_that_is_none_is_refused_with_its_line() {
        let cases = [
            ("a\n[[b", "line 2: `[[` has no `]]`"),
            ("[[b]]", "line 1: `b` has no `|`"),
            ("[[|Q1]]", "line 1: `|Q1` marks nothing"),
            ("a]]", "there is a `]]` without `[[`"),
        ];
        for (written, expected) in cases {
            let error = Marked::parse(String::new(), written).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        let error = Marked::parse(String::new(), "[[b| ]]").unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "line 1: a mark says no id: write `?` when nobody can tell"
        );
    }
}
