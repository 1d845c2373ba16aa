//! The pages. Every value is escaped by the template engine; the only text put in
//! unescaped is another template's output. Styles come from `/style.css`, so that the
//! Content-Security-Policy needs no exception.

use std::fmt::Display;

use askama::Template;

use crate::App;
use crate::case::{Case, Status};
use crate::demo::arrival::Panel;
use crate::demo::provider::User;
use crate::demo::refusal::Refusal;
use crate::demo::server::Application;
use crate::demo::settings::Settings;

/// The frame around every page.
#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} · {{ settings.title }}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body data-app="desk" data-instance="{{ settings.client_id }}" data-region="{{ settings.region.slug() }}">
<a class="skip" href="#main">Skip to content</a>
<header>
<p class="brand"><a href="/">{{ settings.title }}</a></p>
<p class="region">{{ settings.region.name() }}</p>
{% if let Some(person) = person %}
<nav aria-label="Desk"><a href="/">All cases</a></nav>
<p class="who"><span>On duty:</span> <strong data-testid="who">{{ person.name }}</strong> <small data-testid="sub">{{ person.sub }}</small></p>
<form method="post" action="/logout"><button type="submit">Leave the desk</button></form>
{% endif %}
</header>
<main id="main">
<h1>{{ title }}</h1>
{{ body|safe }}
</main>
<footer><p>A demo application. Its cases are invented and forgotten when it stops.</p></footer>
</body>
</html>"##
)]
pub struct Page<'a, B: Display> {
    settings: &'a Settings,
    title: &'a str,
    person: Option<&'a User>,
    body: B,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if let Some(key) = customer %}<p class="lead">Customer <span class="key" data-testid="record">{{ key }}</span></p>{% endif %}
<div class="scroll" role="region" aria-label="List of cases" tabindex="0">
<table>
<thead><tr><th scope="col">Case</th><th scope="col">Subject</th><th scope="col">Customer</th><th scope="col">Status</th><th scope="col">Agent</th></tr></thead>
<tbody>
{% for case in cases %}<tr>
<th scope="row"><a class="key" href="/cases/{{ case.key }}">{{ case.key }}</a></th>
<td>{{ case.subject }}</td>
<td><a href="/customers/{{ case.customer }}">{{ case.customer_name }}</a></td>
<td><span class="status {{ case.editable.status.slug() }}">{{ case.editable.status.name() }}</span></td>
<td>{{ case.agent }}</td>
</tr>
{% endfor %}</tbody>
</table>
</div>
{{ panel|safe }}"#
)]
pub struct List<'a> {
    pub cases: &'a [Case],
    pub customer: Option<&'a str>,
    pub panel: Panel,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="lead"><span class="key" data-testid="record">{{ case.key }}</span> <span class="status {{ case.editable.status.slug() }}">{{ case.editable.status.name() }}</span></p>
<ul class="facts">
<li><span>Customer</span> <a href="/customers/{{ case.customer }}">{{ case.customer_name }} ({{ case.customer }})</a></li>
<li><span>Team</span> {{ case.team }}</li>
<li><span>Agent</span> {{ case.agent }}</li>
</ul>
<h2>Answer</h2>
<p>{% if case.editable.answer.is_empty() %}No answer yet.{% else %}{{ case.editable.answer }}{% endif %}</p>
{% if case.editable.status != Status::Closed %}<p><a class="button" href="/cases/{{ case.key }}/edit">Work on this case</a></p>{% endif %}
{{ panel|safe }}"#
)]
pub struct Record<'a> {
    pub case: &'a Case,
    pub panel: Panel,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="lead">Working on <span class="key" data-testid="record">{{ case.key }}</span></p>
<form method="post" action="/cases/{{ case.key }}/edit">
{% if let Some(trouble) = trouble %}<p class="differs" role="alert">{{ trouble }}</p>{% endif %}
<label for="status">Status</label>
<select id="status" name="status">
{% for status in Status::ALL %}<option value="{{ status.slug() }}"{% if status == case.editable.status %} selected{% endif %}>{{ status.name() }}</option>
{% endfor %}</select>
<label for="answer">Answer</label>
<textarea id="answer" name="answer" rows="5" maxlength="1000">{{ case.editable.answer }}</textarea>
<p class="actions"><button type="submit">Save</button> <a href="/cases/{{ case.key }}">Cancel</a></p>
</form>
{{ panel|safe }}"#
)]
pub struct Edit<'a> {
    pub case: &'a Case,
    pub panel: Panel,
    pub trouble: Option<&'static str>,
}

/// The question that prevents a user from working under another's name unknowingly.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div data-testid="change-of-person">
<p>At this desk <strong data-testid="present">{{ present.name }}</strong> is signed in. The portal now brings <strong data-testid="next">{{ next.name }}</strong>.</p>
<p>If you did not just open a record in the portal, leave this page.</p>
<form method="post" action="/arrivals/{{ id }}"><p class="actions"><button type="submit">Continue as {{ next.name }}</button> <a href="/">Stay {{ present.name }}</a></p></form>
</div>"#
)]
pub struct Change<'a> {
    pub id: &'a str,
    pub present: &'a User,
    pub next: &'a User,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p>You have left the desk. You may still be signed in at the portal.</p>
<p><a class="button" href="{{ portal }}">Go to the portal</a></p>"#
)]
pub struct SignedOut<'a> {
    pub portal: &'a str,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div data-testid="refusal" data-reason="{{ refusal.reason }}">
<p>{{ refusal.detail }}</p>
{% if let Some((label, address)) = refusal.link %}<p><a class="button" href="{{ address }}">{{ label }}</a></p>{% endif %}
</div>"#
)]
struct Refused<'a> {
    refusal: &'a Refusal,
}

impl<'a, B: Display> Page<'a, B> {
    pub fn new(app: &'a App, title: &'a str, body: B) -> Self {
        Self {
            settings: &app.settings,
            title,
            person: None,
            body,
        }
    }

    /// The page of a user.
    pub fn of(self, user: &'a User) -> Self {
        Self {
            person: Some(user),
            ..self
        }
    }

    pub fn draw(&self) -> String {
        self.to_string()
    }
}

impl Application for App {
    const STYLE: &'static str = include_str!("style.css");
    const ICON: &'static str = include_str!("icon.svg");

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn draw(&self, refusal: &Refusal) -> String {
        Page::new(self, refusal.heading, Refused { refusal }).draw()
    }

    fn form_targets(&self) -> String {
        "'self'".to_owned()
    }
}
