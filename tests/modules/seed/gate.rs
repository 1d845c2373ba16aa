//! What a seed says of a provider's people: who comes in, as what, and whose provider it is.

use super::{
    fault::{Fault, all_refused},
    seed,
};
use support::server::{TestServer, changed};

/// Beside the provider of the tests' catalogue.
const FROM: &str = "default = true\n";

#[tokio::test]
async fn faults_of_admission_and_routing_are_named_with_their_place() {
    let faults: &[Fault] = &[
        (FROM, "create = \"no\"\n", &["boolean"]),
        (FROM, "allow = { grup = \"staff\" }\n", &["grup", "`group`"]),
        (
            FROM,
            "allow = { group = \"a\", equals = \"b\" }\n",
            &["provider \"local\": allow: ", "stands alone"],
        ),
        (
            FROM,
            "map = { mail = { form = \"x\" } }\n",
            &["form", "`from`"],
        ),
        (
            FROM,
            "map = { mail = { from = \"x\", match = \"(\" } }\n",
            &["provider \"local\": map, \"mail\": ", "regular expression"],
        ),
        (FROM, "unmapped = \"forget\"\n", &["forget", "`keep`"]),
        (
            FROM,
            "domains = [\"ana@uni.example\"]\n",
            &["provider \"local\": ", "ana@uni.example", "*.uni.example"],
        ),
        (
            FROM,
            "networks = [\"10.0.0.0/99\"]\n",
            &["provider \"local\": ", "10.0.0.0/99"],
        ),
    ];
    all_refused(faults).await;
}

#[tokio::test]
async fn what_two_providers_claim_is_named_with_both() {
    let two = |mine: &str, others: &str| {
        format!(
            "{mine}\n[[provider]]\nslug = \"other\"\nkind = \"local\"\ntitle = \"Other\"\n{others}\n"
        )
    };
    let house = TestServer::open().await;
    for (mine, others, words) in [
        (
            "default = true",
            "default = true",
            "only one provider can be the default, not \"local\", \"other\"",
        ),
        (
            "domains = [\"uni.example\"]",
            "domains = [\"UNI.example\"]",
            "\"uni.example\" leads to the providers \"local\" and \"other\"",
        ),
        (
            "networks = [\"10.0.0.0/8\"]",
            "networks = [\"10.1.0.0/8\"]",
            "\"10.0.0.0/8\" leads to the providers",
        ),
    ] {
        let error = seed(&house, &changed(&[(FROM, &two(mine, others))])).await;
        let error = error.expect_err(words);
        assert!(error.contains(words), "{error}");
        let closed = two(mine, &format!("{others}\ndisabled = true"));
        seed(&house, &changed(&[(FROM, &closed)]))
            .await
            .expect("a provider that is closed claims nothing");
    }
}
