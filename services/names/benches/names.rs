//! What the documentation claims is fast: one name, one trace, one comparison.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use names::{Ladder, Name, similarity, trace};

const NAMES: [(&str, &str); 5] = [
    ("arabic one word", "غورباتشوف"),
    ("arabic three words", "كيم جونغ أون"),
    ("arabic presentation forms", "ﺳﻴﺮﻏﻲ ﻻﻓﺮﻭﻑ"),
    ("latin two words", "Sergey Lavrov"),
    ("korean", "김정은"),
];

const PAIRS: [(&str, &str, &str); 4] = [
    ("same form", "سيرغي لافروف", "سيرجي لافروف"),
    ("two words, nearly", "فولوديمير زيلينسكي", "فلاديمير زيلنسكى"),
    ("four words against three", "محمد بن سلمان آل سعود", "محمد بن زايد"),
    ("across scripts", "سيرغي لافروف", "Sergey Lavrov"),
];

fn bench_new(criterion: &mut Criterion) {
    for (case, text) in NAMES {
        criterion.bench_function(&format!("Name::new/{case}"), |bencher| {
            bencher.iter(|| Name::new(black_box(text)));
        });
    }
}

/// The Arabic column of the catalogue beside the project, in names a second; nothing without it.
fn bench_catalogue(criterion: &mut Criterion) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/eval/catalogue.tsv");
    let Ok(catalogue) = std::fs::read_to_string(path) else { return };
    let names: Vec<&str> =
        catalogue.lines().skip(1).filter_map(|line| line.split('\t').nth(1)).collect();
    let mut group = criterion.benchmark_group("Name::new");
    group.throughput(Throughput::Elements(names.len() as u64));
    let mut ladder = Ladder::default();
    group.bench_function("arabic catalogue, form only", |bencher| {
        bencher.iter(|| names.iter().map(|name| ladder.form(black_box(name)).len()).sum::<usize>());
    });
    group.bench_function("arabic catalogue", |bencher| {
        bencher.iter(|| {
            names.iter().map(|name| Name::new(black_box(name)).form().len()).sum::<usize>()
        });
    });
    group.finish();
}

fn bench_trace(criterion: &mut Criterion) {
    criterion.bench_function("trace/arabic three words", |bencher| {
        bencher.iter(|| trace(black_box("كيم جونغ أون")));
    });
}

fn bench_similarity(criterion: &mut Criterion) {
    for (case, a, b) in PAIRS {
        let (a, b) = (Name::new(a), Name::new(b));
        criterion.bench_function(&format!("similarity/{case}"), |bencher| {
            bencher.iter(|| similarity(black_box(&a), black_box(&b)));
        });
    }
}

criterion_group!(benches, bench_new, bench_catalogue, bench_trace, bench_similarity);
criterion_main!(benches);
