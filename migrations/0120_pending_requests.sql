-- A request of an application that waits for its user, whichever protocol it came by.
create table pending_requests (
    id text primary key,
    -- A name of the issuer's table of protocols; only it can read the request.
    protocol text not null,
    -- Nothing until a browser brings it: a form from another site comes without our cookies.
    browser_hash text,
    request text not null,
    asked_at bigint not null,
    -- The user must have proved who they are at that time or later.
    fresh_since bigint,
    expires_at bigint not null,
    consumed_at bigint
);
create index pending_requests_by_end on pending_requests (expires_at);

-- Requests of half an hour: the time each came is known by its end.
insert into pending_requests
    (id, protocol, browser_hash, request, asked_at, fresh_since, expires_at, consumed_at)
select 'pen' || substr(id, 4), 'oidc', browser_hash, request, expires_at - 1800000, fresh_since,
    expires_at, consumed_at
from authorizations;
insert into pending_requests
    (id, protocol, browser_hash, request, asked_at, fresh_since, expires_at, consumed_at)
select 'pen' || substr(id, 4), 'saml', browser_hash, request, expires_at - 1800000, fresh_since,
    expires_at, consumed_at
from saml_requests;
insert into pending_requests
    (id, protocol, browser_hash, request, asked_at, fresh_since, expires_at, consumed_at)
select 'pen' || substr(id, 4), 'cas', browser_hash, request, asked_at,
    case when request like '%"renew":true%' then asked_at + 1 end, expires_at, consumed_at
from cas_requests;
insert into pending_requests
    (id, protocol, browser_hash, request, asked_at, fresh_since, expires_at, consumed_at)
select 'pen' || substr(id, 4), 'discourse', browser_hash, request, expires_at - 1800000, null,
    expires_at, consumed_at
from discourse_requests;
-- Long addresses of pages behind a gateway: the seals that are under way name them by these ids.
insert into pending_requests
    (id, protocol, browser_hash, request, asked_at, fresh_since, expires_at, consumed_at)
select id, 'forward_auth', null, '{"service":"","instance":"","target":"'
        || replace(replace(target, '\', '\\'), '"', '\"') || '"}',
    expires_at - 7200000, null, expires_at, null
from gate_knocks;
update attempts set after_text = 'pen' || substr(after_text, 4)
where substr(after_text, 1, 4) in ('aut_', 'sar_', 'cas_', 'dsc_');
drop table authorizations;
drop table saml_requests;
drop table cas_requests;
drop table discourse_requests;
drop table gate_knocks;

-- The product's words.
alter table trips rename to upstream_requests;
alter table gate_tickets rename to forward_auth_tickets;
alter table gate_sessions rename to forward_auth_sessions;
