//! `hawiya learn`: a table of weights from labelled names.

use std::{
    fs,
    io::{Write, stderr, stdout},
};

use anyhow::Context;

use crate::{
    Done, cli,
    evaluation::{formats::Labelled, report::table},
    learning::{Lesson, Trial},
};

/// How much lower a figure may be than with the table in use, for `--check`: chance does as much.
const LOSS_MAX: f64 = 0.01;

pub(super) fn run(command: cli::Learn) -> anyhow::Result<Done> {
    let labelled = Labelled::read(&command.files)?;
    for file in &labelled.skipped {
        writeln!(stderr(), "not a labelled file: {file}")?;
    }
    let lesson = Lesson::new(&labelled)?;
    writeln!(stderr(), "learning from {} pairs of names", lesson.examples().len())?;
    let weights = lesson.learn();
    let trials = lesson.trials();
    for line in lines(&trials) {
        writeln!(stderr(), "{line}")?;
    }
    if command.check && trials.iter().any(is_worse) {
        writeln!(stderr(), "the table is worse than the one in use, and not written")?;
        return Ok(Done::SomeFailed);
    }
    let table = weights.to_table();
    match &command.output {
        Some(path) => {
            fs::write(path, table).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        None => stdout().lock().write_all(table.as_bytes())?,
    }
    Ok(Done::All)
}

fn is_worse(trial: &Trial) -> bool {
    trial.after < trial.before - LOSS_MAX
}

fn lines(trials: &[Trial]) -> Vec<String> {
    let row = |trial: &Trial| {
        let [before, after] = [trial.before, trial.after].map(|value| format!("{value:>10.4}"));
        vec![trial.key.clone(), before, after, trial.n.to_string()]
    };
    table(["FIGURE", "    IN USE", "   LEARNED", "N"], trials.iter().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn people_see_both_tables_side_by_side() {
        let trial = |before, after| Trial { key: "spellings.auc".to_owned(), n: 9, before, after };
        let expected = expect![[r#"
            FIGURE             IN USE     LEARNED  N
            spellings.auc      0.9900      0.9850  9"#]];
        expected.assert_eq(&lines(&[trial(0.99, 0.985)]).join("\n"));
        assert!(!is_worse(&trial(0.99, 0.985)) && is_worse(&trial(0.99, 0.97)));
    }
}
