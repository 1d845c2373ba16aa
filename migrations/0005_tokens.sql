-- What else a grant gives: refresh tokens, and access tokens for other resources.

-- Resources the client named when it asked (RFC 8707), a JSON list; the scope of its newest access
-- token, where that is narrower than the grant's.
alter table grants add column resources text not null default '[]';
alter table grants add column access_scope text;

-- All of one grant are one family. A used one stays until it would have expired, so that whoever
-- brings it again is noticed.
create table refresh_tokens (
    token_hash text primary key,
    grant_id text not null,
    issued_at bigint not null,
    expires_at bigint not null,
    used_at bigint
);
create index refresh_tokens_by_grant on refresh_tokens (grant_id);

-- Access tokens that came of no code: a client's own, and exchanged ones. Those of a person live
-- and die with the grant they were exchanged from.
create table access_tokens (
    token_hash text primary key,
    client text not null,
    grant_id text,
    scope text not null,
    expires_at bigint not null,
    revoked_at bigint
);
create index access_tokens_by_grant on access_tokens (grant_id);
