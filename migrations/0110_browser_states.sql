-- What the answer to a form says on the next page, for one browser. The id is a hash of its cookie.
create table browser_states (
    id text primary key,
    sealed_state text not null,
    expires_at bigint not null
);
create index browser_states_by_expiry on browser_states (expires_at);
