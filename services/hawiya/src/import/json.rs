//! Files of one JSON value a line; also as an array with a value a line, as Wikidata dumps are.

use registry::Entity;

use super::{Problem, Row, Rows, input::Input};
use crate::source::{Line, Lines};

/// The longest line that is read. The largest entity of Wikidata needs a quarter of it.
const LINE_BYTES_MAX: usize = 16 << 20;

/// The rows of a file; `read` makes an entity of a value, or nothing where it stands for none.
pub(super) fn rows(
    input: Input,
    mut read: impl FnMut(&str) -> Result<Option<Entity>, Vec<Problem>> + Send + 'static,
) -> Rows {
    let numbered = (1..).zip(Lines::new(input.reader, LINE_BYTES_MAX));
    Box::new(numbered.filter_map(move |(number, line)| {
        let row = match line {
            Err(error) => return Some(Err(error)),
            Ok(Line::Bad(_, error)) => Row::new(number, Err(Problem::row(error))),
            Ok(Line::Text(line)) => match read(value(&line)?) {
                Ok(Some(entity)) => Row::new(number, Ok(entity)),
                Ok(None) => Row::skipped(number),
                Err(problems) => Row::new(number, Err(problems)),
            },
        };
        Some(Ok(row))
    }))
}

/// The value of a line: without what makes an array of the lines. `None`: an empty line.
fn value(line: &str) -> Option<&str> {
    let line = line.trim_start_matches('\u{FEFF}').trim();
    let line = line.strip_suffix(',').unwrap_or(line);
    (!matches!(line, "" | "[" | "]")).then_some(line)
}

/// Each row is a text of its own to the parser: the line it counts would only mislead.
pub(super) fn problems(error: serde_json::Error) -> Vec<Problem> {
    Problem::row(error.to_string().replacen(" at line 1 column ", " at column ", 1))
}
