//! Identity providers: their state, a connection test, and what an assertion of theirs would give.

use std::sync::Arc;

use axum::{
    extract::State,
    response::Response,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use super::moment;
use crate::{
    admin::{Administration, Preview, ProviderDetails, Taken},
    app::App,
    catalog::Word,
    error::Result,
    http::{
        extract::{Admin, Form, Path, Query},
        flash,
        page::{Site, html},
        route::{Access, Route},
        view::{self, AdminProvider, CheckResult},
    },
    model::{
        condition::Truth,
        mapping::{Gap, MappingFinding, Seen, Why},
        permission::Permission,
        routing::{self, Because},
    },
    store::KeptDocument,
    text::Texts,
};

const MANAGE: Access = Access::Can(Permission::ManageIdentityProviders);

pub const ROUTES: &[Route] = &[
    Route::get("/admin/providers", MANAGE, || get(list)),
    Route::get("/admin/providers/{provider}", MANAGE, || get(show)),
    Route::post("/admin/providers/{provider}/check", MANAGE, || post(check)),
    Route::post("/admin/providers/{provider}/refresh", MANAGE, || {
        post(refresh)
    }),
    Route::post("/admin/providers/{provider}/preview", MANAGE, || {
        post(preview)
    }),
    Route::post("/admin/providers/{provider}/metadata", MANAGE, || {
        post(import)
    }),
];

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct RouteQuery {
    who: String,
    address: String,
}

#[derive(Deserialize)]
pub struct Pasted {
    said: String,
}

#[derive(Deserialize)]
pub struct MetadataForm {
    metadata: String,
    /// "Use it anyway": the confirmation token from the page, when ticked.
    confirmed: Option<String>,
}

/// `GET /admin/providers`, with the test which provider a user would be sent to.
pub async fn list(
    State(site): State<Arc<Site>>,
    State(desk): State<Administration>,
    admin: Admin,
    Query(asked): Query<RouteQuery>,
) -> Result<Response> {
    let texts = admin.visit.texts();
    let sheets = desk.providers().await?;
    let asks = !asked.who.is_empty() || !asked.address.is_empty();
    let route = asks.then(|| desk.route(&asked.who, &asked.address));
    html(&view::AdminProviders {
        frame: site.frame(&admin.visit),
        providers: sheets.iter().map(|sheet| card(texts, sheet)).collect(),
        answer: route.map(|route| answer(texts, &sheets, &route)),
        who: asked.who,
        address: asked.address,
    })
}

/// The result of a form on a provider's page: the page shows it once.
#[derive(Serialize, Deserialize)]
enum ProviderFlash {
    /// The result of a check, a refresh or an import.
    Verdict(CheckResult),
    /// The metadata was not taken, for this reason.
    Refused { words: String, metadata: String },
    /// It requires less than the metadata before; `word` confirms the import.
    Weaker {
        weaker: Vec<String>,
        word: String,
        metadata: String,
    },
    /// Text that was pasted for a preview.
    Preview { said: String },
}

/// `GET /admin/providers/{provider}`, with the results of its forms.
pub async fn show(
    State(site): State<Arc<Site>>,
    State(desk): State<Administration>,
    admin: Admin,
    Path(slug): Path<String>,
) -> Result<Response> {
    let answer = flash::take(&admin.visit, &format!("{HERE}{slug}")).await?;
    let mut page = page(&site, &desk, &admin, &slug).await?;
    match answer {
        None => {}
        Some(ProviderFlash::Verdict(verdict)) => page.verdict = Some(verdict),
        Some(ProviderFlash::Refused { words, metadata }) => {
            page.verdict = Some(CheckResult {
                is_good: false,
                words: page.frame.say("admin-import-refused").to_owned(),
                detail: words,
            });
            page.metadata = metadata;
        }
        Some(ProviderFlash::Weaker {
            weaker,
            word,
            metadata,
        }) => {
            (page.weaker, page.confirm) = (weaker, word);
            page.metadata = metadata;
        }
        Some(ProviderFlash::Preview { said }) => {
            let texts = admin.visit.texts();
            match desk.preview(&slug, &said)? {
                Ok(preview) => {
                    page.preview = Some(previewed_in_words(texts, &page.title, &preview));
                }
                Err(fault) => page.preview_fault = Some(fault),
            }
            page.said = said;
        }
    }
    html(&page)
}

const HERE: &str = "/admin/providers/";

/// Redirects to the provider's page, which shows the result.
async fn answer_on_page(
    app: &App,
    admin: &Admin,
    slug: &str,
    answer: ProviderFlash,
) -> Result<Response> {
    flash::redirect(app, &admin.visit, &format!("{HERE}{slug}"), answer).await
}

fn verdict(is_good: bool, words: &str, detail: String) -> ProviderFlash {
    ProviderFlash::Verdict(CheckResult {
        is_good,
        words: words.to_owned(),
        detail,
    })
}

/// `POST /admin/providers/{provider}/check`: opens its connections now.
pub async fn check(
    State(app): State<App>,
    State(desk): State<Administration>,
    admin: Admin,
    Path(slug): Path<String>,
) -> Result<Response> {
    let found = desk.check(&admin.who, &slug).await?;
    let key = match &found {
        Ok(_) => "admin-check-good",
        Err(_) => "admin-check-bad",
    };
    let words = admin.visit.texts().say(key);
    let answer = verdict(found.is_ok(), words, found.unwrap_or_else(|fault| fault));
    answer_on_page(&app, &admin, &slug, answer).await
}

/// `POST /admin/providers/{provider}/refresh`: fetches its documents now.
pub async fn refresh(
    State(app): State<App>,
    State(desk): State<Administration>,
    admin: Admin,
    Path(slug): Path<String>,
) -> Result<Response> {
    let done = desk.refresh(&admin.who, &slug).await?;
    let texts = admin.visit.texts();
    let answer = match done {
        Ok(()) => verdict(true, texts.say("admin-refreshed"), String::new()),
        Err(fault) => verdict(false, texts.say("admin-refresh-failed"), fault),
    };
    answer_on_page(&app, &admin, &slug, answer).await
}

/// `POST /admin/providers/{provider}/preview`: this assertion gives these attributes. The pasted
/// text is stored, sealed, for the page that shows it, and then deleted.
pub async fn preview(
    State(app): State<App>,
    State(desk): State<Administration>,
    admin: Admin,
    Path(slug): Path<String>,
    Form(pasted): Form<Pasted>,
) -> Result<Response> {
    desk.provider(&slug).await?;
    answer_on_page(
        &app,
        &admin,
        &slug,
        ProviderFlash::Preview { said: pasted.said },
    )
    .await
}

/// `POST /admin/providers/{provider}/metadata`: metadata that has no address to be fetched from.
pub async fn import(
    State(app): State<App>,
    State(desk): State<Administration>,
    admin: Admin,
    Path(slug): Path<String>,
    Form(brought): Form<MetadataForm>,
) -> Result<Response> {
    let confirmed = brought.confirmed.as_deref();
    let metadata = brought.metadata;
    let taken = desk.import(&admin.who, &slug, &metadata, confirmed).await?;
    let answer = match taken {
        Taken::Done(about) => {
            let words = admin.visit.texts().say("admin-import-done");
            verdict(true, words, about)
        }
        Taken::Refused(words) => ProviderFlash::Refused { words, metadata },
        Taken::Weaker { weaker, word } => ProviderFlash::Weaker {
            weaker,
            word,
            metadata,
        },
    };
    answer_on_page(&app, &admin, &slug, answer).await
}

async fn page(
    site: &Site,
    desk: &Administration,
    admin: &Admin,
    slug: &str,
) -> Result<AdminProvider> {
    let sheet = desk.provider(slug).await?;
    let texts = admin.visit.texts();
    let rules = |value: Option<String>| value.filter(|text| text != "{}");
    Ok(AdminProvider {
        frame: site.frame(&admin.visit),
        action: format!("/admin/providers/{slug}"),
        documents: documents(texts, &sheet.documents),
        settings: sheet
            .settings
            .into_iter()
            .map(|one| setting(texts, one))
            .collect(),
        admission: rules(serde_json::to_string_pretty(&sheet.admission).ok()),
        routing: rules(serde_json::to_string_pretty(&sheet.routing).ok()),
        addresses: sheet.addresses,
        slug: sheet.slug,
        kind: sheet.kind,
        title: sheet.title,
        is_disabled: sheet.is_disabled,
        imports: sheet.imports,
        fault: sheet.fault,
        verdict: None,
        weaker: Vec::new(),
        confirm: String::new(),
        metadata: String::new(),
        said: String::new(),
        preview: None,
        preview_fault: None,
    })
}

fn card(texts: &Texts, sheet: &ProviderDetails) -> view::AdminProviderCard {
    let routing = &sheet.routing;
    let is = |what: &dyn Fn(&Word) -> bool| sheet.word.as_ref().is_some_and(what);
    let tags = [
        (sheet.is_disabled, "admin-tag-disabled"),
        (routing.default, "admin-tag-default"),
        (routing.hidden, "admin-tag-hidden"),
        (!sheet.admission.create, "admin-tag-known-only"),
        (sheet.admission.allow.is_some(), "admin-tag-allow"),
        (is(&|word| !word.is_trusted), "admin-tag-marked"),
        (is(&|word| word.is_kept_by_upgrade), "admin-tag-kept"),
    ];
    let tags = tags.iter().filter(|(holds, _)| *holds);
    view::AdminProviderCard {
        href: format!("/admin/providers/{}", sheet.slug),
        title: sheet.title.clone(),
        slug: sheet.slug.clone(),
        kind: sheet.kind.clone(),
        tags: tags.map(|(_, key)| texts.say(key).to_owned()).collect(),
        leads: routing
            .domains
            .iter()
            .chain(&routing.networks)
            .cloned()
            .collect(),
        documents: documents(texts, &sheet.documents),
        fault: sheet.fault.clone(),
    }
}

fn documents(texts: &Texts, kept: &[KeptDocument]) -> Vec<view::AdminDocument> {
    let each = kept.iter().map(|one| view::AdminDocument {
        name: one.name.clone(),
        fetched: moment(one.fetched_at),
        until: one.valid_until.map(moment),
        no_end: texts.say("admin-document-no-end").to_owned(),
    });
    each.collect()
}

fn setting(texts: &Texts, setting: crate::admin::Setting) -> view::AdminSetting {
    let value = match (setting.value, setting.is_set, setting.is_secret) {
        (Some(value), ..) => value,
        (None, true, true) => texts.say("admin-setting-secret").to_owned(),
        _ => texts.say("admin-setting-unset").to_owned(),
    };
    view::AdminSetting {
        name: setting.name,
        about: setting.about,
        value,
        is_plain: setting.is_set && !setting.is_secret,
    }
}

fn answer(texts: &Texts, sheets: &[ProviderDetails], route: &routing::HomeRealm) -> String {
    let routing::HomeRealm::To { slug, because } = route else {
        return texts.say("admin-route-ask").to_owned();
    };
    let sheet = sheets.iter().find(|sheet| sheet.slug == *slug);
    let provider = sheet.map_or(slug.as_str(), |sheet| sheet.title.as_str());
    let (key, what) = match because {
        Because::Named => ("admin-route-named", String::new()),
        Because::Remembered => ("admin-route-remembered", String::new()),
        Because::Default => ("admin-route-default", String::new()),
        Because::Domain(domain) => ("admin-route-domain", domain.to_string()),
        Because::Network(network) => ("admin-route-network", network.to_string()),
    };
    texts.with(key, &[("provider", provider), ("what", &what)])
}

fn previewed_in_words(texts: &Texts, provider: &str, preview: &Preview) -> view::AdminPreview {
    let source = texts.with("source-provider", &[("provider", provider)]);
    let mapped = &preview.mapped;
    let tests = preview
        .tests
        .iter()
        .map(|test| view::finding(texts, test, &source));
    let key = match (preview.allowed, preview.creates) {
        (Truth::No, _) => "admin-preview-refused",
        (Truth::Unknown, _) => "admin-preview-unknown",
        (Truth::Yes, true) => "admin-preview-admitted",
        (Truth::Yes, false) => "admin-preview-known-only",
    };
    view::AdminPreview {
        is_allowed: preview.allowed == Truth::Yes,
        verdict: texts.say(key).to_owned(),
        tests: tests.collect(),
        rows: mapped.findings.iter().map(|one| row(texts, one)).collect(),
        unused: mapped.unused.join(", "),
    }
}

fn row(texts: &Texts, finding: &MappingFinding) -> view::AdminPreviewRow {
    let seen = finding
        .seen
        .iter()
        .map(|one| seen(texts, one, finding.pattern.as_deref()));
    let mut from: Vec<String> = seen.collect();
    if from.is_empty() {
        from.push(texts.say("admin-seen-constant").to_owned());
    }
    let dropped = finding.dropped.iter().map(|one| {
        let key = match one.why {
            Why::Pattern => "admin-dropped-pattern",
            Why::Unlisted => "admin-dropped-unlisted",
            Why::Blank => "admin-dropped-blank",
            Why::TooLong => "admin-dropped-too-long",
            Why::Spare => "admin-dropped-spare",
        };
        texts.with(key, &[("value", &one.value)])
    });
    let gap = finding.gap.map(|gap| {
        let key = match gap {
            Gap::Elsewhere => "admin-gap-elsewhere",
            Gap::TooMany => "admin-gap-too-many",
            Gap::TooLong => "admin-gap-too-long",
        };
        texts.say(key).to_owned()
    });
    view::AdminPreviewRow {
        target: finding.target.clone(),
        values: finding.values.clone(),
        from,
        dropped: gap.into_iter().chain(dropped).collect(),
    }
}

fn seen(texts: &Texts, seen: &Seen, pattern: Option<&str>) -> String {
    let Some(count) = seen.values else {
        return texts.with("admin-seen-missing", &[("name", &seen.name)]);
    };
    let (count, fit) = (count.to_string(), seen.fit.to_string());
    let key = if pattern.is_some() {
        "admin-seen-pattern"
    } else {
        "admin-seen"
    };
    texts.with(
        key,
        &[
            ("name", &seen.name),
            ("count", &count),
            ("fit", &fit),
            ("pattern", pattern.unwrap_or_default()),
        ],
    )
}
