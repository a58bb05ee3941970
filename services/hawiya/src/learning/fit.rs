//! From examples to weights: align under the weights so far, fit, again.
//!
//! The weights are those of a logistic regression whose features are what an alignment observes
//! (`names::observe`). Fitting changes which alignment is best, so both are repeated a few times.

use names::{Weights, WeightsKind, observe};

use super::{Example, in_parts};

/// Aligning and fitting are repeated so often; more changes the third digit.
const ROUNDS: usize = 6;

/// Steps of one fit.
const STEPS: usize = 400;

const KINDS: [WeightsKind; 3] = [WeightsKind::Compare, WeightsKind::Search, WeightsKind::Sounds];

/// The weights that tell the matches of the examples from the others.
pub(super) fn learn(examples: &[Example<'_>]) -> Weights {
    let mut weights = Weights::start();
    let start = weights.clone();
    for _ in 0..ROUNDS {
        let parts = in_parts(examples, |part| Observed::new(part, &weights));
        for kind in KINDS {
            let rows: Vec<&Rows> = parts.iter().map(|part| part.rows(kind)).collect();
            let fitted = fit(&rows, start.numbers(kind), weights.numbers(kind));
            weights.replace(kind, &fitted);
        }
    }
    weights
}

/// What was observed of a part of the examples, in the order of the kinds.
#[derive(Default)]
struct Observed([Rows; KINDS.len()]);

impl Observed {
    fn new(examples: &[Example<'_>], weights: &Weights) -> Self {
        let mut observed = Self::default();
        for example in examples {
            let (kind, features) = observe(example.a, example.b, example.task, weights);
            observed.0[kind as usize].push(&features, example.is_match, example.weight);
        }
        observed
    }

    fn rows(&self, kind: WeightsKind) -> &Rows {
        &self.0[kind as usize]
    }
}

/// Observations of pairs, behind each other: there are hundreds of thousands of short ones.
#[derive(Default)]
struct Rows {
    /// Places of weights, one as often as it was observed.
    features: Vec<u16>,
    rows: Vec<Row>,
}

#[derive(Clone, Copy)]
struct Row {
    /// One past its last feature.
    end: usize,
    is_match: bool,
    weight: f32,
}

impl Rows {
    fn push(&mut self, features: &[usize], is_match: bool, weight: f32) {
        // An alphabet has fewer numbers than 65,536.
        self.features.extend(features.iter().filter_map(|feature| u16::try_from(*feature).ok()));
        self.rows.push(Row { end: self.features.len(), is_match, weight });
    }

    /// The slope of the loss of these rows at `numbers`.
    fn gradient(&self, numbers: &[f32]) -> Vec<f32> {
        let mut gradient = vec![0.0_f32; numbers.len()];
        let mut start = 0;
        for row in &self.rows {
            let features = &self.features[start..row.end];
            start = row.end;
            let odds: f32 = features.iter().map(|feature| numbers[usize::from(*feature)]).sum();
            let expected = 1.0 / (1.0 + (-odds).exp());
            let error = (expected - f32::from(u8::from(row.is_match))) * row.weight;
            for feature in features {
                gradient[usize::from(*feature)] += error;
            }
        }
        gradient
    }
}

/// Logistic regression with a quadratic penalty on the distance to `prior`, which is also what a
/// feature that is never seen keeps. Full-batch AdaGrad (Duchi, Hazan and Singer 2011) from `from`.
fn fit(parts: &[&Rows], prior: &[f32], from: &[f32]) -> Vec<f32> {
    const RATE: f32 = 0.3;
    let mut numbers = from.to_vec();
    if parts.iter().all(|rows| rows.rows.is_empty()) {
        return numbers;
    }
    let mut squares = vec![1e-3_f32; numbers.len()];
    for _ in 0..STEPS {
        let gradients = in_parts(parts, |part| {
            part.iter().map(|rows| rows.gradient(&numbers)).collect::<Vec<_>>()
        });
        for (at, number) in numbers.iter_mut().enumerate() {
            let slope: f32 = gradients.iter().flatten().map(|gradient| gradient[at]).sum::<f32>()
                + *number
                - prior[at];
            squares[at] += slope * slope;
            *number -= RATE * slope / squares[at].sqrt();
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_matches_from_others_gets_the_weight() {
        let mut rows = Rows::default();
        for _ in 0..50 {
            rows.push(&[0, 1], true, 1.0);
            rows.push(&[0, 2], false, 1.0);
            rows.push(&[0, 1, 3], true, 1.0);
        }
        let fitted = fit(&[&rows], &[0.0, 0.0, 0.0, 0.0, -1.0], &[0.0; 5]);
        assert!(fitted[1] > 1.0 && fitted[2] < -1.0, "{fitted:?}");
        assert!((fitted[4] + 1.0).abs() < 0.05, "a feature that is never seen keeps its prior");
    }
}
