//! What others add to a link: it is left out, unless it is a field of the record.

use std::time::Duration;

use super::{RECORD, at, refused};
use support::{browser::Browser, server::TestServer};

/// Where the last launch led; each has a moment of its own, by which their ids are in order.
async fn target(usher: &TestServer) -> String {
    usher.advance(Duration::from_secs(1));
    let sql = "select coalesce(target, '') from launches order by id desc limit 1";
    usher.column(sql).await.remove(0)
}

/// Newsletters and social networks add parameters to every link in them.
#[tokio::test]
async fn what_a_newsletter_adds_to_a_link_is_left_out() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let long = "x".repeat(500);
    let added = format!(
        "utm_source=news&utm_medium=mail&UTM_campaign=a%00b&fbclid={long}&gclid=1&gclid=2\
         &msclkid=3&mc_eid=4&_hsenc=5&igshid=6&srsltid=7&_gl=8"
    );
    for link in [
        format!("{RECORD}?{added}"),
        format!("{RECORD}?{added}&tab=notes"),
        format!("{RECORD}?tab=notes&{added}"),
    ] {
        let page = ana.get(&link).await;
        assert_eq!(
            page.shown("app").as_deref(),
            Some("crm-eu"),
            "{}",
            page.text()
        );
        at(&page, "crm-eu", "/customers/C-1042");
        let target = target(&usher).await;
        let told = target.strip_prefix("https://crm-eu.test/customers/C-1042");
        let tab = if link.contains("tab=notes") {
            "?tab=notes"
        } else {
            ""
        };
        assert_eq!(told, Some(tab), "{target}");
    }
    let page = ana.get(&format!("/go/crm?{added}")).await;
    assert_eq!(
        page.shown("app").as_deref(),
        Some("crm-eu"),
        "{}",
        page.text()
    );
    let kept = "select fields from launches where fields like '%utm%' or fields like '%clid%'";
    assert!(usher.column(kept).await.is_empty());
    // What nobody adds is refused as before.
    refused(
        &ana.get(&format!("{RECORD}?utmost=1")).await,
        400,
        "The part “utmost” is not supported",
    );
}

/// A record's own field is its own, whatever others use the name for.
#[tokio::test]
async fn a_field_with_the_name_of_a_tracker_is_a_field() {
    let usher = TestServer::open().await;
    usher
        .change(|draft| {
            draft.context_type("customer").field[0].name = "gclid".into();
            let view = draft.target("crm", "customer", "view");
            view.template = "/customers/{key}{?gclid}".into();
        })
        .await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get(&format!("{RECORD}?gclid=notes&fbclid=1")).await;
    at(&page, "crm-eu", "/customers/C-1042");
    assert!(
        target(&usher)
            .await
            .ends_with("/customers/C-1042?gclid=notes")
    );
}

/// Mail programs take the end of a sentence for a part of the link in it.
#[tokio::test]
async fn the_end_of_a_sentence_is_no_part_of_the_link_in_it() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for end in [
        ".",
        ",",
        ";",
        ":",
        ")",
        "%3E",
        "!",
        "%22",
        "'",
        "%E2%80%9D.",
        "%C2%BB",
        ").",
        "%3F",
    ] {
        let page = ana.get(&format!("{RECORD}{end}")).await;
        at(&page, "crm-eu", "/customers/C-1042");
        let page = ana.get(&format!("{RECORD}?tab=notes{end}")).await;
        at(&page, "crm-eu", "/customers/C-1042");
        let page = ana.get(&format!("/go/crm{end}")).await;
        assert_eq!(
            page.shown("app").as_deref(),
            Some("crm-eu"),
            "{end}: {}",
            page.text()
        );
    }
    let targets =
        "select distinct target from launches where target like '%C-1042%' order by target";
    let record = "https://crm-eu.test/customers/C-1042";
    assert_eq!(
        usher.column(targets).await,
        [record.to_owned(), format!("{record}?tab=notes")]
    );
    refused(
        &ana.get("/go/crm/customer/C-1042.x").await,
        400,
        "is not a valid number or ID",
    );
}
