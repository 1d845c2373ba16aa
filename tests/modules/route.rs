//! Every route, requested without a session, as a user, as a disabled user, and from another site.
//! New routes are tested as soon as they are in the table.

use axum::{
    body::Body,
    http::{HeaderMap, Request, header},
};
use serde_json::json;
use usher::http::{Access, Route, routes};

use support::{
    admin::make_admin,
    browser::{Browser, SESSION},
    campus::portal,
    saml::{Says, Signer, posted},
    server::{PASSWORD, TestServer},
};

const OURS: &str = "https://usher.test";
/// A request here signs the user out.
const LEAVING: [&str; 3] = ["/sign-out", "/oidc/end-session/confirm", "/cas/logout"];

/// Every (access, method, path), with each parameter replaced.
fn rows(value: &str) -> Vec<(Access, &'static str, String)> {
    let parameter = regex::Regex::new("\\{[a-z]+\\}").expect("a pattern");
    let each = |route: &'static Route| {
        let path = parameter.replace_all(route.path, value).into_owned();
        let methods = route.methods.iter();
        methods.map(move |method| (route.access, *method, path.clone()))
    };
    routes().flat_map(each).collect()
}

async fn request(
    usher: &TestServer,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (u16, HeaderMap, String) {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::ACCEPT, "text/html");
    if method == "POST" {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .body(Body::from(body.to_owned()))
        .expect("a request");
    usher.ask(request).await
}

/// How much there is of everything that a request could change.
async fn state(usher: &TestServer) -> Vec<String> {
    usher
        .column(
            "select 'users ' || count(*) from users union all
             select 'sessions ' || count(*) from sessions where ended_at is null union all
             select 'launches ' || count(*) from launches union all
             select 'departed ' || count(*) from launches where stage <> 'claimed' union all
             select 'overrides ' || count(*) from overrides union all
             select 'grants ' || count(*) from grants union all
             select 'receipts ' || count(*) from receipts union all
             select 'clients ' || count(*) from clients union all
             select 'events ' || count(*) from events union all
             select 'attempts ' || count(*) from attempts where consumed_at is not null",
        )
        .await
}

/// An admin with a launch that waits for a choice: its id and the session cookie.
async fn admin(usher: &TestServer) -> (String, String) {
    let mut cleo = Browser::of(usher, "cleo").await;
    make_admin(usher, "cleo").await;
    let page = cleo.get("/go/reports/customer/C-1042").await;
    let launch = page.url.path().trim_start_matches("/launches/").to_owned();
    let session = cleo.cookie("usher.test", SESSION).expect("signed in");
    (launch, format!("{SESSION}={session}"))
}

/// Asserts that a route for signed-in users refuses clients without a session.
async fn walk_shut(usher: &TestServer, cookie: &str, launch: &str) {
    let before = state(usher).await;
    for value in [launch, "crm"] {
        for (open, method, path) in rows(value) {
            if open != Access::SignedIn {
                continue;
            }
            let headers = [("origin", OURS), ("cookie", cookie)];
            let (status, headers, body) =
                request(usher, method, &path, &headers, "instance=crm-us").await;
            let to = headers
                .get("location")
                .map(|to| to.to_str().expect("a path"));
            match (method, to) {
                ("GET", Some(to)) => assert!(status == 303 && to.starts_with("/sign-in/att_")),
                _ => assert_eq!((status, to), (401, None), "{method} {path}"),
            }
            assert!(
                !body.contains("CRM") && !body.contains("C-1042"),
                "{path}: {body}"
            );
        }
    }
    assert_eq!(state(usher).await, before, "nothing was changed");
}

#[tokio::test]
async fn routes_for_signed_in_users_refuse_anonymous_clients() {
    let usher = TestServer::open().await;
    let (launch, _) = admin(&usher).await;
    walk_shut(&usher, "", &launch).await;
    walk_shut(&usher, "__Host-usher=us_x; usher=us_x", &launch).await;
}

#[tokio::test]
async fn a_disabled_user_has_access_to_no_route() {
    let usher = TestServer::open().await;
    let cleo = Browser::of(&usher, "cleo").await.session().await;
    let cleo = cleo.expect("signed in").user.id;
    let (launch, cookie) = admin(&usher).await;
    assert!(usher.app.directory.disable(&cleo).await.expect("done"));
    walk_shut(&usher, &cookie, &launch).await;
}

/// The roles: no user, a user, an admin; and the result of a route for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Nobody,
    Person,
    Admin,
}

