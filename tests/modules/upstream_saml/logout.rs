//! Single logout, both ways: an unsigned message is refused.

use url::Url;
use usher::protocol::saml::{
    Address, NameId, SamlFault,
    binding::{self, Message, Redirected},
    logout::{Ending, LogoutRequest, LogoutResponse, MessageSource, Peer, Sender},
    time,
};

use support::saml::{IDP, NOW, SP, Signer, certificate, key, posted, status};

const SLO: &str = "https://usher.test/upstream/campus/logout";

fn accepted<T>(
    receive: impl FnOnce(&MessageSource, &Peer) -> Result<T, SamlFault>,
    carried: &MessageSource,
) -> Result<T, SamlFault> {
    let (certificates, keys) = ([certificate("idp")], [key("sp")]);
    let peer = Peer {
        issuer: IDP,
        certificates: &certificates,
        destination: SLO,
        keys: &keys,
        allow_cbc: false,
        now: NOW,
        skew: 60,
    };
    receive(carried, &peer)
}

fn request(issued: i64, destination: &str, issuer: &str) -> String {
    format!(
        "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         Destination=\"{destination}\" ID=\"_logout\" IssueInstant=\"{}\" Version=\"2.0\">\
         <saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{issuer}</saml:Issuer>\
         <saml:NameID xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">ana-4711</saml:NameID>\
         <samlp:SessionIndex>_session</samlp:SessionIndex></samlp:LogoutRequest>",
        time::format(issued)
    )
}

fn response(status: &str) -> String {
    format!(
        "<samlp:LogoutResponse xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         Destination=\"{SLO}\" ID=\"_answer\" InResponseTo=\"_ours\" IssueInstant=\"{}\" \
         Version=\"2.0\"><saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{IDP}\
         </saml:Issuer>{status}</samlp:LogoutResponse>",
        time::format(NOW)
    )
}

fn post(xml: &str) -> Result<LogoutRequest, SamlFault> {
    accepted(LogoutRequest::receive, &MessageSource::Post(&posted(xml)))
}

fn redirect(xml: &str, message: Message, signer: Option<&str>) -> Redirected {
    let endpoint = Url::parse(SLO).unwrap();
    let key = signer.map(key);
    let url = binding::to_redirect(&endpoint, message, xml, Some("relay"), key.as_ref()).unwrap();
    Redirected::read(url.query().unwrap()).unwrap()
}

#[test]
fn a_signed_request_is_accepted_by_both_bindings() {
    let xml = request(NOW, SLO, IDP);
    let posted = post(&Signer::of("idp").sign(&xml, "_logout")).unwrap();
    assert_eq!(posted.name_id.value, "ana-4711");
    assert_eq!(posted.sessions, ["_session"]);
    assert_eq!(posted.until, NOW + 360);
    let came = redirect(&xml, Message::Request, Some("idp"));
    assert_eq!(
        accepted(LogoutRequest::receive, &MessageSource::Redirect(came)),
        Ok(posted)
    );
}

#[test]
fn an_unsigned_request_is_refused() {
    let xml = request(NOW, SLO, IDP);
    assert!(matches!(post(&xml), Err(SamlFault::Unsigned(_))));
    let came = redirect(&xml, Message::Request, None);
    let fault = accepted(LogoutRequest::receive, &MessageSource::Redirect(came)).unwrap_err();
    assert!(matches!(fault, SamlFault::Unsigned(_)), "{fault}");
    // The signature of a redirect stands beside the message; one inside it is not looked at.
    let inside = Signer::of("idp").sign(&xml, "_logout");
    let came = redirect(&inside, Message::Request, None);
    let fault = accepted(LogoutRequest::receive, &MessageSource::Redirect(came)).unwrap_err();
    assert!(matches!(fault, SamlFault::Unsigned(_)), "{fault}");
}

#[test]
fn an_attackers_request_is_refused() {
    let xml = request(NOW, SLO, IDP);
    let fault = post(&Signer::of("attacker").sign(&xml, "_logout")).unwrap_err();
    assert!(matches!(fault, SamlFault::Signature(_)), "{fault}");
    let came = redirect(&xml, Message::Request, Some("attacker"));
    let fault = accepted(LogoutRequest::receive, &MessageSource::Redirect(came)).unwrap_err();
    assert!(matches!(fault, SamlFault::Signature(_)), "{fault}");
}

