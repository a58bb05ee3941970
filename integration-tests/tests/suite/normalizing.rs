//! What the normalizer says of a name beside its ladder: readings, roles, and what it repaired.

use integration_tests::{Clients, Processes};
use proto::{
    normalization::v1 as wire,
    r#type::v1::{LadderStage, SpellingProfile, Token, TokenRole},
};

async fn normalize(
    clients: &Clients,
    text: &str,
    options: wire::NormalizeOptions,
) -> wire::NormalizedName {
    let request = wire::NormalizeRequest { text: text.to_owned(), options: Some(options) };
    clients.normalizer().normalize(request).await.unwrap().into_inner().name.unwrap()
}

#[tokio::test]
async fn a_name_is_answered_with_its_readings_and_repairs() {
    let processes = Processes::start(None).await;
    readings_follow_the_profile(&processes.clients).await;
    damage_is_repaired_and_told(&processes.clients).await;
}

async fn readings_follow_the_profile(clients: &Clients) {
    // The same text under each profile, traced so that answers are cached: a profile is part of the key.
    for (profile, first) in
        [(SpellingProfile::Fa, "reading-waw-v"), (SpellingProfile::Lev, "reading-kaf-g")]
    {
        for readings in [wire::ReadingView::None, wire::ReadingView::Full] {
            let options = wire::NormalizeOptions {
                profile: profile.into(),
                trace: wire::TraceView::Full.into(),
                readings: readings.into(),
                ..Default::default()
            };
            let name = normalize(clients, "لاوكوف", options).await;
            let rules: Vec<_> =
                name.readings.iter().map(|reading| reading.rule_id.as_str()).collect();
            let expected = (readings == wire::ReadingView::Full).then_some(first);
            assert_eq!(rules.first().copied(), expected, "{profile:?}: {rules:?}");
            assert!(name.readings.iter().all(|reading| reading.form != name.form));
        }
    }
}

async fn damage_is_repaired_and_told(clients: &Clients) {
    let options = wire::NormalizeOptions {
        trace: wire::TraceView::Full.into(),
        tokens: wire::TokenView::Full.into(),
        ..Default::default()
    };
    let name = normalize(clients, "عبد هللا بن سعود", options).await;
    assert_eq!(
        (name.text.as_str(), name.repaired.as_str()),
        ("عبد هللا بن سعود", "عبد الله بن سعود")
    );
    assert_eq!(
        (name.trace[0].rule_id.as_str(), name.trace[0].stage()),
        ("repair-allah", LadderStage::Repair)
    );
    let roles: Vec<_> = name.tokens.iter().map(Token::role).collect();
    let (particle, word) = (TokenRole::Particle, TokenRole::Word);
    assert_eq!(roles, [particle, TokenRole::Given, particle, word]);
    let offsets = name.tokens[1].offsets.unwrap();
    assert_eq!((offsets.code_point_start, offsets.code_point_end), (4, 8));

    let plain = normalize(clients, "عبد الله بن سعود", options).await;
    assert_eq!((plain.form.as_str(), plain.repaired.as_str()), (name.form.as_str(), ""));
    assert_eq!(plain.romanization, "Abd Allah bin Saud");
    assert_eq!(name.romanization, plain.romanization, "the repaired text is romanized");
}
