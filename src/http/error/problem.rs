//! The pages of errors: which texts each has, and the steps that it offers.

use super::{RequestContext, status};
use crate::{
    error::{Error, Refusal},
    http::{extract::Visit, page::Site, view::ProblemView},
    model::{attempt::LocalPath, launch::TicketVoid, link},
    text::Texts,
};

/// Adds an action to the page, where there is one.
fn offer(page: ProblemView, label: &str, href: Option<&str>) -> ProblemView {
    match href {
        Some(href) => page.offer(label, href),
        None => page,
    }
}

/// The page of an error: what happened, and what the user can do next.
pub(super) fn problem(
    site: &Site,
    context: &RequestContext,
    visit: Option<&Visit>,
    error: &Error,
) -> ProblemView {
    let frame = match visit {
        Some(visit) => site.frame(visit),
        None => site.bare_frame(context.language),
    };
    let again = context.again();
    let form_page = context.form_page.as_ref().map(LocalPath::as_str);
    let is_signed_in = visit.map(|visit| visit.visitor.signed_in.is_some());
    let texts = frame.texts;
    let code = status(error).as_u16();
    let page = |name: &str, variables: &[(&str, &str)]| {
        ProblemView::named(frame.clone(), code, name, variables)
    };
    match error {
        Error::Refused(refusal) => refused(&page, texts, refusal, context, is_signed_in),
        // Another account does not help with a mistyped address, but signing in may.
        Error::NotFound => offer_account(page("not-found", &[]), is_signed_in.filter(|is| !is)),
        Error::NoAccess => {
            let name = frame.user_name.clone().unwrap_or_default();
            // A mistyped link is more likely than another account. Whether the service exists does
            // not change the page.
            let page = page("no-access", &[("name", &name)]).portal_first();
            offer_account(page, is_signed_in)
        }
        Error::Unauthenticated => {
            page("session-ended", &[]).offer(texts.say("sign-in-submit"), "/sign-in")
        }
        Error::AttemptExpired => {
            page("page-expired", &[]).offer(texts.say("sign-in-submit"), "/sign-in")
        }
        Error::CookiesBlocked { again } => offer(
            page("cookies-blocked", &[]),
            texts.say("problem-try-again"),
            again.as_deref(),
        ),
        Error::NotSetUp => offer(
            page("not-set-up", &[]),
            texts.say("problem-try-again"),
            again,
        ),
        Error::FirstAdminLink(link::LinkVoid::Used) => {
            page("first-admin-used", &[]).offer(texts.say("sign-in-submit"), "/sign-in")
        }
        Error::FirstAdminLink(_) => page("first-admin-expired", &[]),
        Error::Link(link::LinkVoid::Foreign) => {
            page("link-foreign", &[]).offer(texts.say("recover-again"), "/recover")
        }
        Error::Link(_) => page("link-void", &[]).offer(texts.say("recover-again"), "/recover"),
        Error::CrossSite => page("cross-site", &[]),
        // What a form may not do has another reason than the account.
        Error::Forbidden(_) => match form_page {
            Some(shown) => page("forbidden", &[]).offer(texts.say("problem-try-again"), shown),
            None => offer_account(page("forbidden", &[]), is_signed_in),
        },
        Error::Void { why, again } => {
            let name = match why {
                TicketVoid::Expired => "launch-expired",
                TicketVoid::Used => "launch-used",
                TicketVoid::Foreign => "launch-foreign",
            };
            let page = offer(
                page(name, &[]),
                texts.say("problem-open-again"),
                again.as_deref(),
            );
            match why {
                TicketVoid::Foreign => offer_account(page, is_signed_in),
                TicketVoid::Expired | TicketVoid::Used => page,
            }
        }
        Error::UnknownClient => page("client-unknown", &[]),
        Error::UnknownAddress => page("redirect-unknown", &[]),
        Error::BadAsk(why) => page("bad-ask", &[("why", why)]),
        Error::Invalid(_) => offer(
            page("bad-request", &[]),
            texts.say("problem-try-again"),
            form_page,
        ),
        Error::Receipt(_) => page("bad-request", &[]),
        Error::WrongMethod => page("method", &[]),
        Error::TooLarge => offer(
            page("too-large", &[]),
            texts.say("problem-try-again"),
            form_page,
        ),
        Error::Throttled(_) => offer(page("too-many", &[]), texts.say("problem-try-again"), again),
        Error::TimedOut => offer(page("timeout", &[]), texts.say("problem-try-again"), again),
        Error::Away(_) => offer(
            page("database-away", &[]),
            texts.say("problem-try-again"),
            again,
        ),
        Error::Internal(_) | Error::MasterKey(_) | Error::Unfit(_) => {
            offer(page("internal", &[]), texts.say("problem-try-again"), again)
        }
    }
}

