//! The pages. Every value is escaped by the template engine; the only text put in
//! unescaped is another template's output. Styles come from `/style.css`, so that the
//! Content-Security-Policy needs no exception.

use std::fmt::Display;

use askama::Template;

use crate::customer::Customer;
use crate::demo::arrival::Panel;
use crate::demo::provider::User;
use crate::demo::refusal::Refusal;
use crate::demo::server::Application;
use crate::demo::settings::Settings;
use crate::{App, Face};

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
<body data-app="{{ face.slug() }}" data-instance="{{ settings.client_id }}" data-region="{{ settings.region.slug() }}">
<a class="skip" href="#main">Skip to content</a>
<header class="band">
<p class="brand"><a href="/">{{ settings.title }}</a></p>
<p class="region">Region: {{ settings.region.name() }}</p>
{% if let Some(person) = person %}
<div class="who">
<p><span class="hidden">Signed in as</span> <strong data-testid="who">{{ person.name }}</strong><br><small data-testid="sub">{{ person.sub }}</small></p>
<form method="post" action="/logout"><button type="submit" class="quiet">Sign out</button></form>
</div>
{% endif %}
</header>
<main id="main">
<h1>{{ title }}</h1>
{{ body|safe }}
</main>
<footer><p>A demo application. Its records are invented and forgotten when it stops.</p></footer>
</body>
</html>"##
)]
pub struct Page<'a, B: Display> {
    settings: &'a Settings,
    face: Face,
    title: &'a str,
    person: Option<&'a User>,
    body: B,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<ul class="cards">
{% for customer in customers %}<li>
<a href="{{ face.path(customer.key) }}"><span class="key">{{ customer.key }}</span> {{ customer.name }}</a>
<p>{{ customer.city }}, looked after by {{ customer.manager }}{% if customer.closed %}, closed{% endif %}</p>
</li>
{% endfor %}</ul>
{{ panel|safe }}"#
)]
pub struct List<'a> {
    pub face: Face,
    pub customers: &'a [Customer],
    pub panel: Panel,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="lead">Customer <span class="key" data-testid="record">{{ customer.key }}</span>{% if customer.closed %} <span class="mark">Closed account</span>{% endif %}</p>
<div class="columns">
<section class="card" aria-labelledby="facts">
<h2 id="facts">Account</h2>
<dl>
<dt>City</dt><dd>{{ customer.city }}</dd>
<dt>Account manager</dt><dd>{{ customer.manager }}</dd>
<dt>Currency</dt><dd>{{ customer.currency }}</dd>
<dt>Contact</dt><dd>{{ customer.editable.contact }}</dd>
<dt>Telephone</dt><dd>{{ customer.editable.phone }}</dd>
<dt>Note</dt><dd>{{ customer.editable.note }}</dd>
</dl>
{% if !customer.closed %}<p><a class="button" href="/customers/{{ customer.key }}/edit">Edit</a></p>{% endif %}
</section>
{{ panel|safe }}
</div>"#
)]
pub struct Record<'a> {
    pub customer: &'a Customer,
    pub panel: Panel,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="lead">Edit customer <span class="key" data-testid="record">{{ customer.key }}</span></p>
<div class="columns">
<form class="card" method="post" action="/customers/{{ customer.key }}/edit">
{% if let Some(trouble) = trouble %}<p class="differs" role="alert">{{ trouble }}</p>{% endif %}
<label for="contact">Contact</label>
<input id="contact" name="contact" required maxlength="500" autocomplete="off" value="{{ customer.editable.contact }}">
<label for="phone">Telephone</label>
<input id="phone" name="phone" type="tel" maxlength="500" autocomplete="off" value="{{ customer.editable.phone }}">
<label for="note">Note</label>
<textarea id="note" name="note" rows="4" maxlength="500">{{ customer.editable.note }}</textarea>
<p class="actions"><button type="submit">Save</button> <a href="/customers/{{ customer.key }}">Cancel</a></p>
</form>
{{ panel|safe }}
</div>"#
)]
pub struct Edit<'a> {
    pub customer: &'a Customer,
    pub panel: Panel,
    pub trouble: Option<&'static str>,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="lead">Page about <span class="key" data-testid="record">{{ customer.key }}</span></p>
<article>
<h2>At a glance</h2>
<p>{{ customer.name }} is served from {{ customer.city }}. {{ customer.manager }} looks after the account; on their side, ask for {{ customer.editable.contact }}.</p>
<h2>How we work with them</h2>
<p>{{ customer.editable.note }}</p>
<h2>Money</h2>
<p>Offers and invoices are in {{ customer.currency }}.</p>
</article>
{{ panel|safe }}"#
)]
pub struct Article<'a> {
    pub customer: &'a Customer,
    pub panel: Panel,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="lead">Report on <span class="key" data-testid="record">{{ customer.key }}</span></p>
<div class="columns">
<section class="card" aria-labelledby="turnover">
<h2 id="turnover">Turnover by quarter</h2>
<table>
<thead><tr><th scope="col">Quarter</th><th scope="col">Thousand {{ customer.currency }}</th><th scope="col">Share of the best</th></tr></thead>
<tbody>
{% for value in customer.turnover %}<tr><th scope="row">Q{{ loop.index }}</th><td>{{ value }}</td><td><meter min="0" max="{{ best }}" value="{{ value }}" aria-label="Quarter {{ loop.index }}">{{ value }}</meter></td></tr>
{% endfor %}</tbody>
<tfoot><tr><th scope="row">Year</th><td>{{ total }}</td><td></td></tr></tfoot>
</table>
</section>
{{ panel|safe }}
</div>"#
)]
pub struct Report<'a> {
    customer: &'a Customer,
    best: u32,
    total: u32,
    panel: Panel,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p>You have signed out of this application.</p>
<p><a class="button" href="/login">Sign in</a></p>"#
)]
pub struct SignedOut;

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="card" data-testid="refusal" data-reason="{{ refusal.reason }}">
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
            face: app.face,
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

impl<'a> Report<'a> {
    pub fn of(customer: &'a Customer, panel: Panel) -> Self {
        let best = customer.turnover.iter().copied().max().unwrap_or(0).max(1);
        Self {
            customer,
            best,
            total: customer.turnover.iter().sum(),
            panel,
        }
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
        format!("'self' {}", self.provider.origin())
    }
}