#[test]
fn a_request_that_is_old_or_ahead_or_for_others_is_refused() {
    for (xml, words) in [
        (request(NOW - 360, SLO, IDP), "request has expired"),
        (request(NOW + 61, SLO, IDP), "not valid yet"),
        (
            request(NOW, "https://other.test/slo", IDP),
            "Destination is not this address",
        ),
        (
            request(NOW, SLO, "https://evil.test"),
            "Issuer is another entity",
        ),
        (
            response(&status("Success", "", "")).replace("_answer", "_logout"),
            "another kind",
        ),
    ] {
        let fault = post(&Signer::of("idp").sign(&xml, "_logout")).unwrap_err();
        assert!(fault.to_string().contains(words), "{fault}");
    }
}

#[test]
fn an_answer_says_whether_all_sessions_have_ended() {
    for (status, is_complete) in [
        (status("Success", "", ""), true),
        (status("Success", "PartialLogout", ""), false),
        (status("Responder", "PartialLogout", ""), false),
    ] {
        let came = redirect(&response(&status), Message::Response, Some("idp"));
        let answer = accepted(LogoutResponse::receive, &MessageSource::Redirect(came)).unwrap();
        assert_eq!(answer.in_response_to.as_deref(), Some("_ours"));
        assert_eq!(answer.is_complete, is_complete, "{status}");
    }
    let refused = response(&status("Responder", "RequestDenied", ""));
    let came = redirect(&refused, Message::Response, Some("idp"));
    let fault = accepted(LogoutResponse::receive, &MessageSource::Redirect(came)).unwrap_err();
    assert!(matches!(fault, SamlFault::Status(_)), "{fault}");
}

/// Our own messages are verified by the same rules.
#[test]
fn our_own_messages_are_signed_and_name_the_session() {
    let destination = Address::parse(SLO).unwrap();
    let sender = Sender {
        id: "_ours",
        issued_at: NOW,
        issuer: SP,
        destination: Some(&destination),
    };
    let name_id = NameId {
        value: "ana & <b>".to_owned(),
        format: Some("urn:f".to_owned()),
        name_qualifier: Some(IDP.to_owned()),
        sp_name_qualifier: None,
    };
    let (certificates, key) = ([certificate("sp")], key("sp"));
    let peer = Peer {
        issuer: SP,
        certificates: &certificates,
        destination: SLO,
        keys: &[],
        allow_cbc: false,
        now: NOW,
        skew: 60,
    };
    let ours = sender.request(&name_id, Some("_s"));
    assert_eq!(ours.parameter(), "SAMLRequest");
    let url = ours.redirect(&destination, Some("st_x"), &key).unwrap();
    let came = MessageSource::Redirect(Redirected::read(url.query().unwrap()).unwrap());
    let text = ours.post(&key).unwrap();
    for carried in [came, MessageSource::Post(&text)] {
        let request = LogoutRequest::receive(&carried, &peer).unwrap();
        assert_eq!(request.name_id, name_id);
        assert_eq!(request.sessions, ["_s"]);
    }
    for (ending, is_complete) in [(Ending::Whole, true), (Ending::Partial, false)] {
        let ours = sender.response("_theirs", ending);
        assert_eq!(ours.parameter(), "SAMLResponse");
        let text = ours.post(&key).unwrap();
        let answer = LogoutResponse::receive(&MessageSource::Post(&text), &peer).unwrap();
        assert_eq!(answer.in_response_to.as_deref(), Some("_theirs"));
        assert_eq!(answer.is_complete, is_complete);
    }
}

/// Core section 3.2.2: what the schema requires is required.
#[test]
fn a_logout_message_without_its_time_version_or_id_is_refused() {
    let moment = format!(" IssueInstant=\"{}\"", time::format(NOW));
    for (lacking, words) in [
        (moment.as_str(), "IssueInstant is missing"),
        (" Version=\"2.0\"", "Version is not 2.0"),
    ] {
        let answer = response(&status("Success", "", "")).replace(lacking, "");
        let came = redirect(&answer, Message::Response, Some("idp"));
        let fault = accepted(LogoutResponse::receive, &MessageSource::Redirect(came)).unwrap_err();
        assert!(fault.to_string().contains(words), "{fault}");
        let request = request(NOW, SLO, IDP).replace(lacking, "");
        let came = redirect(&request, Message::Request, Some("idp"));
        let fault = accepted(LogoutRequest::receive, &MessageSource::Redirect(came)).unwrap_err();
        assert!(fault.to_string().contains(words), "{fault}");
    }
    let without_status = response("");
    let came = redirect(&without_status, Message::Response, Some("idp"));
    let fault = accepted(LogoutResponse::receive, &MessageSource::Redirect(came)).unwrap_err();
    assert!(fault.to_string().contains("Status is missing"), "{fault}");
}
