//! The measures, as arithmetic on scores and sizes: no names, no files.

use serde::Serialize;

/// The chance that a random positive scores above a random negative, ties counting half: the area
/// under the ROC curve. `None` when either side is empty.
pub(crate) fn auc(positives: &[f64], negatives: &[f64]) -> Option<f64> {
    let negatives = sorted(negatives);
    let above = |score: &f64| {
        let under = negatives.partition_point(|other| other < score);
        let ties = negatives.partition_point(|other| other <= score) - under;
        under as f64 + ties as f64 / 2.0
    };
    let pairs = (positives.len() * negatives.len()) as f64;
    (pairs > 0.0).then(|| positives.iter().map(above).sum::<f64>() / pairs)
}

/// The score over which fewer than this share of the negatives lie, in tenths of a per cent.
/// `None` without negatives.
pub(crate) fn threshold_at(negatives: &[f64], false_per_mille: usize) -> Option<f64> {
    let negatives = sorted(negatives);
    let at = negatives.len() * (1000 - false_per_mille.min(1000)) / 1000;
    negatives.get(at.min(negatives.len().checked_sub(1)?)).copied()
}

/// How many scores are over a threshold.
pub(crate) fn over(scores: &[f64], threshold: f64) -> usize {
    scores.iter().filter(|score| **score > threshold).count()
}

fn sorted(scores: &[f64]) -> Vec<f64> {
    let mut scores = scores.to_vec();
    scores.sort_by(f64::total_cmp);
    scores
}

/// A score, and whether it should have been high.
pub(super) type Labelled = (f64, bool);

/// What a threshold finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Matches at or over the threshold.
    pub(super) right: usize,
    /// Whatever is at or over the threshold.
    pub(super) found: usize,
    /// Matches there are.
    pub(super) matches: usize,
}

impl Found {
    /// What is at or over `threshold`.
    pub(super) fn at(labelled: &[Labelled], threshold: f64) -> Self {
        let mut all = Self::default();
        for (score, is_match) in labelled {
            all.matches += usize::from(*is_match);
            all.found += usize::from(*score >= threshold);
            all.right += usize::from(*is_match && *score >= threshold);
        }
        all
    }

    /// The share of what is found that is right; 1 when nothing is found.
    pub(super) fn precision(self) -> f64 {
        if self.found == 0 { 1.0 } else { self.right as f64 / self.found as f64 }
    }

    /// The share of the matches that is found; 1 when there are none.
    pub(super) fn recall(self) -> f64 {
        if self.matches == 0 { 1.0 } else { self.right as f64 / self.matches as f64 }
    }

    /// The harmonic mean of both; 1 when there is nothing to find and nothing is found.
    pub(super) fn f1(self) -> f64 {
        let of = self.found + self.matches;
        if of == 0 { 1.0 } else { 2.0 * self.right as f64 / of as f64 }
    }
}

/// The threshold of the best F1, and that F1; of equal ones the highest threshold. `None` without
/// scores.
pub(super) fn best_f1(labelled: &[Labelled]) -> Option<(f64, f64)> {
    let mut ordered = labelled.to_vec();
    ordered.sort_by(|a, b| b.0.total_cmp(&a.0));
    let matches = labelled.iter().filter(|(_, is_match)| *is_match).count();
    let mut so_far = Found { matches, ..Found::default() };
    let mut best: Option<(f64, f64)> = None;
    for (at, (score, is_match)) in ordered.iter().enumerate() {
        so_far.found += 1;
        so_far.right += usize::from(*is_match);
        // A threshold takes all of its ties.
        let is_last_of_ties = ordered.get(at + 1).is_none_or(|next| next.0 < *score);
        if is_last_of_ties && best.is_none_or(|(_, f1)| so_far.f1() > f1) {
            best = Some((*score, so_far.f1()));
        }
    }
    best
}

/// How many members a random member finds in its bucket, itself included: the sum of squared sizes
/// over the sum of sizes. `None` without members.
pub(super) fn expected_bucket(sizes: impl Iterator<Item = usize>) -> Option<f64> {
    let (squares, members) =
        sizes.fold((0, 0), |(squares, members), size| (squares + size * size, members + size));
    (members > 0).then(|| squares as f64 / members as f64)
}

