//! One statement with its values, in the SQL that SQLite and PostgreSQL share.
//!
//! Values are written `?`: SQLite searches a list of names for every `$1`, which is slow with the
//! thousands of values of an import. PostgreSQL knows only `$1`, so it gets the statement
//! rewritten. No statement here has a question mark anywhere else.

use std::sync::Arc;

/// A statement.
#[derive(Clone, Debug)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
    /// Whether the connection keeps it prepared; lists of every length would push the others out.
    pub(super) kept: bool,
}

/// A value of a statement.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A number, a time or a version.
    Number(i64),
    /// A text; shared, because many rows of one statement repeat it.
    Text(Arc<str>),
}

impl Sql {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new(), kept: true }
    }

    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// A value where the statement goes on.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.text.push('?');
        self.values.push(value.into());
        self
    }

    /// A value for a question mark that is written already.
    pub(super) fn with(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Values in brackets; the statement is not kept.
    pub(super) fn list<V: Into<Value>>(
        &mut self,
        before: &str,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        self.kept = false;
        self.push(before).push("(");
        self.values(values);
        self.push(")")
    }

    /// Rows of values in brackets, after VALUES.
    pub(super) fn rows<const N: usize>(
        &mut self,
        rows: impl IntoIterator<Item = [Value; N]>,
    ) -> &mut Self {
        for (at, row) in rows.into_iter().enumerate() {
            self.push(if at == 0 { "(" } else { "), (" });
            self.values(row);
        }
        self.push(")")
    }

    fn values<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) {
        for (at, value) in values.into_iter().enumerate() {
            self.push(if at == 0 { "" } else { ", " });
            self.bind(value);
        }
    }

    /// The statement as PostgreSQL writes it.
    pub(super) fn numbered(&self) -> String {
        let mut numbered = String::with_capacity(self.text.len() + 4 * self.values.len());
        for (at, part) in self.text.split('?').enumerate() {
            if at > 0 {
                numbered.push_str(&format!("${at}"));
            }
            numbered.push_str(part);
        }
        numbered
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.as_str().into())
    }
}

impl From<&Arc<str>> for Value {
    fn from(text: &Arc<str>) -> Self {
        Self::Text(Arc::clone(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_a_mark_for_every_value_in_either_dialect() {
        let mut sql = Sql::new("SELECT 1 WHERE a = ");
        sql.bind(7).list(" AND b IN ", ["x", "y"]);
        assert_eq!(sql.text, "SELECT 1 WHERE a = ? AND b IN (?, ?)");
        assert_eq!(sql.numbered(), "SELECT 1 WHERE a = $1 AND b IN ($2, $3)");
        assert_eq!(sql.values.len(), 3);
    }

    #[test]
    fn rows_are_bracketed_one_by_one() {
        let mut sql = Sql::new("INSERT INTO t VALUES ");
        sql.rows([[Value::from(1), Value::from("a")], [Value::from(2), Value::from("b")]]);
        assert_eq!(sql.text, "INSERT INTO t VALUES (?, ?), (?, ?)");
    }
}
