-- One text for SQLite and PostgreSQL: text, bigint (milliseconds since 1970), nothing else.
-- A fact that can be true is a nullable time. Lists and maps are JSON in text.
-- Secrets are kept as hashes (…_hash) or sealed under the master key (sealed_…).

-- People ---------------------------------------------------------------------------------------
create table users (
    id text primary key,
    login text not null,
    name text not null,
    attributes text not null,
    created_at bigint not null,
    refreshed_at bigint not null,
    disabled_at bigint
);

create table external_identities (
    provider text not null,
    subject text not null,
    user_id text not null references users (id),
    linked_at bigint not null,
    primary key (provider, subject)
);

-- Accounts of the `local` identity provider: a source of identities like any directory.
create table local_accounts (
    login text primary key,
    subject text not null unique,
    name text not null,
    attributes text not null,
    password_hash text not null,
    changed_at bigint not null,
    disabled_at bigint,
    owner text
);

-- Sessions and sign-in -------------------------------------------------------------------------
create table sessions (
    id text primary key,
    token_hash text not null unique,
    user_id text not null references users (id),
    provider text not null,
    amr text not null,
    user_agent text not null,
    address text not null,
    created_at bigint not null,
    authenticated_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null,
    ended_at bigint
);
create index sessions_by_user on sessions (user_id);

create table attempts (
    id text primary key,
    browser_hash text not null,
    after_text text not null,
    hint text,
    expires_at bigint not null,
    consumed_at bigint
);

create table throttles (
    name text primary key,
    failures bigint not null,
    until_at bigint not null
);

-- Catalogue ------------------------------------------------------------------------------------
create table identity_providers (
    slug text primary key,
    kind text not null,
    title text not null,
    sealed_settings text not null,
    position bigint not null,
    disabled_at bigint,
    owner text
);

create table services (
    slug text primary key,
    title text not null,
    description text not null,
    icon text not null,
    category text not null,
    handoff text not null,
    audience text,
    choice text not null,
    position bigint not null,
    disabled_at bigint,
    owner text
);

create table instances (
    slug text primary key,
    service text not null references services (slug),
    title text not null,
    base_url text not null,
    settings text not null,
    position bigint not null,
    disabled_at bigint
);

create table locator_rules (
    service text not null references services (slug),
    position bigint not null,
    title text not null,
    condition text,
    instances text not null,
    primary key (service, position)
);

create table context_types (
    slug text primary key,
    title text not null,
    icon text not null,
    pattern text not null,
    letter_case text not null,
    hint text not null,
    example text not null,
    sensitivity text not null,
    system text not null,
    fields text not null,
    position bigint not null,
    owner text
);

create table links (
    service text not null references services (slug),
    kind text not null,
    intent text not null,
    template text not null,
    inner_template text,
    audience text,
    primary key (service, kind, intent)
);

create table clients (
    id text primary key,
    title text not null,
    secret_hash text,
    jwks text,
    redirect_uris text not null,
    post_logout_redirect_uris text not null,
    initiate_login_uri text,
    id_token_alg text not null,
    disabled_at bigint,
    owner text
);

create table overrides (
    user_id text not null references users (id),
    service text not null,
    instance text not null,
    expires_at bigint not null,
    primary key (user_id, service)
);

-- Read by every replica: the version of all of the above.
create table facts (
    name text primary key,
    value bigint not null
);
insert into facts (name, value) values ('catalog_version', 1);

-- Launches and what remotes are given ----------------------------------------------------------
create table launches (
    id text primary key,
    stage text not null,
    service text not null,
    intent text not null,
    kind text,
    record_key text,
    fields text not null,
    browser_hash text,
    user_id text,
    session_id text,
    instance text,
    method text,
    client text,
    target text,
    context text,
    handle_hash text unique,
    handle_expires_at bigint,
    reason text,
    address text,
    created_at bigint not null,
    departed_at bigint,
    landed_at bigint,
    refused_at bigint
);
create index launches_by_user on launches (user_id, id);
create index launches_by_creation on launches (created_at);

create table authorizations (
    id text primary key,
    browser_hash text not null,
    request text not null,
    fresh_since bigint,
    expires_at bigint not null,
    consumed_at bigint
);

create table grants (
    id text primary key,
    code_hash text not null unique,
    client text not null,
    user_id text not null,
    session_id text not null,
    -- One grant a launch: what makes a launch's handle work once.
    launch_id text unique,
    redirect_uri text,
    scope text not null,
    nonce text,
    challenge text,
    issued_at bigint not null,
    expires_at bigint not null,
    redeemed_at bigint,
    revoked_at bigint,
    access_hash text unique,
    access_expires_at bigint
);

-- One-time values of others: the jti of client assertions.
create table replays (
    name text primary key,
    expires_at bigint not null
);

-- One row a slot ("ES256:1"): replicas that start together agree on whose key it is.
create table signing_keys (
    slot text not null unique,
    kid text primary key,
    algorithm text not null,
    sealed_key text not null,
    created_at bigint not null
);

-- What happened, and what is to be done ---------------------------------------------------------
create table events (
    id text primary key,
    at bigint not null,
    kind text not null,
    user_id text,
    session_id text,
    launch_id text,
    service text,
    address text,
    detail text
);
create index events_by_time on events (at);

-- The audit trail. A launch's row is its own record, written by the statement that makes it so:
-- it cannot be without its event. A launch has landed when its grant is redeemed; the sweep copies
-- the time before it forgets the grant.
create view audit as
select id, at, kind, user_id, session_id, launch_id, service, address, detail from events
union all
select id, departed_at, 'launch.departed', user_id, session_id, id, service, address, instance
from launches where departed_at is not null
union all
select id, refused_at, 'launch.refused', user_id, session_id, id, service, address, reason
from launches where refused_at is not null
union all
select l.id, coalesce(l.landed_at, g.redeemed_at), 'launch.landed', l.user_id, l.session_id, l.id,
    l.service, l.address, l.instance
from launches l left join grants g on g.launch_id = l.id
where coalesce(l.landed_at, g.redeemed_at) is not null;

create table jobs (
    id text primary key,
    kind text not null unique,
    due_at bigint not null,
    claimed_until bigint,
    failures bigint not null,
    last_error text
);