/// Whether a route exists for a role; its answer does not matter.
fn is_there(open: Access, role: Role) -> bool {
    match open {
        Access::Anyone | Access::Machine(_) => true,
        Access::SignedIn => role != Role::Nobody,
        Access::Can(_) => role == Role::Admin,
    }
}

/// THREATS: admin-plane authorisation. Deny by default: every route, in every role.
#[tokio::test]
async fn every_route_exists_for_those_with_access_only() {
    let usher = TestServer::open().await;
    let (launch, admin) = admin(&usher).await;
    let ben = Browser::of(&usher, "ben").await;
    let ben = ben.cookie("usher.test", SESSION).expect("one");
    let roles = [
        (Role::Nobody, String::new()),
        (Role::Person, format!("{SESSION}={ben}")),
        (Role::Admin, admin),
    ];
    for value in ["local", "crm", &launch] {
        for (open, method, path) in rows(value) {
            for (role, cookie) in &roles {
                // The user has signed out.
                if LEAVING.contains(&path.as_str()) {
                    continue;
                }
                let headers = [("origin", OURS), ("cookie", cookie.as_str())];
                let (status, headers, body) = request(&usher, method, &path, &headers, "").await;
                let at = format!("{method} {path} as {role:?}: {status}");
                let to_sign_in = headers
                    .get("location")
                    .is_some_and(|to| to.to_str().expect("a path").starts_with("/sign-in/att_"));
                match (open, is_there(open, *role)) {
                    (Access::SignedIn, false) => assert!(to_sign_in || status == 401, "{at}"),
                    // It may still require a recent proof.
                    (Access::SignedIn, true) => assert!(status != 401, "{at}"),
                    (Access::Can(_), false) => {
                        assert_eq!(status, 404, "{at}");
                        assert!(body.contains("Page not found"), "{at}");
                    }
                    (Access::Can(_), true) => {
                        let known = value == "local" || !path.contains(value);
                        assert!(!known || [200, 303, 400].contains(&status), "{at}");
                    }
                    _ => assert!(status < 500, "{at}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn an_admins_route_does_nothing_for_other_users() {
    let usher = TestServer::open().await;
    let cleo = Browser::of(&usher, "cleo").await.session().await;
    let cleo = cleo.expect("signed in").user.id;
    let (_, admin) = admin(&usher).await;
    assert!(usher.app.directory.disable(&cleo).await.expect("done"));
    let ben = Browser::of(&usher, "ben").await;
    let ben = ben.cookie("usher.test", SESSION).expect("one");
    let before = state(&usher).await;
    for cookie in ["", &format!("{SESSION}={ben}"), &admin, "__Host-usher=us_x"] {
        for (open, method, path) in rows("local") {
            if open.permission().is_some() {
                let headers = [("origin", OURS), ("cookie", cookie)];
                let (status, ..) =
                    request(&usher, method, &path, &headers, "said=x&metadata=x").await;
                assert_eq!(status, 404, "{method} {path}");
            }
        }
    }
    assert_eq!(state(&usher).await, before, "nothing was changed");
}

#[tokio::test]
async fn a_user_gets_no_further_with_another_users_launch() {
    let usher = TestServer::open().await;
    let (launch, _) = admin(&usher).await;
    let ben = Browser::of(&usher, "ben").await;
    let cookie = format!(
        "{SESSION}={}",
        ben.cookie("usher.test", SESSION).expect("one")
    );
    for (open, method, path) in rows(&launch) {
        if !path.contains(&launch) || open.is_machine() {
            continue;
        }
        let headers = [("origin", OURS), ("cookie", &*cookie)];
        let (status, _, body) =
            request(&usher, method, &path, &headers, "instance=reports-eu").await;
        assert!((400..500).contains(&status), "{method} {path}: {status}");
        assert!(
            !body.contains("Reports") && !body.contains("C-1042"),
            "{path}: {body}"
        );
    }
}

#[tokio::test]
async fn garbage_is_never_our_fault() {
    let usher = TestServer::open().await;
    let (_, cookie) = admin(&usher).await;
    let long = "x".repeat(5000);
    for value in [
        "x",
        "%00",
        "%FF%FE",
        "..%2f..%2f",
        "%2e%2e",
        "'%20or%201=1--",
        "%3Cscript%3E",
        "%F0%9F%92%A5",
        "lau_00000000000000000000000000000000",
        "att_00000000000000000000000000000000",
        "lau_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
        "%EF%BD%81%CC%81",
        &long,
    ] {
        for (_, method, path) in rows(value) {
            let query = format!("?q={value}&type={value}&key={value}&provider={value}&{value}=1");
            for path in [path.clone(), format!("{path}{query}")] {
                for cookie in [&*cookie, ""] {
                    let headers = [("origin", OURS), ("cookie", cookie)];
                    let body =
                        format!("instance={value}&provider={value}&name={value}&lang={value}");
                    let (status, ..) = request(&usher, method, &path, &headers, &body).await;
                    assert!(status < 500, "{method} {path}: {status}");
                }
            }
        }
    }
}

#[tokio::test]
async fn garbage_in_a_body_is_never_our_fault() {
    let usher = TestServer::open().await;
    let (launch, cookie) = admin(&usher).await;
    for value in ["crm", &launch] {
        for (_, method, path) in rows(value) {
            for body in [
                "",
                "=",
                "&&&",
                "%00=%00",
                "%FF=%FF",
                "{}",
                "a=b&a=b",
                "instance=%00",
                "instance=crm-eu&instance=crm-us",
            ] {
                if method == "POST" && !LEAVING.contains(&path.as_str()) {
                    let headers = [("origin", OURS), ("cookie", &*cookie)];
                    let (status, ..) = request(&usher, method, &path, &headers, body).await;
                    assert!(status < 500, "{path} {body}: {status}");
                }
            }
        }
    }
}

/// THREATS: login CSRF. Whatever a link contains, it creates no session: a response to a request of
/// this browser is the one exception, which `upstream::door` tests.
#[tokio::test]
async fn no_link_makes_a_session() {
    let usher = portal(json!({"allow_unsolicited": true})).await;
    let ana = Browser::of(&usher, "ana").await;
    let ana = ana.cookie("usher.test", SESSION).expect("signed in");
    let ana = format!("{SESSION}={ana}");
    let says = Says {
        in_response_to: String::new(),
        confirmed_for: String::new(),
        ..Says::at(usher.clock.now().secs())
    };
    let message = posted(&says.by(&Signer::of("idp")));
    for state in ["crm", "st_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("SAMLResponse", &message)
            .append_pair("RelayState", state)
            .append_pair("state", state)
            .append_pair("pressed", "yes")
            .append_pair("code", "c")
            .append_pair("provider", "campus")
            .append_pair("name", "ana")
            .append_pair("password", PASSWORD)
            .finish();
        for value in ["campus", "local", "crm"] {
            for (_, method, path) in rows(value) {
                for cookie in ["", &*ana] {
                    if method != "GET" {
                        continue;
                    }
                    let path = format!("{path}?{query}");
                    let headers = [("cookie", cookie)];
                    let (_, headers, _) = request(&usher, method, &path, &headers, "").await;
                    let given = headers.get_all("set-cookie").iter();
                    let session = format!("{SESSION}=us_");
                    let makes = |cookie: &axum::http::HeaderValue| {
                        cookie.to_str().expect("text").starts_with(&session)
                    };
                    assert!(!given.into_iter().any(makes), "{path}");
                }
            }
        }
    }
    let count = "select count(*) || '' from sessions";
    assert_eq!(usher.column(count).await, ["1"]);
}

#[tokio::test]
async fn machines_are_given_no_cookies() {
    let usher = TestServer::open().await;
    let (launch, cookie) = admin(&usher).await;
    for value in ["x", &launch] {
        for (open, method, path) in rows(value) {
            for cookie in ["", &*cookie] {
                let (status, headers, _) =
                    request(&usher, method, &path, &[("cookie", cookie)], "").await;
                let machines = open.is_machine();
                assert!(
                    !machines || !headers.contains_key("set-cookie"),
                    "{method} {path}"
                );
                assert!(status < 500, "{method} {path}: {status}");
            }
        }
    }
}

/// The routes whose forms no browser sends: their errors are problem+json (RFC 9457) for any client.
const FOR_PROGRAMS: [&str; 8] = [
    "/launches/crm/receipt",
    "/oidc/introspect",
    "/oidc/par",
    "/oidc/register",
    "/oidc/revoke",
    "/oidc/token",
    "/oidc/userinfo",
    "/saml/slo/soap",
];

#[tokio::test]
async fn what_is_too_large_is_refused_in_the_form_of_the_route() {
    let usher = TestServer::open().await;
    for (open, method, path) in rows("crm") {
        if method != "POST" {
            continue;
        }
        let headers = [("origin", OURS), ("content-length", "99999999")];
        let (status, headers, _) = request(&usher, method, &path, &headers, "").await;
        assert_eq!(status, 413, "{path}");
        let is_problem = headers["content-type"] == "application/problem+json";
        assert_eq!(is_problem, FOR_PROGRAMS.contains(&&*path), "{path}");
        assert_eq!(is_problem, open.format().is_json(), "{path}");
    }
}

#[tokio::test]
async fn no_form_of_another_site_is_accepted_at_any_route() {
    let usher = TestServer::open().await;
    let (launch, cookie) = admin(&usher).await;
    let before = state(&usher).await;
    let mut rows = rows(&launch);
    rows.extend(self::rows("crm"));
    for (open, method, path) in rows {
        if method != "POST" || open.is_machine() {
            continue;
        }
        for foreign in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("x", "y"),
        ] {
            for cookie in [&*cookie, ""] {
                let headers = [foreign, ("cookie", cookie)];
                let (status, ..) =
                    request(&usher, method, &path, &headers, "instance=crm-us").await;
                assert_eq!(status, 403, "{path} from {foreign:?}");
            }
        }
    }
    assert_eq!(state(&usher).await, before, "nothing was changed");
}

#[tokio::test]
async fn a_route_accepts_only_its_own_methods() {
    let usher = TestServer::open().await;
    let (launch, cookie) = admin(&usher).await;
    let before = state(&usher).await;
    for value in ["crm", &launch] {
        let rows = rows(value);
        for (open, _, path) in &rows {
            for method in ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"] {
                if rows
                    .iter()
                    .any(|(_, takes, at)| takes == &method && at == path)
                {
                    continue;
                }
                let headers = [("origin", OURS), ("cookie", &*cookie)];
                let (status, headers, body) = request(&usher, method, path, &headers, "").await;
                assert_eq!(status, 405, "{method} {path}");
                assert!(
                    !headers.contains_key("access-control-allow-origin"),
                    "{path}"
                );
                let page = open.is_machine() || body.contains("This action is not available here");
                assert!(page, "{method} {path}: {body}");
            }
        }
    }
    assert_eq!(state(&usher).await, before, "nothing was changed");
}

#[tokio::test]
async fn a_get_changes_nothing_that_matters() {
    let usher = TestServer::open().await;
    let (launch, cookie) = admin(&usher).await;
    let before = state(&usher).await;
    for value in ["crm", &launch] {
        for (_, method, path) in rows(value) {
            if method == "GET" && !path.starts_with("/go/") {
                request(&usher, "GET", &path, &[("cookie", &cookie)], "").await;
                request(&usher, "HEAD", &path, &[("cookie", &cookie)], "").await;
            }
        }
    }
    assert_eq!(
        state(&usher).await,
        before,
        "links are followed by mail scanners, too"
    );
}

/// Programs look for documents that a server may have: a page is no answer to them.
#[tokio::test]
async fn addresses_that_programs_probe_do_not_exist_in_json() {
    let usher = TestServer::open().await;
    for path in [
        "/.well-known/oauth-authorization-server",
        "/oidc/token/",
        "/oidc/jwks.json",
        "/forward-auth/a/b",
    ] {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let (status, headers, _) = usher.ask(request).await;
        assert_eq!(status, 404, "{path}");
        assert_eq!(
            headers["content-type"], "application/problem+json",
            "{path}"
        );
    }
}
