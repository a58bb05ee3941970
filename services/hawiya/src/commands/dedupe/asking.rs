//! Shows a pair on the terminal and asks what it is.

use std::io::{BufRead, Write};

use super::pair::{Decision, Pair, Side};
use crate::terminal::{isolated, visible};

const QUESTION: &str = "one entity? y: yes, merge · n: no, two · d: later · q: quit ";

/// The person who decides.
pub(super) struct Terminal<R, W> {
    input: R,
    output: W,
}

impl<R: BufRead, W: Write> Terminal<R, W> {
    pub(super) fn new(input: R, output: W) -> Self {
        Self { input, output }
    }

    /// Asks until there is an answer; `None`: enough for now.
    pub(super) fn ask(&mut self, pair: &Pair) -> std::io::Result<Option<Decision>> {
        writeln!(self.output, "\nscore {:.2}", pair.score)?;
        self.show("kept", &pair.survivor)?;
        self.show("merged", &pair.merged)?;
        loop {
            write!(self.output, "{QUESTION}")?;
            self.output.flush()?;
            let mut answer = String::new();
            if self.input.read_line(&mut answer)? == 0 {
                return Ok(None);
            }
            match answer.trim().to_lowercase().as_str() {
                "y" | "yes" => return Ok(Some(Decision::Yes)),
                "n" | "no" => return Ok(Some(Decision::No)),
                "d" | "later" => return Ok(Some(Decision::Defer)),
                "q" | "quit" => return Ok(None),
                _ => {}
            }
        }
    }

    /// Tells what went wrong with the last answer.
    pub(super) fn tell(&mut self, text: &str) -> std::io::Result<()> {
        writeln!(self.output, "{text}")
    }

    fn show(&mut self, title: &str, side: &Side) -> std::io::Result<()> {
        writeln!(self.output, "  {title:7} {}", side.canonical_id)?;
        for line in side.lines() {
            writeln!(self.output, "          {}", isolated(&visible(&line)))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn pair() -> Pair {
        let side = |id: &str, name: &str| Side {
            canonical_id: id.to_owned(),
            names: vec![name.to_owned()],
            country: "RU".to_owned(),
            ..Side::default()
        };
        Pair {
            decision: None,
            score: 0.97,
            survivor: side("Q58217", "Sergey Lavrov"),
            merged: side("un:1", "Сергей Лавров"),
        }
    }

    fn ask(answers: &str) -> (Option<Decision>, String) {
        let mut output = Vec::new();
        let decision = Terminal::new(answers.as_bytes(), &mut output).ask(&pair()).unwrap();
        (decision, String::from_utf8(output).unwrap())
    }

    #[test]
    fn a_pair_is_shown_side_by_side() {
        expect![[r#"

            score 0.97
              kept    Q58217
                      Sergey Lavrov
                      RU
              merged  un:1
                      Сергей Лавров
                      RU
            one entity? y: yes, merge · n: no, two · d: later · q: quit "#]]
        .assert_eq(&ask("y\n").1);
    }

    #[test]
    fn a_question_is_asked_until_it_is_answered() {
        assert_eq!(ask("maybe\nY\n").0, Some(Decision::Yes));
        assert_eq!(ask("no\n").0, Some(Decision::No));
        assert_eq!(ask("d\n").0, Some(Decision::Defer));
        assert_eq!(ask("q\n").0, None);
        assert_eq!(ask("").0, None, "nobody is there any more");
    }
}
