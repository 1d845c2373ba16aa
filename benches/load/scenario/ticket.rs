//! Assertions of other protocols: unsolicited SAML responses, and CAS tickets.

use url::form_urlencoded::Serializer;
use usher::{
    clock::Clock,
    protocol::saml::{ExpectedAssertion, binding, metadata::theirs::Theirs, verify},
};

use super::{
    Stage,
    launch::{Remote, remotes},
};
use crate::{
    Result,
    catalogue::{ARCHIVE, LIBRARY, entity},
    http::find,
    load::Work,
    measure::Measured,
};

/// Every so many responses, one is verified; the rest are looked at.
const SAMPLE: u64 = 64;

/// A launch to a SAML service provider: the page whose form carries response and assertion, both
/// signed with RSA of 2048 bits.
pub async fn saml(stage: &Stage<'_>) -> Result<Measured> {
    let mut works = Vec::new();
    for mut remote in remotes(stage, ARCHIVE).await? {
        let published = remote.visitor.ask("/saml/metadata").await?;
        let published = published.expect(200, "metadata")?;
        let portal = Theirs::read(published.body, None, &[], now()).map_err(fault)?;
        works.push(Saml { remote, portal });
    }
    stage.run(works).await
}

/// Tickets validated, by themselves: the tickets were made before.
pub async fn cas(stage: &Stage<'_>) -> Result<Measured> {
    let mut works = Vec::new();
    for mut remote in remotes(stage, LIBRARY).await? {
        let mut tickets = Vec::new();
        for _ in 0..stage.plan.stock {
            remote.number += 1;
            tickets.push(ticketed(&mut remote).await?);
        }
        works.push(Cas { remote, tickets });
    }
    stage.run_through(works).await
}

struct Saml {
    remote: Remote,
    portal: Theirs,
}

/// The addresses that validate, each with the key of its record.
struct Cas {
    remote: Remote,
    tickets: Vec<(String, String)>,
}

impl Work for Saml {
    async fn once(&mut self) -> Result<()> {
        let remote = &mut self.remote;
        remote.number += 1;
        let (link, number) = (remote.link(), remote.number);
        let answer = remote.visitor.get(&link).await?.expect(200, "the link")?;
        let response = field(answer.body, b"name=\"SAMLResponse\" value=\"")?;
        if !number.is_multiple_of(SAMPLE) {
            return Ok(());
        }
        let place = match find(answer.body, b"/archive/us/acs").is_some() {
            true => "us",
            false => "eu",
        };
        check(&self.portal, response, place)
    }
}

impl Work for Cas {
    async fn once(&mut self) -> Result<()> {
        let (target, key) = self.tickets.pop().ok_or("no ticket is left")?;
        let answer = self.remote.visitor.ask(&target).await?;
        let text = answer.expect(200, "validation")?.text()?;
        match text.contains("<cas:authenticationSuccess>") && text.contains(&key) {
            true => Ok(()),
            false => Err(format!("a ticket that is not good: {text}")),
        }
    }
}

/// The link leads to the record with a ticket in the address; returns the address to validate it
/// at, and the key.
async fn ticketed(remote: &mut Remote) -> Result<(String, String)> {
    let (link, key) = (remote.link(), remote.key());
    let answer = remote.visitor.get(&link).await?.expect(303, "the link")?;
    let (service, ticket) = answer
        .location()?
        .rsplit_once("?ticket=")
        .ok_or("a link without a ticket")?;
    let query = Serializer::new(String::new())
        .append_pair("service", service)
        .append_pair("ticket", ticket)
        .finish();
    Ok((format!("/cas/p3/serviceValidate?{query}"), key))
}

/// Verified as the service provider does, with the portal's certificate and both signatures.
fn check(portal: &Theirs, response: &str, place: &str) -> Result<()> {
    let bytes = binding::from_post(response).map_err(fault)?;
    let text = String::from_utf8_lossy(&bytes);
    let signatures = text.matches("SignatureValue>").count() / 2;
    if signatures != 2 {
        return Err(format!("{signatures} signatures: {text}"));
    }
    let (audience, recipient) = entity(place);
    let expected = ExpectedAssertion {
        issuer: &portal.entity_id,
        certificates: &portal.signing,
        audience: &audience,
        recipient: &recipient,
        keys: &[],
        request: None,
        now: now(),
        skew: 5,
        authenticated_since: None,
        contexts: &[],
        want_assertions_signed: true,
        want_encrypted: false,
        allow_cbc: false,
    };
    verify(&bytes, &expected).map(drop).map_err(fault)
}

/// What a hidden field of the page holds.
fn field<'p>(page: &'p [u8], before: &[u8]) -> Result<&'p str> {
    let rest = find(page, before).map(|at| &page[at + before.len()..]);
    let value = rest.and_then(|rest| Some(&rest[..find(rest, b"\"")?]));
    let value = value.ok_or("the page hands nothing over")?;
    std::str::from_utf8(value).map_err(|error| error.to_string())
}

fn now() -> i64 {
    Clock::system().now().secs()
}

fn fault(fault: impl std::fmt::Display) -> String {
    format!("SAML: {fault}")
}