/// Offers to sign in, or to sign in as another user; neither if it is not known whether the visitor
/// is signed in.
fn offer_account(page: ProblemView, is_signed_in: Option<bool>) -> ProblemView {
    let texts = page.frame.texts;
    match is_signed_in {
        // Both lead on to what this page stands for: the browser says which page it is.
        Some(true) => page.offer(texts.say("problem-other-user"), "/sign-out?again=1"),
        Some(false) => page.offer(texts.say("sign-in-submit"), "/sign-in?again=1"),
        None => page,
    }
}

/// Creates the page of a problem from its name and the variables of its texts.
type ProblemPage<'a> = dyn Fn(&str, &[(&str, &str)]) -> ProblemView + 'a;

fn refused(
    page: &ProblemPage,
    texts: &Texts,
    refusal: &Refusal,
    context: &RequestContext,
    is_signed_in: Option<bool>,
) -> ProblemView {
    let again = context.again();
    let search = |page: ProblemView| page.offer(texts.say("open-title"), "/open");
    match refusal {
        Refusal::UnknownType { .. } => search(page("type-unknown", &[])),
        Refusal::NotOpened { service, .. } => {
            search(page("service-cannot-open", &[("service", service)]))
        }
        Refusal::UnknownIntent { service, .. } => {
            let page = page("intent-unknown", &[("service", service)]);
            let record = again.and_then(without_intent);
            offer(page, texts.say("intent-view"), record.as_deref())
        }
        Refusal::IntentForbidden { .. } => offer_account(page("forbidden", &[]), is_signed_in),
        Refusal::BadKey { key, hint, .. } => {
            search(page("key-invalid", &[("key", key), ("hint", hint)]))
        }
        Refusal::UnknownField { name } => page("field-unknown", &[("field", name)]),
        Refusal::BadField { title } | Refusal::MissingField { title } => {
            page("field-invalid", &[("field", title)])
        }
        Refusal::ServiceClosed { service } => {
            let page = page("service-closed", &[("service", service)]);
            offer(page, texts.say("problem-try-again"), again)
        }
        Refusal::InstanceClosed { instance } => {
            let page = page("instance-closed", &[("instance", instance)]);
            offer(page, texts.say("problem-try-again"), again)
        }
        Refusal::Unanswered { service, slug, .. } => page("not-known", &[("service", service)])
            .offer(texts.say("problem-why"), format!("/services/{slug}")),
        Refusal::NoInstance { service, slug, .. } => page("no-instance", &[("service", service)])
            .offer(texts.say("problem-why"), format!("/services/{slug}")),
        Refusal::Misconfigured { .. } => page("internal", &[]),
    }
}

/// The same link without its intent, which opens the record; `None` for the address of a page.
fn without_intent(link: &str) -> Option<String> {
    let (path, query) = link.split_once('?').filter(|_| link.starts_with("/go/"))?;
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let mut kept = url::form_urlencoded::Serializer::new(String::new());
    let kept = kept.extend_pairs(pairs.filter(|(name, _)| name != "intent"));
    match kept.finish() {
        query if query.is_empty() => Some(path.to_owned()),
        query => Some(format!("{path}?{query}")),
    }
}
