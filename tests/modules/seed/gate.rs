//! The seed's settings for a provider's users: who is admitted, with which role, and which provider
//! users belong to.

use usher::seed::file::Provider;

use super::{
    fault::{all_refused, all_unreadable},
    seed,
};
use support::{
    draft::{Draft, part},
    server::TestServer,
};

#[tokio::test]
async fn faults_of_admission_and_routing_are_named_with_their_place() {
    all_unreadable(&[
        (
            "[[provider]]\nslug = \"local\"\ncreate = \"no\"",
            &["boolean"],
        ),
        (
            "[[provider]]\nslug = \"local\"\nallow = { grup = \"staff\" }",
            &["grup", "`group`"],
        ),
        (
            "[[provider]]\nslug = \"local\"\nmap = { mail = { form = \"x\" } }",
            &["form", "`from`"],
        ),
        (
            "[[provider]]\nslug = \"local\"\nunmapped = \"forget\"",
            &["forget", "`keep`"],
        ),
    ])
    .await;
    let local = |change: fn(&mut Provider)| Draft::changed(|draft| change(draft.provider("local")));
    all_refused(&[
        (
            local(|local| local.allow = Some(part("group = \"a\"\nequals = \"b\""))),
            &["provider \"local\": allow: ", "stands alone"],
        ),
        (
            local(|local| local.map = part("mail = { from = \"x\", match = \"(\" }")),
            &["provider \"local\": map, \"mail\": ", "regular expression"],
        ),
        (
            local(|local| local.domains = vec!["ana@uni.example".into()]),
            &["provider \"local\": ", "ana@uni.example", "*.uni.example"],
        ),
        (
            local(|local| local.networks = vec!["10.0.0.0/99".into()]),
            &["provider \"local\": ", "10.0.0.0/99"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_two_providers_claim_is_named_with_both() {
    type Claim = fn(&mut Provider);
    let cases: [(Claim, Claim, &str); 3] = [
        (
            |mine| mine.default = true,
            |others| others.default = true,
            "only one provider can be the default, not \"local\", \"other\"",
        ),
        (
            |mine| mine.domains = vec!["uni.example".into()],
            |others| others.domains = vec!["UNI.example".into()],
            "\"uni.example\" leads to the providers \"local\" and \"other\"",
        ),
        (
            |mine| mine.networks = vec!["10.0.0.0/8".into()],
            |others| others.networks = vec!["10.1.0.0/8".into()],
            "\"10.0.0.0/8\" leads to the providers",
        ),
    ];
    let usher = TestServer::open().await;
    for (mine, others, words) in cases {
        let mut draft = Draft::sample();
        let local = draft.provider("local");
        local.default = false;
        mine(local);
        others(draft.add_provider("other", "local", "Other"));
        let error = seed(&usher, &draft.toml()).await.expect_err(words);
        assert!(error.contains(words), "{error}");
        // A provider that is closed claims nothing.
        draft.provider("other").disabled = true;
        usher.seed(&draft).await;
    }
}
