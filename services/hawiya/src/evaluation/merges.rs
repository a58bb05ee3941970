//! What forms join that may be different names: the largest buckets of a list, and the rules that
//! filled them.
//!
//! A rule is held to have joined two spellings when it fired on exactly one of them, or more often
//! on one. That is no proof that they fall apart without it: that would need the list to be
//! normalized once a rule.

use std::collections::{BTreeMap, HashMap};

use names::{Name, Stage, trace};
use serde::Serialize;

use super::report::table;
use crate::terminal::isolated;

/// The buckets of a list of names.
#[derive(Debug, Serialize)]
pub(super) struct Merges {
    names: usize,
    /// Different texts among the names.
    spellings: usize,
    forms: usize,
    /// Pairs of different spellings that share a form.
    merged_pairs: usize,
    /// By the pairs each joined, most first.
    rules: Vec<RuleShare>,
    /// The buckets of most spellings.
    buckets: Vec<Bucket>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct RuleShare {
    rule_id: &'static str,
    stage: String,
    /// Merged pairs of which the rule fired on exactly one side.
    one_sided_pairs: usize,
    /// Merged pairs of which it fired more often on one side: these and those.
    uneven_pairs: usize,
}

/// The spellings that share a form.
#[derive(Debug, Serialize)]
struct Bucket {
    form: String,
    names: usize,
    spellings: Vec<Spelling>,
    /// By the pairs of this bucket that each joined.
    rules: Vec<RuleShare>,
}

#[derive(Debug, Serialize)]
struct Spelling {
    text: String,
    /// How many names are spelled so.
    names: usize,
}

impl Merges {
    /// Looks at all names and keeps the largest buckets.
    pub(super) fn of(texts: &[String], buckets_max: usize) -> Self {
        let mut buckets = buckets(texts);
        buckets.sort_by(|a, b| {
            let size = |bucket: &Bucket| (bucket.spellings.len(), bucket.names);
            size(b).cmp(&size(a)).then_with(|| a.form.cmp(&b.form))
        });
        let mut total = Fired::default();
        for bucket in buckets.iter_mut().filter(|bucket| bucket.spellings.len() > 1) {
            bucket.rules = rules_of(bucket);
            total.add(&bucket.rules);
        }
        Self {
            names: texts.len(),
            spellings: buckets.iter().map(|bucket| bucket.spellings.len()).sum(),
            forms: buckets.len(),
            merged_pairs: buckets.iter().map(|bucket| pairs_among(bucket.spellings.len())).sum(),
            rules: total.ordered(),
            buckets: buckets
                .into_iter()
                .take_while(|bucket| bucket.spellings.len() > 1)
                .take(buckets_max)
                .collect(),
        }
    }

