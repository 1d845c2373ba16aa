-- CAS: requests that wait for their person, and service tickets.
create table cas_requests (
    id text primary key,
    browser_hash text not null,
    request text not null,
    asked_at bigint not null,
    expires_at bigint not null,
    consumed_at bigint
);
create index cas_requests_by_end on cas_requests (expires_at);

create table service_tickets (
    ticket_hash text primary key,
    session_id text not null,
    service text not null,
    instance text not null,
    -- The very address it was issued for, without a fragment.
    url text not null,
    launch_id text,
    -- When the person proved who they are for this ticket; nothing if by single sign-on.
    primary_at bigint,
    expires_at bigint not null,
    consumed_at bigint
);
create index service_tickets_by_end on service_tickets (expires_at);
