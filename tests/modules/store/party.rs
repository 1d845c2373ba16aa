//! Sessions at the relying parties.

use usher::model::party::{PartyKind, PartySession};

use super::{SECOND, TestStore, write};

#[tokio::test]
async fn a_party_stands_once_in_the_list_of_its_session() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let (other, _) = cellar.signed_in(&ana).await;
    let now = cellar.now();
    let at = |kind, party: &str, index: Option<&str>| PartySession {
        session: session.id.clone(),
        kind,
        party: party.to_owned(),
        subject: "s".to_owned(),
        index: index.map(str::to_owned),
    };
    let crm = at(PartyKind::OIDC, "crm-eu", None);
    let lab = at(PartyKind::SAML, "https://lab.test/sp", Some("1"));
    let again = at(PartyKind::SAML, "https://lab.test/sp", Some("2"));
    let wiki = at(PartyKind::new("cas"), "wiki", None);
    write!(cellar, tx => tx.note_party_session(&lab, now));
    write!(cellar, tx => tx.note_party_session(&crm, now + SECOND));
    write!(cellar, tx => tx.note_party_session(&again, now + SECOND));
    write!(cellar, tx => tx.note_party_session(&wiki, now + 2 * SECOND));
    let told = cellar
        .store
        .party_sessions(&session.id)
        .await
        .expect("read");
    assert_eq!(told, [again, crm, wiki]);
    let none = cellar.store.party_sessions(&other.id).await.expect("read");
    assert_eq!(none, []);
}