    /// For people.
    pub(super) fn lines(&self, of: &str) -> Vec<String> {
        let Self { names, spellings, forms, merged_pairs, .. } = self;
        let mut lines = vec![format!(
            "over-merge of {of}: {names} names in {spellings} spellings have {forms} forms, \
             which join {merged_pairs} pairs of spellings"
        )];
        let row = |rule: &RuleShare| {
            let share = rule.uneven_pairs as f64 / *merged_pairs as f64;
            vec![
                rule.rule_id.to_owned(),
                rule.stage.clone(),
                format!("{:>9}", rule.one_sided_pairs),
                format!("{:>8}", rule.uneven_pairs),
                format!("{share:.4}"),
            ]
        };
        lines.push(
            "pairs of which a rule fired on one side only, and more often on one side:".to_owned(),
        );
        let titles = ["RULE", "STAGE", "ONE-SIDED", "  UNEVEN", "SHARE"];
        lines.extend(table(titles, self.rules.iter().map(row)));
        lines.extend(self.buckets.iter().flat_map(Bucket::lines));
        lines
    }
}

/// The names by their forms; a text without a form is of no bucket.
fn buckets(texts: &[String]) -> Vec<Bucket> {
    let mut spellings: BTreeMap<&str, usize> = BTreeMap::new();
    for text in texts {
        *spellings.entry(text).or_default() += 1;
    }
    let mut buckets: HashMap<String, Bucket> = HashMap::new();
    for (text, names) in spellings {
        let name = Name::new(text);
        if name.is_empty() {
            continue;
        }
        let bucket = buckets.entry(name.form().to_owned()).or_insert_with(|| Bucket {
            form: name.form().to_owned(),
            names: 0,
            spellings: Vec::new(),
            rules: Vec::new(),
        });
        bucket.names += names;
        bucket.spellings.push(Spelling { text: text.to_owned(), names });
    }
    buckets.into_values().collect()
}

/// The rules that fired on some spellings of a bucket and not, or not as often, on others.
fn rules_of(bucket: &Bucket) -> Vec<RuleShare> {
    // How often a rule fired, for each spelling on which it did.
    let mut fired: BTreeMap<(&'static str, Stage), Vec<usize>> = BTreeMap::new();
    for spelling in &bucket.spellings {
        let mut times: BTreeMap<(&'static str, Stage), usize> = BTreeMap::new();
        let steps = trace(&spelling.text).steps.into_iter();
        for step in steps.filter(|step| step.stage != Stage::Skeleton) {
            *times.entry((step.rule, step.stage)).or_default() += 1;
        }
        for (rule, times) in times {
            fired.entry(rule).or_default().push(times);
        }
    }
    let all = bucket.spellings.len();
    let mut shares = Fired::default();
    for ((rule_id, stage), times) in fired {
        let one_sided_pairs = times.len() * (all - times.len());
        shares.add(&[RuleShare {
            rule_id,
            stage: format!("{stage:?}").to_lowercase(),
            one_sided_pairs,
            uneven_pairs: one_sided_pairs + unequal_pairs(times),
        }]);
    }
    shares.ordered()
}

/// How many pairs of the values are unequal.
fn unequal_pairs(mut values: Vec<usize>) -> usize {
    values.sort_unstable();
    let equal: usize = values.chunk_by(|a, b| a == b).map(|equal| pairs_among(equal.len())).sum();
    pairs_among(values.len()) - equal
}

fn pairs_among(count: usize) -> usize {
    count * count.saturating_sub(1) / 2
}

/// Pairs by the rule that joined them.
#[derive(Default)]
struct Fired(BTreeMap<&'static str, RuleShare>);

impl Fired {
    fn add(&mut self, shares: &[RuleShare]) {
        for share in shares {
            let zero = || RuleShare { one_sided_pairs: 0, uneven_pairs: 0, ..share.clone() };
            let total = self.0.entry(share.rule_id).or_insert_with(zero);
            total.one_sided_pairs += share.one_sided_pairs;
            total.uneven_pairs += share.uneven_pairs;
        }
    }

    /// Most pairs first; a rule that joined none is left out.
    fn ordered(self) -> Vec<RuleShare> {
        let mut shares: Vec<RuleShare> =
            self.0.into_values().filter(|share| share.uneven_pairs > 0).collect();
        shares.sort_by(|a, b| b.uneven_pairs.cmp(&a.uneven_pairs).then(a.rule_id.cmp(b.rule_id)));
        shares
    }
}

impl Bucket {
    /// A line of what it is and one of what is in it.
    fn lines(&self) -> Vec<String> {
        /// More would hide the next bucket; programs get all of them.
        const SPELLINGS_SHOWN: usize = 40;
        let shown = |spelling: &Spelling| match spelling.names {
            1 => isolated(&spelling.text),
            names => format!("{} ×{names}", isolated(&spelling.text)),
        };
        let mut spellings: Vec<String> =
            self.spellings.iter().take(SPELLINGS_SHOWN).map(shown).collect();
        let hidden = self.spellings.len() - spellings.len();
        if hidden > 0 {
            spellings.push(format!("and {hidden} more"));
        }
        let rule = |rule: &RuleShare| format!("{} {}", rule.rule_id, rule.uneven_pairs);
        let rules: Vec<String> = self.rules.iter().map(rule).collect();
        vec![
            String::new(),
            format!(
                "form {}: {} spellings of {} names; fired unevenly: {}",
                isolated(&self.form),
                self.spellings.len(),
                self.names,
                rules.join(", ")
            ),
            format!("  {}", spellings.join(", ")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merges(texts: &[&str]) -> Merges {
        Merges::of(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), 10)
    }

    #[test]
    fn a_rule_joins_the_pairs_of_which_it_fired_on_one_side() {
        // Two with a hamza on the alef and one without: two pairs of three.
        let merges = merges(&["أحمد", "إحمد", "احمد", "احمد", "Kim"]);
        assert_eq!((merges.names, merges.spellings, merges.forms), (5, 4, 2));
        assert_eq!(merges.merged_pairs, 3);
        let shares: Vec<_> = merges
            .rules
            .iter()
            .map(|rule| (rule.rule_id, rule.stage.as_str(), rule.uneven_pairs))
            .collect();
        assert_eq!(shares, [("ar-alef-hamza", "orthographic", 2)]);
        assert_eq!((merges.buckets.len(), merges.buckets[0].names), (1, 4));
    }

    #[test]
    fn a_rule_that_fired_more_often_on_one_side_joined_them_too() {
        let merges = merges(&["أأحمد", "أاحمد"]);
        let rule = &merges.rules[0];
        assert_eq!(
            (rule.rule_id, rule.one_sided_pairs, rule.uneven_pairs),
            ("ar-alef-hamza", 0, 1)
        );
        assert_eq!((unequal_pairs(vec![1, 2, 2, 3]), unequal_pairs(vec![])), (5, 0));
    }

    #[test]
    fn names_that_nothing_joined_have_no_bucket() {
        let merges = merges(&["Kim", "Kim", "Lavrov", "🙂"]);
        assert_eq!((merges.merged_pairs, merges.rules.len(), merges.buckets.len()), (0, 0, 0));
    }
}
