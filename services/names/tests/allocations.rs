//! The hot path allocates nothing per name.

use names::Ladder;

#[test]
fn a_ladder_that_has_seen_a_name_as_long_allocates_nothing() {
    let names =
        ["كيم جونج أون", "سيرغي لافروف", "عبد الرَّحمٰن", "Sergey Lavrov", "Чайковский", "김정은"];
    let mut ladder = Ladder::default();
    let mut letters = 0;
    let mut make_forms =
        || letters += names.iter().map(|name| ladder.form(name).len()).sum::<usize>();
    make_forms();
    let again = allocation_counter::measure(&mut make_forms);
    assert_eq!(again.count_total, 0);
    assert!(letters > 0);
}
