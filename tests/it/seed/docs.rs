//! The catalogues that the documents print load as they stand.

use crate::support::house::House;

/// The fenced blocks of a document that are whole catalogues: their first line says so.
fn catalogues(document: &str) -> Vec<String> {
    let fence = "```toml\n# catalogue.toml";
    let blocks = document.split(fence).skip(1);
    blocks
        .filter_map(|rest| rest.split_once("\n```").map(|(block, _)| block.to_owned()))
        .collect()
}

#[tokio::test]
async fn the_catalogues_in_the_documents_load_as_they_stand() {
    for (name, document) in [
        ("README.md", include_str!("../../../README.md")),
        (
            "docs/catalogue.md",
            include_str!("../../../docs/catalogue.md"),
        ),
    ] {
        let examples = catalogues(document);
        assert!(!examples.is_empty(), "{name} prints no catalogue");
        for example in examples {
            let house = House::empty().await;
            let seeded = house.app.seed(&example).await;
            assert!(seeded.is_ok(), "{name}: {:?}", seeded.err());
            for service in house.app.desk().services() {
                assert!(service.unreachable.is_none(), "{name}: {}", service.slug);
                for instance in &service.instances {
                    assert!(instance.fault.is_none(), "{name}: {:?}", instance.fault);
                }
            }
        }
    }
}
