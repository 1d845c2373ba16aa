-- Sign-in from every side: upstream providers by redirect, second factors, one-time links, mail.
-- The rules of 0001 hold: text and bigint, nullable times for facts, sealed_… and …_hash.

alter table identity_providers add column admission text not null default '{}';
alter table identity_providers add column routing text not null default '{}';

alter table users add column admin_at bigint;
alter table users add column mail_verified_at bigint;

-- The authentication context as upstream named it, the last second factor, "keep me signed in",
-- and what an upstream logout names us by.
alter table sessions add column acr text;
alter table sessions add column factor_at bigint;
alter table sessions add column remembered_at bigint;
alter table sessions add column upstream_subject text;
alter table sessions add column upstream_session text;
alter table sessions add column sealed_upstream text;
create index sessions_by_upstream on sessions (provider, upstream_subject);

-- What an attempt is for, whose it is when it confirms or links, what it must prove, and what a
-- provider has vouched for while a second factor is awaited.
alter table attempts add column purpose text not null default 'sign-in';
alter table attempts add column user_id text;
alter table attempts add column demand text not null default '{}';
alter table attempts add column provider text;
alter table attempts add column remember_at bigint;
alter table attempts add column sealed_vouched text;

-- One way to an upstream provider and back; `state` and RelayState are its name.
create table trips (
    state_hash text primary key,
    attempt text not null,
    provider text not null,
    browser_hash text not null,
    sealed_memory text not null,
    created_at bigint not null,
    expires_at bigint not null,
    consumed_at bigint
);

-- The last good discovery, keys or metadata of a provider, for when its own host is away.
create table documents (
    provider text not null,
    name text not null,
    sealed_body text not null,
    fetched_at bigint not null,
    valid_until bigint,
    primary key (provider, name)
);

create table assurance_rules (
    position bigint primary key,
    title text not null,
    service text,
    intent text,
    condition text,
    demand text not null,
    owner text
);

create table factors (
    id text primary key,
    user_id text not null references users (id),
    kind text not null,
    title text not null,
    sealed_secret text not null,
    credential_id text unique,
    -- The TOTP time step that was used last: none works twice.
    last_step bigint,
    created_at bigint not null,
    confirmed_at bigint,
    used_at bigint
);
create index factors_by_user on factors (user_id);

create table recovery_codes (
    user_id text not null references users (id),
    code_hash text not null,
    created_at bigint not null,
    used_at bigint,
    primary key (user_id, code_hash)
);

-- WebAuthn challenges, kept on our side.
create table ceremonies (
    id text primary key,
    purpose text not null,
    subject text not null,
    sealed_state text not null,
    expires_at bigint not null,
    consumed_at bigint
);

create table one_time_links (
    token_hash text primary key,
    kind text not null,
    user_id text,
    stage text not null,
    detail text not null,
    created_at bigint not null,
    expires_at bigint not null,
    opened_at bigint,
    consumed_at bigint
);

create table mails (
    id text primary key,
    sealed_message text not null,
    created_at bigint not null,
    due_at bigint not null,
    failures bigint not null,
    sent_at bigint,
    last_error text
);
create index mails_by_due on mails (due_at);
create index events_by_user on events (user_id, id);