/// One band of scores, and how often a score in it is of a match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Band {
    /// Lowest score of the band.
    pub(super) from: f64,
    /// One past its highest; the last band has 1.0 too.
    pub(super) to: f64,
    pub(super) pairs: usize,
    pub(super) matches: usize,
    /// `None` for a band without pairs.
    pub(super) share: Option<f64>,
}

/// Ten bands from 0.0 to 1.0.
pub(super) fn reliability(labelled: &[Labelled]) -> Vec<Band> {
    const BANDS: usize = 10;
    let mut bands = vec![Band::default(); BANDS];
    for (score, is_match) in labelled {
        let band = &mut bands[((score * BANDS as f64) as usize).min(BANDS - 1)];
        band.pairs += 1;
        band.matches += usize::from(*is_match);
    }
    for (at, band) in bands.iter_mut().enumerate() {
        band.from = at as f64 / BANDS as f64;
        band.to = (at + 1) as f64 / BANDS as f64;
        band.share = (band.pairs > 0).then(|| band.matches as f64 / band.pairs as f64);
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_counts_a_tie_half() {
        // 0.9 is over both, 0.5 over one and beside the other: (2 + 1.5) / 4.
        assert_eq!(auc(&[0.9, 0.5], &[0.5, 0.1]), Some(0.875));
        assert_eq!(auc(&[0.3], &[0.3]), Some(0.5));
        assert_eq!(auc(&[], &[0.3]), None);
    }

    #[test]
    fn the_threshold_leaves_fewer_than_the_share_over_it() {
        let negatives: Vec<f64> = (0..200).map(|score| f64::from(score) / 200.0).collect();
        let threshold = threshold_at(&negatives, 10).unwrap();
        assert_eq!((threshold, over(&negatives, threshold)), (0.99, 1));
        assert_eq!(threshold_at(&negatives, 0), Some(0.995));
        assert_eq!(threshold_at(&[0.4], 10), Some(0.4));
        assert_eq!(threshold_at(&[], 10), None);
    }

    const FIVE: [Labelled; 5] = [(0.9, true), (0.8, false), (0.7, true), (0.7, true), (0.2, false)];

    #[test]
    fn precision_recall_and_f1_are_those_of_the_textbook() {
        let found = Found::at(&FIVE, 0.75);
        assert_eq!(found, Found { right: 1, found: 2, matches: 3 });
        assert_eq!((found.precision(), found.recall(), found.f1()), (0.5, 1.0 / 3.0, 0.4));
    }

    #[test]
    fn the_best_threshold_takes_all_of_its_ties() {
        // At 0.7: three right of four found, of three matches.
        assert_eq!(best_f1(&FIVE), Some((0.7, 6.0 / 7.0)));
        assert_eq!(best_f1(&[]), None);
    }

    #[test]
    fn the_best_threshold_is_the_best_of_all_tried_one_by_one() {
        let scores = (0..60u32).map(|at| (f64::from(at * 37 % 23) / 23.0, at * 7 % 5 < 2));
        let labelled: Vec<Labelled> = scores.collect();
        let slow = labelled.iter().map(|(score, _)| Found::at(&labelled, *score).f1());
        assert_eq!(best_f1(&labelled).unwrap().1, slow.fold(0.0, f64::max));
    }

    #[test]
    fn a_bucket_is_weighed_by_its_members() {
        assert_eq!(expected_bucket([3, 1].into_iter()), Some(2.5));
        assert_eq!(expected_bucket([].into_iter()), None);
    }

    #[test]
    fn a_band_holds_its_lower_end_and_the_last_one_both() {
        let bands = reliability(&[(0.1, true), (0.19, false), (0.9, true), (1.0, true)]);
        let shown: Vec<_> = bands.iter().map(|band| (band.pairs, band.share)).collect();
        assert_eq!((shown[0], shown[1], shown[9]), ((0, None), (2, Some(0.5)), (2, Some(1.0))));
        assert_eq!((bands[9].from, bands[9].to), (0.9, 1.0));
    }
}
